/*
 * passport: what a system has, read and put together.  Strict: what is not understood might be what
 * decides whether a release fits.  SPEC, "Passports".
 */
#include "formats/passport.h"

#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"
#include "formats/name.h"
#include "formats/purl.h"

#define NAMESPACE "passport@waxseal"
#define CHUNK 65536u

/* Texts that a passport owns, one behind the other. */
struct passport_text {
	struct passport_text *next;
	size_t used, size;
	char bytes[];
};

/* In the order of their names, which is that of the file. */
static const char *const facts[FACT_COUNT] = {
	[FACT_CUSTOMISED] = "waxseal:customised",
	[FACT_READ_BY] = "waxseal:read_by",
	[FACT_READ_FROM] = "waxseal:read_from",
	[FACT_SERIAL] = "waxseal:serial",
	[FACT_SLOT] = "waxseal:slot",
	[FACT_SOURCE] = "waxseal:source",
	[FACT_STATE] = "waxseal:state",
};

const char *
passport_fact_name(enum passport_fact f)
{
	return facts[f];
}

bool
passport_is_software(const char *kind)
{
	return strcmp(kind, "device") != 0 && strcmp(kind, "file") != 0 &&
	    strcmp(kind, "data") != 0 && strcmp(kind, "cryptographic-asset") != 0;
}

static bool
is_kind(const char *kind)
{
	static const char *const kinds[] = { "application", "framework", "library", "container",
		"platform", "operating-system", "device", "device-driver", "firmware", "file",
		"machine-learning-model", "data", "cryptographic-asset" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i], kind) == 0)
			return true;
	return false;
}

/* ---- making ---- */

struct passport_component
passport_blank(void)
{
	struct passport_component c = { .ref = "", .kind = "", .name = "", .version = "",
		.purl = "", .maker = "", .description = "" };

	for (size_t i = 0; i < FACT_COUNT; i++)
		c.fact[i] = "";
	return c;
}

struct passport *
passport_new(void)
{
	struct passport *p = calloc(1, sizeof(*p));

	if (p != NULL)
		p->system = p->read_by = p->read_from = p->kernel = p->architecture = p->vendor =
		    p->customer = p->os_id = p->os_version = "";
	return p;
}

void
passport_free(struct passport *p)
{
	struct passport_text *next;

	if (p == NULL)
		return;
	for (; p->texts != NULL; p->texts = next) {
		next = p->texts->next;
		free(p->texts);
	}
	json_free(p->json);
	free(p->component);
	free(p);
}

const char *
passport_text(struct passport *p, const char *text, size_t len)
{
	struct passport_text *t = p->texts;
	char *copy;

	if (t == NULL || t->size - t->used <= len) {
		const size_t size = len < CHUNK ? CHUNK : len + 1;

		if ((t = malloc(sizeof(*t) + size)) == NULL)
			return NULL;
		*t = (struct passport_text){ .next = p->texts, .size = size };
		p->texts = t;
	}
	copy = t->bytes + t->used;
	memcpy(copy, text, len);
	copy[len] = '\0';
	t->used += len + 1;
	return copy;
}

const char *
passport_word(struct passport *p, const char *text)
{
	return *text == '\0' ? "" : passport_text(p, text, strlen(text));
}

/* Room for one more component, which is blank. */
static struct passport_component *
new_component(struct passport *p)
{
	const size_t room = p->room == 0 ? 64 : p->room * 2;
	struct passport_component *more;

	if (p->count == p->room) {
		if ((more = reallocarray(p->component, room, sizeof(*more))) == NULL)
			return NULL;
		p->component = more;
		p->room = room;
	}
	p->component[p->count] = passport_blank();
	return &p->component[p->count++];
}

enum err
passport_add(struct passport *p, const struct passport_component *c)
{
	struct passport_component copy = *c, *to;
	const char **text[] = { &copy.ref, &copy.kind, &copy.name, &copy.version, &copy.purl,
		&copy.maker, &copy.description };

	if (p->count == LIMIT_COMPONENTS)
		return ERR_LIMIT;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		if ((*text[i] = passport_word(p, *text[i])) == NULL)
			return ERR_MEMORY;
	for (size_t i = 0; i < FACT_COUNT; i++)
		if ((copy.fact[i] = passport_word(p, copy.fact[i])) == NULL)
			return ERR_MEMORY;
	if ((to = new_component(p)) == NULL)
		return ERR_MEMORY;
	*to = copy;
	return OK;
}

