/*
 * releases: drafts of releases, and what became of those that were finished.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/name.h"
#include "mkmedia/commands.h"
#include "mkmedia/desk.h"
#include "mkmedia/quorum.h"
#include "verify/file.h"
#include "verify/options.h"
#include "verify/report.h"
#include "verify/size.h"

/* A person may have filled it in since: a file that is there is never touched. */
static enum err
write_new(int dir, const char *name, const char *text, size_t len, struct fault *f)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	enum err e;

	if (fd == -1 && errno == EEXIST)
		return err_fault(f, ERR_USAGE, "%s is there already; it was not touched", name);
	if (fd == -1)
		return err_fault(f, err_errno(), "%s: %s", name, strerror(errno));
	e = file_write(fd, text, len);
	if (e == OK && (fchmod(fd, 0644) == -1 || fsync(fd) == -1))
		e = err_errno();
	if (e != OK) {
		(void)err_fault(f, e, "%s: %s", name, strerror(errno));
		(void)unlinkat(dir, name, 0);
	}
	(void)close(fd);
	return e;
}

static enum err
draft(const struct vendor_register *r, const char *directory, const char *id,
    char path[static PATH_MAX], struct fault *f)
{
	struct stat st;
	char *text = NULL;
	size_t len;
	enum err e = OK;
	int dir;

	if (realpath(directory, path) == NULL ||
	    (dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return err_fault(f, errno == ENOENT || errno == ENOTDIR ? ERR_USAGE : err_errno(),
		    "%.200s: %s", directory, strerror(errno));
	if (id == NULL)
		id = strrchr(path, '/') + 1;
	if (!name_release_ok(id))
		e = err_fault(f, ERR_USAGE, "%s: a release is called by 1 to %u letters, digits, "
		    "\".\", \"_\", \"-\"; see --id", id, LIMIT_RELEASE_ID);
	else if (fstatat(dir, "payload", &st, AT_SYMLINK_NOFOLLOW) == -1 || !S_ISDIR(st.st_mode))
		e = err_fault(f, ERR_USAGE,
		    "%.200s: the files belong into a directory payload/ there", path);
	else if ((e = release_draft(r->vendor, id, &text, &len)) != OK)
		(void)err_fault(f, e, "release.json");
	else
		e = write_new(dir, "release.json", text, len, f);
	free(text);
	(void)close(dir);
	return e;
}

static int
say_drafted(const char *path, bool json)
{
	struct json_writer *w;
	char draft_file[PATH_MAX + 16];

	(void)snprintf(draft_file, sizeof(draft_file), "%s/release.json", path);
	if (json) {
		w = json_writer_new();
		json_put_string(w, "draft", draft_file);
		return report_print_json(w, 0);
	}
	(void)printf("  %s written: fill it in.\n  Next: mkmedia release finish %s\n", draft_file,
	    path);
	return 0;
}

int
releases_draft(int argc, char **argv)
{
	const char *home = NULL, *id = NULL;
	bool json = false;
	const struct option table[] = {
		{ "id", OPTION_VALUE, &id },
		{ "home", OPTION_VALUE, &home },
		{ "json", OPTION_FLAG, &json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct vendor_register *r = NULL;
	struct fault f = { .err = OK };
	char path[PATH_MAX];
	int status;

	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 1)
		(void)err_fault(&f, ERR_USAGE, "release draft takes one directory");
	if (f.err != OK || register_open(&r, home, false, &f) != OK ||
	    draft(r, args.item[0], id, path, &f) != OK)
		status = report_fault("mkmedia", json, &f);
	else
		status = say_drafted(path, json);
	register_close(r);
	return status;
}

static const char *
state_of(const struct register_release *s)
{
	return s->is_sealed ? "sealed" : s->is_signed ? "signed" : "finished";
}

static int
list_json(const struct vendor_register *r)
{
	struct json_writer *w = json_writer_new();
	const struct register_release *s;
	size_t i;

	json_open_array(w, "releases");
	for (i = 0; i < r->release_count; i++) {
		s = &r->release[i];
		json_open_object(w, NULL);
		json_put_string(w, "id", s->id);
		json_put_digest(w, "digest", &s->digest);
		json_put_uint(w, "files", s->files);
		json_put_uint(w, "bytes", s->bytes);
		json_put_string(w, "state", state_of(s));
		json_put_string(w, "directory", s->directory);
		json_close(w);
	}
	return report_print_json(w, 0);
}

static int
list(const struct vendor_register *r)
{
	const struct register_release *s;
	size_t i;

	for (i = 0; i < r->release_count; i++) {
		s = &r->release[i];
		(void)printf("  %-24s  %-8s  %8llu file%-1s  %s\n", s->id, state_of(s),
		    (unsigned long long)s->files, size_plural(s->files), s->directory);
	}
	return 0;
}

static int
view_releases(const struct vendor_register *r, const char *none, bool json)
{
	(void)none;
	return json ? list_json(r) : list(r);
}

int
releases_list(int argc, char **argv)
{
	return desk_show(argc, argv, NULL, view_releases);
}

static enum err
load_shown(const struct vendor_register *r, const char *id, struct quorum *q,
    const struct register_release **known, struct fault *f)
{
	char path[REGISTER_DIRECTORY + 16];

	if ((*known = register_release(r, id)) == NULL)
		return err_fault(f, ERR_USAGE,
		    "there is no finished release %s; see mkmedia release list", id);
	(void)snprintf(path, sizeof(path), "%s/release", (*known)->directory);
	return quorum_load(q, r, AT_FDCWD, path, f);
}

static int
show_json(const struct register_release *known, const struct quorum *q)
{
	struct json_writer *w = json_writer_new();

	json_put_string(w, "id", known->id);
	json_put_string(w, "product", q->release->product);
	json_put_uint(w, "sequence", q->release->sequence);
	json_put_string(w, "title", q->release->title);
	json_put_string(w, "kind", q->release->kind);
	json_put_string(w, "severity", q->release->severity);
	json_put_moment(w, "issued", q->release->issued);
	json_put_uint(w, "files", q->release->files);
	json_put_uint(w, "bytes", q->release->bytes);
	json_put_digest(w, "sums", &q->release->sums);
	json_put_string(w, "state", state_of(known));
	json_put_string(w, "directory", known->directory);
	quorum_json(q, w);
	return report_print_json(w, 0);
}

static void
show_line(const char *name, const char *text)
{
	char shown[4 * LIMIT_TEXT + 1];

	(void)printf("  %-10s %s\n", name, name_show(shown, sizeof(shown), text));
}

static int
show(const struct register_release *known, const struct quorum *q)
{
	const struct release *s = q->release;
	struct trust_count c = quorum_count(q);
	char text[400], issued[TIME_TEXT], hex[DIGEST_HEX];

	show_line("release", s->id);
	show_line("title", s->title);
	(void)snprintf(text, sizeof(text), "%s, sequence %llu", s->product,
	    (unsigned long long)s->sequence);
	show_line("product", text);
	(void)snprintf(text, sizeof(text), "%s, severity %s", s->kind, s->severity);
	show_line("kind", text);
	time_print_short(s->issued, issued);
	show_line("issued", issued);
	(void)snprintf(text, sizeof(text), "%llu, %llu bytes", (unsigned long long)s->files,
	    (unsigned long long)s->bytes);
	show_line("files", text);
	digest_hex(&s->digest, hex);
	show_line("digest", hex);
	show_line("directory", known->directory);
	show_line("state", state_of(known));
	quorum_names(q, true, text, sizeof(text));
	(void)printf("  %-10s %u of %u%s%s\n", "signed", c.have, c.need,
	    *text == '\0' ? "" : ": ", text);
	quorum_names(q, false, text, sizeof(text));
	if (*text != '\0')
		show_line("waited for", text);
	return 0;
}

static int
view_release(const struct vendor_register *r, const char *id, bool json)
{
	const struct register_release *known;
	struct quorum q = { .text = NULL };
	struct fault f = { .err = OK };
	int status;

	if (load_shown(r, id, &q, &known, &f) != OK)
		status = report_fault("mkmedia", json, &f);
	else
		status = json ? show_json(known, &q) : show(known, &q);
	quorum_free(&q);
	return status;
}

int
releases_show(int argc, char **argv)
{
	return desk_show(argc, argv, "the id of a release", view_release);
}
