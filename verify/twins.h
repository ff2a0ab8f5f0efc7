/*
 * twins: names that differ only by case or by the form of their letters.  SPEC V9.
 */
#ifndef VERIFY_TWINS_H
#define VERIFY_TWINS_H

#include "formats/err.h"

/*
 * Look through the paths of a SHA256SUMS, and the directories that they imply: ERR_CONTENTS_TWIN
 * with one of the names in ${f}; the errors of sums_next for a list that is malformed.
 */
enum err twins_check(const char *sums, size_t len, struct fault *f) MUST_USE;

#endif
