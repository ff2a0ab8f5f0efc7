/*
 * sandbox: what the reader and the parser may still do.  SPEC, "Three processes".
 */
#ifndef VERIFY_SANDBOX_H
#define VERIFY_SANDBOX_H

#include "formats/err.h"
#include "verify/filter.h"

struct sandbox {
	enum filter_role role;
	uint64_t memory;	/* bytes of address space */
	uint64_t processor;	/* seconds of processor time */
	uint64_t file;		/* bytes that a file may be written to */
	size_t count;
	int keep[8];		/* descriptors that stay open; -1 is skipped */
};

/*
 * For a child right after fork: when root, become a user of its own (one for each role) without any
 * capability; die with the parent, gain no privileges, leave no core, keep the limits of ${s}, open
 * nothing, close every descriptor but those of ${s} (under the sanitizers standard error stays
 * too), reach no path (filter_paths), make no other system call than the role needs
 * (filter_calls). ERR_SANDBOX if any of it cannot be had: the child must then exit.
 */
enum err sandbox_enter(const struct sandbox *s) MUST_USE;

#endif
