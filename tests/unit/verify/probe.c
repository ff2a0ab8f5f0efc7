/*
 * Tests of verify/probe: images that the tools of each format make, superblocks that need a kernel
 * laid out by hand, and a libblkid that fails, crashes and hangs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <blkid/blkid.h>
#include <dlfcn.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

#include "formats/sanitized.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/probe.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

enum { REAL, CRASH, ABORT, HANG, EXIT, RETURN };
static struct { int mode, value; } blkid;
static sem_t never;

/* In place of libblkid's, in the child. */
int
blkid_do_safeprobe(blkid_probe p)
{
	union { void *object; int (*function)(blkid_probe); } real;

	switch (blkid.mode) {
	case CRASH:
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
		break;
	case ABORT:
		signal(SIGABRT, SIG_DFL);
		raise(SIGABRT);
		break;
	case HANG:
		sem_init(&never, 0, 0);
		for (;;)	/* a call that it may make */
			sem_wait(&never);
	case EXIT:
		_exit(0);
	case RETURN:
		return blkid.value;
	default:
		break;
	}
	real.object = dlsym(RTLD_NEXT, "blkid_do_safeprobe");
	return real.object == NULL ? -1 : real.function(p);
}

/* Probe the file as a caller does who reads head and tail of a medium. */
static struct probe
probe_file(const struct scratch *s, const char *name)
{
	uint8_t *head = malloc(PROBE_HEAD), *tail = malloc(PROBE_TAIL);
	struct fault f = { .at = "" };
	size_t head_len, tail_len;
	struct probe p;
	struct stat st;
	char path[256];
	int fd = open(scratch_path(s, name, path), O_RDONLY);

	memset(&p, 0xa5, sizeof p);
	assert_int_not_equal(fd, -1);
	assert_int_equal(fstat(fd, &st), 0);
	head_len = (size_t)st.st_size < PROBE_HEAD ? (size_t)st.st_size : PROBE_HEAD;
	tail_len = (size_t)st.st_size < PROBE_TAIL ? (size_t)st.st_size : PROBE_TAIL;
	assert_int_equal(pread(fd, head, head_len, 0), head_len);
	assert_int_equal(pread(fd, tail, tail_len, st.st_size - (off_t)tail_len), tail_len);
	assert_int_equal(close(fd), 0);
	assert_int_equal(probe_look(head, head_len, tail, tail_len, (uint64_t)st.st_size, &p, &f),
	    OK);
	free(head);
	free(tail);
	return p;
}

/* Little-endian 32 bits at an offset of a shell's file: put OFFSET BYTES-IN-OCTAL. */
#define PUT "put() { printf \"$2\" | dd of=image bs=1 seek=$1 conv=notrunc status=none; }; "
/* An md superblock of version 1.0 at 8 KiB before the end of 4 MiB: linux/raid/md_p.h. */
#define MD_1_0 PUT "sb=4186112; put $sb '\\374\\116\\053\\251\\001'; " \
	"put $((sb + 16)) '1234567890abcdef'; put $((sb + 144)) '\\360\\037'"
/* Version 0.90 at 64 KiB before the end. */
#define MD_0_90 PUT "sb=4128768; put $sb '\\374\\116\\053\\251\\000\\000\\000\\000\\132'"
/* LUKS 1: docs/on-disk-format.pdf of cryptsetup. */
#define LUKS PUT "put 0 'LUKS\\272\\276\\000\\001'"

/* Each begins with a plain ISO 9660 image of 4 MiB. */
static const struct kind {
	const char *make;
	bool ambivalent;
	const char *type, *table;
	bool polyglot;
} kinds[] = {
	{ ":", false, "iso9660", "", false },
	{ "truncate -s 3G image", false, "iso9660", "", false },	/* on a larger stick */
	{ "genisoimage -quiet -J -R -V JOLIET -o image tree", false, "iso9660", "", false },
	{ "head -c 4M /dev/zero >image", false, "", "", false },
	{ "head -c 2048 /dev/zero >image", false, "", "", false },
	{ "dd if=fat of=image bs=32k count=1 conv=notrunc status=none", true, "", "", true },
	{ "cp fat image", false, "vfat", "", true },
	{ "dd if=ext of=image bs=1k skip=1 seek=1 count=1 conv=notrunc status=none", true, "", "",
	    true },
	{ "cp ext image", false, "ext4", "", true },
	{ LUKS, false, "crypto_LUKS", "", true },
	{ MD_1_0, false, "linux_raid_member", "", true },
	{ MD_0_90, false, "linux_raid_member", "", true },
	{ "printf 'label: dos\\n,1M,c\\n' | sfdisk -q image", false, "iso9660", "dos", true },
	{ "printf 'label: gpt\\n,1M\\n' | sfdisk -q image", false, "iso9660", "gpt", true },
	{ "printf 'label: gpt\\n,1M\\n' | sfdisk -q image && "	/* only the backup is whole */
	    "dd if=/dev/zero of=image bs=512 seek=1 count=1 conv=notrunc status=none", false,
	    "iso9660", "gpt", true },
	{ "xorriso -as mkisofs -quiet -o image --protective-msdos-label tree", false, "iso9660",
	    "dos", true },
	{ "xorriso -as mkisofs -quiet -o image -append_partition 2 0xef fat -partition_offset 16 "
	    "tree", false, "iso9660", "dos", true },
	{ "xorriso -as mkisofs -quiet -o image -append_partition 2 0xef fat -appended_part_as_gpt "
	    "tree", false, "iso9660", "gpt", true },
	{ "genisoimage -quiet -udf -o image tree", false, "udf", "", true },
	{ "mkswap -q image", false, "swap", "", true },
};

