/*
 * inbox: what sites sent: opened, put on record, and answered with what to build next.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/name.h"
#include "mkmedia/arrival.h"
#include "mkmedia/commands.h"
#include "mkmedia/proposal.h"
#include "verify/options.h"
#include "verify/report.h"

struct inbox {
	struct vendor_register *r;
	struct json_writer *w;		/* NULL: for people */
	struct fault first;		/* the first file that was refused */
};

/* ---- one file ---- */

static void
say_sender(const struct arrival *a)
{
	char name[4 * LIMIT_TEXT + 1];

	(void)printf("%s, %s; %s\n", a->customer->id,
	    name_show(name, sizeof(name), a->customer->name), a->checked ?
	    "signed by the key of its enrolment" : "signature not checked: no enrolment");
}

static void
say_enrolment(const struct inbox *b, const struct arrival *a, const char *file)
{
	const struct enrolment *e = a->enrolment;
	char name[4 * LIMIT_TEXT + 1], fingerprint[TRUST_FINGERPRINT], key[SSHSIG_PRINT];
	char path[4 * PATH_MAX + 1];

	trust_fingerprint(&e->digest, fingerprint);
	sshsig_key_fingerprint(&e->key, key);
	if (b->w != NULL) {
		json_put_string(b->w, "kind", "enrolment");
		json_put_string(b->w, "site", e->site);
		json_put_string(b->w, "name", e->name);
		json_put_digest(b->w, "digest", &e->digest);
		json_put_string(b->w, "key", key);
		return;
	}
	(void)printf("  the enrolment of %s, %s\n  key %s\n  fingerprint %s\n"
	    "  Nothing was entered.  Call them, at a number you already have, and have the\n"
	    "  fingerprint read out to you.  Next: mkmedia customer add %s --name NAME \\\n"
	    "    --enrolment %s --fingerprint \"WHAT THEY READ\"\n", e->site,
	    name_show(name, sizeof(name), e->name), key, fingerprint, e->site,
	    name_show(path, sizeof(path), file));
}

static void
say_receipt(const struct inbox *b, const struct arrival *a)
{
	const struct receipt *s = a->receipt;
	char verdict[4 * LIMIT_TEXT + 1], at[TIME_TEXT];

	if (b->w != NULL) {
		json_put_string(b->w, "kind", "receipt");
		json_put_string(b->w, "customer", a->customer->id);
		json_put_bool(b->w, "checked", a->checked);
		json_put_bool(b->w, "known", a->known);
		json_put_bool(b->w, "ours", a->ours);
		json_put_uint(b->w, "number", s->number);
		json_put_string(b->w, "receipt", s->verdict);
		json_put_moment(b->w, "at", s->at);
		json_put_digest(b->w, "digest", &s->digest);
		return;
	}
	time_print_short(s->at, at);
	(void)printf("  a receipt of ");
	say_sender(a);
	(void)printf("  %s/%llu: %s, %s%s\n", a->customer->id, (unsigned long long)s->number,
	    name_show(verdict, sizeof(verdict), s->verdict), at,
	    a->known ? "; known already" : "");
	if (!a->ours)
		(void)printf("  ATTENTION: it is not of a seal that was made here.  Call them.\n");
}

static enum err
say_passports(const struct inbox *b, const struct arrival *a, struct fault *f)
{
	if (b->w != NULL) {
		json_put_string(b->w, "kind", "passports");
		json_put_string(b->w, "customer", a->customer->id);
		json_put_bool(b->w, "checked", a->checked);
	} else {
		(void)printf("  %zu passport%s of ", a->count, a->count == 1 ? "" : "s");
		say_sender(a);
	}
	return proposal_say(b->r, a, b->w, f);
}

