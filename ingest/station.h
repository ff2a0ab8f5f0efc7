/*
 * station: an open ingest home with its site, brought in order after a crash.
 */
#ifndef INGEST_STATION_H
#define INGEST_STATION_H

#include "verify/home.h"
#include "verify/site.h"

struct station {
	struct home home;
	struct site *site;	/* NULL while nothing is loaded */
};

/*
 * Open the home ${path} (NULL: the usual one) and read the site.  With ${write} the home stays
 * locked until station_close or station_unlock, the site may be added to, and what a crash left
 * behind is put in order first (recover_run).  On any error nothing stays open.
 */
enum err station_open(struct station *s, const char *path, bool write, struct fault *f) MUST_USE;
void station_close(struct station *s);

/* Let others work while a medium is read; the site stays as it was. */
void station_unlock(struct station *s);
/* Lock again, read the site anew, recover. */
enum err station_relock(struct station *s, struct fault *f) MUST_USE;

/* Under the lock: read the site anew, after an entry that changes it. */
enum err station_reload(struct station *s, struct fault *f) MUST_USE;

/*
 * Sign ${body} in ${namespace} with the site's key and write body and signature to ${path} in the
 * home.
 */
enum err station_sign(const struct station *s, const char *namespace, const char *path,
    const char *body, size_t len, struct fault *f) MUST_USE;

/* out/${vendor} exists afterwards. */
enum err station_out(const struct station *s, const char *vendor, struct fault *f) MUST_USE;

#endif
