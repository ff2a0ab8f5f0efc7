/*
 * passport_redact: a passport for the eyes of one vendor.  Built up from what may be shown, never
 * by taking away: what is added to passports later stays at home.
 */
#include <stdio.h>
#include <string.h>

#include "formats/limits.h"
#include "formats/passport.h"

/* Qualifiers such as download_url and vcs_url have names of hosts in them. */
static bool
may_leave(const char *qualifier, size_t len)
{
	static const char *const keys[] = { "arch=", "distro=", "epoch=" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (len > strlen(keys[i]) && strncmp(qualifier, keys[i], strlen(keys[i])) == 0)
			return true;
	return false;
}

static void
cut_purl(const char *purl, char out[static LIMIT_PURL + 1])
{
	size_t end = strcspn(purl, "#"), at = strcspn(purl, "?#"), used = at, n;
	char separator = '?';

	memcpy(out, purl, at);
	for (; at < end; at += n) {
		at++;
		n = strcspn(purl + at, "&#");
		if (!may_leave(purl + at, n))
			continue;
		out[used++] = separator;
		memcpy(out + used, purl + at, n);
		used += n;
		separator = '&';
	}
	out[used] = '\0';
}

static enum err
show(struct passport *to, const struct passport_component *from)
{
	struct passport_component c = passport_blank();
	char ref[32], purl[LIMIT_PURL + 1];

	(void)snprintf(ref, sizeof(ref), "c%zu", to->count + 1);
	cut_purl(from->purl, purl);
	c.ref = ref;
	c.kind = from->kind;
	c.name = from->name;
	c.version = from->version;
	c.purl = purl;
	c.fact[FACT_CUSTOMISED] = from->fact[FACT_CUSTOMISED];
	return passport_add(to, &c);
}

/* What a release may be limited to: which system and machine it is, and no more of it. */
static enum err
show_system(struct passport *to, const struct passport *from)
{
	enum err e = OK;

	if ((to->architecture = passport_word(to, from->architecture)) == NULL)
		return ERR_MEMORY;
	for (size_t i = 0; e == OK && i < from->count; i++)
		if (strcmp(from->component[i].kind, "operating-system") == 0)
			e = show(to, &from->component[i]);
	return e;
}

enum err
passport_redact(struct passport **out, const struct passport *in, const char *pseudonym,
    passport_keep *keep, void *arg, struct fault *f)
{
	struct passport *p = passport_new();
	enum err e = OK;

	*out = NULL;
	if (p == NULL || (p->system = passport_word(p, pseudonym)) == NULL) {
		e = err_fault(f, ERR_MEMORY, "passport");
		goto out;
	}
	p->number = in->number;
	p->taken = in->taken;
	for (size_t i = 0; e == OK && i < in->count; i++)
		if (strcmp(in->component[i].kind, "operating-system") != 0 &&
		    keep(arg, &in->component[i]))
			e = show(p, &in->component[i]);
	if (e == OK && p->count > 0)
		e = show_system(p, in);
	if (e != OK)
		(void)err_fault(f, e, "passport");
	if (e != OK || (e = passport_settle(p, f)) != OK)
		goto out;
	*out = p;
	p = NULL;
out:
	passport_free(p);
	return e;
}
