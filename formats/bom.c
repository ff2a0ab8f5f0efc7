/*
 * bom: generous with what does not matter, strict with what decides: which components, and which
 * versions of them.
 */
#include "formats/bom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"
#include "formats/purl.h"

struct reader {
	struct passport *p;
	struct json *j;
	const char **refs;	/* what the list itself calls its components */
	size_t ref_count, ref_room;
	size_t skipped;
	const char *described;	/* SPDX: the package that is the system itself; "" */
};

/* ---- one component ---- */

static bool
is_plain(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
		/* C1, in UTF-8. */
		if ((unsigned char)*text == 0xc2 && (unsigned char)text[1] < 0xa0)
			return false;
	}
	return true;
}

/* The text at ${key}; "" when there is none. */
static const char *
text_at(struct reader *r, const struct json_node *o, const char *key)
{
	return json_has(o, key) ? json_get_string(r->j, o, key, 0, LIMIT_IMPORT) : "";
}

static bool
is_one_of(const char *text, const char *const *words)
{
	while (*words != NULL && strcmp(*words, text) != 0)
		words++;
	return *words != NULL;
}

static enum err
read_purl(const char *text, char out[static LIMIT_PURL + 1])
{
	struct purl *purl;
	enum err e = purl_parse(&purl, text, strlen(text));

	if (e == OK)
		e = purl_print(purl, out);
	purl_free(purl);
	return e;
}

static enum err
add(struct reader *r, struct passport_component *c, struct fault *f)
{
	char purl[LIMIT_PURL + 1] = "", ref[LIMIT_PURL + 1];
	enum err e;

	if (*c->name == '\0' || strlen(c->name) > LIMIT_TEXT || strlen(c->version) > LIMIT_TEXT ||
	    !is_plain(c->name) || !is_plain(c->version))
		return err_fault(f, ERR_BOM, "the name or version of %.200s", c->name);
	if (*c->version == '\0' && passport_is_software(c->kind))
		return err_fault(f, ERR_PASSPORT_VERSION, "%s", c->name);
	if (*c->purl != '\0' && (e = read_purl(c->purl, purl)) != OK)
		return err_fault(f, e, "%s: %.200s", c->name, c->purl);
	(void)snprintf(ref, sizeof(ref), "%s:%s@%s", c->kind, c->name, c->version);
	c->ref = *purl == '\0' ? ref : purl;
	c->purl = purl;
	if (strlen(c->maker) > LIMIT_TEXT || !is_plain(c->maker))
		c->maker = "";
	if (strlen(c->description) > LIMIT_TEXT || !is_plain(c->description))
		c->description = "";
	e = passport_add(r->p, c);
	return e == OK ? OK : err_fault(f, e, "a passport has at most %u components",
	    LIMIT_COMPONENTS);
}

