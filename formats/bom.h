/*
 * bom: lists of components that other programs made: CycloneDX 1.4 to 1.6 and SPDX 2.2 and 2.3,
 * both as JSON.
 */
#ifndef FORMATS_BOM_H
#define FORMATS_BOM_H

#include "formats/passport.h"

/*
 * bom_read(p, buf, len, skipped, f):
 * Add the components of the list to ${p}, each with its canonical purl, or with its kind, name and
 * version, as ref; each once.  Keys that are not known are passed over.  Files, data and the like
 * are not components of a system: *${skipped} gets how many there were.  p->taken becomes the time
 * that the list gives, if it gives one.
 *
 * ERR_BOM: it is no such list, or not of a known version; ERR_NEWER: a later one;
 * ERR_PASSPORT_TWICE: two of its bom-refs are equal; ERR_PASSPORT_VERSION: software without a
 * version; ERR_PURL; ERR_LIMIT; ERR_JSON_*.
 */
enum err bom_read(struct passport *p, const void *buf, size_t len, size_t *skipped,
    struct fault *f) MUST_USE;

#endif
