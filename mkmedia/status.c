/*
 * status: what there is at the desk, and what to do next.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/name.h"
#include "mkmedia/commands.h"
#include "mkmedia/desk.h"
#include "mkmedia/news.h"
#include "mkmedia/quorum.h"
#include "verify/command.h"
#include "verify/report.h"

#define SHOWN_SEALS	5u
#define SOON		(INT64_C(180) * 86400)	/* to make and mail the next trust document */

/* A document that waits for signatures. */
struct waiting {
	char name[LIMIT_RELEASE_ID + 1];
	char path[REGISTER_DIRECTORY + 16];
	int dir;			/* where the path begins */
};

#define HOME_DOCUMENTS 3u	/* may wait in the home: trust, notice, catalogue */

static bool
find_in_home(const struct vendor_register *r, size_t i, struct waiting *w)
{
	const enum news kind = i == 1 ? NEWS_NOTICE : NEWS_CATALOGUE;

	if (i == 0)
		(void)snprintf(w->path, sizeof(w->path), "trust/%zu.trust",
		    (r->chain == NULL ? 0 : r->chain->count) + 1);
	else
		news_name(kind, news_next(r, kind), w->path);
	(void)snprintf(w->name, sizeof(w->name), "%.60s", strchr(w->path, '/') + 1);
	w->dir = r->home.fd;
	return faccessat(r->home.fd, w->path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool
find_release(const struct register_release *s, struct waiting *w)
{
	(void)snprintf(w->name, sizeof(w->name), "%s", s->id);
	(void)snprintf(w->path, sizeof(w->path), "%s/release", s->directory);
	w->dir = AT_FDCWD;
	return !s->is_signed;
}

/* The next one from *${at} on, which begins at 0; false when there is none. */
static bool
next_waiting(const struct vendor_register *r, size_t *at, struct waiting *w)
{
	while (*at < HOME_DOCUMENTS + r->release_count) {
		const size_t i = (*at)++;

		if (i < HOME_DOCUMENTS ? find_in_home(r, i, w) :
		    find_release(&r->release[i - HOME_DOCUMENTS], w))
			return true;
	}
	return false;
}

static void
print_waiting(const struct vendor_register *r, const struct waiting *w)
{
	struct quorum q = { .text = NULL };
	struct fault f = { .err = OK };
	struct trust_count c;
	char names[400], shown[4 * sizeof(f.at) + 1];

	if (quorum_load(&q, r, w->dir, w->path, &f) == OK) {
		c = quorum_count(&q);
		quorum_names(&q, false, names, sizeof(names));
		(void)printf("  waiting   %s: %u of %u signatures; waited for: %s\n", w->name,
		    c.have, c.need, *names == '\0' ? "nobody" : names);
	} else {
		(void)printf("  waiting   %s: %s\n", w->name,
		    name_show(shown, sizeof(shown), f.at));
	}
	quorum_free(&q);
}

static void
print_trust(const struct vendor_register *r)
{
	const struct trust *t = r->chain == NULL ? NULL : trust_chain_newest(r->chain);
	char expires[TIME_TEXT], anchor[TRUST_FINGERPRINT];

	if (t == NULL) {
		(void)printf("  trust     none in force\n");
	} else {
		time_print_short(t->expires, expires);
		trust_fingerprint(trust_chain_anchor(r->chain), anchor);
		(void)printf("  trust     version %llu, expires %s%s\n  anchor    SHA256 %s\n",
		    (unsigned long long)t->version, expires,
		    t->expires.seconds - command_now().seconds < SOON ?
		    ": SOON; the next version is due" : "", anchor);
	}
}

/* What was told, and what was promised. */
static void
print_news(const struct vendor_register *r)
{
	const struct register_catalogue *c = &r->catalogue;
	char when[TIME_TEXT];

	(void)printf("  notices   %zu\n", r->notice_count);
	if (c->number == 0)
		return;
	time_print_short(c->issued, when);
	(void)printf("  catalogue %llu, %s", (unsigned long long)c->number, when);
	if (c->has_next) {
		time_print_short(c->next_expected, when);
		(void)printf("; the next by %s%s", when,
		    c->next_expected.seconds < command_now().seconds ? ": OVERDUE" : "");
	}
	(void)printf("\n");
}

static void
print_next(const struct vendor_register *r)
{
	struct waiting w;
	size_t at = 0;

	/* Before trust is in force, nothing else can be signed. */
	while (next_waiting(r, &at, &w))
		if (r->chain != NULL || at == 1)
			(void)printf("  Next: mkmedia sign %s%s\n", w.name,
			    r->single_person ? "" : " --as KEY");
	if (r->chain != NULL && r->customer_count == 0)
		(void)printf("  Next: mkmedia customer add ID --name NAME\n");
	if (r->chain != NULL && r->release_count == 0)
		(void)printf("  Next: mkmedia release draft DIR\n");
}

/* The first volumes of the last consignments, the newest first; the result is how many. */
static size_t
last_sealed(const struct vendor_register *r, const struct register_volume *out[static SHOWN_SEALS])
{
	size_t count = 0, i;

	for (i = r->volume_count; i > 0 && count < SHOWN_SEALS; i--)
		if (r->volume[i - 1].volume == 1)
			out[count++] = &r->volume[i - 1];
	return count;
}

static void
print_sealed(const struct register_volume *v)
{
	char when[TIME_TEXT];

	time_print_short(v->sealed_at, when);
	(void)printf("  %-9s %s no. %llu, %s", v->bound ? "built" : "sealed", v->customer,
	    (unsigned long long)v->number, when);
	if (v->volumes > 1)
		(void)printf(", %llu discs", (unsigned long long)v->volumes);
	(void)printf("\n");
}

static int
print_status(const struct vendor_register *r)
{
	const struct register_volume *last[SHOWN_SEALS];
	size_t count = last_sealed(r, last), i, at = 0;
	struct waiting w;

	(void)printf("  vendor    %s (%s)%s\n", r->name, r->vendor,
	    r->single_person ? "; one person alone releases and seals" : "");
	print_trust(r);
	(void)printf("  customers %zu\n  releases  %zu\n", r->customer_count, r->release_count);
	print_news(r);
	while (next_waiting(r, &at, &w))
		print_waiting(r, &w);
	for (i = 0; i < count; i++)
		print_sealed(last[i]);
	print_next(r);
	return 0;
}

static void
json_waiting(const struct vendor_register *r, const struct waiting *document,
    struct json_writer *w)
{
	struct quorum q = { .text = NULL };
	struct fault f = { .err = OK };

	json_open_object(w, NULL);
	json_put_string(w, "document", document->name);
	if (quorum_load(&q, r, document->dir, document->path, &f) == OK)
		quorum_json(&q, w);
	else
		json_put_string(w, "reason", err_code(f.err));
	json_close(w);
	quorum_free(&q);
}

static void
json_news(const struct vendor_register *r, struct json_writer *w)
{
	json_put_uint(w, "notices", r->notice_count);
	json_put_uint(w, "catalogue", r->catalogue.number);
	if (r->catalogue.has_next)
		json_put_moment(w, "next_expected", r->catalogue.next_expected);
}

static void
json_sealed(const struct register_volume *v, struct json_writer *w)
{
	json_open_object(w, NULL);
	json_put_string(w, "customer", v->customer);
	json_put_uint(w, "number", v->number);
	json_put_moment(w, "sealed_at", v->sealed_at);
	json_put_uint(w, "volumes", v->volumes);
	json_put_bool(w, "bound", v->bound);
	if (!digest_is_zero(&v->seal))
		json_put_digest(w, "seal", &v->seal);
	json_close(w);
}

static size_t
count_sealed(const struct vendor_register *r)
{
	size_t count = 0, i;

	for (i = 0; i < r->volume_count; i++)
		count += r->volume[i].volume == 1;
	return count;
}

static int
json_status(const struct vendor_register *r)
{
	const struct register_volume *last[SHOWN_SEALS];
	size_t count = last_sealed(r, last);
	const struct trust *t = r->chain == NULL ? NULL : trust_chain_newest(r->chain);
	struct json_writer *w = json_writer_new();
	struct waiting document;
	size_t i, at = 0;

	json_put_string(w, "vendor", r->vendor);
	json_put_string(w, "name", r->name);
	json_put_bool(w, "single_person", r->single_person);
	json_put_uint(w, "trust", t == NULL ? 0 : t->version);
	if (t != NULL) {
		json_put_moment(w, "expires", t->expires);
		json_put_digest(w, "anchor", trust_chain_anchor(r->chain));
	}
	json_put_uint(w, "customers", r->customer_count);
	json_put_uint(w, "releases", r->release_count);
	json_put_uint(w, "sealed", count_sealed(r));
	json_news(r, w);
	json_open_array(w, "waiting");
	while (next_waiting(r, &at, &document))
		json_waiting(r, &document, w);
	json_close(w);
	json_open_array(w, "consignments");
	for (i = 0; i < count; i++)
		json_sealed(last[i], w);
	return report_print_json(w, 0);
}

static int
view_status(const struct vendor_register *r, const char *none, bool json)
{
	(void)none;
	return json ? json_status(r) : print_status(r);
}

int
status_run(int argc, char **argv)
{
	return desk_show(argc, argv, NULL, view_status);
}
