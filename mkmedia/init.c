/*
 * init: a vendor's first day: home, keys, ledger, and trust 1 to be signed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/age_key.h"
#include "formats/name.h"
#include "mkmedia/commands.h"
#include "mkmedia/draft.h"
#include "mkmedia/register.h"
#include "mkmedia/sign.h"
#include "verify/command.h"
#include "verify/file.h"
#include "verify/input.h"
#include "verify/keymaker.h"
#include "verify/options.h"
#include "verify/report.h"

#define NEW "ledger.new"	/* where the ledger is made */

struct init {
	const char *home, *place, *years;
	bool json;
	struct options_list role;
	char path[1024];		/* of the home */
	struct draft draft;		/* of trust 1 */
	char identity[AGE_KEY_IDENTITY];	/* opens what customers send */
	char contact[AGE_KEY_RECIPIENT];
};

static enum err
check_roles(struct init *i, struct fault *f)
{
	enum trust_role role;
	size_t n;
	enum err e;

	for (n = 0; n < i->role.count; n++)
		if ((e = roles_option(&i->draft.roles, i->role.item[n], f)) != OK)
			return e;
	for (role = ROLE_TRUST; role < ROLE_COUNT; role++)
		if (i->draft.roles.threshold[role] == 0)
			return err_fault(f, ERR_USAGE, "--role %s:... is missing; trust, release, "
			    "seal and notice are needed, or --single-person alone",
			    trust_role_name(role));
	return draft_make(&i->draft, f);
}

/* Everything that can be refused is refused before anything is made. */
static enum err
prepare(struct init *i, const struct options_list *args, struct fault *f)
{
	enum err e;

	if (args->count != 0 || i->draft.vendor == NULL || i->draft.name == NULL)
		return err_fault(f, ERR_USAGE, "init needs --vendor ID and --name NAME");
	if (!name_id_ok(i->draft.vendor))
		return err_fault(f, ERR_USAGE, "--vendor %s: 1 to %u of a-z, 0-9 and \"-\", a "
		    "letter first", i->draft.vendor, LIMIT_ID);
	if ((e = input_text("name", i->draft.name, f)) != OK ||
	    (i->place != NULL && (e = input_text("place", i->place, f)) != OK) ||
	    (i->draft.telephone != NULL &&
	    (e = input_text("telephone", i->draft.telephone, f)) != OK))
		return e;
	i->draft.issued = command_now();
	if ((e = age_key_make(i->identity, i->contact)) != OK)
		return err_fault(f, e, "the age identity");
	i->draft.contact = i->contact;
	if ((e = draft_expiry(&i->draft, i->years == NULL ? "5" : i->years, f)) != OK)
		return e;
	if (i->role.count == 0 && !i->draft.single_person)
		return err_fault(f, ERR_USAGE,
		    "who may do what?  Give --role four times, or --single-person");
	if (i->role.count > 0 && (e = check_roles(i, f)) != OK)
		return e;
	if (i->home != NULL)
		return snprintf(i->path, sizeof(i->path), "%s", i->home) >= (int)sizeof(i->path) ?
		    err_fault(f, ERR_HOME, "--home: the name is too long") : OK;
	if (home_default_mkmedia(i->path, sizeof(i->path)) != OK)
		return err_fault(f, ERR_HOME, "say where with --home or MKMEDIA_HOME");
	return OK;
}

static enum err
refuse(void *arg, const char *name, struct fault *f)
{
	const struct home *h = arg;

	return strcmp(name, "lock") == 0 ? OK : err_fault(f, ERR_USAGE,
	    "%s is not empty (%s), but is no home either; nothing was changed", h->path, name);
}

/* Only what was made here may be removed after a failure, so nothing may be there before. */
static enum err
check_empty(struct home *h, struct fault *f)
{
	return file_each(h->fd, ".", refuse, h, f);
}

static void
clean_up(const struct home *h)
{
	static const char *const made[] = { NEW, "ledger", "letters", "trust", "keys" };
	size_t n;

	for (n = 0; n < sizeof(made) / sizeof(made[0]); n++)
		(void)!file_remove_tree(h->fd, made[n], NULL);
}

