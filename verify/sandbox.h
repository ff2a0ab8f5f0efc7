/*
 * sandbox: what the reader and the parser may still do.  SPEC, "Three processes".
 */
#ifndef VERIFY_SANDBOX_H
#define VERIFY_SANDBOX_H

#include "formats/err.h"

/*
 * sandbox_enter(keep, n, memory, file):
 * For a child right after fork: die with the parent, gain no privileges, leave no core, write no
 * file beyond ${file} bytes, open none, use at most ${memory} bytes of address space, and close
 * every descriptor but the ${n} in ${keep}, where -1 is skipped (under the sanitizers standard
 * error stays too).  ERR_CHILD if any of it cannot be had: the child must then exit.
 */
enum err sandbox_enter(const int *keep, size_t n, uint64_t memory, uint64_t file) MUST_USE;

#endif
