/*
 * documents: is this document genuine?  Releases, trust, enrolments, receipts.  SPEC, "Documents".
 */
#ifndef VERIFY_DOCUMENTS_H
#define VERIFY_DOCUMENTS_H

#include "verify/anchors.h"
#include "verify/judgement.h"

/* Does the file ${path} begin like a document or like a chain of trust documents? */
bool documents_is_one(const char *path);

/*
 * Judge the document ${path}; ${out} is used as judge() does, without seal.  Its body is parsed
 * only after a quorum that is trusted here signed it, or, where it introduces its own key, under
 * exactly that key.
 */
enum err documents_judge(const char *path, const struct anchors *anchors,
    struct judgement *out) MUST_USE;

#endif
