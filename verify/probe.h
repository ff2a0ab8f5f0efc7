/*
 * probe: what libblkid, and so whoever mounts media by themselves, would take a medium for.  Its
 * parsers see only a private copy, in a child that may crash or hang.  SPEC V1.
 */
#ifndef VERIFY_PROBE_H
#define VERIFY_PROBE_H

#include <sys/types.h>

#include "formats/err.h"
#include "formats/limits.h"

/*
 * Head and tail that hold every place where libblkid looks, but for LUKS 2 without its first header
 * (up to 4 MiB + 4 KiB) and VMFS (1 MiB and 2 MiB): UDF 512 KiB, ZFS 512 KiB at both ends, md 0.90
 * up to 128 KiB before the end, GPT and other RAIDs nearer to it.  At media of up to 1,474,560
 * bytes (floppy disks) libblkid stops at the first thing it finds; no sealed image is so small.
 */
#define PROBE_HEAD (1 * MIB)
#define PROBE_TAIL (512 * KIB)

/* Text is raw: name_escape it before it is shown or written down.  "" where nothing is known. */
struct probe {
	bool known;		/* false: the child failed, crashed or hung */
	bool ambivalent;	/* it is several things at once */
	char type[32];		/* "iso9660", "vfat", "linux_raid_member", ... */
	char label[128], uuid[64], version[64];
	char table[32];		/* of partitions: "dos", "gpt", ... */
};

/* The child that looks, and waits until it is asked. */
struct probe_child {
	pid_t pid;
	int copy, go, result;
};

/*
 * probe_start(c, f):
 * Fork it, before any secret is in memory: ERR_MEMORY, ERR_CHILD.  On OK the caller ends with
 * probe_stop, which may be called again.
 */
enum err probe_start(struct probe_child *c, struct fault *f) MUST_USE;
/* As probe_look; once. */
enum err probe_ask(struct probe_child *c, const void *head, size_t head_len, const void *tail,
    size_t tail_len, uint64_t size, struct probe *out, struct fault *f) MUST_USE;
void probe_stop(struct probe_child *c);

/*
 * probe_look(head, head_len, tail, tail_len, size, out, f):
 * Look at a medium of ${size} bytes that begins with ${head}, ends with ${tail} (they may overlap),
 * and is taken for zeros between.  Takes five seconds at most.  OK also when ${out} is not known;
 * ERR_USAGE: head or tail are longer than it; ERR_LIMIT, ERR_MEMORY, ERR_CHILD: this computer.
 */
enum err probe_look(const void *head, size_t head_len, const void *tail, size_t tail_len,
    uint64_t size, struct probe *out, struct fault *f) MUST_USE;

/* Is it anything beside an ISO 9660 volume?  Not if it is nothing at all, or not known. */
bool probe_is_polyglot(const struct probe *p);

#endif
