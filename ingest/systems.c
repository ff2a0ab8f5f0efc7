/*
 * systems: see systems.h.
 */
#include "ingest/systems.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/command.h"
#include "verify/file.h"
#include "verify/room.h"

static struct system *
find(const struct systems *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->system[i].name, name) == 0)
			return &s->system[i];
	return NULL;
}

static enum err
take_system(struct systems *s, const struct json_node *o, struct json *j)
{
	const char *name = json_get_string(j, o, "system", 1, LIMIT_ID);
	struct system *more;

	if (find(s, name) != NULL) {
		json_refuse(j, ERR_LEDGER, "system");
		return OK;
	}
	if ((more = room_for_one(s->system, s->count, sizeof(*more))) == NULL)
		return ERR_MEMORY;
	s->system = more;
	more += s->count++;
	*more = (struct system){ .passports = 0 };
	(void)snprintf(more->name, sizeof(more->name), "%s", name);
	if (json_has(o, "root"))
		(void)snprintf(more->root, sizeof(more->root), "%s",
		    json_get_string(j, o, "root", 1, sizeof(more->root) - 1));
	more->test = strcmp(json_get_string(j, o, "role", 1, LIMIT_TEXT), "test") == 0;
	return OK;
}

static enum err
take_tell(struct systems *s, const struct json_node *o, struct json *j)
{
	struct system *system = find(s, json_get_string(j, o, "system", 1, LIMIT_ID));

	if (system == NULL)
		json_refuse(j, ERR_LEDGER, "system");
	else
		(void)snprintf(system->tell, sizeof(system->tell), "%s",
		    json_get_string(j, o, "tell", 1, LIMIT_TEXT));
	return OK;
}

static enum err
take_passport(struct systems *s, const struct json_node *o, struct json *j, uint64_t number)
{
	struct system *system = find(s, json_get_string(j, o, "system", 1, LIMIT_ID));

	if (system == NULL) {
		json_refuse(j, ERR_LEDGER, "system");
		return OK;
	}
	system->passports = json_get_uint(j, o, "number", system->passports + 1,
	    system->passports + 1);
	system->digest = json_get_digest(j, o, "digest");
	system->recorded = json_get_moment(j, o, "time");
	system->entry = number;
	return OK;
}

static enum err
take_entry(void *arg, uint64_t number, const struct json_node *o, struct json *j, const char *line,
    size_t len)
{
	const char *what = json_get_string(j, o, "what", 1, LIMIT_TEXT);
	enum err e = OK;

	(void)line, (void)len;
	if (strcmp(what, "system-added") == 0)
		e = take_system(arg, o, j);
	else if (strcmp(what, "system-tell") == 0)
		e = take_tell(arg, o, j);
	else if (strcmp(what, "passport") == 0)
		e = take_passport(arg, o, j, number);
	return e == OK ? ledger_sense(j) : e;
}

enum err
systems_load(struct systems *out, const struct ledger *l, struct fault *f)
{
	enum err e;

	*out = (struct systems){ .count = 0 };
	if ((e = ledger_each(l, take_entry, out, f)) != OK)
		systems_free(out);
	return e;
}

void
systems_free(struct systems *s)
{
	free(s->system);
	*s = (struct systems){ .count = 0 };
}

const struct system *
systems_find(const struct systems *s, const char *name, struct fault *f)
{
	const struct system *found = find(s, name);

	if (found == NULL)
		(void)err_fault(f, ERR_SYSTEM, "%.60s; see ingest system list", name);
	return found;
}

void
systems_path(const struct system *s, uint64_t number, char out[static SYSTEMS_PATH])
{
	(void)snprintf(out, SYSTEMS_PATH, "passports/%s/%llu.passport", s->name,
	    (unsigned long long)number);
}

enum err
systems_passport(struct passport **out, const struct station *st, const struct system *s,
    struct fault *f)
{
	char path[SYSTEMS_PATH], *buf;
	struct fault why = { .err = OK };
	size_t len;
	enum err e;

	*out = NULL;
	if (s->passports == 0)
		return err_fault(f, ERR_USAGE, "%s has no passport yet; see ingest passport %s",
		    s->name, *s->root == '\0' ? "set" : "scan");
	systems_path(s, s->passports, path);
	if ((e = file_load(st->home.fd, path, LIMIT_PASSPORT, &buf, &len, f)) != OK)
		return e;
	e = passport_open(out, buf, len, &st->site->ledger->key, NULL, &why);
	free(buf);
	if (e == OK && digest_equal(&(*out)->digest, &s->digest))
		return OK;
	passport_free(*out);
	*out = NULL;
	if (e == ERR_MEMORY)
		return err_fault(f, e, "%s", path);
	return err_fault(f, ERR_HOME, "%s is not what the ledger says (entry %llu)%s%s", path,
	    (unsigned long long)s->entry, e == OK ? "" : ": ", e == OK ? "" : err_code(e));
}

static enum err
record(struct station *st, const struct system *s, const struct passport *p, const char *path,
    const struct digest *digest, const char *source, uint64_t *entry, struct fault *f)
{
	struct json_writer *w = ledger_entry(st->site->ledger, "passport", command_now());

	if (w != NULL) {
		json_put_string(w, "system", s->name);
		json_put_uint(w, "number", p->number);
		json_put_digest(w, "digest", digest);
		json_put_string(w, "path", path);
		json_put_string(w, "source", source);
		json_put_uint(w, "components", p->count);
		if (strcmp(source, "set") == 0) {
			json_put_string(w, "read_by", p->read_by);
			json_put_string(w, "read_from", p->read_from);
		}
	}
	return ledger_commit(st->site->ledger, w, entry, f);
}

enum err
systems_keep(struct station *st, const struct system *s, struct passport *p, const char *source,
    uint64_t *entry, struct fault *f)
{
	char path[SYSTEMS_PATH], *text = NULL;
	struct digest digest;
	size_t len;
	enum err e;

	p->system = s->name;
	p->number = s->passports + 1;
	systems_path(s, p->number, path);
	if ((e = passport_settle(p, f)) != OK || (e = passport_print(p, &text, &len, f)) != OK ||
	    (e = file_mkdir_parents(st->home.fd, path, f)) != OK ||
	    (e = station_sign(st, "passport@waxseal", path, text, len, f)) != OK)
		goto out;
	/* A file that no entry names is as good as not there: the next one takes its place. */
	digest_sha256(text, len, &digest);
	e = record(st, s, p, path, &digest, source, entry, f);
out:
	free(text);
	return e;
}
