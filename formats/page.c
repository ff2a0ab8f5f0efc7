/*
 * page: see page.h.
 */
#include "formats/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/name.h"

#define TITLE	14	/* columns of a row's title */
#define INDENT	2	/* of the text of a block */

struct page {
	char *text;
	size_t len, room;
	enum err err;
};

struct page *
page_new(void)
{
	return calloc(1, sizeof(struct page));
}

static void
put(struct page *p, const char *bytes, size_t n)
{
	char *text;
	size_t room;

	if (p->err != OK)
		return;
	if (p->room - p->len <= n) {
		room = 2 * (p->room + n) + 1;
		text = realloc(p->text, room);
		if (text == NULL) {
			p->err = ERR_MEMORY;
			return;
		}
		p->text = text;
		p->room = room;
	}
	memcpy(p->text + p->len, bytes, n);
	p->len += n;
	p->text[p->len] = '\0';
}

static void
put_spaces(struct page *p, size_t n)
{
	while (n-- > 0)
		put(p, " ", 1);
}

/* Bytes of the first ${columns} characters of ${s}; all of them when it has fewer. */
static size_t
bytes_of(const char *s, size_t columns)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++)
		/* UTF-8: all but the first byte of a character are 10xxxxxx. */
		if (((unsigned char)s[i] & 0xc0) != 0x80 && columns-- == 0)
			break;
	return i;
}

/* Text without control characters; the line is at column ${indent} already. */
static void
put_wrapped(struct page *p, const char *s, size_t indent)
{
	size_t n, cut;

	for (;;) {
		n = bytes_of(s, PAGE_WIDTH - indent);
		if (s[n] == '\0')
			break;
		for (cut = n; cut > 0 && s[cut] != ' '; cut--)
			continue;
		/* A word that is longer than a line is cut where the line ends. */
		if (cut == 0)
			cut = n;
		put(p, s, cut);
		put(p, "\n", 1);
		put_spaces(p, indent);
		s += cut;
		s += strspn(s, " ");
	}
	put(p, s, n);
	put(p, "\n", 1);
}

/* ${len} bytes of foreign text, one line. */
static void
put_line(struct page *p, const char *text, size_t len, size_t indent)
{
	char *shown = malloc(4 * len + 1), *plain = malloc(len + 1);

	if (shown == NULL || plain == NULL) {
		p->err = ERR_MEMORY;
		goto out;
	}
	for (size_t i = 0; i < len; i++)
		plain[i] = (char)(text[i] == '\t' ? ' ' : text[i]);
	put_wrapped(p, name_escape(shown, 4 * len + 1, plain, len), indent);
out:
	free(plain);
	free(shown);
}

void
page_line(struct page *p, const char *text)
{
	if (p != NULL)
		put_line(p, text, strlen(text), 0);
}

void
page_row(struct page *p, const char *title, const char *text)
{
	const size_t n = strlen(title);

	if (p == NULL || *text == '\0')
		return;
	put(p, title, n);
	put_spaces(p, n < TITLE ? TITLE - n : 1);
	put_line(p, text, strlen(text), TITLE);
}

void
page_number(struct page *p, const char *title, uint64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, number);
	page_row(p, title, text);
}

void
page_block(struct page *p, const char *title, const char *text)
{
	size_t n;

	if (p == NULL || *text == '\0')
		return;
	put(p, "\n", 1);
	put_line(p, title, strlen(title), 0);
	for (; *text != '\0'; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		if (n > 0)
			put_spaces(p, INDENT);
		put_line(p, text, n, INDENT);
	}
}

enum err
page_finish(struct page *p, char **text, size_t *len)
{
	enum err e;

	*text = NULL;
	*len = 0;
	if (p == NULL)
		return ERR_MEMORY;
	put(p, "", 0);
	e = p->err;
	if (e == OK) {
		*text = p->text;
		*len = p->len;
		p->text = NULL;
	}
	free(p->text);
	free(p);
	return e;
}
