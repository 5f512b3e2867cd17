#!/bin/sh
# Installs the locked package into build/clients/clickhouse_js (once) and copies the test there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target="$here/../../../build/clients/clickhouse_js"
mkdir -p "$target"
if ! cmp -s "$here/package-lock.json" "$target/installed-lock.json"; then
    cp "$here/package.json" "$here/package-lock.json" "$target/"
    (cd "$target" && npm ci --no-audit --no-fund --loglevel=error)
    cp "$here/package-lock.json" "$target/installed-lock.json"
fi
cp "$here"/*.test.js "$target/"
