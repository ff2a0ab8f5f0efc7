/*
 * send: what one vendor may know of our systems: its own components, under other names.  Written
 * for that vendor's eyes, recorded, and left in out/ for a person to send.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/age.h"
#include "ingest/commands.h"
#include "ingest/ours.h"
#include "ingest/systems.h"
#include "verify/ask.h"
#include "verify/command.h"
#include "verify/file.h"
#include "verify/options.h"
#include "verify/report.h"
#include "verify/signer.h"

#define NAMESPACE "passport@waxseal"
#define PSEUDONYM 24

/* One system of which there is something to say. */
struct extract {
	const struct system *system;
	char pseudonym[PSEUDONYM];
	uint64_t number;		/* of its passport */
	size_t components, of;
};

struct sending {
	const char *vendor, *home;
	bool yes, json;
	struct station station;
	struct systems systems;
	const struct site_vendor *to;
	struct ours ours;
	struct extract *extract;
	size_t count, components, of;
	char *text;		/* the signed passports, one behind the other */
	size_t len;
	char path[LIMIT_ID + 32];
	uint64_t entry;
};

/* ---- what is sent ---- */

static enum err
append(struct sending *s, const char *bytes, size_t len)
{
	char *more = realloc(s->text, s->len + len + 1);

	if (more == NULL)
		return ERR_MEMORY;
	s->text = more;
	memcpy(more + s->len, bytes, len);
	s->len += len;
	more[s->len] = '\0';
	return OK;
}

static enum err
add_signed(struct sending *s, const char *body, size_t len, struct fault *f)
{
	char key_file[1100], armor[LIMIT_ARMOR + 1];
	struct ssh_key key;
	enum err e;

	site_key_file(&s->station.home, key_file, sizeof(key_file));
	if ((e = signer_sign(key_file, NAMESPACE, body, len, armor, &key, f)) != OK)
		return e;
	if ((e = append(s, body, len)) != OK || (e = append(s, armor, strlen(armor))) != OK)
		return err_fault(f, e, "passport");
	if (age_encrypt_size(s->len, 1) > LIMIT_SENT)
		return err_fault(f, ERR_LIMIT, "%s would not read more than %llu bytes in one file",
		    s->vendor, (unsigned long long)LIMIT_SENT);
	return OK;
}

/* The pseudonym is a system's place among all, so that the vendor can follow it over the years. */
static enum err
add_system(struct sending *s, size_t place, struct fault *f)
{
	const struct system *system = &s->systems.system[place];
	struct extract *x = &s->extract[s->count];
	struct passport *p = NULL, *shown = NULL;
	char *body = NULL;
	size_t len;
	enum err e;

	*x = (struct extract){ .system = system, .number = system->passports };
	(void)snprintf(x->pseudonym, sizeof(x->pseudonym), "s%zu", place + 1);
	if ((e = systems_passport(&p, &s->station, system, f)) != OK ||
	    (e = passport_redact(&shown, p, x->pseudonym, ours_keep, &s->ours, f)) != OK)
		goto out;
	s->of += p->count;
	if (shown->count == 0)
		goto out;
	shown->vendor = s->to->id;
	shown->customer = s->to->customer;
	if ((e = passport_print(shown, &body, &len, f)) != OK ||
	    (e = add_signed(s, body, len, f)) != OK)
		goto out;
	x->components = shown->count;
	x->of = p->count;
	s->components += shown->count;
	s->count++;
out:
	free(body);
	passport_free(shown);
	passport_free(p);
	return e;
}

static enum err
compose(struct sending *s, struct fault *f)
{
	enum err e = OK;

	if ((s->extract = calloc(s->systems.count + 1, sizeof(*s->extract))) == NULL)
		return err_fault(f, ERR_MEMORY, "passport");
	for (size_t i = 0; e == OK && i < s->systems.count; i++)
		if (s->systems.system[i].passports > 0)
			e = add_system(s, i, f);
	if (e == OK && s->count == 0)
		e = err_fault(f, ERR_USAGE,
		    "no passport has a component of %s; nothing was written", s->vendor);
	return e;
}

/* ---- asking, recording, writing ---- */

static bool
agreed(const struct sending *s)
{
	char question[256];

	if (!s->json) {
		(void)fwrite(s->text, 1, s->len, stdout);
		(void)printf("\n  This is all that %s gets: %zu of %zu components.\n", s->vendor,
		    s->components, s->of);
		(void)fflush(stdout);
	}
	(void)snprintf(question, sizeof(question), "Write it for %s?", s->vendor);
	return s->yes || ask_yes(question);
}