/* The keys of a single person, one a role, each named after it. */
static enum err
make_keys(struct init *i, struct fault *f)
{
	char path[1100];
	enum trust_role role;
	enum err e;

	for (role = ROLE_TRUST; role < ROLE_COUNT; role++) {
		(void)snprintf(path, sizeof(path), "%s/keys/%s", i->path, trust_role_name(role));
		if ((e = keymaker_make(path, i->draft.name, f)) != OK ||
		    (e = roles_key(&i->draft.roles, role, path, f)) != OK)
			return e;
		i->draft.roles.threshold[role] = 1;
	}
	return draft_make(&i->draft, f);
}

static enum err
copy_keys(const struct init *i, const struct home *h, struct fault *f)
{
	char name[LIMIT_KEY_ID + 16], line[SSHSIG_LINE], text[SSHSIG_LINE + LIMIT_TEXT + 2];
	enum err e = OK;
	size_t n;
	int len;

	for (n = 0; e == OK && n < i->draft.roles.count; n++) {
		sshsig_key_print(&i->draft.roles.key[n].key, line);
		(void)snprintf(name, sizeof(name), "keys/%s.pub", i->draft.roles.key[n].id);
		len = snprintf(text, sizeof(text), "%s %s\n", line, i->draft.roles.key[n].holder);
		e = file_replace(h->fd, name, 0600, text, (size_t)len, f);
	}
	return e;
}

/* As age-keygen writes it, so that age -d -i reads it. */
static enum err
write_identity(const struct init *i, const struct home *h, struct fault *f)
{
	char made[TIME_TEXT], text[256];
	enum err e;
	int len;

	time_print(i->draft.issued, made);
	len = snprintf(text, sizeof(text), "# created: %s\n# public key: %s\n%s\n", made,
	    i->contact, i->identity);
	e = file_replace(h->fd, "keys/contact.age-identity", 0600, text, (size_t)len, f);
	explicit_bzero(text, sizeof(text));
	return e;
}

static void
put_founded(struct json_writer *w, const struct ledger *l, void *arg)
{
	const struct init *i = arg;

	(void)l;
	json_put_string(w, "vendor", i->draft.vendor);
	json_put_string(w, "name", i->draft.name);
	json_put_string(w, "place", i->place == NULL ? "" : i->place);
	json_put_bool(w, "single_person", i->draft.single_person);
}

static enum err
begin_ledger(struct init *i, const struct home *h, struct fault *f)
{
	char key[1100], origin[LIMIT_ID + 32], comment[LIMIT_ID + 32];
	enum err e;

	(void)snprintf(key, sizeof(key), "%s/keys/ledger", i->path);
	(void)snprintf(origin, sizeof(origin), "waxseal/vendor/%s", i->draft.vendor);
	(void)snprintf(comment, sizeof(comment), "%s ledger", i->draft.vendor);
	if ((e = keymaker_make(key, comment, f)) != OK || (e = file_mkdir(h->fd, NEW, f)) != OK ||
	    (e = ledger_found(h->fd, NEW, origin, key, i->draft.issued, put_founded, i, f)) != OK)
		return e;
	return file_remove_tree(h->fd, NEW, f);
}

/* The ledger comes last: a home is one when it has a ledger. */
static enum err
fill_home(struct init *i, struct home *h, struct fault *f)
{
	enum err e;

	if ((e = file_mkdir(h->fd, "keys", f)) != OK || (e = file_mkdir(h->fd, "trust", f)) != OK ||
	    (e = file_mkdir(h->fd, "letters", f)) != OK)
		return e;
	e = i->role.count == 0 ? make_keys(i, f) : copy_keys(i, h, f);
	if (e != OK || (e = write_identity(i, h, f)) != OK ||
	    (e = file_replace(h->fd, "trust/1.trust", 0600, i->draft.body, i->draft.len, f)) != OK)
		return e;
	return begin_ledger(i, h, f);
}

