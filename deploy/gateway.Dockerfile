# The gateway, run from its TypeScript as in development. From the root of the repository:
#   docker build -f deploy/gateway.Dockerfile -t forebay/gateway:0.1.0 .
FROM node:26-slim AS install
WORKDIR /app
COPY . .
RUN npx -y pnpm@12.21.0 install --prod --frozen-lockfile --filter '@forebay/gateway...' \
  # The image has its own Node, and local backends never start in it: two thirds of the size.
  && rm -rf node_modules/.pnpm/node-linux-* node_modules/.pnpm/onnxruntime-node@*

FROM node:26-slim
WORKDIR /app
COPY --from=install --chown=root:root /app /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
# Local backends are for laptops: in a container it starts only with DJL_URLS, BACKENDS_URL or BACKENDS_FILE.
USER node
EXPOSE 8080
# No shell and no pnpm between: SIGTERM must reach the gateway, which then finishes what it has accepted.
CMD ["node", "packages/gateway/src/main.ts"]
