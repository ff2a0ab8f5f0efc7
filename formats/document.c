/*
 * document: where the body ends and the signatures begin, and who made them.  Looks at whole lines
 * only, never into the body.
 */
#include "formats/document.h"

#include <string.h>

#define BEGIN	"-----BEGIN SSH SIGNATURE-----\n"
#define END	"\n-----END SSH SIGNATURE-----\n"

static bool
begins(const char *buf, size_t len, const char *text)
{
	size_t n = strlen(text);

	return len >= n && memcmp(buf, text, n) == 0;
}

/* The length of the body: all before the first line that begins a signature. */
static size_t
find_body(const char *buf, size_t len)
{
	const char *line = buf, *newline;
	size_t left = len;

	while (left > 0 && !begins(line, left, BEGIN)) {
		if ((newline = memchr(line, '\n', left)) == NULL)
			return len;
		line = newline + 1;
		left = len - (size_t)(line - buf);
	}
	return len - left;
}

static enum err
split_signatures(const char *buf, size_t len, struct document *out)
{
	const char *end;
	size_t window, n;

	while (len > 0) {
		if (!begins(buf, len, BEGIN))
			return ERR_DOC_FORM;
		if (out->count == LIMIT_SIGNATURES)
			return ERR_LIMIT;
		window = len < LIMIT_ARMOR ? len : LIMIT_ARMOR;
		if ((end = memmem(buf, window, END, strlen(END))) == NULL)
			return len > LIMIT_ARMOR ? ERR_LIMIT : ERR_DOC_FORM;
		n = (size_t)(end - buf) + strlen(END);
		out->signature[out->count].armor = buf;
		out->signature[out->count].len = n;
		out->count++;
		buf += n;
		len -= n;
	}
	return OK;
}

enum err
document_split_unsigned(const void *buf, size_t len, struct document *out)
{
	const char *body = buf;
	size_t n = find_body(body, len);
	enum err e;

	*out = (struct document){ .body = body, .body_len = n };
	if (n == 0 || body[n - 1] != '\n')
		return ERR_DOC_FORM;
	if ((e = split_signatures(body + n, len - n, out)) != OK)
		return e;
	digest_sha256(body, n, &out->digest);
	return OK;
}

enum err
document_split(const void *buf, size_t len, struct document *out)
{
	enum err e = document_split_unsigned(buf, len, out);

	return e == OK && out->count == 0 ? ERR_DOC_FORM : e;
}

enum err
document_signers(const struct document *doc, const char *namespace, struct signers *out)
{
	struct signers s = { 0 };
	enum err e;

	*out = s;
	for (unsigned i = 0; i < doc->count; i++) {
		e = sshsig_verify(doc->signature[i].armor, doc->signature[i].len, namespace,
		    doc->body, doc->body_len, &s.key[i]);
		if (e != OK)
			return e;
		for (unsigned k = 0; k < i; k++)
			if (sshsig_key_equal(&s.key[k], &s.key[i]))
				return ERR_DOC_FORM;
		s.count++;
	}
	*out = s;
	return OK;
}

struct text {
	const char *at;
	size_t left;
};

static void
skip_space(struct text *t)
{
	while (t->left > 0 && memchr(" \t\r\n", *t->at, 4) != NULL) {
		t->at++;
		t->left--;
	}
}

/* Skip space and then exactly ${text}. */
static bool
skip(struct text *t, const char *text)
{
	skip_space(t);
	if (!begins(t->at, t->left, text))
		return false;
	t->at += strlen(text);
	t->left -= strlen(text);
	return true;
}

enum err
document_type(const char *body, size_t len, char *type, size_t cap)
{
	struct text t = { body, len };
	size_t n = 0;

	if (!begins(body, len, "{") || !skip(&t, "{") || !skip(&t, "\"waxseal\"") ||
	    !skip(&t, ":") || !skip(&t, "\""))
		return ERR_DOC_TYPE;
	while (n < t.left && t.at[n] >= 'a' && t.at[n] <= 'z')
		n++;
	if (n == 0 || n >= cap || t.left - n < 2 || t.at[n] != '/' || t.at[n + 1] < '1' ||
	    t.at[n + 1] > '9')
		return ERR_DOC_TYPE;
	memcpy(type, t.at, n);
	type[n] = '\0';
	return OK;
}

/* Skip what stands between here and the next quotation mark, and the mark. */
static bool
skip_text(struct text *t)
{
	const char *mark = memchr(t->at, '"', t->left);

	if (mark == NULL)
		return false;
	t->left -= (size_t)(mark + 1 - t->at);
	t->at = mark + 1;
	return true;
}

enum err
document_party(const char *body, size_t len, const char *party, char *out, size_t cap)
{
	struct text t = { body, len };
	const char *from;
	size_t n;

	if (!skip(&t, "{") || !skip(&t, "\"waxseal\"") || !skip(&t, ":") || !skip(&t, "\"") ||
	    !skip_text(&t) || !skip(&t, ",") || !skip(&t, "\"") || !skip(&t, party) ||
	    !skip(&t, "\"") || !skip(&t, ":") || !skip(&t, "\""))
		return ERR_DOC_VENDOR;
	from = t.at;
	if (!skip_text(&t))
		return ERR_DOC_VENDOR;
	n = (size_t)(t.at - 1 - from);
	n = n < cap ? n : cap - 1;
	memcpy(out, from, n);
	out[n] = '\0';
	return OK;
}
