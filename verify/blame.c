/*
 * blame: see blame.h.
 */
#include "verify/blame.h"

#include <signal.h>
#include <sys/wait.h>

#include "formats/limits.h"
#include "verify/parser.h"

/* No image that may be needs half of it. */
static bool
had_its_share(const struct rusage *used)
{
	return (uint64_t)used->ru_maxrss * KIB >= LIMIT_PARSER_MEMORY / 3 * 2;
}

static bool
had_its_time(const struct rusage *used)
{
	return used->ru_utime.tv_sec + used->ru_stime.tv_sec + 1 >= (time_t)LIMIT_PARSER_TIME;
}

/* It has seen nothing of the image yet. */
static enum err
before(int status)
{
	if ((WIFEXITED(status) && WEXITSTATUS(status) == PARSER_UNCONFINED) ||
	    (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS))
		return ERR_SANDBOX;
	if (WIFEXITED(status) && WEXITSTATUS(status) == PARSER_NO_MEMORY)
		return ERR_MEMORY;
	return ERR_CHILD;
}

enum err
blame_end(int status, const struct rusage *used, bool begun)
{
	if (!begun)
		return before(status);
	/* That it cannot do by itself, but for its time. */
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return had_its_time(used) ? ERR_LIMIT : ERR_CHILD;
	if (WIFEXITED(status) && WEXITSTATUS(status) == PARSER_NO_MEMORY)
		return had_its_share(used) ? ERR_LIMIT : ERR_MEMORY;
	return ERR_CONTENTS_FORM;
}

enum err
blame_silence(uint64_t ms, bool begun, struct fault *f)
{
	if (!begun)
		return err_fault(f, ERR_CHILD, "the parser could not begin");
	/* More than any good image takes; on a busy computer one without end gets it, too. */
	if (ms < LIMIT_PARSING * UINT64_C(1000) / 10)
		return err_fault(f, ERR_CHILD, "the parser got no processor time for %u seconds",
		    LIMIT_PARSING);
	return err_fault(f, ERR_CONTENTS_FORM, "the file system of the image has no end");
}
