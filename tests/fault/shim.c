/*
 * shim: makes the n-th of the calls of one kind fail, in one of the processes of a program.  Loaded
 * before the C library (LD_PRELOAD), or linked in under the names that ld --wrap gives
 * (-DFAULT_WRAP): the sanitizers have a malloc of their own, and then only what our own objects
 * call is counted.
 *
 * FAULT_PROGRAM	the name of the program; whatever else it starts is left alone
 * FAULT_FILE		a file for struct counts, which must be there, of that size
 * FAULT=WHO:CALL:N	the N-th CALL of process WHO (0, or the number of its fork) fails;
 *			none: only count
 * FAULT=WHO:pread:N:lie	it gives all that it should, but for one bit;
 *	 WHO:pread:N:lies	so does each one after it
 *
 * Counting begins with umask(), which our programs call first.  Whose a crash was is said on
 * standard error: libraries that crash without memory are not ours to mend.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum call {
	MALLOC, CALLOC, REALLOC, READ, PREAD, WRITE, PWRITE, FSYNC, RENAME, MMAP, FORK, CALLS
};
static const char *const NAMES[CALLS] = {
	"malloc", "calloc", "realloc", "read", "pread", "write", "pwrite", "fsync", "rename",
	"mmap", "fork",
};
static const int ERRORS[CALLS] = {
	ENOMEM, ENOMEM, ENOMEM, EIO, EIO, EIO, EIO, EIO, EIO, ENOMEM, EAGAIN,
};
#define PROCESSES 8

struct counts {
	_Atomic uint64_t forks, struck;
	_Atomic uint64_t call[PROCESSES][CALLS];
};

#ifdef FAULT_WRAP
#define OURS(name) __wrap_##name
#define REAL(type, name, ...) type __real_##name(__VA_ARGS__)
#define THE(name) __real_##name
#else
#define OURS(name) name
#define REAL(type, name, ...) static type (*real_##name)(__VA_ARGS__)
#define THE(name) real_##name
#endif

static struct counts *counts;	/* NULL: not begun */
static unsigned who;
static struct {
	unsigned who;
	enum call call;
	uint64_t n;
	bool lies, goes_on;
} fault = { .who = PROCESSES, .call = CALLS };

static bool
strikes(enum call c)
{
	uint64_t n;

	if (counts == NULL || who >= PROCESSES)
		return false;
	n = atomic_fetch_add(&counts->call[who][c], 1) + 1;
	if (fault.who != who || fault.call != c || n < fault.n || (n > fault.n && !fault.goes_on))
		return false;
	atomic_store(&counts->struck, 1);
	errno = ERRORS[c];
	return true;
}

static bool
fails(enum call c)
{
	return strikes(c) && !fault.lies;
}

/* ---- memory: the C library's own, because dlsym itself asks for some ---- */

#ifdef FAULT_WRAP
REAL(void *, malloc, size_t);
REAL(void *, calloc, size_t, size_t);
REAL(void *, realloc, void *, size_t);
REAL(void *, reallocarray, void *, size_t, size_t);
#else
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
#define real_malloc __libc_malloc
#define real_calloc __libc_calloc
#define real_realloc __libc_realloc
#endif

void *
OURS(malloc)(size_t n)
{
	return fails(MALLOC) ? NULL : THE(malloc)(n);
}

void *
OURS(calloc)(size_t n, size_t size)
{
	return fails(CALLOC) ? NULL : THE(calloc)(n, size);
}

void *
OURS(realloc)(void *p, size_t n)
{
	return fails(REALLOC) ? NULL : THE(realloc)(p, n);
}

#ifdef FAULT_WRAP
void *
OURS(reallocarray)(void *p, size_t n, size_t size)
{
	return fails(REALLOC) ? NULL : THE(reallocarray)(p, n, size);
}
#endif

/* ---- files ---- */

REAL(ssize_t, read, int, void *, size_t);
REAL(ssize_t, pread64, int, void *, size_t, off64_t);
REAL(ssize_t, write, int, const void *, size_t);
REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
REAL(int, fsync, int);
REAL(int, syncfs, int);
REAL(int, rename, const char *, const char *);
REAL(int, renameat, int, const char *, int, const char *);
REAL(int, renameat2, int, const char *, int, const char *, unsigned);
REAL(void *, mmap64, void *, size_t, int, int, int, off64_t);

ssize_t
OURS(read)(int fd, void *to, size_t n)
{
	return fails(READ) ? -1 : THE(read)(fd, to, n);
}

ssize_t
OURS(pread64)(int fd, void *to, size_t n, off64_t at)
{
	const bool struck = strikes(PREAD);
	ssize_t got = struck && !fault.lies ? -1 : THE(pread64)(fd, to, n, at);

	if (struck && got > 0)	/* somewhere, but always there */
		((uint8_t *)to)[fault.n * 40503 % (uint64_t)got] ^= 4;
	return got;
}

ssize_t
OURS(write)(int fd, const void *from, size_t n)
{
	return fails(WRITE) ? -1 : THE(write)(fd, from, n);
}

ssize_t
OURS(pwrite64)(int fd, const void *from, size_t n, off64_t at)
{
	return fails(PWRITE) ? -1 : THE(pwrite64)(fd, from, n, at);
}

int
OURS(fsync)(int fd)
{
	return fails(FSYNC) ? -1 : THE(fsync)(fd);
}

int
OURS(syncfs)(int fd)
{
	return fails(FSYNC) ? -1 : THE(syncfs)(fd);
}

int
OURS(rename)(const char *from, const char *to)
{
	return fails(RENAME) ? -1 : THE(rename)(from, to);
}

