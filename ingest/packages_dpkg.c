/*
 * packages_dpkg: from var/lib/dpkg/status into a passport.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/dpkg.h"
#include "formats/limits.h"
#include "formats/purl.h"
#include "ingest/packages.h"
#include "verify/progress.h"

#define STATUS "var/lib/dpkg/status"

struct words {
	char name[LIMIT_TEXT + 1], version[LIMIT_TEXT + 1], architecture[LIMIT_TEXT + 1];
	char source[LIMIT_TEXT + 1], state[LIMIT_TEXT + 1];
};

static void
copy(char to[static LIMIT_TEXT + 1], const struct dpkg_text *from)
{
	(void)snprintf(to, LIMIT_TEXT + 1, "%.*s", (int)from->len, from->at);
}

/* "glibc 2.36-9", where source and package are not the same; "" if it does not fit. */
static void
copy_source(const struct dpkg_package *d, struct words *w)
{
	const struct dpkg_text *name = d->source.len > 0 ? &d->source : &d->name,
	    *version = d->source_version.len > 0 ? &d->source_version : &d->version;

	w->source[0] = '\0';
	if (d->source.len > 0 && name->len + version->len < LIMIT_TEXT)
		(void)snprintf(w->source, sizeof(w->source), "%.*s %.*s", (int)name->len, name->at,
		    (int)version->len, version->at);
}

static enum err
print_purl(const struct words *w, const char *vendor, char out[static LIMIT_PURL + 1])
{
	const struct purl_qualifier arch = { "arch", w->architecture };
	const struct purl purl = { .type = "deb", .namespace = vendor, .name = w->name,
		.version = w->version, .qualifiers = 1, .qualifier = &arch };

	return purl_print(&purl, out);
}

static enum err
add(const struct dpkg_package *d, const char *vendor, struct passport *p, struct fault *f)
{
	struct passport_component c = passport_blank();
	char purl[LIMIT_PURL + 1];
	struct words w;
	enum err e;

	copy(w.name, &d->name);
	copy(w.version, &d->version);
	copy(w.architecture, &d->architecture);
	copy(w.state, &d->state);
	copy_source(d, &w);
	if ((e = print_purl(&w, vendor, purl)) != OK)
		return err_fault(f, e, "package %.200s", w.name);
	c.ref = c.purl = purl;
	c.kind = "library";	/* as other tools call whatever comes in a package */
	c.name = w.name;
	c.version = w.version;
	c.fact[FACT_SOURCE] = w.source;
	if (strcmp(w.state, "installed") != 0)
		c.fact[FACT_STATE] = w.state;
	if (*p->architecture == '\0' && strcmp(w.name, "dpkg") == 0 &&
	    (p->architecture = passport_word(p, w.architecture)) == NULL)
		return err_fault(f, ERR_MEMORY, "passport");
	e = passport_add(p, &c);
	return e == OK ? OK : err_fault(f, e, "a passport has at most %u components",
	    LIMIT_COMPONENTS);
}

/* dpkg was stopped in between: what it did last is not in its list yet. */
static enum err
check_updates(const struct root *r, struct fault *f)
{
	struct root_names names;
	enum err e = root_list(r, "var/lib/dpkg/updates", &names, f);

	for (size_t i = 0; e == OK && i < names.count; i++) {
		const char *name = names.name[i]->d_name;

		if (strspn(name, "0123456789") == strlen(name))
			e = err_fault(f, ERR_PACKAGES,
			    "dpkg was interrupted on this system; run dpkg --configure -a there");
	}
	if (e == OK || names.count > 0)
		root_list_free(&names);
	return e;
}

static enum err
read_list(const char *text, size_t len, const char *vendor, struct passport *p, struct fault *f)
{
	struct dpkg_package package;
	struct progress progress;
	struct dpkg list;
	bool more = true;
	enum err e = OK;

	progress_begin(&progress, "packages", 1, false);
	dpkg_open(&list, text, len);
	while (e == OK && more) {
		if ((e = dpkg_next(&list, &package, &more, f)) == OK && more && package.present)
			e = add(&package, vendor, p, f);
		progress_step(&progress, list.at, list.len);
	}
	progress_end(&progress);
	return e;
}

enum err
packages_dpkg(const struct root *r, const char *vendor, struct passport *p, bool *found,
    struct fault *f)
{
	struct fault where;
	char *text;
	size_t len;
	enum err e;

	*found = false;
	if ((e = root_load(r, STATUS, LIMIT_STATUS, &text, &len, f)) != OK || text == NULL)
		return e;
	*found = true;
	if ((e = check_updates(r, f)) == OK &&
	    (e = read_list(text, len, vendor, p, &where)) != OK)
		(void)err_fault(f, e, "%.150s/" STATUS ": %.120s", r->path, where.at);
	free(text);
	return e;
}
