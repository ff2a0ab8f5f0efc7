/*
 * hardware: the devices of a system, as its /sys has them.
 */
#ifndef INGEST_HARDWARE_H
#define INGEST_HARDWARE_H

#include "formats/passport.h"
#include "ingest/root.h"

/*
 * Add mainboard, firmware, PCI and USB devices and disks; nothing where there is no /sys.  Serial
 * numbers that only root may read are left out for others.
 */
enum err hardware_add(const struct root *r, struct passport *p, struct fault *f) MUST_USE;

#endif