/* ---- rules ---- */

static int
by_ref(const void *a, const void *b)
{
	const struct passport_component *x = a, *y = b;

	return strcmp(x->ref, y->ref);
}

static bool
is_equal(const struct passport_component *a, const struct passport_component *b)
{
	return strcmp(a->ref, b->ref) == 0 && strcmp(a->kind, b->kind) == 0 &&
	    strcmp(a->name, b->name) == 0 && strcmp(a->version, b->version) == 0;
}

void
passport_unify(struct passport *p)
{
	size_t kept = 0;

	if (p->count > 0)
		qsort(p->component, p->count, sizeof(*p->component), by_ref);
	for (size_t i = 0; i < p->count; i++)
		if (kept == 0 || !is_equal(&p->component[kept - 1], &p->component[i]))
			p->component[kept++] = p->component[i];
	p->count = kept;
}

/* A text of ${min} to ${max} bytes; its characters are for JSON to judge. */
static bool
fits(const char *text, size_t min, size_t max)
{
	const size_t len = strlen(text);

	return len >= min && len <= max;
}

/* One way to write a package, so that texts can be compared. */
static enum err
check_purl(const char *text)
{
	char canonical[LIMIT_PURL + 1];
	struct purl *purl;
	enum err e;

	if (*text == '\0')
		return OK;
	if ((e = purl_parse(&purl, text, strlen(text))) != OK)
		return e;
	e = purl_print(purl, canonical);
	purl_free(purl);
	return e != OK ? e : strcmp(canonical, text) == 0 ? OK : ERR_PURL;
}

static enum err
check_component(const struct passport_component *c, struct fault *f)
{
	enum err e;
	bool good = fits(c->ref, 1, LIMIT_PURL) && is_kind(c->kind) &&
	    fits(c->name, 1, LIMIT_TEXT) && fits(c->version, 0, LIMIT_TEXT) &&
	    fits(c->purl, 0, LIMIT_PURL) && fits(c->maker, 0, LIMIT_TEXT) &&
	    fits(c->description, 0, LIMIT_TEXT);

	for (size_t i = 0; i < FACT_COUNT; i++)
		good = good && fits(c->fact[i], 0, LIMIT_TEXT);
	if (!good)
		return err_fault(f, ERR_PASSPORT, "component %.200s", c->ref);
	if (passport_is_software(c->kind) && *c->version == '\0')
		return err_fault(f, ERR_PASSPORT_VERSION, "component %.200s", c->ref);
	return (e = check_purl(c->purl)) == OK ? OK : err_fault(f, e, "component %.200s", c->ref);
}

static enum err
check_whole(const struct passport *p, struct fault *f)
{
	const char *const text[] = { p->read_by, p->read_from, p->kernel, p->architecture };

	if (!name_id_ok(p->system))
		return err_fault(f, ERR_PASSPORT, "name of the system");
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		if (!fits(text[i], 0, LIMIT_TEXT))
			return err_fault(f, ERR_PASSPORT, "%.200s...", text[i]);
	return OK;
}

enum err
passport_settle(struct passport *p, struct fault *f)
{
	enum err e = check_whole(p, f);

	if (e != OK)
		return e;
	p->os_id = p->os_version = "";
	if (p->count > 0)
		qsort(p->component, p->count, sizeof(*p->component), by_ref);
	for (size_t i = 0; i < p->count; i++) {
		const struct passport_component *c = &p->component[i];

		if ((e = check_component(c, f)) != OK)
			return e;
		if (i > 0 && strcmp(c[-1].ref, c->ref) == 0)
			return err_fault(f, ERR_PASSPORT_TWICE, "%.200s", c->ref);
		if (strcmp(c->kind, "operating-system") != 0)
			continue;
		if (*p->os_id != '\0')
			return err_fault(f, ERR_PASSPORT, "two operating systems: %.100s, %.100s",
			    p->os_id, c->name);
		p->os_id = c->name;
		p->os_version = c->version;
	}
	return OK;
}

