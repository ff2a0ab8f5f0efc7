/*
 * home: the directory in which ingest or mkmedia keep everything.  SPEC, "Homes".
 */
#ifndef VERIFY_HOME_H
#define VERIFY_HOME_H

#include "formats/err.h"

#define HOME_INGEST "/var/lib/ingest"

struct home {
	int fd;			/* the directory; -1 when not open */
	int lock;		/* -1 when not locked */
	char path[1024];
};

/* Where ingest and mkmedia live when nobody says otherwise; ERR_HOME if no place can be told. */
enum err home_default_ingest(char *out, size_t cap) MUST_USE;
enum err home_default_mkmedia(char *out, size_t cap) MUST_USE;

/*
 * Open ${path}: a directory with mode 0700 that belongs to this user, else ERR_HOME with what to
 * do.
 */
enum err home_open(struct home *h, const char *path, struct fault *f) MUST_USE;
/* Make it first, with its parents, and lock it; ERR_USAGE if it holds a ledger already. */
enum err home_create(struct home *h, const char *path, struct fault *f) MUST_USE;
/* Close and unlock; takes a home that was never opened when fd and lock are -1. */
void home_close(struct home *h);

/* One writer at a time: wait up to ten seconds for the lock, then ERR_BUSY. */
enum err home_lock(struct home *h, struct fault *f) MUST_USE;
void home_unlock(struct home *h);

#endif
