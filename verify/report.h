/*
 * report: a judgement for people and for programs.  Everything that may come from a medium is
 * escaped.
 */
#ifndef VERIFY_REPORT_H
#define VERIFY_REPORT_H

#include <stdio.h>

#include "formats/json.h"
#include "verify/judgement.h"

/* The checks, one a line: name, what was found, ok. */
void report_checks(FILE *out, const struct judgement *j, bool colour);
/* The verdict, what it means, what to do next, whom to call. */
void report_verdict(FILE *out, const struct judgement *j, bool colour);
/* Both, under a line that says of which medium and when; for --report. */
enum err report_file(const char *path, const char *medium, const struct judgement *j,
    struct moment now, struct fault *f) MUST_USE;

/*
 * What the medium is besides its bytes, as the member "device" of the open object; not for a
 * file.
 */
void report_device(struct json_writer *w, const struct device *d);

/* The same for programs, as members of the open object of ${w} (SPEC, "--json"). */
void report_json(struct json_writer *w, const struct judgement *j);

/*
 * ${e} and where, for a command that failed: "PROGRAM: sentence: where (code)" and what to do; the
 * exit status.
 */
int report_fault(const char *program, bool json, const struct fault *f);

/* Print what ${w} holds, which is freed; the exit status is ${status}, or 1 if that fails. */
int report_print_json(struct json_writer *w, int status);

/*
 * Is all that was printed on its way?  The exit status is ${status}; or 1 if standard output takes
 * no more (a full disk, a reader that is gone), which is said once.  Every program ends with it.
 */
int report_printed(int status);

/* May ${out} be coloured?  A terminal, and NO_COLOR is not set. */
bool report_colour(FILE *out);

#endif