static int
compare_refs(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum err
take_ref(struct reader *r, const char *ref)
{
	const size_t room = r->ref_room == 0 ? 256 : r->ref_room * 2;
	const char **more;

	if (*ref == '\0')
		return OK;
	if (r->ref_count == r->ref_room) {
		if ((more = reallocarray(r->refs, room, sizeof(*more))) == NULL)
			return ERR_MEMORY;
		r->refs = more;
		r->ref_room = room;
	}
	r->refs[r->ref_count++] = ref;
	return OK;
}

static enum err
check_refs(struct reader *r, struct fault *f)
{
	if (r->ref_count > 0)
		qsort(r->refs, r->ref_count, sizeof(*r->refs), compare_refs);
	for (size_t i = 1; i < r->ref_count; i++)
		if (strcmp(r->refs[i - 1], r->refs[i]) == 0)
			return err_fault(f, ERR_PASSPORT_TWICE, "%.250s", r->refs[i]);
	return OK;
}

/* With or without fractions of a second; a time that is none says nothing. */
static void
take_time(struct reader *r, const char *text)
{
	char plain[TIME_TEXT];
	const size_t n = strcspn(text, "."), digits = text[n] == '.' ?
	    1 + strspn(text + n + 1, "0123456789") : 0;
	struct moment m;

	if ((size_t)snprintf(plain, sizeof(plain), "%.*s%s", (int)(n < TIME_TEXT ? n : TIME_TEXT),
	    text, text + n + digits) < sizeof(plain) && time_parse(plain, &m) == OK)
		r->p->taken = m;
}

/* ---- CycloneDX ---- */

static const char *
name_in(struct reader *r, const struct json_node *o, const char *key)
{
	return json_has(o, key) ? text_at(r, json_get_object(r->j, o, key), "name") : "";
}

static enum err
read_cyclonedx_component(struct reader *r, const struct json_node *o, struct fault *f)
{
	static const char *const not_ours[] = { "file", "data", "cryptographic-asset",
		"machine-learning-model", NULL };
	static const char *const kinds[] = { "application", "framework", "library", "container",
		"platform", "operating-system", "device", "device-driver", "firmware", NULL };
	struct passport_component c = passport_blank();

	c.kind = text_at(r, o, "type");
	c.name = text_at(r, o, "name");
	if (take_ref(r, text_at(r, o, "bom-ref")) != OK)
		return err_fault(f, ERR_MEMORY, "bom-ref");
	if (json_error(r->j, f) != OK)
		return json_error(r->j, NULL);
	if (is_one_of(c.kind, not_ours)) {
		r->skipped++;
		return OK;
	}
	if (!is_one_of(c.kind, kinds))
		return err_fault(f, ERR_BOM, "the type of %.200s", c.name);
	c.version = text_at(r, o, "version");
	c.purl = text_at(r, o, "purl");
	c.description = text_at(r, o, "description");
	c.maker = name_in(r, o, "manufacturer");
	if (*c.maker == '\0')
		c.maker = name_in(r, o, "supplier");
	if (*c.maker == '\0')
		c.maker = text_at(r, o, "publisher");
	if (json_error(r->j, f) != OK)
		return json_error(r->j, f);
	return add(r, &c, f);
}

/* Components have components: the arrays that are begun, outermost first. */
struct begun {
	const struct json_node *list;
	size_t next;
};

static enum err
read_components(struct reader *r, const struct json_node *root, struct fault *f)
{
	struct begun stack[LIMIT_IMPORT_DEPTH];
	size_t depth = 0;
	enum err e = OK;

	if (json_has(root, "components"))
		stack[depth++] = (struct begun){ json_get_array(r->j, root, "components", 0,
		    SIZE_MAX), 0 };
	while (e == OK && depth > 0) {
		struct begun *now = &stack[depth - 1];
		const struct json_node *o;

		if (now->next == json_count(now->list)) {
			depth--;
			continue;
		}
		o = json_get_object_at(r->j, now->list, now->next++);
		if ((e = read_cyclonedx_component(r, o, f)) == OK && json_has(o, "components") &&
		    depth < LIMIT_IMPORT_DEPTH)
			stack[depth++] = (struct begun){ json_get_array(r->j, o, "components", 0,
			    SIZE_MAX), 0 };
	}
	return e == OK ? json_error(r->j, f) : e;
}

static enum err
read_cyclonedx(struct reader *r, const struct json_node *root, struct fault *f)
{
	static const char *const known[] = { "1.4", "1.5", "1.6", NULL };
	const char *version = text_at(r, root, "specVersion");

	if (strcmp(text_at(r, root, "bomFormat"), "CycloneDX") != 0)
		return err_fault(f, ERR_BOM, "bomFormat");
	if (strcmp(version, "1.7") == 0)
		return err_fault(f, ERR_NEWER, "CycloneDX %s", version);
	if (!is_one_of(version, known))
		return err_fault(f, ERR_BOM, "specVersion %.100s", version);
	if (json_has(root, "metadata"))
		take_time(r, text_at(r, json_get_object(r->j, root, "metadata"), "timestamp"));
	return read_components(r, root, f);
}

/* ---- SPDX ---- */

static const char *
find_purl(struct reader *r, const struct json_node *package)
{
	const struct json_node *list;
	size_t n;

	if (!json_has(package, "externalRefs"))
		return "";
	list = json_get_array(r->j, package, "externalRefs", 0, SIZE_MAX);
	n = json_count(list);
	for (size_t i = 0; i < n; i++) {
		const struct json_node *o = json_get_object_at(r->j, list, i);

		if (strcmp(text_at(r, o, "referenceType"), "purl") == 0)
			return text_at(r, o, "referenceLocator");
	}
	return "";
}

/* What SPDX calls the purpose of a package, and CycloneDX its type; NULL: no component. */
static const char *
kind_of(const char *purpose)
{
	static const struct { const char *purpose, *kind; } table[] = {
		{ "APPLICATION", "application" }, { "FRAMEWORK", "framework" },
		{ "CONTAINER", "container" }, { "OPERATING-SYSTEM", "operating-system" },
		{ "OPERATING_SYSTEM", "operating-system" },
		{ "DEVICE", "device" }, { "FIRMWARE", "firmware" },
		{ "FILE", NULL }, { "SOURCE", NULL }, { "ARCHIVE", NULL },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].purpose, purpose) == 0)
			return table[i].kind;
	return "library";
}

