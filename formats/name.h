/*
 * name: which identifiers and file names may exist, and how foreign text is shown.
 */
#ifndef FORMATS_NAME_H
#define FORMATS_NAME_H

#include "formats/err.h"

/* Vendor, customer, site: [a-z][a-z0-9-]{0,26}. */
bool name_id_ok(const char *id);

/* Release: [A-Za-z0-9][A-Za-z0-9._-]{0,63}. */
bool name_release_ok(const char *id);

/*
 * A payload path of ${len} bytes: components separated by single slashes, at most LIMIT_DEPTH of
 * them and LIMIT_PATH bytes; each 1..LIMIT_NAME bytes of UTF-8 without control characters (C0, DEL,
 * C1), backslash or colon, and not "." or "..".
 */
bool name_path_ok(const char *path, size_t len);

/*
 * What a path on a medium counts toward LIMIT_NAMES: its bytes, and as many as stand beside it in
 * SHA256SUMS.
 */
uint64_t name_weight(size_t len);

/*
 * name_fold(path, len, out):
 * NFC and full case folding of a path that name_path_ok accepts: two paths with equal folds are
 * twins.  On OK the caller frees *${out}.
 */
enum err name_fold(const char *path, size_t len, char **out) MUST_USE;

/*
 * name_escape(out, cap, text, len):
 * Make ${len} bytes of foreign text safe for a terminal: printable UTF-8 stays, everything else
 * (controls, invalid bytes, bidirectional and invisible characters) and the backslash become \xNN
 * a byte.  Cuts with "..." when ${cap} is too small; always ends in NUL.  Returns ${out}.
 */
char *name_escape(char *out, size_t cap, const void *text, size_t len);

/* The same of a whole string. */
char *name_show(char *out, size_t cap, const char *text);

/*
 * Do ids or names ${a} and ${b} look alike (1, I and l; 0 and O; case, accents, width, spaces,
 * hyphens) without being equal?
 */
bool name_resembles(const char *a, const char *b);

#endif
