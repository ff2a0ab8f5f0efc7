/*
 * edit: one change to a text that is good as it stands.
 * Include after cmocka.h.
 */
#ifndef TESTS_UNIT_EDIT_H
#define TESTS_UNIT_EDIT_H

#include <stdlib.h>
#include <string.h>

/* ${text} with the first ${find} replaced by ${put}; the caller frees it. */
static inline char *
edit(const char *text, const char *find, const char *put)
{
	const char *at = strstr(text, find);
	const size_t tail = at == NULL ? 0 : strlen(at + strlen(find));
	char *out;

	assert_non_null(at);
	out = malloc((size_t)(at - text) + strlen(put) + tail + 1);
	assert_non_null(out);
	memcpy(out, text, (size_t)(at - text));
	memcpy(out + (at - text), put, strlen(put));
	memcpy(out + (at - text) + strlen(put), at + strlen(find), tail + 1);
	return out;
}

/* ${n} letters, between ${before} and ${after}; the caller frees it. */
static inline char *
edit_long(const char *before, size_t n, const char *after)
{
	char *out = malloc(strlen(before) + n + strlen(after) + 1);

	assert_non_null(out);
	strcpy(out, before);
	memset(out + strlen(before), 'x', n);
	strcpy(out + strlen(before) + n, after);
	return out;
}

#endif
