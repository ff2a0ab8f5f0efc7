/*
 * packages_rpm: rpm(8) reads a copy of the database; the formats of such databases are many, and
 * none of them is ours to read.  The only file that runs rpm.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/limits.h"
#include "formats/purl.h"
#include "formats/scan.h"
#include "ingest/packages.h"
#include "verify/clock.h"
#include "verify/file.h"
#include "verify/progress.h"

#define SCRATCH "scratch/rpm"
#define COMPLAINT 200		/* how much of its first complaint is passed on */

/* The files of each kind of database, the first of which says that there is one. */
struct kind {
	const char *backend;
	const char *file[3];
};
static const struct kind kinds[] = {
	{ "sqlite", { "rpmdb.sqlite", "rpmdb.sqlite-wal", NULL } },
	{ "ndb", { "Packages.db", "Index.db", NULL } },
	{ "bdb_ro", { "Packages", NULL } },
};

static const char *const places[] = { "var/lib/rpm", "usr/lib/sysimage/rpm" };

/* ---- the copy ---- */

/* A file that is not there is not copied. */
static enum err
copy_file(const struct root *r, const char *place, const char *name, int to, uint64_t *left,
    struct fault *f)
{
	char path[64];
	struct progress progress;
	struct stat st;
	ssize_t n = 1;
	off_t at = 0;
	int in, out = -1;
	enum err e = OK;

	(void)snprintf(path, sizeof(path), "%s/%s", place, name);
	if ((in = root_file(r, path, O_RDONLY)) == -1)
		return errno == ENOENT ? OK : err_fault(f, err_errno(), "%.150s/%s: %s", r->path,
		    path, strerror(errno));
	if (fstat(in, &st) == -1 || !S_ISREG(st.st_mode)) {
		e = err_fault(f, ERR_PACKAGES_RPM, "%s: not a regular file", path);
		goto out;
	}
	if ((uint64_t)st.st_size > *left) {
		e = err_fault(f, ERR_LIMIT, "%s: more than %llu bytes", path,
		    (unsigned long long)LIMIT_RPM_DATABASE);
		goto out;
	}
	*left -= (uint64_t)st.st_size;
	progress_begin(&progress, "rpm", 1, false);
	out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	while (out != -1 && n > 0 && at < st.st_size) {
		n = copy_file_range(in, &at, out, NULL, (size_t)(st.st_size - at) < CHUNK_SIZE ?
		    (size_t)(st.st_size - at) : CHUNK_SIZE, 0);
		progress_step(&progress, (uint64_t)at, (uint64_t)st.st_size);
	}
	progress_end(&progress);
	if (out == -1 || n == -1)
		e = err_fault(f, err_errno(), "%s: %s", path, strerror(errno));
	else if (at < st.st_size)
		e = err_fault(f, ERR_IO, "%s: became shorter while it was read", path);
out:
	(void)close(in);
	if (out != -1)
		(void)close(out);
	return e;
}

/* All files of the one database that ${kind} and ${place} name, into ${to}. */
static enum err
copy_database(const struct root *r, const char *place, const struct kind *kind, int to,
    struct fault *f)
{
	uint64_t left = LIMIT_RPM_DATABASE;
	enum err e = OK;

	for (size_t i = 0; e == OK && kind->file[i] != NULL; i++)
		e = copy_file(r, place, kind->file[i], to, &left, f);
	return e;
}

/* Where is the database, and of which kind?  Two at once would be two opinions. */
static enum err
find_database(const struct root *r, const char **place, const struct kind **kind, struct fault *f)
{
	char path[64];
	int fd;

	*kind = NULL;
	for (size_t p = 0; p < sizeof(places) / sizeof(places[0]) && *kind == NULL; p++) {
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			(void)snprintf(path, sizeof(path), "%s/%s", places[p], kinds[k].file[0]);
			if ((fd = root_file(r, path, O_PATH)) == -1)
				continue;
			(void)close(fd);
			if (*kind != NULL)
				return err_fault(f, ERR_PACKAGES_RPM,
				    "%.150s/%s: %s and %s are there; remove the older one",
				    r->path, places[p], (*kind)->file[0],
				    kinds[k].file[0]);
			*place = places[p];
			*kind = &kinds[k];
		}
	}
	return OK;
}

/* ---- running rpm ---- */

struct child {
	pid_t pid;
	int out, complaint;	/* to read what it says from */
};

/*
 * Without shell, and with an environment of its own: no file of the user's says how rpm behaves.
 * Its names for paths expand macros, so that the copy is called by a number.
 */
