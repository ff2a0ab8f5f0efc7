/*
 * link: the judge's end of the pipes to the reader.  Whoever waits here waits LIMIT_SILENCE at
 * most.
 */
#ifndef VERIFY_LINK_H
#define VERIFY_LINK_H

#include <poll.h>

#include "verify/crew.h"
#include "verify/wire.h"

struct link {
	struct crew crew;
	uint64_t bytes;		/* read from the medium so far */
};

/* As pipeline_start and pipeline_stop, which see; link_stop also after an error. */
enum err link_start(struct link *l, const struct crew_medium *m, struct device *device,
    struct fault *f) MUST_USE;
void link_stop(struct link *l);

/* Wait until one of the pipes has something; ERR_SILENT after so many seconds. */
enum err link_wait(struct pollfd *fds, nfds_t n, unsigned seconds) MUST_USE;
bool link_command(struct link *l, uint64_t op, uint64_t a, uint64_t b) MUST_USE;
/* The next report that is more than a sign of life: ERR_SILENT, ERR_CHILD. */
enum err link_report(struct link *l, struct report *r) MUST_USE;

/* As pipeline_read and pipeline_size. */
enum err link_read(struct link *l, uint64_t offset, void *buf, size_t len,
    struct fault *f) MUST_USE;
uint64_t link_size(struct link *l);

#endif