static void
real_media(void **state)
{
	const unsigned before = process_descriptors();
	struct scratch s;

	(void)state;
	NEED_TOOL("xorriso");
	NEED_TOOL("genisoimage");
	NEED_TOOL("mkfs.vfat");
	NEED_TOOL("mke2fs");
	NEED_TOOL("sfdisk");
	NEED_TOOL("mkswap");
	blkid.mode = REAL;
	s = scratch_new();
	assert_int_equal(scratch_run(&s, "mkdir tree && head -c 300000 /dev/urandom >tree/data && "
	    "xorriso -as mkisofs -quiet -R -V WAX -o iso tree 2>errors && "
	    "truncate -s 4M iso fat ext && mkfs.vfat fat >/dev/null && "
	    "mke2fs -q -t ext4 ext"), 0);
	for (size_t i = 0; i < COUNT(kinds); i++) {
		char line[1024];
		struct probe p;

		snprintf(line, sizeof line, "cp iso image && { %s; } 2>>errors", kinds[i].make);
		if (scratch_run(&s, line) != 0) {
			scratch_run(&s, "cat errors");
			fail_msg("%s", kinds[i].make);
		}
		p = probe_file(&s, "image");
		if (!p.known || p.ambivalent != kinds[i].ambivalent ||
		    strcmp(p.type, kinds[i].type) != 0 || strcmp(p.table, kinds[i].table) != 0 ||
		    probe_is_polyglot(&p) != kinds[i].polyglot)
			fail_msg("%s: known %d, ambivalent %d, type \"%s\", table \"%s\"",
			    kinds[i].make, p.known, p.ambivalent, p.type, p.table);
		process_no_children();
		assert_int_equal(process_descriptors(), before);
	}
	scratch_end(&s);
}

static void
words(void **state)
{
	struct scratch s;
	struct probe p;

	(void)state;
	NEED_TOOL("mkfs.vfat");
	NEED_TOOL("mke2fs");
	NEED_TOOL("genisoimage");
	blkid.mode = REAL;
	s = scratch_new();
	assert_int_equal(scratch_run(&s, "truncate -s 4M fat ext && "
	    "mkfs.vfat -i 1234abcd -n FATVOL fat >/dev/null && "
	    "mke2fs -q -L \"$(printf 'a\\033[2J\\nb')\" "
	    "-U 01234567-89ab-cdef-0123-456789abcdef ext && mkdir tree && "
	    "genisoimage -quiet -J -V 0123456789abcdefghijklmnopqrstuv -o iso tree"), 0);
	p = probe_file(&s, "fat");
	assert_string_equal(p.label, "FATVOL");
	assert_string_equal(p.uuid, "1234-ABCD");
	assert_string_equal(p.version, "FAT12");
	p = probe_file(&s, "ext");
	assert_string_equal(p.label, "a\033[2J\nb");
	assert_string_equal(p.uuid, "01234567-89ab-cdef-0123-456789abcdef");
	p = probe_file(&s, "iso");
	assert_string_equal(p.label, "0123456789abcdefghijklmnopqrstuv");
	assert_string_equal(p.version, "Joliet Extension");
	scratch_end(&s);
}

/*
 * Sizes far above what could be copied: the tail must lie where the medium ends.  Headers by hand,
 * so that this needs no tools: ISO 9660's descriptor (ECMA-119, 8.4), md 1.0 as above.
 */
