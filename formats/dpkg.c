/*
 * dpkg: paragraphs of fields, each ended by an empty line.  What is missing from this list would
 * seem not to be installed, so that nothing in it is passed over.
 */
#include "formats/dpkg.h"

#include <string.h>

#include "formats/limits.h"

void
dpkg_open(struct dpkg *d, const void *text, size_t len)
{
	*d = (struct dpkg){ .text = text, .len = len };
}

static bool
is(const struct dpkg_text *t, const char *word)
{
	return t->len == strlen(word) && memcmp(t->at, word, t->len) == 0;
}

/* 1 to LIMIT_TEXT letters, digits and ${others}. */
static bool
is_made_of(const struct dpkg_text *t, const char *others)
{
	for (size_t i = 0; i < t->len; i++) {
		const char c = t->at[i], lower = (char)(c | 0x20);

		if ((c < '0' || c > '9') && (lower < 'a' || lower > 'z') &&
		    (c == '\0' || strchr(others, c) == NULL))
			return false;
	}
	return t->len >= 1 && t->len <= LIMIT_TEXT;
}

/* The line at the reading place, without its newline, which must be there. */
static bool
take_line(struct dpkg *d, struct dpkg_text *line)
{
	const char *at = d->text + d->at, *end = memchr(at, '\n', d->len - d->at);

	if (end == NULL)
		return false;
	*line = (struct dpkg_text){ at, (size_t)(end - at) };
	d->at += line->len + 1;
	return true;
}

static struct dpkg_text
trim(const char *at, size_t len)
{
	for (; len > 0 && (*at == ' ' || *at == '\t'); at++, len--)
		continue;
	while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == '\t'))
		len--;
	return (struct dpkg_text){ at, len };
}

/* The next word of ${t}, which is cut off from it. */
static struct dpkg_text
take_word(struct dpkg_text *t)
{
	size_t n = 0;
	struct dpkg_text word;

	while (n < t->len && t->at[n] != ' ')
		n++;
	word = (struct dpkg_text){ t->at, n };
	*t = trim(t->at + n, t->len - n);
	return word;
}

/* "WANT FLAG STATE" (dpkg(1), "Information about packages"). */
static bool
read_status(struct dpkg_text t, struct dpkg_package *p)
{
	static const struct {
		const char *name;
		bool present;
	} states[] = {
		{ "installed", true }, { "triggers-pending", true }, { "triggers-awaited", true },
		{ "half-configured", true }, { "unpacked", true }, { "half-installed", true },
		{ "config-files", false }, { "not-installed", false },
	};

	(void)take_word(&t);
	(void)take_word(&t);
	p->state = take_word(&t);
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (is(&p->state, states[i].name)) {
			p->present = states[i].present;
			return t.len == 0;
		}
	}
	return false;
}

/* "NAME" or "NAME (VERSION)". */
static bool
read_source(struct dpkg_text t, struct dpkg_package *p)
{
	p->source = take_word(&t);
	if (t.len == 0)
		return true;
	if (t.len < 3 || t.at[0] != '(' || t.at[t.len - 1] != ')')
		return false;
	p->source_version = trim(t.at + 1, t.len - 2);
	return true;
}

/* "Name: value", for the fields that are looked at; each once. */
static bool
read_field(const struct dpkg_text *line, struct dpkg_package *p)
{
	const char *colon = memchr(line->at, ':', line->len);
	struct dpkg_text name, value, *to = NULL;

	if (colon == NULL || colon == line->at)
		return false;
	name = (struct dpkg_text){ line->at, (size_t)(colon - line->at) };
	value = trim(colon + 1, line->len - name.len - 1);
	if (is(&name, "Package"))
		to = &p->name;
	else if (is(&name, "Version"))
		to = &p->version;
	else if (is(&name, "Architecture"))
		to = &p->architecture;
	else if (is(&name, "Status"))
		return p->state.len == 0 && read_status(value, p);
	else if (is(&name, "Source"))
		return p->source.len == 0 && read_source(value, p);
	if (to == NULL)
		return true;
	if (to->len > 0)
		return false;
	*to = value;
	return true;
}

static bool
is_good(const struct dpkg_package *p)
{
	static const char version[] = ".+-~:";

	if (!is_made_of(&p->name, "+-.") || p->state.len == 0)
		return false;
	if (!p->present)
		return true;
	return is_made_of(&p->version, version) && is_made_of(&p->architecture, "-") &&
	    (p->source.len == 0 || is_made_of(&p->source, "+-.")) &&
	    (p->source_version.len == 0 || is_made_of(&p->source_version, version));
}

enum err
dpkg_next(struct dpkg *d, struct dpkg_package *out, bool *more, struct fault *f)
{
	struct dpkg_package p = { .present = false };
	struct dpkg_text line;
	size_t start;

	*more = false;
	while (d->at < d->len && d->text[d->at] == '\n')
		d->at++;
	if (d->at == d->len)
		return OK;
	for (start = d->at;;) {
		if (!take_line(d, &line))
			return err_fault(f, ERR_PACKAGES,
			    "the record at byte %zu is cut off at byte %zu", start, d->len);
		if (line.len == 0)
			break;
		/* The rest of a field before, which none of ours has. */
		if (line.at != d->text + start && (*line.at == ' ' || *line.at == '\t'))
			continue;
		if (!read_field(&line, &p))
			return err_fault(f, ERR_PACKAGES,
			    "the line at byte %zu, in the record at byte %zu",
			    (size_t)(line.at - d->text), start);
	}
	if (!is_good(&p))
		return err_fault(f, ERR_PACKAGES, "the record at byte %zu", start);
	*out = p;
	*more = true;
	return OK;
}
