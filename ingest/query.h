/*
 * query: what the commands that only look have in common.
 */
#ifndef INGEST_QUERY_H
#define INGEST_QUERY_H

#include "ingest/station.h"
#include "verify/options.h"

struct query {
	struct station station;
	struct options_list args;
	const char *home, *code;
	bool json;
	void *own;		/* what query_run_own was given */
};

/*
 * Take --home, --json and, if the command ${takes_code}, --code; open the home for reading, check
 * that there are ${args} arguments, and call ${answer}; its result is the exit status.  An error in
 * ${f} is reported instead.
 */
int query_run(int argc, char **argv, size_t args, bool takes_code, const char *usage,
    int (*answer)(struct query *q, struct fault *f));

/* The same for a command with the option ${option} of its own, whose value is in ${own}. */
int query_run_own(int argc, char **argv, size_t args, struct option option, void *own,
    const char *usage, int (*answer)(struct query *q, struct fault *f));

/* "CUSTOMER/N": ERR_USAGE when it is not that. */
enum err query_consignment(const char *text, char customer[static LIMIT_ID + 1], uint64_t *number,
    struct fault *f) MUST_USE;

#endif