static void
large_media(void **state)
{
	const uint64_t sizes[] = { 2 * MIB, LIMIT_IMAGE, LIMIT_IMAGE + 2048, UINT64_C(1) << 62,
		INT64_MAX - 65535 };
	static uint8_t head[65536], none[PROBE_TAIL], tail[65536];
	const uint8_t md[] = { 0xfc, 0x4e, 0x2b, 0xa9, 1 };

	(void)state;
	blkid.mode = REAL;
	memcpy(head + 32768, "\1CD001\1", 7);
	memcpy(head + 34816, "\377CD001\1", 7);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		uint64_t place = ((sizes[i] / 512 - 16) & ~UINT64_C(7)) * 512;
		uint8_t *sb = tail + sizeof tail - (sizes[i] - place);
		struct probe p;

		memset(tail, 0, sizeof tail);
		memcpy(sb, md, sizeof md);
		memset(sb + 16, 7, 16);
		for (unsigned k = 0; k < 8; k++)
			sb[144 + k] = (uint8_t)(place / 512 >> 8 * k);
		assert_int_equal(probe_look(head, sizeof head, none, sizeof none, sizes[i], &p,
		    NULL), OK);
		assert_true(p.known);
		assert_string_equal(p.type, "iso9660");
		assert_int_equal(probe_look(head, sizeof head, tail, sizeof tail, sizes[i], &p,
		    NULL), OK);
		assert_true(p.known);
		assert_string_equal(p.type, "linux_raid_member");
		assert_int_equal(probe_look(head, sizeof head, tail, 0, sizes[i], &p,
		    NULL), OK);
		assert_string_equal(p.type, "iso9660");
		assert_int_equal(probe_look(head, 0, tail, sizeof tail, sizes[i], &p,
		    NULL), OK);
		assert_string_equal(p.type, "linux_raid_member");
	}
}

static void
misuse(void **state)
{
	static const struct { size_t head, tail; uint64_t size; enum err want; } table[] = {
		{ 0, 0, 0, OK },
		{ 1, 1, 1, OK },
		{ 65536, 65536, 65536, OK },
		{ 1, 0, 0, ERR_USAGE },
		{ 0, 1, 0, ERR_USAGE },
		{ 65536, 0, 65535, ERR_USAGE },
		{ 0, 65536, 65535, ERR_USAGE },
		{ 65536, 65536, INT64_MAX, OK },
		{ 0, 0, UINT64_C(1) << 63, ERR_LIMIT },
		{ 65536, 65536, UINT64_MAX, ERR_LIMIT },
	};
	static const uint8_t zeros[65536];

	(void)state;
	blkid.mode = REAL;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct fault f = { .at = "" };
		struct probe p;

		memset(&p, 0xa5, sizeof p);
		assert_int_equal(probe_look(zeros, table[i].head, zeros, table[i].tail,
		    table[i].size, &p, &f), table[i].want);
		assert_int_equal(f.err, table[i].want);
		assert_string_equal(p.type, "");
		assert_false(probe_is_polyglot(&p));
	}
}

static char secret[64];

/* Reads what the child has at the address of ${secret}; false if that cannot be had. */
static bool
child_memory(pid_t pid, char *out, size_t len)
{
	struct iovec to = { out, len }, from = { secret, len };

	return syscall(SYS_process_vm_readv, (long)pid, &to, 1L, &from, 1L, 0L) == (long)len;
}

/* Whoever starts it before has a secret does not tell it; it waits, is asked, and answers once. */
static void
started_before(void **state)
{
	static const uint8_t zeros[65536];
	char seen[sizeof secret];
	struct probe_child c;
	struct fault f;
	struct probe p;

	(void)state;
	blkid.mode = REAL;
	assert_int_equal(probe_start(&c, &f), OK);
	memset(secret, 's', sizeof secret);
	if (child_memory(c.pid, seen, sizeof seen))
		assert_int_equal(seen[0], '\0');
	memset(secret, 0, sizeof secret);
	assert_int_equal(probe_ask(&c, zeros, sizeof zeros, zeros, 512, MIB, &p, &f), OK);
	assert_true(p.known);
	probe_stop(&c);
	probe_stop(&c);
	/* nobody asks */
	assert_int_equal(probe_start(&c, &f), OK);
	probe_stop(&c);
	/* it is gone before it is asked: that is no answer, and no end of ours */
	assert_int_equal(probe_start(&c, &f), OK);
	assert_int_equal(kill(c.pid, SIGKILL), 0);
	usleep(100000);
	assert_int_equal(probe_ask(&c, zeros, sizeof zeros, zeros, 512, MIB, &p, &f), OK);
	assert_false(p.known);
	probe_stop(&c);
	process_no_children();
}

/* No memory left for a copy, no process left: our own failures, and not the medium's. */
static int
no_descriptors(void *arg)
{
	struct rlimit *none = arg;
	struct fault f = { .at = "" };
	struct probe p;

	if (setrlimit(RLIMIT_NOFILE, none) == -1)
		return 1;
	return probe_look("x", 1, "x", 1, 4096, &p, &f) == ERR_MEMORY && f.err == ERR_MEMORY &&
	    strstr(f.at, strerror(EMFILE)) != NULL && !p.known ? 0 : 2;
}

