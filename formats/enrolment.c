/*
 * enrolment: how a site introduces itself: its id, its name and its key, signed by that key.
 * SPEC, "enrolment/1".
 */
#include "formats/enrolment.h"

#include <stdlib.h>
#include <string.h>

#include "formats/limits.h"

#define NAMESPACE "enrolment@waxseal"

/* What the site says it reads is news from a site that may be newer: only its form is looked at. */
static void
read_formats(struct json *j, const struct json_node *root)
{
	const struct json_node *list = json_get_array(j, root, "reads", 1, LIMIT_LIST);
	const size_t n = json_count(list);

	for (size_t i = 0; i < n; i++)
		(void)json_get_string_at(j, list, i, 1, LIMIT_TEXT);
}

static enum err
read_body(const struct document *doc, struct enrolment *en, struct fault *f)
{
	const struct json_node *root;
	const char *line;
	struct json *j;
	enum err e;

	e = json_parse(&en->json, doc->body, doc->body_len, f);
	if (e != OK)
		return e;
	en->digest = doc->digest;
	j = en->json;
	root = json_root(j);
	json_check_type(j, "enrolment", "site", NULL);
	json_only(j, root, "waxseal site name key issued reads");
	en->site = json_get_string(j, root, "site", 1, LIMIT_ID);
	en->name = json_get_string(j, root, "name", 1, LIMIT_TEXT);
	line = json_get_string(j, root, "key", 1, SSHSIG_LINE - 1);
	e = sshsig_key_parse(line, strlen(line), &en->key, NULL, 0);
	if (e != OK)
		json_refuse(j, e, "key");
	en->issued = json_get_moment(j, root, "issued");
	read_formats(j, root);
	return json_error(j, f);
}

enum err
enrolment_open(struct enrolment **out, const void *buf, size_t len, struct fault *f)
{
	struct enrolment *en = NULL;
	struct document doc;
	struct signers by;
	enum err e;

	*out = NULL;
	if (len > LIMIT_DOCUMENT)
		return err_fault(f, ERR_LIMIT, "enrolment");
	e = document_split(buf, len, &doc);
	if (e != OK)
		return err_fault(f, e, "enrolment");
	e = document_signers(&doc, NAMESPACE, &by);
	if (e != OK)
		return err_fault(f, e, "enrolment");
	if (by.count != 1)
		return err_fault(f, ERR_DOC_FORM, "enrolment");
	en = calloc(1, sizeof(*en));
	if (en == NULL)
		return err_fault(f, ERR_MEMORY, "enrolment");
	e = read_body(&doc, en, f);
	if (e != OK)
		goto out;
	if (!sshsig_key_equal(&en->key, &by.key[0])) {
		e = err_fault(f, ERR_DOC_SIGNATURE, "key");
		goto out;
	}
	*out = en;
	en = NULL;
out:
	enrolment_free(en);
	return e;
}

void
enrolment_free(struct enrolment *e)
{
	if (e == NULL)
		return;
	json_free(e->json);
	free(e);
}

enum err
enrolment_print(const char *site, const char *name, const struct ssh_key *key, struct moment issued,
    char **text, size_t *len)
{
	static const char *const formats[] = { "seal/1", "release/1", "trust/1" };
	struct json_writer *w = json_writer_new();
	char line[SSHSIG_LINE];

	sshsig_key_print(key, line);
	json_put_string(w, "waxseal", "enrolment/1");
	json_put_string(w, "site", site);
	json_put_string(w, "name", name);
	json_put_string(w, "key", line);
	json_put_moment(w, "issued", issued);
	json_open_array(w, "reads");
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		json_put_string(w, NULL, formats[i]);
	json_close(w);
	return json_finish(w, 1, text, len);
}
