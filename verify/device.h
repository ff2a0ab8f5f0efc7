/*
 * device: what a medium is, beside its bytes: a stick with its USB descriptors, a disc with its
 * drive.  Facts are evidence, never proof: whoever makes a device chooses what it says.
 * SPEC V1 and V6.
 */
#ifndef VERIFY_DEVICE_H
#define VERIFY_DEVICE_H

#include "formats/err.h"
#include "formats/limits.h"
#include "formats/seal.h"

enum device_kind {
	DEVICE_FILE,		/* an image file: nothing else is known */
	DEVICE_STICK,		/* a block device on USB that is no optical drive */
	DEVICE_DISC,		/* in an optical drive, on USB or not */
	DEVICE_OTHER,		/* any other block device: a card reader, a disk, a loop */
};

enum device_disc { DISC_UNKNOWN, DISC_BLANK, DISC_APPENDABLE, DISC_CLOSED };

/*
 * Room for text of a device: raw bytes as they came, cut at LIMIT_DEVICE_TEXT, NUL-terminated.
 * name_escape it before it is shown or written down.
 */
#define DEVICE_TEXT (LIMIT_DEVICE_TEXT + 2)

struct device_interface {
	uint8_t configuration, number, alternate, class, subclass, protocol;
};

/* Plain data: it travels from the process that touches the device to the judge. */
struct device {
	enum device_kind kind;
	char name[32];			/* the kernel's: "sdb", "sr0"; "" for a file */
	bool partition;			/* DEVICE_OTHER; the facts below are of its disk */
	uint64_t size;			/* bytes that can be asked for */
	bool read_only, removable;

	bool is_usb;			/* the members up to interface are known */
	uint16_t vendor, product;
	char manufacturer[DEVICE_TEXT], model[DEVICE_TEXT], serial[DEVICE_TEXT];
	bool disputed;			/* libusb and sysfs, or two answers, disagree, */
	char dispute[160];		/* ... in this, as text that may hold foreign bytes */
	uint32_t interface_count;
	bool interfaces_cut;		/* more than fit, or they could not be read whole */
	struct device_interface interface[LIMIT_INTERFACES];

	char scsi_vendor[DEVICE_TEXT], scsi_model[DEVICE_TEXT]; /* "" if not told */
	char scsi_revision[DEVICE_TEXT], scsi_serial[DEVICE_TEXT];

	/* DEVICE_DISC */
	uint16_t profile;		/* MMC: 0x08 CD-ROM, 0x09 CD-R, ...; 0 unknown */
	enum device_disc disc;
	bool rewritable;
	uint16_t sessions;		/* 0: not told */
	/*
	 * "disc=HEX atip=HEX", either or both: the identification of this one disc, and the times
	 * in the groove that its make of blanks has; "" when the drive tells neither.
	 */
	char disc_id[DEVICE_TEXT];
};

/*
 * Where facts come from.  device_machine is this computer: libusb, sysfs and SG_IO with commands
 * that only read.  Tests put others in its place.  Each fills in its part of ${d} as far as it can
 * and returns OK also where nothing is told; an error is ERR_IO or ERR_DENIED for what ought to
 * work, ERR_NO_MEDIUM for an empty drive, ERR_USAGE for what is no medium at all.
 */
struct device_source {
	/* kind, name, partition, size, read_only, removable */
	enum err (*block)(struct device *d, int fd, struct fault *f);
	enum err (*usb)(struct device *d, struct fault *f);
	enum err (*scsi)(struct device *d, int fd, struct fault *f);
	enum err (*disc)(struct device *d, int fd, struct fault *f);
};
extern const struct device_source device_machine;

/*
 * device_look(out, fd, source, f):
 * All facts of the medium that is open at ${fd}.  It may hang as long as the device does: call it
 * where that harms nobody.
 */
enum err device_look(struct device *out, int fd, const struct device_source *source,
    struct fault *f) MUST_USE;

/*
 * device_check(d, f):
 * SPEC V1: ERR_INTERFACE when an interface is not mass storage (or they could not all be told),
 * ERR_DISC_OPEN, ERR_DISC_SESSIONS; ERR_NOT_SEALED for a blank disc.
 */
enum err device_check(const struct device *d, struct fault *f) MUST_USE;

/* How well does the device fit the one that a seal is bound to?  SPEC V6. */
enum device_match {
	DEVICE_MATCH,
	DEVICE_WEAK,		/* it fits, but others may say the same: no serial, a shared one */
	DEVICE_MISMATCH,
};
/* ${f} gets what differs, or why it is weak, as err_fault with ERR_WRONG_DEVICE. */
enum device_match device_compare(const struct device *d, const struct seal_medium *bound,
    struct fault *f);

/*
 * device_bind(d, out, serial, f):
 * The binding of a seal to ${d}; ${serial} is a buffer for its text and must outlive ${out}.
 * ERR_USAGE: nothing identifies this device (a file, a disk, a card reader).
 */
enum err device_bind(const struct device *d, struct seal_medium *out,
    char serial[static 4 * LIMIT_DEVICE_TEXT + 1], struct fault *f) MUST_USE;

/*
 * device_describe(d, out, cap):
 * One line for people, escaped: "USB stick Kingston DataTraveler (0951:1666), serial 60A4...,
 * 15.0 GiB"; "CD-R, closed, 1 session, in PIONEER BD-RW"; "an image file".  Returns ${out}.
 */
char *device_describe(const struct device *d, char *out, size_t cap);
/* The same with what the device says as it says it, for text that is escaped later. */
char *device_describe_raw(const struct device *d, char *out, size_t cap);

#endif