int
OURS(renameat)(int a, const char *from, int b, const char *to)
{
	return fails(RENAME) ? -1 : THE(renameat)(a, from, b, to);
}

int
OURS(renameat2)(int a, const char *from, int b, const char *to, unsigned flags)
{
	return fails(RENAME) ? -1 : THE(renameat2)(a, from, b, to, flags);
}

void *
OURS(mmap64)(void *at, size_t n, int protection, int flags, int fd, off64_t from)
{
	return fails(MMAP) ? MAP_FAILED : THE(mmap64)(at, n, protection, flags, fd, from);
}

#ifndef FAULT_WRAP
/* Other names for the same: of objects without large files, and of those that are fortified. */
ssize_t
__read_chk(int fd, void *to, size_t n, size_t room)
{
	(void)room;
	return read(fd, to, n);
}

ssize_t
__pread64_chk(int fd, void *to, size_t n, off64_t at, size_t room)
{
	(void)room;
	return pread64(fd, to, n, at);
}

ssize_t
pread(int fd, void *to, size_t n, off_t at)
{
	return pread64(fd, to, n, at);
}

ssize_t
pwrite(int fd, const void *from, size_t n, off_t at)
{
	return pwrite64(fd, from, n, at);
}

void *
mmap(void *at, size_t n, int protection, int flags, int fd, off_t from)
{
	return mmap64(at, n, protection, flags, fd, from);
}
#endif

/* ---- processes and threads ---- */

REAL(pid_t, fork, void);
REAL(int, posix_spawnp, pid_t *, const char *, const posix_spawn_file_actions_t *,
    const posix_spawnattr_t *, char *const[], char *const[]);
REAL(int, pthread_create, pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
REAL(mode_t, umask, mode_t);

pid_t
OURS(fork)(void)
{
	unsigned next = 0;
	pid_t pid;

	if (fails(FORK))
		return -1;
	if (counts != NULL)
		next = (unsigned)atomic_fetch_add(&counts->forks, 1) + 1;
	pid = THE(fork)();
	if (pid == 0 && counts != NULL)
		who = next;
	return pid;
}

int
OURS(posix_spawnp)(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
    const posix_spawnattr_t *attributes, char *const argv[], char *const env[])
{
	return fails(FORK) ? EAGAIN : THE(posix_spawnp)(pid, file, actions, attributes, argv, env);
}

int
OURS(pthread_create)(pthread_t *t, const pthread_attr_t *a, void *(*fn)(void *), void *arg)
{
	return fails(FORK) ? EAGAIN : THE(pthread_create)(t, a, fn, arg);
}

/* ---- the beginning ---- */

static void
read_fault(const char *text)
{
	char name[16], how[8] = "";
	unsigned long n;
	unsigned i;

	if (text == NULL || sscanf(text, "%u:%15[a-z]:%lu:%7s", &fault.who, name, &n, how) < 3)
		return;
	fault.n = n;
	fault.lies = *how != '\0';
	fault.goes_on = strcmp(how, "lies") == 0;
	for (i = 0; i < CALLS; i++)
		if (strcmp(NAMES[i], name) == 0)
			fault.call = (enum call)i;
}

#ifndef FAULT_WRAP
/* The innermost module that is neither this one nor the C library. */
static void
on_crash(int number)
{
	const char *name = "nowhere";
	void *frame[64];
	Dl_info where, here;
	char text[300];
	int i, n = backtrace(frame, 64);

	(void)number;
	(void)dladdr((void *)(uintptr_t)on_crash, &here);
	for (i = 0; i < n; i++)
		if (dladdr(frame[i], &where) != 0 && where.dli_fbase != here.dli_fbase &&
		    strstr(where.dli_fname, "/libc.so") == NULL) {
			name = where.dli_fname;
			break;
		}
	n = snprintf(text, sizeof(text), "shim: a crash in %s\n", name);
	(void)!THE(write)(STDERR_FILENO, text, (size_t)n);
}

static void
watch_for_crashes(void)
{
	struct sigaction a = { .sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND };
	void *frame[1];

	(void)backtrace(frame, 1);	/* it loads a library the first time */
	(void)sigaction(SIGSEGV, &a, NULL);
}
#endif

static void
begin(void)
{
	const char *path = getenv("FAULT_FILE"), *program = getenv("FAULT_PROGRAM");
	void *p;
	int fd;

	if (path == NULL || program == NULL || strcmp(program, program_invocation_short_name) != 0)
		return;
	read_fault(getenv("FAULT"));
	fd = open(path, O_RDWR | O_CLOEXEC);
	p = fd == -1 ? MAP_FAILED : THE(mmap64)(NULL, sizeof(struct counts),
	    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		perror(path);
		_exit(99);
	}
	(void)close(fd);
#ifndef FAULT_WRAP
	watch_for_crashes();
#endif
	counts = p;
}

mode_t
OURS(umask)(mode_t mask)
{
	mode_t old = THE(umask)(mask);

	if (counts == NULL)
		begin();
	return old;
}

#ifndef FAULT_WRAP
#define FIND(name) real_##name = (__typeof__(real_##name))(uintptr_t)dlsym(RTLD_NEXT, #name)
__attribute__((constructor)) static void
find(void)
{
	FIND(read);
	FIND(pread64);
	FIND(write);
	FIND(pwrite64);
	FIND(fsync);
	FIND(syncfs);
	FIND(rename);
	FIND(renameat);
	FIND(renameat2);
	FIND(mmap64);
	FIND(fork);
	FIND(posix_spawnp);
	FIND(pthread_create);
	FIND(umask);
}
#endif
