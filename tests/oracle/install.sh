#!/bin/sh
# Installs the reference engine (chdb, a ClickHouse in a shared library, 550 MB) into build/oracle, once.
# Called by ./dev before anything that compares with it; does nothing when the locked version is there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target="$here/../../build/oracle"
mkdir -p "$target"
exec 9>"$target/install.lock"
flock 9
if cmp -s "$here/package-lock.json" "$target/installed-lock.json"; then
    exit 0
fi
cp "$here/package.json" "$here/package-lock.json" "$target/"
(cd "$target" && npm ci --no-audit --no-fund --loglevel=error)
cp "$here/package-lock.json" "$target/installed-lock.json"
