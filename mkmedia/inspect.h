/*
 * inspect: what is handed out is checked as the customer will check it, from the file.
 */
#ifndef MKMEDIA_INSPECT_H
#define MKMEDIA_INSPECT_H

#include "formats/code.h"
#include "formats/seal.h"
#include "formats/trust.h"

/*
 * The image ${path}, sealed by ${s} with ${code}, by the whole engine.  OK when nothing was found
 * and nothing was left out but what only the customer knows: whether the number was used before,
 * and the other volumes of the set.
 */
enum err inspect_image(const char *path, const struct seal *s, const struct trust_chain *chain,
    const struct code *code, bool quiet, struct fault *f) MUST_USE;

#endif