/* A single person whose keys lie here has nobody to wait for. */
static enum err
sign_alone(const struct init *i, struct fault *f)
{
	struct vendor_register *r;
	struct quorum q = { .text = NULL };
	char path[1100];
	enum err e;

	if ((e = register_open(&r, i->path, true, f)) != OK)
		return e;
	register_path(r, "trust/1.trust", path, sizeof(path));
	e = sign_document(r, path, NULL, &q, f);
	quorum_free(&q);
	register_close(r);
	return e;
}

static enum err
make_home(struct init *i, struct fault *f)
{
	struct home h = { .fd = -1, .lock = -1 };
	enum err e;

	if ((e = home_create(&h, i->path, f)) != OK)
		return e;
	if ((e = check_empty(&h, f)) == OK) {
		e = fill_home(i, &h, f);
		home_unlock(&h);	/* register_open takes the lock itself */
		if (e == OK && i->role.count == 0)
			e = sign_alone(i, f);
		if (e != OK)
			clean_up(&h);
	}
	home_close(&h);
	return e;
}

static int
say(const struct init *i)
{
	const struct trust_quorum *q = &i->draft.trust->role[ROLE_TRUST];
	bool in_force = i->role.count == 0;
	char anchor[TRUST_FINGERPRINT];
	struct json_writer *w;
	unsigned n;

	if (i->json) {
		w = json_writer_new();
		json_put_string(w, "home", i->path);
		json_put_string(w, "vendor", i->draft.vendor);
		json_put_uint(w, "trust", 1);
		json_put_digest(w, "digest", &i->draft.trust->digest);
		json_put_moment(w, "expires", i->draft.expires);
		json_put_bool(w, "single_person", i->draft.single_person);
		json_put_string(w, "contact", i->contact);
		json_put_bool(w, "in_force", in_force);
		json_put_uint(w, "needed", q->threshold);
		json_open_array(w, "missing");
		for (n = 0; !in_force && n < q->count; n++)
			json_put_string(w, NULL, i->draft.trust->keys[q->key[n]].id);
		return report_print_json(w, 0);
	}
	(void)printf("  %s made.  Its keys are files without a passphrase: keep a copy in a "
	    "safe.\n", i->path);
	if (in_force) {
		trust_fingerprint(&i->draft.trust->digest, anchor);
		(void)printf("  1.trust is in force.  Anchor SHA256 %s\n"
		    "  One person alone releases and seals; every verdict will say so.\n"
		    "  Next: mkmedia customer add ID --name NAME\n", anchor);
		return 0;
	}
	(void)printf("  1.trust drafted.  It needs %u of %u: ", q->threshold, q->count);
	for (n = 0; n < q->count; n++)
		(void)printf("%s%s", n == 0 ? "" : ", ", i->draft.trust->keys[q->key[n]].id);
	(void)printf(".\n  Next: mkmedia sign 1.trust --as %s.pub\n",
	    i->draft.trust->keys[q->key[0]].id);
	return 0;
}

int
init_run(int argc, char **argv)
{
	static struct init i;
	const struct option table[] = {
		{ "vendor", OPTION_VALUE, &i.draft.vendor },
		{ "name", OPTION_VALUE, &i.draft.name },
		{ "role", OPTION_LIST, &i.role },
		{ "single-person", OPTION_FLAG, &i.draft.single_person },
		{ "place", OPTION_VALUE, &i.place },
		{ "telephone", OPTION_VALUE, &i.draft.telephone },
		{ "address", OPTION_VALUE, &i.draft.address },
		{ "years", OPTION_VALUE, &i.years },
		{ "home", OPTION_VALUE, &i.home },
		{ "json", OPTION_FLAG, &i.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct fault f = { .err = OK };
	int status;

	if (options_parse(argc, argv, table, &args, &f) != OK || prepare(&i, &args, &f) != OK ||
	    make_home(&i, &f) != OK)
		status = report_fault("mkmedia", i.json, &f);
	else
		status = say(&i);
	draft_free(&i.draft);
	explicit_bzero(i.identity, sizeof(i.identity));
	return status;
}