struct passport_component *
passport_find(const struct passport *p, const char *ref)
{
	const struct passport_component key = { .ref = ref };

	return p->count == 0 ? NULL :
	    bsearch(&key, p->component, p->count, sizeof(*p->component), by_ref);
}

/* ---- reading ---- */

/* The properties of ${o}, each one of ${names} and there once; ${to}[i] gets the i-th name's. */
static void
read_properties(struct json *j, const struct json_node *o, const char *const *names, size_t count,
    const char **to[])
{
	const struct json_node *list;
	size_t n;

	if (!json_has(o, "properties"))
		return;
	list = json_get_array(j, o, "properties", 1, count);
	n = json_count(list);
	for (size_t i = 0; i < n; i++) {
		const struct json_node *property = json_get_object_at(j, list, i);
		const char *name = json_get_string(j, property, "name", 1, LIMIT_TEXT);
		size_t k = 0;

		json_only(j, property, "name value");
		while (k < count && strcmp(names[k], name) != 0)
			k++;
		if (k == count)
			json_refuse(j, ERR_JSON_UNKNOWN, name);
		else if (**to[k] != '\0')
			json_refuse(j, ERR_JSON_DUPLICATE, name);
		else
			*to[k] = json_get_string(j, property, "value", 1, LIMIT_TEXT);
	}
}

static const char *
optional(struct json *j, const struct json_node *o, const char *key, size_t max)
{
	return json_has(o, key) ? json_get_string(j, o, key, 1, max) : "";
}

static void
read_component(struct json *j, const struct json_node *o, struct passport_component *c)
{
	const char **to[FACT_COUNT];

	json_only(j, o, "type bom-ref name version purl manufacturer description properties");
	c->kind = json_get_string(j, o, "type", 1, LIMIT_TEXT);
	c->ref = json_get_string(j, o, "bom-ref", 1, LIMIT_PURL);
	c->name = json_get_string(j, o, "name", 1, LIMIT_TEXT);
	c->version = optional(j, o, "version", LIMIT_TEXT);
	c->purl = optional(j, o, "purl", LIMIT_PURL);
	c->description = optional(j, o, "description", LIMIT_TEXT);
	if (json_has(o, "manufacturer")) {
		const struct json_node *maker = json_get_object(j, o, "manufacturer");

		json_only(j, maker, "name");
		c->maker = json_get_string(j, maker, "name", 1, LIMIT_TEXT);
	}
	for (size_t i = 0; i < FACT_COUNT; i++)
		to[i] = &c->fact[i];
	read_properties(j, o, facts, FACT_COUNT, to);
}

static void
read_metadata(struct json *j, const struct json_node *root, struct passport *p)
{
	static const char *const names[] = { "waxseal:architecture", "waxseal:customer",
		"waxseal:kernel", "waxseal:read_by", "waxseal:read_from", "waxseal:vendor" };
	const char **to[] = { &p->architecture, &p->customer, &p->kernel, &p->read_by,
		&p->read_from, &p->vendor };
	const struct json_node *o = json_get_object(j, root, "metadata"), *system;

	json_only(j, o, "timestamp component properties");
	p->taken = json_get_moment(j, o, "timestamp");
	system = json_get_object(j, o, "component");
	json_only(j, system, "type name");
	if (strcmp(json_get_string(j, system, "type", 1, LIMIT_TEXT), "device") != 0)
		json_refuse(j, ERR_PASSPORT, "type");
	p->system = json_get_string(j, system, "name", 1, LIMIT_ID);
	read_properties(j, o, names, sizeof(names) / sizeof(names[0]), to);
}

