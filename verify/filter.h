/*
 * filter: the system calls that a confined process may still make.  SPEC, "Confinement".
 */
#ifndef VERIFY_FILTER_H
#define VERIFY_FILTER_H

#include "formats/err.h"

enum filter_role {
	FILTER_READER,	/* reads the medium, hashes in a second thread, writes good blocks */
	FILTER_PARSER,	/* libarchive over the ring */
	FILTER_PROBE,	/* libblkid over a copy in memory */
};

/*
 * From here on any other call kills this process and all its threads.  ERR_SANDBOX if the kernel
 * does not offer that.  Under the sanitizers, which make calls of their own, nothing is filtered.
 */
enum err filter_calls(enum filter_role role) MUST_USE;

/*
 * From here on no path can be opened, made, removed or executed, and no socket bound or connected:
 * Landlock, whatever the kernel offers of it, ABI 2 at least; ERR_SANDBOX if it offers less.
 */
enum err filter_paths(void) MUST_USE;

/*
 * For the judge: from here on nothing is written, made, renamed or removed but beneath ${directory}
 * (-1: nowhere; and terminals and /dev/null are written to); no program that is run gains
 * privileges.  Most is written beneath ${often}, which lies there (-1: nowhere): the kernel looks
 * for leave from each file upwards, and has not so far to go.  Once in a process.
 */
enum err filter_writes(int directory, int often) MUST_USE;

#endif
