/*
 * progress: see progress.h.
 */
#include "verify/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "formats/limits.h"
#include "verify/clock.h"

void
progress_begin(struct progress *p, const char *what, uint64_t unit, bool quiet)
{
	*p = (struct progress){ .what = what, .unit = unit,
	    .shown = !quiet && isatty(STDERR_FILENO) == 1 };
}

void
progress_step(struct progress *p, uint64_t done, uint64_t total)
{
	uint64_t now;
	double rate;

	if (!p->shown || total == 0)
		return;
	now = clock_ms();
	if (!p->running || done < p->done) {
		p->running = true;
		p->first = done;
		p->start = p->last = now;
	}
	p->done = done;
	if (now - p->start < 500 || now - p->last < 200)
		return;
	p->last = now;
	rate = (double)(done - p->first) * (double)p->unit * 1000 / (double)(now - p->start);
	(void)fprintf(stderr, "\r\033[K  %-9s %3llu %%  %llu MiB  %.0f MiB/s  %.0f s left", p->what,
	    (unsigned long long)(done * 100 / total),
	    (unsigned long long)(done * p->unit / MIB), rate / (double)MIB,
	    rate > 0 ? (double)(total - done) * (double)p->unit / rate : 0.0);
	(void)fflush(stderr);
}

void
progress_end(struct progress *p)
{
	if (p->shown)
		(void)fprintf(stderr, "\r\033[K");
	p->shown = false;
}
