#!/bin/sh
# prepare.sh: bring the validator to build/csaf, by the package manager of node, and print how to run it.
# Fails, with what it says, where there is no npm or no registry.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=$here/../../build/csaf
mkdir -p "$to"
if ! cmp -s "$here/package-lock.json" "$to/done"; then
	cp "$here/package.json" "$here/package-lock.json" "$to"
	(cd "$to" && npm ci --ignore-scripts --no-audit --no-fund) >"$to/log" 2>&1 || { tail -n 2 "$to/log"; exit 1; }
	cp "$here/package-lock.json" "$to/done"
fi
cp "$here/validate.mjs" "$to"
echo "$to/validate.mjs"
