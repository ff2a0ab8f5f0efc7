/*
 * filter: see filter.h.  Landlock by its system calls, the others by libseccomp.
 */
#include "verify/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "formats/limits.h"
#include "formats/sanitized.h"

/* ---- calls ---- */

/* Memory, threads' locks, time, the end: what the C library does by itself; and expect_end(). */
static const int COMMON[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(close), SCMP_SYS(brk), SCMP_SYS(munmap),
	SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(getrandom),
	SCMP_SYS(clock_gettime), SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(setitimer), -1,
};
/* The second thread, and its end. */
static const int READER[] = {
	SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(lseek), SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(sched_yield),
	-1,
};
static const int PARSER[] = { -1 };
static const int PROBE[] = {
	SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
	SCMP_SYS(fadvise64), -1,
};
static const int *const OF_ROLE[] = {
	[FILTER_READER] = READER, [FILTER_PARSER] = PARSER, [FILTER_PROBE] = PROBE,
};

static bool
allow(scmp_filter_ctx c, const int *calls)
{
	for (; *calls != -1; calls++)
		if (seccomp_rule_add(c, SCMP_ACT_ALLOW, *calls, 0) != 0)
			return false;
	return true;
}

/* Memory, but never a page that can be executed. */
static bool
allow_memory(scmp_filter_ctx c)
{
	static const int CALLS[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };
	size_t i;

	for (i = 0; i < 2; i++)
		if (seccomp_rule_add(c, SCMP_ACT_ALLOW, CALLS[i], 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) != 0)
			return false;
	return true;
}

/* A thread, but no process.  The C library asks for clone3 first, of which the flags are hidden. */
static bool
allow_thread(scmp_filter_ctx c)
{
	return seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
		   SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)) == 0 &&
	    seccomp_rule_add(c, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
}

/*
 * Without memory libseccomp may load a filter that lacks calls, and says nothing.  Whoever has such
 * a one dies of it here, before it has looked at anything.  None of these does anything.
 */
static void
try_calls(const int *calls)
{
	for (; *calls != -1; calls++)
		if (*calls != SCMP_SYS(exit) && *calls != SCMP_SYS(exit_group) &&
		    *calls != SCMP_SYS(rt_sigreturn) && *calls != SCMP_SYS(restart_syscall))
			(void)syscall(*calls, -1L, 0L, 0L, 0L, 0L, 0L);
}

/*
 * Without memory libseccomp may also go round in circles: then this process ends of SIGPROF after
 * so many seconds of processor time; 0: no more.
 */
static void
expect_end(time_t seconds)
{
	const struct itimerval t = { .it_value = { .tv_sec = seconds } };

	(void)setitimer(ITIMER_PROF, &t, NULL);
}

enum err
filter_calls(enum filter_role role)
{
	static const int MEMORY[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect), -1 };
	scmp_filter_ctx c;
	bool good;

	if (SANITIZED)
		return OK;
	expect_end(LIMIT_CONFINING);
	if ((c = seccomp_init(SCMP_ACT_KILL_PROCESS)) == NULL)
		return ERR_SANDBOX;
	good = allow(c, COMMON) && allow(c, OF_ROLE[role]) && allow_memory(c) &&
	    (role != FILTER_READER || allow_thread(c)) && seccomp_load(c) == 0;
	seccomp_release(c);
	if (!good)
		return ERR_SANDBOX;
	try_calls(COMMON);
	try_calls(OF_ROLE[role]);
	try_calls(MEMORY);
	expect_end(0);
	return OK;
}

/* ---- paths ---- */

#define ABI_MINIMUM 2

/*
 * What linux/landlock.h of Debian 12 does not know yet: struct and bits as kernels up to ABI 6
 * have.
 */
struct ruleset {
	uint64_t fs, net, scoped;
};
static const struct {
	uint64_t fs, net, scoped;
} HANDLED[] = {
	/* ABI 2: execute to refer */
	[2] = { (1u << 14) - 1, 0, 0 },
	/* 3: truncate */
	[3] = { (1u << 15) - 1, 0, 0 },
	/* 4: bind and connect TCP */
	[4] = { (1u << 15) - 1, 3, 0 },
	/* 5: ioctl of devices */
	[5] = { (1u << 16) - 1, 3, 0 },
	/* 6: abstract sockets, signals to processes outside */
	[6] = { (1u << 16) - 1, 3, 3 },
};

static long
landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi > 6 ? 6 : abi;
}

/* A ruleset that denies what it handles; -1 with errno. */
static int
make_ruleset(const struct ruleset *r, long abi)
{
	size_t size = sizeof(r->fs) + (abi >= 4 ? sizeof(r->net) : 0) +
	    (abi >= 6 ? sizeof(r->scoped) : 0);

	return (int)syscall(SYS_landlock_create_ruleset, r, size, 0);
}

enum err
filter_paths(void)
{
	const long abi = landlock_abi();
	struct ruleset r;
	int fd;
	bool good;

	if (abi < ABI_MINIMUM)
		return ERR_SANDBOX;
	r = (struct ruleset){ HANDLED[abi].fs, HANDLED[abi].net, HANDLED[abi].scoped };
	if ((fd = make_ruleset(&r, abi)) == -1)
		return ERR_SANDBOX;
	good = syscall(SYS_landlock_restrict_self, fd, 0) == 0;	/* no rule: nothing is allowed */
	(void)close(fd);
	return good ? OK : ERR_SANDBOX;
}

/* Everything but to execute and to read files and directories. */
#define READING (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | \
	LANDLOCK_ACCESS_FS_READ_DIR)
#define IOCTL_DEV (1u << 15)

static bool
allow_below(int ruleset, int directory, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights,
		.parent_fd = directory };

	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

enum err
filter_writes(int directory, int often)
{
	const long abi = landlock_abi();
	struct ruleset r = { 0 };
	int fd, dev;
	bool good;

	if (abi < ABI_MINIMUM || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return ERR_SANDBOX;
	r.fs = HANDLED[abi].fs & ~(uint64_t)(READING | IOCTL_DEV);
	if ((fd = make_ruleset(&r, abi)) == -1)
		return ERR_SANDBOX;
	dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	good = dev != -1 && allow_below(fd, dev, LANDLOCK_ACCESS_FS_WRITE_FILE) &&
	    (directory == -1 || allow_below(fd, directory, r.fs)) &&
	    (often == -1 || allow_below(fd, often, r.fs)) &&
	    syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	(void)close(fd);
	if (dev != -1)
		(void)close(dev);
	return good ? OK : ERR_SANDBOX;
}
