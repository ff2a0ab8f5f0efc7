#!/bin/bash
# lint: what a script can see better than a reader.  See the table of libraries in SPEC.md.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=0
complain() { echo "lint: $*"; bad=1; }

# 1. Includes point one way, from the root, and never at a main.
allowed() {	# $1 from, $2 to
	case $1:$2 in
	formats:formats | verify:formats | verify:verify | ingest:formats | ingest:verify | ingest:ingest) ;;
	mkmedia:formats | mkmedia:verify | mkmedia:mkmedia) ;;
	*) return 1 ;;
	esac
}
while IFS=: read -r file line; do
	to=$(sed 's/.*"\([a-z]*\)\/.*/\1/' <<<"$line")
	allowed "${file%%/*}" "$to" || complain "$file includes $to: $line"
done < <(grep -H '^#include "' formats/*.[ch] verify/*.[ch] ingest/*.[ch] mkmedia/*.[ch])

# 2. Libraries only where the table says.
library() {	# header pattern, files that may include it
	local pattern=$1 file
	shift
	while IFS= read -r file; do
		case " $* " in *" $file "*) ;; *) complain "$file includes <$pattern>" ;; esac
	done < <(grep -lE "^#include <$pattern" formats/*.[ch] verify/*.[ch] ingest/*.[ch] mkmedia/*.[ch])
}
library 'archive' verify/parser.c
library 'libisofs' mkmedia/image.c mkmedia/source.c
library 'sodium' formats/sshsig.c formats/code.c formats/merkle.c formats/age.c formats/age_header.c formats/age_key.c formats/age_wrap.c
library 'openssl' formats/digest.c formats/age_cipher.c
library 'jansson' formats/json_tree.h
library 'utf8proc' formats/name.c
library 'isa-l' formats/recovery.c
library 'solv' formats/version.c
library 'libusb' verify/device_usb.c
library 'blkid' verify/probe.c
library 'seccomp' verify/filter.c

# 3. formats/ is pure: no files, no processes, no printing, nothing that changes between calls.
impure='\b(open|openat|fopen|read|write|printf|puts|fprintf|perror|exit|fork|system|getenv|time|stat)\('
grep -nE "$impure" formats/*.c | grep -vE '^[^:]*:[0-9]+:[ 	]*(/?\*)' | grep -vE 'json_|"' && complain "formats/ is not pure"
for o in build/gcc/formats/*.o; do
	objdump -t "$o" | grep -E ' O \.(t?bss|t?data)([[:space:]]|\.[^r])' && complain "formats/ has variables"
done

# 4. foo.c exports only foo_*; a struct tag is no symbol.
for o in build/gcc/{formats,verify,ingest,mkmedia}/*.o; do
	stem=$(basename "$o" .o)
	[ "$stem" = main ] && continue
	while IFS= read -r s; do
		case $s in "$stem"_* | "$stem") ;; *) complain "$o exports $s" ;; esac
	done < <(nm -g --defined-only "$o" | awk '$2 ~ /[TDBR]/ { print $3 }')
done

# 5. Calls that have a better sister; recursion-prone and unbounded ones.
grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|alloca|mktemp|tmpnam|atoi|atol|system|popen)\(' \
	formats/*.c verify/*.c ingest/*.c mkmedia/*.c && complain "banned call"

grep -nE '\b(abort|assert)\(' formats/*.c verify/*.c ingest/*.c mkmedia/*.c | grep -v '^formats/digest.c:' &&
	complain "ends without a word"

# 6. Lines of at most 100 columns, tabs of 8 (the commands of README.TXT cannot be broken); files of at
# most 500 lines.
for f in formats/*.[ch] verify/*.[ch] ingest/*.[ch] mkmedia/*.[ch]; do
	expand "$f" | awk -v f="$f" 'length > 100 && f != "mkmedia/paper.c" { print f ":" NR ": " length " columns"; bad = 1 } END { exit bad }' || bad=1
	[ "$(wc -l <"$f")" -le 500 ] || complain "$f has $(wc -l <"$f") lines"
done

# 7. Hardening is in the binaries.
for p in build/gcc/bin/*; do
	readelf -hW "$p" | grep -q 'DYN' || complain "$p is not position independent"
	readelf -lW "$p" | grep -q 'GNU_RELRO' || complain "$p has no relro"
	readelf -dW "$p" | grep -q 'BIND_NOW\|NOW' || complain "$p binds lazily"
	readelf -lW "$p" | grep 'GNU_STACK' | grep -q 'RWE' && complain "$p has an executable stack"
	nm -D "$p" | grep -q '__stack_chk_fail' || complain "$p has no stack protector"
	# No network: the agent's socket is the only one, in mkmedia and ingest.
	nm -D "$p" | grep -qE ' (getaddrinfo|gethostbyname|bind|listen|accept4?)@' && complain "$p can talk to a network"
done

# 8. The reason codes and exit statuses of SPEC.md are those of the code.
if [ -f SPEC.md ]; then
	while IFS= read -r code; do
		grep -qF "\`$code\`" SPEC.md || complain "SPEC.md lacks the reason code $code"
	done < <(sed -n 's/^\tX(ERR_[A-Z0-9_]*,[ \t]*[0-9]*, "\([a-z.0-9_-]*\)".*/\1/p' formats/err.h)
fi

# 9. Every limit is in the one header, with the same value in SPEC.md, and tests/limits says which tests are at
# it and past it; these name it.
limits() {	# the header's, SPEC.md's, or those of tests/limits: each name with what is beside it
	case $1 in
	formats/limits.h) sed -nE 's,[ \t]*/\*.*,,; s/^#define (LIMIT_[A-Z_]+)[ \t]+/\1 /p' "$1" ;;
	SPEC.md) sed -nE '/^## 10\. /,/^## 11\. /s/^\| .(LIMIT_[A-Z_]+). \| ([^|]+) \|.*/\1 \2/p' "$1" ;;
	tests/limits) sed -nE 's/^(LIMIT_[A-Z_]+) +(.*)/\1 \2/p' "$1" ;;
	esac
}
value() {	# of "(64 * KIB)" or "64 KiB", "((UINT64_C(1) << 53) - 1)" or "2^53-1"
	echo $(($(sed -E 's/U?INT64_C//g; s/([0-9])u\b/\1/g; s/,//g; s/\^/**/g; s/(\* )?\bSECTOR_SIZE\b/\12048/g
		s/ (\* )?K[Ii]B/*1024/g; s/ (\* )?M[Ii]B/*1024**2/g; s/ GiB/*1024**3/g' <<<"$1")))
}
grep -nE '^#[ \t]*define[ \t]+LIMIT_' {formats,verify,ingest,mkmedia}/*.[ch] | grep -v '^formats/limits\.h:' &&
	complain "a limit outside formats/limits.h"
names() { limits "$1" | cut -d ' ' -f 1 | sort; }
for table in SPEC.md tests/limits; do
	while IFS= read -r name; do complain "$table lacks $name"; done < <(comm -23 <(names formats/limits.h) <(names $table))
	while IFS= read -r name; do complain "$table has $name, which is no limit, or twice"; done < <(
		comm -13 <(names formats/limits.h) <(names $table))
done
while read -r name said; do
	is=$(limits formats/limits.h | sed -n "s/^$name //p")
	[ -z "$is" ] || [ "$(value "$is")" = "$(value "$said")" ] || complain "SPEC.md has $said for $name, which is $is"
done < <(limits SPEC.md)
while read -r name at past what; do
	[ -n "$what" ] || complain "tests/limits does not say how $name is tested"
	for f in "$at" "$past"; do
		grep -qw "$name" "tests/$f" 2>/dev/null || complain "tests/$f does not test $name"
	done
done < <(limits tests/limits)

# 10. Other people's tools.
cppcheck --quiet --error-exitcode=1 --enable=warning,portability --inline-suppr --std=c11 -I. -D__GNUC__ \
	--suppress=unusedStructMember formats verify ingest mkmedia || bad=1
shellcheck -x -P tests/cli -e SC2154,SC1091 tests/*.sh tests/cli/*.sh tests/bench/*.sh tests/vm/*.sh tests/vm/boots/*.sh tests/vm/init tests/corpus/*.sh tests/fault/*.sh tests/fuzz/*.sh .ci/run || bad=1
for m in verify/verify.1 ingest/ingest.1 mkmedia/mkmedia.1; do
	mandoc -T lint -W warning "$m" || bad=1
done

# 11. Nothing that belongs to one machine.
grep -rnE --exclude-dir=.git --exclude-dir=build --exclude=lint.sh '/(home|Users)/[a-z]+/|/work/' . && complain "a path of one machine"
[ $bad = 0 ] && echo "lint: clean"
exit $bad
