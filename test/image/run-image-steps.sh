#!/usr/bin/env bash
# Performs the Dockerfile's steps where no container engine exists: build in one empty directory, keep
# what the image keeps in another, start that as an unprivileged user on a read-only tree, ask it.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
server=
finish() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  chmod -R u+w "$work"; rm -rf "$work"
}
trap finish EXIT

mkdir "$work/build" "$work/app" "$work/app/data"
cp "$root"/{package.json,package-lock.json,.npmrc,tsconfig.json} "$work/build"
cp -r "$root/src" "$work/build/src"
cd "$work/build"
npm ci --ignore-scripts --no-audit --silent
npm run --silent build
npm prune --omit=dev --ignore-scripts --no-audit --silent

cp -r node_modules dist package.json "$work/app"
cp "$root"/data/*.json "$work/app/data"
chmod -R a+rX,a-w "$work/app"
chmod a+rx "$work"

cd "$work/app"
port=$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
start=(env -i "PATH=$PATH" "DETRAILS_PORT=$port" "$(command -v node)" dist/main.js)
if [ "$(id -u)" = 0 ]; then
  # 65532 is the image's user. The parent directories of the Node binary must be open to it.
  setpriv --reuid=65532 --regid=65532 --clear-groups "${start[@]}" >"$work/log" 2>&1 &
else
  "${start[@]}" >"$work/log" 2>&1 &
fi
server=$!
for _ in $(seq 100); do
  if curl -fsS "http://127.0.0.1:$port/readyz" >/dev/null 2>&1; then break; fi
  kill -0 "$server" 2>/dev/null || { cat "$work/log"; exit 1; }
  sleep 0.1
done
answer=$(curl -fsS -H 'content-type: application/json' \
  --data '{"eventVersion":"1.11","eventSource":"s3.amazonaws.com","eventName":"PutBucketPolicy","eventID":"1"}' \
  "http://127.0.0.1:$port/v1/enrich")
case $answer in
  *'"iam":["s3:PutBucketPolicy"]'*) echo "the image's contents serve as an unprivileged user; size $(du -sm . | cut -f1) MB" ;;
  *) echo "unexpected answer: $answer"; cat "$work/log"; exit 1 ;;
esac
