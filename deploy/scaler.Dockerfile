# The scaler, run from its TypeScript as in development. From the root of the repository:
#   docker build -f deploy/scaler.Dockerfile -t forebay/scaler:0.1.0 .
FROM node:26-slim AS install
WORKDIR /app
COPY . .
RUN npx -y pnpm@12.21.0 install --prod --frozen-lockfile --filter '@forebay/scaler...' \
  # The image has its own Node, and local backends never start in it: two thirds of the size.
  && rm -rf node_modules/.pnpm/node-linux-* node_modules/.pnpm/onnxruntime-node@*

FROM node:26-slim
WORKDIR /app
COPY --from=install --chown=root:root /app /app
RUN mkdir /state && chown node:node /state
# Beyond loopback it starts only with FOREBAY_ADMIN_KEY.
# Not SCALER_STATE: it would win over `state` of a configuration file, and the volume that this names would stay empty.
ENV NODE_ENV=production SCALER_HOST=0.0.0.0 SCALER_PORT=8090 XDG_STATE_HOME=/state
USER node
EXPOSE 8090
# Arguments follow it: --config FILE. No shell and no pnpm between: SIGTERM must reach the scaler.
ENTRYPOINT ["node", "packages/scaler/src/main.ts"]