static const char *
asserted(const char *text)
{
	return strcmp(text, "NOASSERTION") == 0 || strcmp(text, "NONE") == 0 ? "" : text;
}

static enum err
read_package(struct reader *r, const struct json_node *o, struct fault *f)
{
	static const char organization[] = "Organization: ";
	struct passport_component c = passport_blank();
	const char *id = text_at(r, o, "SPDXID");

	if (take_ref(r, id) != OK)
		return err_fault(f, ERR_MEMORY, "SPDXID");
	c.kind = kind_of(text_at(r, o, "primaryPackagePurpose"));
	if (c.kind == NULL || (*id != '\0' && strcmp(id, r->described) == 0)) {
		r->skipped++;
		return json_error(r->j, f);
	}
	c.name = text_at(r, o, "name");
	c.version = asserted(text_at(r, o, "versionInfo"));
	c.purl = find_purl(r, o);
	c.maker = asserted(text_at(r, o, "supplier"));
	if (strncmp(c.maker, organization, strlen(organization)) == 0)
		c.maker += strlen(organization);
	c.description = text_at(r, o, "summary");
	if (json_error(r->j, f) != OK)
		return json_error(r->j, f);
	return add(r, &c, f);
}

/* The package that the document describes, if it is one only: it is the system, not part of it. */
static void
find_described(struct reader *r, const struct json_node *root)
{
	const struct json_node *list;
	size_t n, found = 0;

	r->described = "";
	if (json_has(root, "documentDescribes")) {
		list = json_get_array(r->j, root, "documentDescribes", 0, SIZE_MAX);
		if (json_count(list) == 1)
			r->described = json_get_string_at(r->j, list, 0, 0, LIMIT_IMPORT);
		return;
	}
	if (!json_has(root, "relationships"))
		return;
	list = json_get_array(r->j, root, "relationships", 0, SIZE_MAX);
	n = json_count(list);
	for (size_t i = 0; i < n; i++) {
		const struct json_node *o = json_get_object_at(r->j, list, i);

		if (strcmp(text_at(r, o, "spdxElementId"), "SPDXRef-DOCUMENT") != 0 ||
		    strcmp(text_at(r, o, "relationshipType"), "DESCRIBES") != 0)
			continue;
		r->described = found++ == 0 ? text_at(r, o, "relatedSpdxElement") : "";
	}
}

static enum err
read_spdx(struct reader *r, const struct json_node *root, struct fault *f)
{
	const char *version = text_at(r, root, "spdxVersion");
	const struct json_node *list;
	size_t n;
	enum err e = OK;

	if (strncmp(version, "SPDX-3", 6) == 0)
		return err_fault(f, ERR_NEWER, "%.100s", version);
	if (strcmp(version, "SPDX-2.3") != 0 && strcmp(version, "SPDX-2.2") != 0)
		return err_fault(f, ERR_BOM, "spdxVersion %.100s", version);
	if (json_has(root, "creationInfo"))
		take_time(r, text_at(r, json_get_object(r->j, root, "creationInfo"), "created"));
	list = json_get_array(r->j, root, "packages", 0, SIZE_MAX);
	n = json_count(list);
	find_described(r, root);
	if (n == 1)
		r->described = "";
	for (size_t i = 0; e == OK && i < n; i++)
		e = read_package(r, json_get_object_at(r->j, list, i), f);
	return e == OK ? json_error(r->j, f) : e;
}

enum err
bom_read(struct passport *p, const void *buf, size_t len, size_t *skipped, struct fault *f)
{
	static const char mark[] = "\xef\xbb\xbf";	/* as some programs begin a text */
	struct reader r = { .p = p };
	const struct json_node *root;
	enum err e;

	*skipped = 0;
	if (len > LIMIT_IMPORT)
		return err_fault(f, ERR_LIMIT, "more than %llu bytes",
		    (unsigned long long)LIMIT_IMPORT);
	if (len >= 3 && memcmp(buf, mark, 3) == 0) {
		buf = (const char *)buf + 3;
		len -= 3;
	}
	if ((e = json_parse_foreign(&r.j, buf, len, f)) != OK)
		return e;
	root = json_root(r.j);
	if (json_has(root, "bomFormat"))
		e = read_cyclonedx(&r, root, f);
	else if (json_has(root, "spdxVersion"))
		e = read_spdx(&r, root, f);
	else
		e = err_fault(f, ERR_BOM, "neither bomFormat nor spdxVersion");
	if (e == OK && (e = check_refs(&r, f)) == OK)
		passport_unify(p);
	*skipped = r.skipped;
	free(r.refs);
	json_free(r.j);
	return e;
}
