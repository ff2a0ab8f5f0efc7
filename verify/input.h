/*
 * input: what is wrong with something that a person typed or wrote for a program is a mistake in
 * using it, exit status 2, and no verdict on a medium.
 */
#ifndef VERIFY_INPUT_H
#define VERIFY_INPUT_H

#include "formats/err.h"

/*
 * input_refuse(f, name):
 * Turn the fault ${f} that was found in ${name} (a file, an option) into ERR_USAGE with the same
 * reason code in its words: "release.json: json.unknown, a key that this format does not have:
 * titel".  Our own failures stay what they are.  Returns the new err.
 */
enum err input_refuse(struct fault *f, const char *name) MUST_USE;

/*
 * input_text(option, text, f):
 * Can ${text} stand in a document?  1 to LIMIT_TEXT bytes that a terminal shows as they are, else
 * ERR_USAGE.
 */
enum err input_text(const char *option, const char *text, struct fault *f) MUST_USE;

#endif
