/*
 * contents: what is in the image is exactly what was signed for.  SPEC V9 and V10.
 */
#ifndef VERIFY_CONTENTS_H
#define VERIFY_CONTENTS_H

#include "verify/judge.h"
#include "verify/judgement.h"

struct contents;

/*
 * Begin for the seal and trust of ${j}; ${sink} may be NULL.  The caller frees *${out}, after
 * ${j}'s use of it.
 */
enum err contents_new(
    struct contents **out, struct judgement *j, const struct judge_sink *sink) MUST_USE;
void contents_free(struct contents *c);

/* What the parser found, as struct pipeline_handler wants it: ${arg} is the struct contents. */
enum err contents_entry(
    void *arg, enum entry type, const char *path, size_t len, uint64_t size) MUST_USE;
enum err contents_data(void *arg, const void *bytes, size_t len) MUST_USE;
enum err contents_end(void *arg) MUST_USE;

/*
 * When everything was seen: V10 (each release is the one that the seal names, signed by its quorum,
 * its SHA256SUMS the one it names), then V9 (files and directories are exactly those), then V10 for
 * notices and catalogue.  Notes both in ${j}.
 */
enum err contents_check(struct contents *c) MUST_USE;

#endif
