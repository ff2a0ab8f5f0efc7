/*
 * blame: a parser has ended, or is silent.  Was it the medium, or this computer?  What a parser
 * says of it is believed only where it can be true: what the medium holds may speak through it.
 */
#ifndef VERIFY_BLAME_H
#define VERIFY_BLAME_H

#include <sys/resource.h>

#include "formats/err.h"

/*
 * It ended with ${status}, as waitpid has it, and used so much; ${begun}: it had said so, and was
 * confined.  ERR_CHILD, ERR_SANDBOX or ERR_MEMORY: that says nothing of the medium.  ERR_LIMIT: the
 * image needs more memory, or more processor time, than any that may be.  Else
 * ERR_CONTENTS_FORM.
 */
enum err blame_end(int status, const struct rusage *used, bool begun) MUST_USE;

/* It was silent for LIMIT_PARSING seconds and used ${ms} of its processor time meanwhile. */
enum err blame_silence(uint64_t ms, bool begun, struct fault *f) MUST_USE;

#endif
