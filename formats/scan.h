/*
 * scan: what formats/json.c demands of a text before its parser and its library see it.
 * SPEC, "JSON".
 */
#ifndef FORMATS_SCAN_H
#define FORMATS_SCAN_H

#include "formats/err.h"

/* Is this UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF? */
bool scan_utf8(const void *text, size_t len);

/*
 * scan_json(text, len, at, weight):
 * Is this one JSON object, then nothing or one newline, that keeps the rules of SPEC for
 * characters, numbers, keys and depth?  ${at} gets the place of the first offence.  Keys that are
 * there twice are not noticed.  ${weight} (may be NULL) gets the bytes of all keys and strings,
 * decoded, plus all numbers, modulo 2^64: what a tree of it weighs if nothing was lost on the way.
 */
enum err scan_json(const void *text, size_t len, size_t *at, uint64_t *weight) MUST_USE;

/* Are no more than ${max} brackets of a text, outside of its strings, ever open at once? */
bool scan_depth(const void *text, size_t len, unsigned max);

#endif
