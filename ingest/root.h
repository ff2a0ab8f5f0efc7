/*
 * root: the directory that a system has as its "/", for reading only.  Symbolic links in it lead to
 * where they would lead on that system, never out of it.
 */
#ifndef INGEST_ROOT_H
#define INGEST_ROOT_H

#include <dirent.h>

#include "formats/err.h"

struct root {
	int fd;			/* -1 when not open */
	const char *path;	/* as the user gave it */
	bool own;		/* it is the root of this computer, now */
};

enum err root_open(struct root *r, const char *path, struct fault *f) MUST_USE;
void root_close(struct root *r);

/* Open ${path}, without a slash in front; -1 and errno. */
int root_file(const struct root *r, const char *path, int flags);

/*
 * The whole file ${path}, of at most ${max} bytes and a NUL.  A file that is not there is OK with
 * *${buf} NULL.  On OK the caller frees *${buf}.
 */
enum err root_load(const struct root *r, const char *path, uint64_t max, char **buf, size_t *len,
    struct fault *f) MUST_USE;

/*
 * The first line of the small file DIRECTORY/NAME, such as those in /sys, without blanks around it;
 * "" if there is none or it is not UTF-8 that can be shown.
 */
#define ROOT_LINE 257
void root_line(const struct root *r, const char *directory, const char *name,
    char out[static ROOT_LINE]);

/* At most LIMIT_TEXT bytes that a terminal shows as they are? */
bool root_is_text(const char *text);

/*
 * The names in ${path}, sorted, without those that begin with a dot or are no text; none when it is
 * not there.
 */
struct root_names {
	size_t count;
	struct dirent **name;
};
enum err root_list(const struct root *r, const char *path, struct root_names *out,
    struct fault *f) MUST_USE;
void root_list_free(struct root_names *n);

#endif
