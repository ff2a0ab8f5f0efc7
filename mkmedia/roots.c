/*
 * roots: the vendor's own trust documents, to be looked at and to be handed out.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/name.h"
#include "mkmedia/commands.h"
#include "mkmedia/desk.h"
#include "mkmedia/quorum.h"
#include "verify/file.h"
#include "verify/options.h"
#include "verify/report.h"

/* The version that is being signed, if there is one: *${waiting}. */
static enum err
load_waiting(const struct vendor_register *r, struct quorum *q, bool *waiting, struct fault *f)
{
	size_t next = (r->chain == NULL ? 0 : r->chain->count) + 1;
	char name[32];

	(void)snprintf(name, sizeof(name), "trust/%zu.trust", next);
	*waiting = faccessat(r->home.fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	return *waiting ? quorum_load(q, r, r->home.fd, name, f) : OK;
}

static void
show_role(const struct trust *t, enum trust_role role)
{
	const struct trust_quorum *q = &t->role[role];
	const struct trust_key *k;
	char print[SSHSIG_PRINT], id[128], holder[4 * LIMIT_TEXT + 1];
	unsigned i;

	(void)printf("  %-9s %u of %u\n", trust_role_name(role), q->threshold, q->count);
	for (i = 0; i < q->count; i++) {
		k = &t->keys[q->key[i]];
		sshsig_key_fingerprint(&k->key, print);
		(void)printf("            %-16s %-51s %s\n",
		    name_show(id, sizeof(id), k->id), print,
		    name_show(holder, sizeof(holder), k->holder));
	}
}

static void
show_version(const struct trust *t, const char *state)
{
	char expires[TIME_TEXT], contact[4 * LIMIT_TEXT + 1];
	enum trust_role role;

	time_print_short(t->expires, expires);
	(void)printf("  %s (%s), trust %llu, %s; expires %s\n", t->name, t->vendor,
	    (unsigned long long)t->version, state, expires);
	for (role = ROLE_TRUST; role < ROLE_COUNT; role++)
		show_role(t, role);
	if (*t->contact != '\0')
		(void)printf("  %-9s %s\n", "contact",
		    name_show(contact, sizeof(contact), t->contact));
	if (t->single_person)
		(void)printf("  One person alone can release and seal; every verdict says so.\n");
}

static int
show(const struct vendor_register *r, const struct quorum *q, bool waiting)
{
	struct trust_count c = quorum_count(q);
	char anchor[TRUST_FINGERPRINT], names[400];

	if (r->chain != NULL) {
		trust_fingerprint(trust_chain_anchor(r->chain), anchor);
		show_version(trust_chain_newest(r->chain), "in force");
		(void)printf("  Anchor SHA256 %s\n", anchor);
	}
	if (waiting) {
		show_version(q->trust, "not in force");
		quorum_names(q, false, names, sizeof(names));
		(void)printf("  %u of %u signatures.  Waited for: %s\n", c.have, c.need,
		    *names == '\0' ? "nobody: mkmedia sign takes it in" : names);
	}
	return 0;
}

static void
json_role(const struct trust *t, enum trust_role role, struct json_writer *w)
{
	const struct trust_quorum *q = &t->role[role];
	const struct trust_key *k;
	char line[SSHSIG_LINE];
	unsigned i;

	json_open_object(w, trust_role_name(role));
	json_put_uint(w, "threshold", q->threshold);
	json_open_array(w, "keys");
	for (i = 0; i < q->count; i++) {
		k = &t->keys[q->key[i]];
		sshsig_key_print(&k->key, line);
		json_open_object(w, NULL);
		json_put_string(w, "id", k->id);
		json_put_string(w, "holder", k->holder);
		json_put_string(w, "key", line);
		json_close(w);
	}
	json_close(w);
	json_close(w);
}

static void
json_version(const struct trust *t, struct json_writer *w)
{
	enum trust_role role;

	json_open_object(w, NULL);
	json_put_uint(w, "version", t->version);
	json_put_digest(w, "digest", &t->digest);
	json_put_moment(w, "issued", t->issued);
	json_put_moment(w, "expires", t->expires);
	json_put_bool(w, "single_person", t->single_person);
	if (*t->contact != '\0')
		json_put_string(w, "contact", t->contact);
	json_open_object(w, "roles");
	for (role = ROLE_TRUST; role < ROLE_COUNT; role++)
		json_role(t, role, w);
	json_close(w);
	json_close(w);
}

static int
show_json(const struct vendor_register *r, const struct quorum *q, bool waiting)
{
	struct json_writer *w = json_writer_new();
	size_t i;

	json_put_string(w, "vendor", r->vendor);
	json_put_string(w, "name", r->name);
	if (r->chain != NULL)
		json_put_digest(w, "anchor", trust_chain_anchor(r->chain));
	json_open_array(w, "versions");
	for (i = 0; r->chain != NULL && i < r->chain->count; i++)
		json_version(r->chain->version[i], w);
	json_close(w);
	if (waiting) {
		json_open_object(w, "waiting");
		json_put_uint(w, "version", q->trust->version);
		quorum_json(q, w);
		json_close(w);
	}
	return report_print_json(w, 0);
}

static int
view_roots(const struct vendor_register *r, const char *none, bool json)
{
	struct quorum q = { .text = NULL };
	struct fault f = { .err = OK };
	bool waiting;
	int status;

	(void)none;
	if (load_waiting(r, &q, &waiting, &f) != OK)
		status = report_fault("mkmedia", json, &f);
	else
		status = json ? show_json(r, &q, waiting) : show(r, &q, waiting);
	quorum_free(&q);
	return status;
}

int
roots_show(int argc, char **argv)
{
	return desk_show(argc, argv, NULL, view_roots);
}

/*
 * One line a key of the newest version, for ssh-keygen -Y verify -f (ssh-keygen(1), ALLOWED
 * SIGNERS).
 */
static enum err
print_signers(const struct trust *t, char **text, size_t *len)
{
	FILE *out = open_memstream(text, len);
	char line[SSHSIG_LINE];
	enum trust_role role;
	bool bad = false;
	unsigned i;

	if (out == NULL)
		return ERR_MEMORY;
	for (role = ROLE_TRUST; role < ROLE_COUNT; role++)
		for (i = 0; i < t->role[role].count; i++) {
			const struct trust_key *k = &t->keys[t->role[role].key[i]];

			sshsig_key_print(&k->key, line);
			bad |= fprintf(out, "%s namespaces=\"%s@waxseal%s\" %s\n", k->id,
			    trust_role_name(role),
			    role == ROLE_NOTICE ? ",catalogue@waxseal" : "", line) < 0;
		}
	return fclose(out) != 0 || bad ? ERR_MEMORY : OK;
}

static enum err
export(const struct vendor_register *r, bool signers, const char *file, struct fault *f)
{
	char *text = NULL;
	size_t len = 0;
	enum err e;

	if (r->chain == NULL)
		return err_fault(f, ERR_USAGE,
		    "no trust document is in force yet; see mkmedia sign 1.trust");
	if (!signers)
		return file_replace(AT_FDCWD, file, 0644, r->chain->bytes, r->chain->len, f);
	if ((e = print_signers(trust_chain_newest(r->chain), &text, &len)) == OK)
		e = file_replace(AT_FDCWD, file, 0644, text, len, f);
	else
		(void)err_fault(f, e, "%s", file);
	free(text);
	return e;
}

static int
say_exported(const struct vendor_register *r, const char *file, bool signers, bool json)
{
	const struct digest *anchor = trust_chain_anchor(r->chain);
	char shown[TRUST_FINGERPRINT];
	struct json_writer *w;

	if (json) {
		w = json_writer_new();
		json_put_string(w, "file", file);
		json_put_string(w, "form", signers ? "allowed-signers" : "chain");
		json_put_uint(w, "version", trust_chain_newest(r->chain)->version);
		json_put_digest(w, "anchor", anchor);
		return report_print_json(w, 0);
	}
	trust_fingerprint(anchor, shown);
	if (signers)
		(void)printf("  %s written, for ssh-keygen -Y verify -f.\n", file);
	else
		(void)printf("  %s written: hand it out.  Its anchor goes another way: SHA256 %s\n",
		    file, shown);
	return 0;
}

int
roots_export(int argc, char **argv)
{
	const char *home = NULL;
	bool json = false, signers = false;
	const struct option table[] = {
		{ "allowed-signers", OPTION_FLAG, &signers },
		{ "home", OPTION_VALUE, &home },
		{ "json", OPTION_FLAG, &json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct vendor_register *r = NULL;
	struct fault f = { .err = OK };
	int status;

	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 1)
		(void)err_fault(&f, ERR_USAGE, "trust export takes the file to write");
	if (f.err != OK || register_open(&r, home, false, &f) != OK ||
	    export(r, signers, args.item[0], &f) != OK)
		status = report_fault("mkmedia", json, &f);
	else
		status = say_exported(r, args.item[0], signers, json);
	register_close(r);
	return status;
}
