#!/bin/sh
# Checks the files that run Forebay elsewhere, with whatever is installed here, and says what it had to skip.
# Exits with 1 when a check failed. Needs no Docker engine.
set -u
cd "$(dirname "$0")/.." || exit 1

passed=0
failed=0
skipped=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# check NAME COMMAND…: passes when the command does; its output is shown only when it fails.
check() {
  name=$1
  shift
  if "$@" >"$work/output" 2>&1; then
    passed=$((passed + 1))
    echo "passed: $name"
  else
    failed=$((failed + 1))
    echo "failed: $name"
    sed 's/^/  /' "$work/output"
  fi
}

skip() {
  skipped=$((skipped + 1))
  echo "skipped: $1 ($2)"
}

# nginx_accepts CONFIG: nginx would start with it.
nginx_accepts() {
  nginx -t -e stderr -p "$work" -c "$1" -g "pid $work/nginx.pid;"
}

# The same servers must be on every network, so a name that doesn't resolve here is replaced by this machine.
sed 's/^\([[:space:]]*server[[:space:]]\{1,\}\)[^[:space:];{]\{1,\}:/\1127.0.0.1:/' nginx/nginx.conf >"$work/nginx.conf"

# A docker without it, such as Debian's 20.10, answers with the help of `docker stack`.
if docker stack config --help 2>/dev/null | grep -q 'docker stack config'; then
  check 'docker stack config' docker stack config -c docker-compose.cpu.yml
  check 'docker stack config with nginx' env NGINX_REPLICAS=1 docker stack config -c docker-compose.cpu.yml
  check 'docker stack config with the scaler' env SCALER_REPLICAS=1 FOREBAY_ADMIN_KEY=k docker stack config -c docker-compose.cpu.yml
else
  skip 'docker stack config' 'no docker command line here that has it'
fi

if docker compose version >/dev/null 2>&1; then
  check 'docker compose config' docker compose -f docker-compose.cpu.yml config --quiet
elif command -v docker-compose >/dev/null 2>&1; then
  check 'docker compose config' docker-compose -f docker-compose.cpu.yml config --quiet
else
  skip 'docker compose config' 'no compose plugin here'
fi

if command -v kubectl >/dev/null 2>&1; then
  for set in base hpa scaler; do
    check "kubectl kustomize $set" kubectl kustomize "deploy/kubernetes/$set"
  done
else
  skip 'kubectl kustomize' 'kubectl is not installed here'
fi

if command -v nginx >/dev/null 2>&1; then
  check 'nginx -t with servers of this machine' nginx_accepts "$work/nginx.conf"
  if getent hosts djl-cpu >/dev/null 2>&1; then
    check 'nginx -t as it is' nginx_accepts "$PWD/nginx/nginx.conf"
  else
    skip 'nginx -t as it is' 'the name djl-cpu does not resolve here'
  fi
else
  skip 'nginx -t' 'nginx is not installed here'
fi

# Debian's package prometheus has it; `pnpm rig prometheus install` unpacks that for this user, without installing it.
promtool=${PROMTOOL:-promtool}
rigs=${FOREBAY_RIGS:-${TMPDIR:-/tmp}/forebay-rigs-$(id -u)}
command -v "$promtool" >/dev/null 2>&1 || promtool=$rigs/prometheus/package/usr/bin/promtool
if command -v "$promtool" >/dev/null 2>&1; then
  for config in deploy/prometheus/prometheus*.yml; do
    check "promtool check config ${config##*/}" "$promtool" check config "$config"
  done
  check 'promtool test rules' "$promtool" test rules deploy/prometheus/rules.test.yml
else
  skip 'promtool check config, test rules' 'no promtool here; pnpm rig prometheus install'
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
