/*
 * sandbox: see sandbox.h.
 */
#include "verify/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "formats/sanitized.h"

static int
compare(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* At most ${value}: who started us may have set less. */
static bool
limit(__rlimit_resource_t what, uint64_t value)
{
	struct rlimit r;

	if (getrlimit(what, &r) == -1)
		return false;
	if (r.rlim_max > (rlim_t)value)
		r.rlim_max = (rlim_t)value;
	r.rlim_cur = r.rlim_max;
	return setrlimit(what, &r) == 0;
}

static bool
close_all_but(const int *keep, size_t n)
{
	int sorted[16];
	size_t i, kept = 0;
	unsigned from = 0;

	if (n + SANITIZED > sizeof(sorted) / sizeof(sorted[0]))
		return false;
	for (i = 0; i < n; i++)
		if (keep[i] != -1)
			sorted[kept++] = keep[i];
	if (SANITIZED) /* what a sanitizer has to say goes to standard error */
		sorted[kept++] = STDERR_FILENO;
	qsort(sorted, kept, sizeof(sorted[0]), compare);
	for (i = 0; i < kept; i++) {
		unsigned fd = (unsigned)sorted[i];

		if (fd > from && close_range(from, fd - 1, 0) == -1)
			return false;
		from = fd + 1;
	}
	return close_range(from, ~0U, 0) == 0;
}

/*
 * Numbers that neither Debian nor systemd gives to anybody (60,706 to 61,183), so that the children
 * can touch neither the judge nor each other.
 */
#define FIRST_USER 60800u

static bool
become_nobody(enum filter_role role)
{
	const unsigned id = FIRST_USER + (unsigned)role;
	const struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	const struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	/* Root of a user namespace that has no other users is nobody special outside of it. */
	if (geteuid() == 0 && (setgroups(0, NULL) == -1 || setresgid(id, id, id) == -1 ||
	    setresuid(id, id, id) == -1) && errno != EINVAL && errno != EPERM)
		return false;
	return syscall(SYS_capset, &header, none) == 0;
}

enum err
sandbox_enter(const struct sandbox *s)
{
	if (s->count > sizeof(s->keep) / sizeof(s->keep[0]) || !become_nobody(s->role))
		return ERR_SANDBOX;
	/* After that: a change of user takes some of these back. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return ERR_SANDBOX;
	/* Landlock's own descriptor needs a number, so before the limits. */
	if (filter_paths() != OK || !close_all_but(s->keep, s->count))
		return ERR_SANDBOX;
	if (!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_FSIZE, s->file) || !limit(RLIMIT_NOFILE, 0) ||
	    !limit(RLIMIT_CPU, s->processor))
		return ERR_SANDBOX;
	/* The sanitizers reserve terabytes of addresses. */
	if (!SANITIZED && !limit(RLIMIT_AS, s->memory))
		return ERR_SANDBOX;
	return filter_calls(s->role);
}
