/*
 * forbidden: what reader, parser and probe must not do is tried in each role, by the system call
 * itself, and must end the process with SIGSYS; nothing may have come of it.  One line each; the
 * exit status is 1 if anything was possible.  (tests/unit/verify/sandbox.c tests the rest.)
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "verify/sandbox.h"

#define TARGET "untouched"
#define MEMORY (UINT64_C(4) << 30)

static pid_t judge;
static int socket_fd;			/* open before, and kept */
static volatile char secret[16] = TARGET;	/* of the judge */

static long try_open(void) { return syscall(SYS_open, "/etc/passwd", O_RDONLY); }
static long try_openat(void) { return syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY); }

static long
try_openat2(void)
{
	struct open_how how = { .flags = O_RDONLY };

	return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", &how, sizeof(how));
}

static long
try_creat(void)
{
	return syscall(SYS_openat, AT_FDCWD, "made", O_CREAT | O_WRONLY, 0600);
}

static long try_socket(void) { return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0); }

static long
try_socketpair(void)
{
	int ends[2];

	return syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, ends);
}

static long
try_connect(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "/nowhere" };

	return syscall(SYS_connect, socket_fd, &a, sizeof(a));
}

static long
try_sendto(void)
{
	return syscall(SYS_sendto, socket_fd, "x", 1, MSG_DONTWAIT, NULL, 0);
}

static char *const nothing[] = { NULL };
static long try_execve(void) { return syscall(SYS_execve, "/bin/true", nothing, nothing); }

static long
try_execveat(void)
{
	return syscall(SYS_execveat, AT_FDCWD, "/bin/true", nothing, nothing, 0);
}

static long try_ptrace(void) { return syscall(SYS_ptrace, PTRACE_ATTACH, judge, 0, 0); }
static long try_traceme(void) { return syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0); }
static long try_kill(void) { return syscall(SYS_kill, judge, SIGKILL); }
static long try_tgkill(void) { return syscall(SYS_tgkill, judge, judge, SIGKILL); }

static long
try_pidfd(void)
{
	return syscall(SYS_pidfd_open, judge, 0);
}

static long
try_write_into(void)
{
	char other[] = "written to";
	struct iovec from = { other, sizeof(other) };
	struct iovec to = { (void *)(uintptr_t)secret, sizeof(other) };

	return syscall(SYS_process_vm_writev, judge, &from, 1UL, &to, 1UL, 0UL);
}

static long
try_read_from(void)
{
	char other[16];
	struct iovec to = { other, sizeof(other) };
	struct iovec from = { (void *)(uintptr_t)secret, sizeof(other) };

	return syscall(SYS_process_vm_readv, judge, &to, 1UL, &from, 1UL, 0UL);
}

static long try_fork(void) { return syscall(SYS_fork); }
static long try_vfork(void) { return syscall(SYS_clone, CLONE_VM | SIGCHLD, 0, 0, 0, 0); }
static long try_clone(void) { return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }
static long try_unshare(void) { return syscall(SYS_unshare, CLONE_NEWUSER); }
static long try_mount(void) { return syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL); }
static long try_setuid(void) { return syscall(SYS_setuid, 0); }
static long try_memfd(void) { return syscall(SYS_memfd_create, "code", 0); }
static long try_uring(void) { char p[128] = { 0 }; return syscall(SYS_io_uring_setup, 4, p); }
static long try_bpf(void) { return syscall(SYS_bpf, 0, NULL, 0); }
static long try_keyctl(void) { return syscall(SYS_keyctl, 0, -3, 0); }

static long
map_code(int flags)
{
	return syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, flags, -1, 0);
}

static long try_code(void) { return map_code(MAP_PRIVATE | MAP_ANONYMOUS); }
static long try_writable_code(void)
{
	return syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static long
try_protect(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return syscall(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC);
}

static long
try_pkey_protect(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return syscall(SYS_pkey_mprotect, page, 4096, PROT_READ | PROT_EXEC, -1);
}

/* Calls of the 32-bit kind have other numbers. */
static long
try_old_kill(void)
{
#if defined(__x86_64__)
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(37L), "b"((long)judge), "c"((long)SIGKILL)
	    : "memory");
	return result;
#else
	return try_kill();
#endif
}

/* And so have those of the x32 kind. */
static long try_x32_kill(void) { return syscall(0x40000000 | SYS_kill, judge, SIGKILL); }

static const struct {
	const char *name;
	long (*try)(void);
} FORBIDDEN[] = {
	{ "open", try_open }, { "openat", try_openat }, { "openat2", try_openat2 },
	{ "creat", try_creat }, { "socket", try_socket }, { "socketpair", try_socketpair },
	{ "connect", try_connect }, { "sendto", try_sendto }, { "execve", try_execve },
	{ "execveat", try_execveat }, { "ptrace the judge", try_ptrace },
	{ "be traced", try_traceme }, { "kill the judge", try_kill },
	{ "tgkill the judge", try_tgkill }, { "pidfd_open", try_pidfd },
	{ "process_vm_writev", try_write_into },
	{ "process_vm_readv", try_read_from }, { "fork", try_fork }, { "vfork", try_vfork },
	{ "clone", try_clone }, { "unshare", try_unshare }, { "mount", try_mount },
	{ "setuid", try_setuid }, { "memfd_create", try_memfd }, { "io_uring_setup", try_uring },
	{ "bpf", try_bpf }, { "keyctl", try_keyctl }, { "mmap PROT_EXEC", try_code },
	{ "mmap PROT_WRITE|PROT_EXEC", try_writable_code }, { "mprotect PROT_EXEC", try_protect },
	{ "pkey_mprotect PROT_EXEC", try_pkey_protect }, { "kill by int 0x80", try_old_kill },
	{ "kill by x32", try_x32_kill },
};

static const struct {
	const char *name;
	enum filter_role role;
} ROLES[] = {
	{ "reader", FILTER_READER }, { "parser", FILTER_PARSER }, { "probe", FILTER_PROBE },
};

/* Is the child gone, by SIGSYS, and everything as it was? */
static bool
is_forbidden(enum filter_role role, long (*try)(void))
{
	const struct sandbox s = { .role = role, .memory = MEMORY, .processor = 60,
	    .count = 1, .keep = { socket_fd } };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (sandbox_enter(&s) != OK)
			_exit(2);
		(void)try();
		_exit(3);
	}
	return pid != -1 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGSYS && access("made", F_OK) == -1 &&
	    memcmp((const char *)(uintptr_t)secret, TARGET, sizeof(TARGET)) == 0;
}

int
main(void)
{
	unsigned passed = 0, failed = 0;
	bool forbidden;
	size_t r, i;

	judge = getpid();
	socket_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	for (r = 0; r < sizeof(ROLES) / sizeof(ROLES[0]); r++)
		for (i = 0; i < sizeof(FORBIDDEN) / sizeof(FORBIDDEN[0]); i++) {
			(void)fflush(stdout);
			forbidden = is_forbidden(ROLES[r].role, FORBIDDEN[i].try);
			(void)printf("%s - %s: %s\n", forbidden ? "ok" : "not ok", ROLES[r].name,
			    FORBIDDEN[i].name);
			if (forbidden)
				passed++;
			else
				failed++;
		}
	(void)printf("%u passed, %u failed, 0 skipped\n", passed, failed);
	return failed == 0 ? 0 : 1;
}
