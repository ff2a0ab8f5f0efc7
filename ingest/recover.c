/*
 * recover: see recover.h.
 */
#include "ingest/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/name.h"
#include "ingest/recheck.h"
#include "ingest/sequel.h"
#include "ingest/stage.h"
#include "ingest/waiting.h"
#include "verify/command.h"
#include "verify/file.h"

static enum err
record_lost(struct station *s, struct site_accepted *a, const struct fault *why, struct fault *f)
{
	struct json_writer *w = ledger_entry(s->site->ledger, "lost", command_now());
	enum err e;

	if (w != NULL) {
		json_put_uint(w, "entry", a->entry);
		json_put_string(w, "vendor", a->vendor);
		json_put_string(w, "customer", a->customer);
		json_put_uint(w, "number", a->number);
		json_put_string(w, "reason", err_code(why->err));
	}
	a->lost = true;
	(void)fprintf(stderr,
	    "ingest: %s no. %llu (ledger %llu) was accepted but never published, and is "
	    "not whole (%s). It is recorded as lost; accept the disc again.\n",
	    a->customer, (unsigned long long)a->number, (unsigned long long)a->entry,
	    err_code(why->err));
	if ((e = sequel_undo(s, a, f)) != OK) {
		json_writer_free(w);
		return e;
	}
	return ledger_commit(s->site->ledger, w, NULL, f);
}

/* Accepted, and not where it belongs: the computer stopped between the entry and the rename. */
static enum err
finish_accepted(struct station *s, struct site_accepted *a, struct fault *f)
{
	struct fault why = { .err = OK };
	char path[128], scratch[96];
	enum err e = ERR_CONTENTS_MISSING;
	int dir;

	stage_path(a->vendor, a->customer, a->number, path, sizeof(path));
	if (a->lost)
		return OK;
	(void)snprintf(scratch, sizeof(scratch), "scratch/%s", a->scratch);
	dir = file_open(s->home.fd, scratch, O_RDONLY | O_DIRECTORY, 0);
	if (dir == -1 && errno == ENOENT) /* removed by hand: the number stays used */
		return OK;
	if (dir == -1)
		return err_fault(f, err_errno(), "%s: %s", scratch, strerror(errno));
	e = recheck_consignment(dir, &a->seal, &why);
	(void)close(dir);
	if (e != OK && err_status(e) == 1) { /* it may well be whole: another time */
		*f = why;
		return e;
	}
	if (e != OK)
		return record_lost(s, a, &why, f);
	if ((e = sequel_recover(s, a, scratch, f)) != OK)
		return e;
	(void)fprintf(stderr,
	    "ingest: %s no. %llu (ledger %llu) was accepted before the computer stopped; "
	    "hashed again, it is whole, and is now in the stage.\n",
	    a->customer, (unsigned long long)a->number, (unsigned long long)a->entry);
	return stage_publish(s, a->scratch, path, f);
}

/* Does an entry explain stage/${vendor}/${name}? */
static bool
is_explained(const struct station *s, const char *vendor, const char *name)
{
	char path[600], expected[128], customer[LIMIT_ID + 1];
	const uint64_t number = stage_number(name, customer);

	stage_path(vendor, customer, number, expected, sizeof(expected));
	(void)snprintf(path, sizeof(path), "stage/%s/%s", vendor, name);
	return strcmp(path, expected) == 0 &&
	    site_accepted(s->site, vendor, customer, number) != NULL;
}

