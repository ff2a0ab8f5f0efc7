/*
 * compare: what two releases in the stage have in common: by their files, which is a fact, and by
 * what they say, which is a claim.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/name.h"
#include "formats/sums.h"
#include "ingest/commands.h"
#include "ingest/known.h"
#include "ingest/query.h"
#include "verify/file.h"
#include "verify/report.h"

struct side {
	const struct known_release *release;
	char *text;		/* its SHA256SUMS */
	size_t len;
	struct sums sums;
	struct sums_line line;	/* the next one, */
	bool more;		/* if there is one */
};

struct comparison {
	struct known known;
	struct side a, b;
	uint64_t equal, changed, only_a, only_b;
	bool incorporates[2], supersedes[2];	/* [0]: B says it of A; [1]: A says it of B */
};

static enum err
open_side(struct side *s, const struct known *k, const struct station *st, const char *name,
    struct fault *f)
{
	const struct known_release *r = known_find(k, name);
	struct digest digest;
	char path[256];
	enum err e;

	if (r == NULL || r->staged == NULL)
		return err_fault(f, ERR_USAGE, "%.90s is not in the stage; a release is named "
		    "VENDOR:ID, such as etl:ETL-2026-0042", name);
	s->release = r;
	(void)snprintf(path, sizeof(path), "%s/RELEASES/%s/SHA256SUMS", r->staged->stage,
	    r->summary.id);
	if ((e = file_load(st->home.fd, path, LIMIT_SUMS, &s->text, &s->len, f)) != OK)
		return e;
	digest_sha256(s->text, s->len, &digest);
	if (!digest_equal(&digest, &r->staged->release->sums))
		return err_fault(f, ERR_HOME, "%s is not what the release names", path);
	sums_open(&s->sums, s->text, s->len);
	return OK;
}

static enum err
advance(struct side *s, struct fault *f)
{
	const enum err e = sums_next(&s->sums, &s->line, &s->more);

	return e == OK ? OK : err_fault(f, ERR_HOME, "SHA256SUMS of %s: %s", s->release->name,
	    err_sentence(e));
}

/* The smaller of two paths; one that has ended is behind all. */
static int
order(const struct side *a, const struct side *b)
{
	if (!a->more || !b->more)
		return a->more ? -1 : 1;
	return sums_compare(a->line.path, a->line.len, b->line.path, b->line.len);
}

static enum err
count_files(struct comparison *c, struct fault *f)
{
	enum err e;
	int which;

	if ((e = advance(&c->a, f)) != OK || (e = advance(&c->b, f)) != OK)
		return e;
	while (e == OK && (c->a.more || c->b.more)) {
		which = order(&c->a, &c->b);
		if (which < 0)
			c->only_a++;
		else if (which > 0)
			c->only_b++;
		else if (digest_equal(&c->a.line.digest, &c->b.line.digest))
			c->equal++;
		else
			c->changed++;
		if (which <= 0)
			e = advance(&c->a, f);
		if (which >= 0 && e == OK)
			e = advance(&c->b, f);
	}
	return e;
}

/* Does ${from} lead to ${to} by relations of ${kinds}, over any number of steps? */
static enum err
claims(const struct known *k, const struct known_release *from, const struct known_release *to,
    unsigned kinds, bool *out)
{
	size_t *node = malloc((relations_count(k->relations) + 1) * sizeof(*node)), n = 0;
	enum err e = node == NULL ? ERR_MEMORY :
	    relations_reach(k->relations, from->node, kinds, false, node, &n);

	*out = false;
	for (size_t i = 0; e == OK && i < n; i++)
		*out |= node[i] == to->node;
	free(node);
	return e;
}

static enum err
compare(struct comparison *c, const struct query *q, struct fault *f)
{
	const unsigned contains = 1u << RELATION_INCORPORATES, replaces = RELATIONS_REPLACES;
	const struct known_release *a, *b;
	enum err e;

	if ((e = known_load(&c->known, &q->station, f)) != OK ||
	    (e = open_side(&c->a, &c->known, &q->station, q->args.item[0], f)) != OK ||
	    (e = open_side(&c->b, &c->known, &q->station, q->args.item[1], f)) != OK ||
	    (e = count_files(c, f)) != OK)
		return e;
	a = c->a.release;
	b = c->b.release;
	if ((e = claims(&c->known, b, a, contains, &c->incorporates[0])) != OK ||
	    (e = claims(&c->known, a, b, contains, &c->incorporates[1])) != OK ||
	    (e = claims(&c->known, b, a, replaces, &c->supersedes[0])) != OK ||
	    (e = claims(&c->known, a, b, replaces, &c->supersedes[1])) != OK)
		return err_fault(f, e, "relations");
	return OK;
}

static const char *
claim(const struct comparison *c, int way)
{
	return c->incorporates[way] ? "incorporates" :
	    c->supersedes[way] ? "supersedes" : "says nothing of";
}

static int
say(const struct comparison *c, bool json)
{
	const char *a = c->a.release->name, *b = c->b.release->name;
	struct json_writer *w;

	if (json) {
		w = json_writer_new();
		json_put_string(w, "a", a);
		json_put_string(w, "b", b);
		json_put_uint(w, "equal", c->equal);
		json_put_uint(w, "changed", c->changed);
		json_put_uint(w, "only_a", c->only_a);
		json_put_uint(w, "only_b", c->only_b);
		json_put_bool(w, "a_incorporates_b", c->incorporates[1]);
		json_put_bool(w, "b_incorporates_a", c->incorporates[0]);
		json_put_bool(w, "a_supersedes_b", c->supersedes[1]);
		json_put_bool(w, "b_supersedes_a", c->supersedes[0]);
		return report_print_json(w, 0);
	}
	(void)printf("  fact    files: %" PRIu64 " equal, %" PRIu64 " changed, %" PRIu64
	    " only in %s, %" PRIu64 " only in %s\n",
	    c->equal, c->changed, c->only_a, a, c->only_b, b);
	(void)printf("  claim   %s %s %s\n", a, claim(c, 1), b);
	(void)printf("  claim   %s %s %s\n", b, claim(c, 0), a);
	return 0;
}

static int
answer(struct query *q, struct fault *f)
{
	struct comparison c = { .equal = 0 };
	int status = 1;

	if (compare(&c, q, f) == OK)
		status = say(&c, q->json);
	free(c.a.text);
	free(c.b.text);
	known_free(&c.known);
	return status;
}

int
compare_run(int argc, char **argv)
{
	return query_run(argc, argv, 2, false, "compare takes two releases, as VENDOR:ID", answer);
}