static enum err
record(struct sending *s, const struct digest *digest, struct fault *f)
{
	struct json_writer *w = ledger_entry(s->station.site->ledger, "passport-sent",
	    command_now());
	struct digest text;

	digest_sha256(s->text, s->len, &text);
	if (w != NULL) {
		json_put_string(w, "vendor", s->vendor);
		json_put_string(w, "customer", s->to->customer);
		json_put_string(w, "path", s->path);
		json_put_digest(w, "digest", &text);
		json_put_digest(w, "file", digest);
		json_put_uint(w, "components", s->components);
		json_open_array(w, "systems");
		for (size_t i = 0; i < s->count; i++) {
			json_open_object(w, NULL);
			json_put_string(w, "system", s->extract[i].system->name);
			json_put_string(w, "as", s->extract[i].pseudonym);
			json_put_uint(w, "number", s->extract[i].number);
			json_close(w);
		}
		json_close(w);
	}
	return ledger_commit(s->station.site->ledger, w, &s->entry, f);
}

static enum err
write_it(struct sending *s, struct fault *f)
{
	const char *contact = trust_chain_newest(s->to->chain)->contact;
	struct digest digest;
	uint8_t *file = NULL;
	size_t len;
	enum err e;

	if ((e = age_encrypt(contact, s->text, s->len, &file, &len)) != OK)
		return err_fault(f, e, "contact %.100s in the trust document of %s", contact,
		    s->vendor);
	(void)snprintf(s->path, sizeof(s->path), "out/%s/passport.age", s->vendor);
	digest_sha256(file, len, &digest);
	if ((e = station_out(&s->station, s->vendor, f)) == OK &&
	    (e = record(s, &digest, f)) == OK)
		e = file_replace(s->station.home.fd, s->path, 0600, file, len, f);
	free(file);
	return e;
}

/* The vendor, who must be known and say for whose eyes to encrypt. */
static enum err
find_vendor(struct sending *s, struct fault *f)
{
	if ((s->to = site_vendor(s->station.site, s->vendor)) == NULL)
		return err_fault(f, ERR_USAGE, "%.60s is not trusted here; see ingest trust add",
		    s->vendor);
	if (*trust_chain_newest(s->to->chain)->contact == '\0')
		return err_fault(f, ERR_USAGE, "the trust document of %s has no contact to encrypt "
		    "to; ask for one that has, then ingest trust update", s->vendor);
	return OK;
}

static enum err
carry_out(struct sending *s, struct fault *f)
{
	enum err e;

	if ((e = station_open(&s->station, s->home, true, f)) != OK ||
	    (e = systems_load(&s->systems, s->station.site->ledger, f)) != OK ||
	    (e = find_vendor(s, f)) != OK ||
	    (e = ours_load(&s->ours, &s->station, s->vendor, f)) != OK ||
	    (e = compose(s, f)) != OK)
		return e;
	station_unlock(&s->station);	/* a person thinks */
	if (!agreed(s))
		return err_fault(f, ERR_USAGE, "nothing was written: nobody said yes; without a "
		    "terminal there is --yes");
	if ((e = station_relock(&s->station, f)) != OK || (e = find_vendor(s, f)) != OK)
		return e;
	return write_it(s, f);
}

static int
say(const struct sending *s)
{
	struct json_writer *w;

	if (s->json && (w = json_writer_new()) != NULL) {
		json_put_string(w, "file", s->path);
		json_put_uint(w, "components", s->components);
		json_put_string(w, "text", s->text);
		json_put_uint(w, "ledger", s->entry);
		return report_print_json(w, 0);
	}
	(void)printf("  Written to %s/%s; only %s can read it.  Ledger %llu.\n",
	    s->station.home.path, s->path, s->vendor, (unsigned long long)s->entry);
	return 0;
}

int
send_run(int argc, char **argv)
{
	struct sending s = { .station = { .home = { .fd = -1, .lock = -1 } } };
	const struct option table[] = {
		{ "yes", OPTION_FLAG, &s.yes },
		{ "home", OPTION_VALUE, &s.home },
		{ "json", OPTION_FLAG, &s.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct fault f = { .err = OK };
	int status;

	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 1)
		(void)err_fault(&f, ERR_USAGE, "passport send takes the id of one vendor");
	if (f.err == OK) {
		s.vendor = args.item[0];
		(void)!carry_out(&s, &f);
	}
	status = f.err != OK ? report_fault("ingest", s.json, &f) : say(&s);
	ours_free(&s.ours);
	free(s.extract);
	free(s.text);
	systems_free(&s.systems);
	station_close(&s.station);
	return status;
}