/* "1.6"; a later one is a version still to come. */
static void
check_format(struct json *j, const struct json_node *root)
{
	const char *first = json_key_at(root, 0), *version;

	if (first == NULL || strcmp(first, "bomFormat") != 0 ||
	    strcmp(json_get_string(j, root, "bomFormat", 1, LIMIT_TEXT), "CycloneDX") != 0)
		json_refuse(j, ERR_DOC_TYPE, "bomFormat");
	version = json_get_string(j, root, "specVersion", 1, LIMIT_TEXT);
	if (strcmp(version, "1.7") == 0 || strncmp(version, "2.", 2) == 0)
		json_refuse(j, ERR_NEWER, "specVersion");
	if (strcmp(version, "1.6") != 0)
		json_refuse(j, ERR_PASSPORT, "specVersion");
}

static enum err
read_body(struct json *j, struct passport *p, struct fault *f)
{
	const struct json_node *root = json_root(j), *list;
	size_t n;

	check_format(j, root);
	json_only(j, root, "bomFormat specVersion version metadata components");
	p->number = json_get_uint(j, root, "version", 1, LIMIT_NUMBER);
	read_metadata(j, root, p);
	list = json_get_array(j, root, "components", 0, LIMIT_COMPONENTS);
	n = json_count(list);
	for (size_t i = 0; i < n && json_error(j, NULL) == OK; i++) {
		struct passport_component *c = new_component(p);

		if (c == NULL)
			return err_fault(f, ERR_MEMORY, "passport");
		read_component(j, json_get_object_at(j, list, i), c);
	}
	return json_error(j, f);
}

enum err
passport_parse(struct passport **out, const void *body, size_t len, struct fault *f)
{
	struct passport *p = NULL;
	enum err e;

	*out = NULL;
	if (len > LIMIT_PASSPORT)
		return err_fault(f, ERR_LIMIT, "a passport has at most %llu bytes",
		    (unsigned long long)LIMIT_PASSPORT);
	if ((p = passport_new()) == NULL)
		return err_fault(f, ERR_MEMORY, "passport");
	if ((e = json_parse(&p->json, body, len, f)) != OK ||
	    (e = read_body(p->json, p, f)) != OK || (e = passport_settle(p, f)) != OK)
		goto out;
	digest_sha256(body, len, &p->digest);
	*out = p;
	p = NULL;
out:
	passport_free(p);
	return e;
}

/* Exactly one signature, by ${key} if it is known. */
static enum err
check_signature(const void *buf, size_t len, const struct ssh_key *key, struct document *doc,
    struct signers *by)
{
	enum err e;

	if (len > LIMIT_PASSPORT)
		return ERR_LIMIT;
	if ((e = document_split(buf, len, doc)) != OK ||
	    (e = document_signers(doc, NAMESPACE, by)) != OK)
		return e;
	if (by->count != 1)
		return ERR_DOC_FORM;
	return key == NULL || sshsig_key_equal(key, &by->key[0]) ? OK : ERR_DOC_SIGNATURE;
}

enum err
passport_open(struct passport **out, const void *buf, size_t len, const struct ssh_key *key,
    struct ssh_key *signer, struct fault *f)
{
	struct document doc;
	struct signers by;
	enum err e;

	*out = NULL;
	if ((e = check_signature(buf, len, key, &doc, &by)) != OK)
		return err_fault(f, e, "passport");
	if ((e = passport_parse(out, doc.body, doc.body_len, f)) == OK && signer != NULL)
		*signer = by.key[0];
	return e;
}

/* Behind the space that JSON has. */
static bool
skip(const char **at, const char *end, const char *word)
{
	const size_t len = strlen(word);

	while (*at < end && memchr(" \t\r\n", **at, 4) != NULL)
		(*at)++;
	if ((size_t)(end - *at) < len || memcmp(*at, word, len) != 0)
		return false;
	*at += len;
	return true;
}

bool
passport_is(const void *buf, size_t len)
{
	const char *at = buf, *end = at + len;

	return len > 0 && *at == '{' && skip(&at, end, "{") && skip(&at, end, "\"bomFormat\"") &&
	    skip(&at, end, ":") && skip(&at, end, "\"CycloneDX\"");
}

size_t
passport_span(const void *buf, size_t len)
{
	static const char last[] = "\n-----END SSH SIGNATURE-----\n";
	const char *at = memmem(buf, len, last, sizeof(last) - 1);

	return at == NULL ? 0 : (size_t)(at - (const char *)buf) + sizeof(last) - 1;
}