static bool
is_kind(const struct station *s, const char *path, mode_t kind)
{
	struct stat st;

	return fstatat(s->home.fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (st.st_mode & S_IFMT) == kind;
}

static enum err
quarantine(struct station *s, const char *from, struct fault *f)
{
	struct json_writer *w;
	char to[64], shown[2400];
	enum err e;

	(void)snprintf(to, sizeof(to), "quarantine/%llu",
	    (unsigned long long)s->site->ledger->tree.size + 1);
	(void)name_show(shown, sizeof(shown), from);
	w = ledger_entry(s->site->ledger, "quarantined", command_now());
	if (w != NULL) {
		json_put_string(w, "from", shown);
		json_put_string(w, "to", to);
	}
	if ((e = file_mkdir(s->home.fd, "quarantine", f)) != OK) {
		json_writer_free(w);
		return e;
	}
	if ((e = ledger_commit(s->site->ledger, w, NULL, f)) != OK)
		return e;
	if (renameat2(s->home.fd, from, s->home.fd, to, RENAME_NOREPLACE) == -1)
		return err_fault(f, err_errno(), "%s: %s", from, strerror(errno));
	if ((e = stage_sync_parents(s, to, f)) != OK || (e = stage_sync_parents(s, from, f)) != OK)
		return e;
	(void)fprintf(stderr,
	    "ingest: %s is in no entry of the ledger; it was moved to %s. Find out who "
	    "put it there.\n",
	    shown, to);
	return OK;
}

/* A directory of the home, which is walked through. */
struct visit {
	struct station *s;
	const char *vendor;	/* whose it is; NULL: it has those of the vendors */
};

static enum err
visit_consignment(void *arg, const char *name, struct fault *f)
{
	const struct visit *v = arg;
	char path[600];

	if (is_explained(v->s, v->vendor, name))
		return OK;
	(void)snprintf(path, sizeof(path), "stage/%s/%s", v->vendor, name);
	return quarantine(v->s, path, f);
}

static enum err
visit_vendor(void *arg, const char *name, struct fault *f)
{
	struct visit v = { .s = arg, .vendor = name };
	char path[300];

	(void)snprintf(path, sizeof(path), "stage/%s", name);
	return is_kind(v.s, path, S_IFREG) ? quarantine(v.s, path, f) :
	    file_each(v.s->home.fd, path, visit_consignment, &v, f);
}

/* Whoever reads into a scratch directory holds a lock on it; the dead hold none. */
static enum err
visit_scratch(void *arg, const char *name, struct fault *f)
{
	const struct station *s = arg;
	char path[300];
	enum err e = OK;
	int fd;

	(void)snprintf(path, sizeof(path), "scratch/%s", name);
	fd = file_open(s->home.fd, path, O_RDONLY | O_DIRECTORY, 0);
	if (fd != -1 && flock(fd, LOCK_EX | LOCK_NB) == -1) {
		(void)close(fd);
		return OK;
	}
	e = file_remove_tree(s->home.fd, path, f);
	if (fd != -1)
		(void)close(fd);
	return e;
}

/* Half a document is nothing to send, and the number of a refusal does not come again. */
static enum err
visit_sent(void *arg, const char *name, struct fault *f)
{
	const struct visit *v = arg;
	const size_t len = strlen(name);
	char path[600];

	if (name[0] != '.' || len < 5 || strcmp(name + len - 4, ".new") != 0)
		return OK;
	(void)snprintf(path, sizeof(path), "out/%s/%s", v->vendor, name);
	return file_remove_tree(v->s->home.fd, path, f);
}

static enum err
visit_out(void *arg, const char *name, struct fault *f)
{
	struct visit v = { .s = arg, .vendor = name };
	char path[300];

	(void)snprintf(path, sizeof(path), "out/%s", name);
	/* People put things there, too. */
	return is_kind(v.s, path, S_IFDIR) ? file_each(v.s->home.fd, path, visit_sent, &v, f) : OK;
}

enum err
recover_run(struct station *s, struct fault *f)
{
	const uint64_t entries = s->site->ledger->tree.size;
	size_t i;
	enum err e = OK;

	for (i = 0; e == OK && i < s->site->accepted_count; i++) {
		e = finish_accepted(s, &s->site->accepted[i], f);
		if (s->site->ledger->tree.size != entries)
			return e;
	}
	if (e == OK)
		e = file_each(s->home.fd, "stage", visit_vendor, s, f);
	if (e == OK)
		e = waiting_recover(s, f);
	if (e == OK)
		e = file_each(s->home.fd, "out", visit_out, s, f);
	return e == OK ? file_each(s->home.fd, "scratch", visit_scratch, s, f) : e;
}