static int
one_descriptor(void *arg)
{
	struct rlimit *one = arg;
	struct fault f = { .at = "" };
	struct probe p;

	for (int fd = 3; fd < 64; fd++)
		(void)close(fd);
	one->rlim_cur = one->rlim_max = 4;	/* one for the copy, none for a pipe */
	if (setrlimit(RLIMIT_NOFILE, one) == -1)
		return 1;
	return probe_look("x", 1, "x", 1, 4096, &p, &f) == ERR_CHILD && f.err == ERR_CHILD &&
	    strstr(f.at, strerror(EMFILE)) != NULL && !p.known ? 0 : 2;
}

/* As ulimit -f does, where the medium is larger than any file may be. */
static int
small_files(void *arg)
{
	struct rlimit small = { 2048, 2048 };
	struct fault f = { .at = "" };
	struct probe p;

	(void)arg;
	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &small) == -1)
		return 1;
	return probe_look("x", 1, "x", 1, 4096, &p, &f) == ERR_MEMORY && f.err == ERR_MEMORY &&
	    strstr(f.at, strerror(EFBIG)) != NULL && !p.known ? 0 : 2;
}

static void
own_failures(void **state)
{
	struct rlimit r = { 0, 0 };

	(void)state;
	assert_int_equal(process_run(no_descriptors, &r), 0);
	assert_int_equal(process_run(one_descriptor, &r), 0);
	assert_int_equal(process_run(small_files, NULL), 0);
}

static void
limits(void **state)
{
	struct fault f = { .err = OK };
	struct probe_child c;

	(void)state;
	assert_int_equal(probe_start(&c, &f), OK);
	process_has_limit(c.pid, "Max cpu time", LIMIT_SILENCE);
	process_has_limit(c.pid, "Max open files", 0);
	if (!SANITIZED)	/* one limit cannot hold under them */
		process_has_limit(c.pid, "Max address space", LIMIT_PROBE_MEMORY);
	probe_stop(&c);
	process_no_children();
}

/* A child that is gone has no answer; a pipe that fails is our own failure. */
static void
cannot_ask(void **state)
{
	struct fault f = { .err = OK };
	struct probe_child c;
	struct probe p;

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(probe_start(&c, &f), OK);
	assert_int_equal(kill(c.pid, SIGKILL), 0);
	assert_int_equal(waitpid(c.pid, NULL, 0), c.pid);
	assert_int_equal(probe_ask(&c, "x", 1, "x", 1, 4096, &p, &f), OK);
	assert_false(p.known);
	c.pid = -1;
	probe_stop(&c);
	assert_int_equal(probe_start(&c, &f), OK);
	assert_int_equal(dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), c.go), c.go);
	assert_int_equal(probe_ask(&c, "x", 1, "x", 1, 4096, &p, &f), ERR_CHILD);
	assert_int_equal(f.err, ERR_CHILD);
	assert_non_null(strstr(f.at, strerror(EBADF)));
	probe_stop(&c);
	process_no_children();
}

static void
child_fails(void **state)
{
	static const struct { int mode, value; bool known, ambivalent; } table[] = {
		{ CRASH, 0, false, false },
		{ ABORT, 0, false, false },
		{ EXIT, 0, false, false },
		{ RETURN, -1, false, false },
		{ RETURN, -5, false, false },
		{ RETURN, 2, false, false },
		{ RETURN, 1, true, false },
		{ RETURN, 0, true, false },
		{ RETURN, -2, true, true },
		{ REAL, 0, true, false },
		{ HANG, 0, false, false },
	};
	static const uint8_t zeros[65536];
	const unsigned before = process_descriptors();
	time_t start = time(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct probe p;

		memset(&p, 0xa5, sizeof p);
		blkid.mode = table[i].mode;
		blkid.value = table[i].value;
		assert_int_equal(probe_look(zeros, sizeof zeros, zeros, 512, MIB, &p, NULL), OK);
		assert_int_equal(p.known, table[i].known);
		assert_int_equal(p.ambivalent, table[i].ambivalent);
		assert_int_equal(probe_is_polyglot(&p), table[i].ambivalent);
		assert_string_equal(p.type, "");
		process_no_children();
		assert_int_equal(process_descriptors(), before);
	}
	/* It was waited for, and then no longer. */
	assert_in_range(time(NULL) - start, LIMIT_PROBING - 1, LIMIT_PROBING + 25);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_media),
		cmocka_unit_test(words),
		cmocka_unit_test(large_media),
		cmocka_unit_test(misuse),
		cmocka_unit_test(started_before),
		cmocka_unit_test(own_failures),
		cmocka_unit_test(limits),
		cmocka_unit_test(cannot_ask),
		cmocka_unit_test(child_fails),
	};
	char path[4096];

	/* Tools that make file systems are not on everybody's path. */
	snprintf(path, sizeof path, "%s:/usr/sbin:/sbin", getenv("PATH"));
	setenv("PATH", path, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
