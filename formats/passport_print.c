/*
 * passport_print: the body of a passport, always the same for the same passport.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"
#include "formats/passport.h"

static void
put_optional(struct json_writer *w, const char *key, const char *value)
{
	if (*value != '\0')
		json_put_string(w, key, value);
}

/* One entry of the list "properties", which ${open} says is begun. */
static void
put_property(struct json_writer *w, bool *open, const char *name, const char *value)
{
	if (*value == '\0')
		return;
	if (!*open)
		json_open_array(w, "properties");
	*open = true;
	json_open_object(w, NULL);
	json_put_string(w, "name", name);
	json_put_string(w, "value", value);
	json_close(w);
}

static void
put_component(struct json_writer *w, const struct passport_component *c)
{
	bool open = false;

	json_open_object(w, NULL);
	json_put_string(w, "type", c->kind);
	json_put_string(w, "bom-ref", c->ref);
	json_put_string(w, "name", c->name);
	put_optional(w, "version", c->version);
	put_optional(w, "purl", c->purl);
	if (*c->maker != '\0') {
		json_open_object(w, "manufacturer");
		json_put_string(w, "name", c->maker);
		json_close(w);
	}
	put_optional(w, "description", c->description);
	for (int i = 0; i < FACT_COUNT; i++)
		put_property(w, &open, passport_fact_name((enum passport_fact)i), c->fact[i]);
	if (open)
		json_close(w);
	json_close(w);
}

static void
put_metadata(struct json_writer *w, const struct passport *p)
{
	bool open = false;

	json_open_object(w, "metadata");
	json_put_moment(w, "timestamp", p->taken);
	json_open_object(w, "component");
	json_put_string(w, "type", "device");
	json_put_string(w, "name", p->system);
	json_close(w);
	put_property(w, &open, "waxseal:architecture", p->architecture);
	put_property(w, &open, "waxseal:customer", p->customer);
	put_property(w, &open, "waxseal:kernel", p->kernel);
	put_property(w, &open, "waxseal:read_by", p->read_by);
	put_property(w, &open, "waxseal:read_from", p->read_from);
	put_property(w, &open, "waxseal:vendor", p->vendor);
	if (open)
		json_close(w);
	json_close(w);
}

enum err
passport_print(const struct passport *p, char **text, size_t *len, struct fault *f)
{
	struct json_writer *w = json_writer_new();
	enum err e;

	json_put_string(w, "bomFormat", "CycloneDX");
	json_put_string(w, "specVersion", "1.6");
	json_put_uint(w, "version", p->number);
	put_metadata(w, p);
	json_open_array(w, "components");
	for (size_t i = 0; i < p->count; i++)
		put_component(w, &p->component[i]);
	json_close(w);
	if ((e = json_finish(w, 1, text, len)) != OK)
		return err_fault(f, e, "passport of %s", p->system);
	/* Nobody shall sign what has no room for the signature. */
	if (*len > LIMIT_PASSPORT - LIMIT_ARMOR) {
		free(*text);
		*text = NULL;
		return err_fault(f, ERR_LIMIT, "passport of %s: more than %llu bytes", p->system,
		    (unsigned long long)LIMIT_PASSPORT);
	}
	return OK;
}
