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

/*
 * Wait until one of the pipes has something; what that takes goes off ${left} (milliseconds), and
 * when nothing is left of it, that is ERR_SILENT.
 */
enum err link_wait(struct pollfd *fds, nfds_t n, uint64_t *left) MUST_USE;
/* False: the reader ended, or it took none for LIMIT_SILENCE. */
bool link_command(struct link *l, uint64_t op, uint64_t a, uint64_t b) MUST_USE;
/*
 * The next report that is more than a sign of life: ERR_CHILD; ERR_SILENT when there was no sign of
 * life for LIMIT_SILENCE, or when for LIMIT_ANSWER no sign told of another one of the ${steps} that
 * the job has (0: it has none).
 */
enum err link_report(struct link *l, uint64_t steps, struct report *r) MUST_USE;

/* As pipeline_read and pipeline_size. */
enum err link_read(struct link *l, uint64_t offset, void *buf, size_t len,
    struct fault *f) MUST_USE;
uint64_t link_size(struct link *l);

#endif