static enum err
take_file(const struct inbox *b, const char *file, struct fault *f)
{
	struct arrival a;
	enum err e = arrival_open(&a, b->r, file, f);

	if (e != OK || (e = arrival_record(&a, b->r, f)) != OK)
		goto out;
	if (a.enrolment != NULL)
		say_enrolment(b, &a, file);
	else if (a.receipt != NULL)
		say_receipt(b, &a);
	else
		e = say_passports(b, &a, f);
out:
	arrival_close(&a);
	return e;
}

/* A file that is refused does not keep the others from being opened. */
static void
take(struct inbox *b, const char *file)
{
	struct fault f = { .err = OK };
	char name[4 * PATH_MAX + 1];

	name_show(name, sizeof(name), file);
	if (b->w != NULL) {
		json_open_object(b->w, NULL);
		json_put_string(b->w, "file", name);
	} else {
		(void)printf("  %s\n", name);
	}
	if (take_file(b, file, &f) != OK) {
		if (b->first.err == OK)
			b->first = f;
		if (b->w != NULL)
			json_put_string(b->w, "refused", err_code(f.err));
		else
			(void)report_fault("mkmedia", false, &f);
	}
	if (b->w != NULL)
		json_close(b->w);
}

/* ---- all of them ---- */

static int
is_ours(const struct dirent *entry)
{
	static const char *const endings[] = { ".age", ".passport", ".receipt", ".enrolment" };
	const size_t len = strlen(entry->d_name);

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (len > strlen(endings[i]) &&
		    strcmp(entry->d_name + len - strlen(endings[i]), endings[i]) == 0)
			return 1;
	return 0;
}

static enum err
take_directory(struct inbox *b, const char *directory, struct fault *f)
{
	struct dirent **entry;
	char path[PATH_MAX + 256];
	int n = scandir(directory, &entry, is_ours, alphasort);

	if (n == -1)
		return err_fault(f, err_errno(), "%.200s: %s", directory, strerror(errno));
	for (int i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", directory, entry[i]->d_name);
		take(b, path);
		free(entry[i]);
	}
	free(entry);
	return n > 0 ? OK : err_fault(f, ERR_USAGE,
	    "%.200s: no .age, .passport, .receipt or .enrolment in it", directory);
}

static enum err
take_all(struct inbox *b, const struct options_list *args, struct fault *f)
{
	struct stat st;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < args->count; i++) {
		if (stat(args->item[i], &st) == 0 && S_ISDIR(st.st_mode))
			e = take_directory(b, args->item[i], f);
		else
			take(b, args->item[i]);
	}
	return e;
}

static int
finish(struct inbox *b)
{
	const int status = err_status(b->first.err);
	char where[4 * sizeof(b->first.at) + 1];

	if (b->w == NULL)
		return status;
	json_close(b->w);
	json_put_uint(b->w, "status", (uint64_t)status);
	json_put_string(b->w, "reason", err_code(b->first.err));
	json_put_string(b->w, "sentence", err_sentence(b->first.err));
	json_put_string(b->w, "where", name_show(where, sizeof(where), b->first.at));
	return report_print_json(b->w, status);
}

int
inbox_run(int argc, char **argv)
{
	struct inbox b = { .first = { .err = OK } };
	const char *home = NULL;
	bool json = false;
	const struct option table[] = {
		{ "home", OPTION_VALUE, &home },
		{ "json", OPTION_FLAG, &json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct fault f = { .err = OK };
	int status;

	if (options_parse(argc, argv, table, &args, &f) == OK && args.count == 0)
		(void)err_fault(&f, ERR_USAGE, "inbox takes files that sites sent, or directories");
	if (f.err == OK && register_open(&b.r, home, true, &f) == OK && json &&
	    (b.w = json_writer_new()) == NULL)
		(void)err_fault(&f, ERR_MEMORY, "inbox");
	json_open_array(b.w, "files");
	if (f.err != OK || take_all(&b, &args, &f) != OK) {
		status = report_fault("mkmedia", json, &f);
		json_writer_free(b.w);
	} else {
		status = finish(&b);
	}
	register_close(b.r);
	return status;
}
