# shellcheck shell=bash
# memory: how much a program and its children have at once.

# peak_memory COMMAND...: peak is the most that was seen, MiB: what each process has for itself and of files, and once
# the memory that they share.  What the command says is not kept; peak_status is how it ended.
# shellcheck disable=SC2034	# whoever sources this uses them
peak_memory() {
	local pid max=0 sum shared own p
	"$@" >/dev/null 2>&1 </dev/null &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		sum=0 shared=0
		for p in $pid $(cat /proc/$pid/task/*/children 2>/dev/null); do
			read -r own p < <(awk '/^Rss(Anon|File)/ { own += $2 } /^RssShmem/ { shared = $2 }
				END { print own + 0, shared + 0 }' "/proc/$p/status" 2>/dev/null || echo 0 0)
			sum=$((sum + own))
			[ "$p" -le "$shared" ] || shared=$p
		done
		[ $((sum + shared)) -le $max ] || max=$((sum + shared))
		sleep 0.01
	done
	peak_status=0
	wait $pid || peak_status=$?
	peak=$((max / 1024 + 1))
}