static enum err
start(int directory, const char *backend, struct child *c, struct fault *f)
{
	char define[64];
	const char *const argv[] = { "rpm", "--dbpath", "/proc/self/fd/3", "--define", define,
		"-qa", "--nosignature", "--qf",
		"%{NAME}\t%|EPOCH?{%{EPOCH}}|\t%{VERSION}\t%{RELEASE}\t%{ARCH}\n", NULL };
	const char *const env[] = { "PATH=/usr/bin:/bin", "HOME=/nonexistent", "LC_ALL=C", NULL };
	posix_spawn_file_actions_t actions;
	int out[2] = { -1, -1 }, complaint[2] = { -1, -1 }, error = ENOMEM;

	*c = (struct child){ .pid = -1, .out = -1, .complaint = -1 };
	(void)snprintf(define, sizeof(define), "_db_backend %s", backend);
	if (pipe2(out, O_CLOEXEC) == -1 || pipe2(complaint, O_CLOEXEC) == -1) {
		error = errno;
	} else if (posix_spawn_file_actions_init(&actions) == 0) {
		if ((error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
		    O_RDONLY, 0)) == 0 &&
		    (error = posix_spawn_file_actions_adddup2(&actions, out[1],
		    STDOUT_FILENO)) == 0 &&
		    (error = posix_spawn_file_actions_adddup2(&actions, complaint[1],
		    STDERR_FILENO)) == 0 &&
		    (error = posix_spawn_file_actions_adddup2(&actions, directory, 3)) == 0)
			error = posix_spawnp(&c->pid, argv[0], &actions, NULL,
			    (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
		(void)posix_spawn_file_actions_destroy(&actions);
	}
	c->out = out[0];
	c->complaint = complaint[0];
	for (int i = 0; i < 2; i++)
		if ((i == 0 ? out : complaint)[1] != -1)
			(void)close((i == 0 ? out : complaint)[1]);
	if (error == 0)
		return OK;
	return err_fault(f, ERR_PACKAGES_RPM, "rpm cannot be run: %s%s", strerror(error),
	    error == ENOENT ? "; install it on this computer, there is a database to read" : "");
}

struct said {
	char *out;
	size_t len;
	char complaint[COMPLAINT + 1];
	size_t complaint_len;
};

/* What can be read from ${fd} now; false at its end.  Of too much, only that it was. */
static bool
take(int fd, char *to, size_t cap, size_t *len)
{
	char lost[4096];
	ssize_t n;

	n = *len < cap ? read(fd, to + *len, cap - *len) : read(fd, lost, sizeof(lost));
	if (n > 0 && *len < cap)
		*len += (size_t)n;
	return n > 0 || (n == -1 && errno == EINTR);
}

/* Hear both until both are silent for good; false after LIMIT_RPM_SECONDS. */
static bool
listen_to(const struct child *c, struct said *s)
{
	struct pollfd p[] = { { c->out, POLLIN, 0 }, { c->complaint, POLLIN, 0 } };
	const uint64_t end = clock_in(LIMIT_RPM_SECONDS);

	while (p[0].fd != -1 || p[1].fd != -1) {
		if (clock_left(end) == 0)
			return false;
		if (poll(p, 2, 1000) <= 0)
			continue;
		if (p[0].revents != 0 && !take(p[0].fd, s->out, LIMIT_RPM_OUTPUT + 1, &s->len))
			p[0].fd = -1;
		if (p[1].revents != 0 &&
		    !take(p[1].fd, s->complaint, COMPLAINT, &s->complaint_len))
			p[1].fd = -1;
	}
	return true;
}

static bool
ended_well(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/*
 * A database that rpm cannot read is to rpm often an empty one, with a warning at most: any word
 * of complaint refuses.
 */
static enum err
run(int directory, const char *backend, struct said *s, struct fault *f)
{
	struct child c;
	bool silent = false, good = false;
	enum err e = start(directory, backend, &c, f);

	if (e == OK) {
		silent = listen_to(&c, s);
		if (!silent)
			(void)kill(c.pid, SIGKILL);
		good = ended_well(c.pid);
	}
	if (c.out != -1)
		(void)close(c.out);
	if (c.complaint != -1)
		(void)close(c.complaint);
	if (e != OK)
		return e;
	s->complaint[strcspn(s->complaint, "\n")] = '\0';
	if (!silent)
		return err_fault(f, ERR_PACKAGES_RPM, "rpm took more than %d seconds",
		    LIMIT_RPM_SECONDS);
	if (s->len > LIMIT_RPM_OUTPUT)
		return err_fault(f, ERR_LIMIT, "rpm said more than %llu bytes",
		    (unsigned long long)LIMIT_RPM_OUTPUT);
	if (!good || s->complaint_len > 0)
		return err_fault(f, ERR_PACKAGES_RPM, "%s: rpm says: %s", backend, s->complaint);
	return OK;
}

/* ---- what it said ---- */

enum field { NAME, EPOCH, VERSION, RELEASE, ARCH, FIELDS };

static enum err
add(char *const field[static FIELDS], const char *vendor, struct passport *p, struct fault *f)
{
	struct purl_qualifier qualifier[] = { { "arch", field[ARCH] }, { "epoch", field[EPOCH] } };
	const bool has_epoch = *field[EPOCH] != '\0' && strcmp(field[EPOCH], "0") != 0;
	struct passport_component c = passport_blank();
	char purl[LIMIT_PURL + 1], version[LIMIT_TEXT + 1];
	const char *release = version;
	struct purl parts = { .type = "rpm", .namespace = vendor, .name = field[NAME],
		.qualifier = qualifier, .qualifiers = has_epoch ? 2 : 1 };
	enum err e;

	if ((size_t)snprintf(version, sizeof(version), "%s%s%s-%s", has_epoch ? field[EPOCH] : "",
	    has_epoch ? ":" : "", field[VERSION], field[RELEASE]) >= sizeof(version))
		return err_fault(f, ERR_LIMIT, "package %.200s", field[NAME]);
	if (has_epoch)
		release += strlen(field[EPOCH]) + 1;
	parts.version = release;
	if ((e = purl_print(&parts, purl)) != OK)
		return err_fault(f, e, "package %.200s", field[NAME]);
	c.ref = c.purl = purl;
	c.kind = "library";
	c.name = field[NAME];
	c.version = version;
	/* Any package but those for all architectures tells the system's. */
	if (*p->architecture == '\0' && strcmp(field[ARCH], "noarch") != 0 &&
	    (p->architecture = passport_word(p, field[ARCH])) == NULL)
		return err_fault(f, ERR_MEMORY, "passport");
	e = passport_add(p, &c);
	return e == OK ? OK : err_fault(f, e, "a passport has at most %u components",
	    LIMIT_COMPONENTS);
}

/* One line, ended by a NUL. */
static enum err
read_line(char *line, const char *vendor, struct passport *p, struct fault *f)
{
	char *field[FIELDS];

	for (int i = 0; i < FIELDS; i++) {
		field[i] = line;
		line += strcspn(line, "\t");
		if ((i < ARCH) != (*line == '\t') || (i != EPOCH && line == field[i]))
			return err_fault(f, ERR_PACKAGES_RPM, "a package %.100s", field[0]);
		if (*line == '\t')
			*line++ = '\0';
	}
	/* Keys that rpm knows are kept as packages. */
	return strcmp(field[NAME], "gpg-pubkey") == 0 ? OK : add(field, vendor, p, f);
}

static enum err
read_said(struct said *s, const char *vendor, struct passport *p, struct fault *f)
{
	char *line = s->out, *end;
	enum err e = OK;

	if (!scan_utf8(s->out, s->len) || memchr(s->out, '\0', s->len) != NULL)
		return err_fault(f, ERR_PACKAGES_RPM, "a package with a name that is no text");
	s->out[s->len] = '\0';
	for (; e == OK && *line != '\0'; line = end + 1) {
		if ((end = strchr(line, '\n')) == NULL)
			return err_fault(f, ERR_PACKAGES_RPM, "what rpm said has no end");
		*end = '\0';
		e = read_line(line, vendor, p, f);
	}
	return e;
}

static enum err
read_copy(const struct root *r, const char *vendor, const struct home *home, const char *place,
    const struct kind *kind, struct passport *p, struct fault *f)
{
	struct said said = { .out = malloc(LIMIT_RPM_OUTPUT + 2) };
	enum err e;
	int to = -1;

	if (said.out == NULL) {
		e = err_fault(f, ERR_MEMORY, "rpm");
		goto out;
	}
	if ((e = file_remove_tree(home->fd, SCRATCH, f)) != OK ||
	    (e = file_mkdir(home->fd, SCRATCH, f)) != OK)
		goto out;
	if ((to = file_open(home->fd, SCRATCH, O_RDONLY | O_DIRECTORY, 0)) == -1) {
		e = err_fault(f, err_errno(), SCRATCH ": %s", strerror(errno));
		goto out;
	}
	if ((e = copy_database(r, place, kind, to, f)) == OK &&
	    (e = run(to, kind->backend, &said, f)) == OK &&
	    (e = read_said(&said, vendor, p, f)) == OK)
		e = file_remove_tree(home->fd, SCRATCH, f);
out:
	/* After an error the next command that writes removes it. */
	if (to != -1)
		(void)close(to);
	free(said.out);
	return e;
}

enum err
packages_rpm(const struct root *r, const char *vendor, const struct home *home, struct passport *p,
    bool *found, struct fault *f)
{
	const struct kind *kind;
	const char *place = NULL;
	enum err e = find_database(r, &place, &kind, f);

	*found = false;
	if (e != OK || kind == NULL)
		return e;
	*found = true;
	return read_copy(r, vendor, home, place, kind, p, f);
}
