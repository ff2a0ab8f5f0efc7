/*
 * sandbox: what the reader and the parser may still do.  SPEC, "Three processes".
 */
#ifndef VERIFY_SANDBOX_H
#define VERIFY_SANDBOX_H

#include "formats/err.h"

/*
 * sandbox_enter(keep, n, memory):
 * For a child right after fork: die with the parent, gain no privileges, leave no core, write no
 * files, open none, use at most ${memory} bytes of address space, and close every descriptor but
 * the ${n} in ${keep} (under the sanitizers standard error stays too).  ERR_CHILD if any of it
 * cannot be had: the child must then exit.
 */
enum err sandbox_enter(const int *keep, size_t n, uint64_t memory) MUST_USE;

#endif
