/*
 * file: load and replace files beneath a directory, durably.
 */
#ifndef VERIFY_FILE_H
#define VERIFY_FILE_H

#include <sys/types.h>

#include "formats/err.h"

/*
 * Open ${path} beneath ${dir} with openat2(BENEATH, NO_SYMLINKS, NO_MAGICLINKS); close-on-exec.
 * The result is a descriptor, or -1 with errno.
 */
int file_open(int dir, const char *path, int flags, mode_t mode);

/*
 * A file without a name, for what is needed until the end: in $TMPDIR, /var/tmp or /tmp, the first
 * where one can be made; -1 if there is none.
 */
int file_nameless(void);

/*
 * Read the whole regular file ${path} beneath ${dir} (AT_FDCWD: any path the user gave, links
 * followed) of at most ${max} bytes.  On OK the caller frees *${buf}, which has a NUL behind its
 * ${len} bytes. A file that is not there is ERR_IO with errno ENOENT.
 */
enum err file_load(int dir, const char *path, uint64_t max, char **buf, size_t *len,
    struct fault *f) MUST_USE;

/*
 * Write ${path} beneath ${dir} whole or not at all: a new file with ${mode}, fsync, rename over
 * what was there, fsync of the directory.  ${path} may have directories in it, which must exist.
 */
enum err file_replace(int dir, const char *path, mode_t mode, const void *buf, size_t len,
    struct fault *f) MUST_USE;

/* Write all of ${buf}; ERR_IO or ERR_SPACE. */
enum err file_write(int fd, const void *buf, size_t len) MUST_USE;
/* The same at ${offset}, without moving the position. */
enum err file_write_at(int fd, const void *buf, size_t len, uint64_t offset) MUST_USE;

/*
 * Make directory ${path} beneath ${dir} with mode 0700, and fsync the one that it is in; that it is
 * there already is no error.
 */
enum err file_mkdir(int dir, const char *path, struct fault *f) MUST_USE;
/* The same for every directory in front of the last component of ${path}. */
enum err file_mkdir_parents(int dir, const char *path, struct fault *f) MUST_USE;
/* Without fsync: the caller brings everything to the disk at once. */
enum err file_mkdir_unsynced(int dir, const char *path, struct fault *f) MUST_USE;

/*
 * The open directory ${directory} is new: fsync the one above it, which may be closed to us; false
 * with errno.
 */
bool file_sync_above(int directory) MUST_USE;

/*
 * Call ${fn} with every name in the directory ${path} beneath ${dir}, in no order, until one is not
 * OK; a directory that is not there is empty.
 */
typedef enum err file_visit(void *arg, const char *name, struct fault *f);
enum err file_each(int dir, const char *path, file_visit *fn, void *arg, struct fault *f) MUST_USE;

/* Remove ${path} and everything below it; that it is not there is no error.  Not recursive in C. */
enum err file_remove_tree(int dir, const char *path, struct fault *f) MUST_USE;

#endif
