#!/bin/bash
# What is forbidden to reader, parser and probe, each tried by the system call itself.
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"

cd "$T"
if grep -qa __asan_init "$BIN/ingest"; then
	skip "the sanitizers make calls of their own: nothing is filtered under them"
	echo "1 passed, 0 failed, 1 skipped"
	exit
fi
"$BIN/../fault/forbidden"
