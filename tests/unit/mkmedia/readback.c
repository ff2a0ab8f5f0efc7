/*
 * Tests of mkmedia/readback: which copy a medium is, as the ledger has it.  What is judged, and by
 * which rules, is tested with whole images in tests/cli and with real drivers in tests/vm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "mkmedia/readback.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/file.h"
#include "verify/keymaker.h"

static struct scratch s;
static unsigned before;
static char home[256];
static struct fault f;
static const struct moment now = { 1795000000, 60 };

static struct digest
digest_of(int c)
{
	struct digest d;

	memset(d.b, c, sizeof d.b);
	return d;
}

static void
commit(struct ledger *l, struct json_writer *w)
{
	assert_int_equal(ledger_commit(l, w, NULL, NULL), OK);
}

/* The volume ${number}/1 of acme, with the map ${number}. */
static void
add_sealed(struct ledger *l, uint64_t number, bool bound)
{
	const struct digest map = digest_of((int)number), seal = digest_of(0x50);
	const struct digest release = digest_of(1);
	struct json_writer *w = ledger_entry(l, "sealed", now);

	json_put_string(w, "customer", "acme");
	json_put_uint(w, "number", number);
	json_put_uint(w, "volumes", 1);
	json_put_digest(w, "set", &map);
	json_put_bool(w, "bound", bound);
	json_put_moment(w, "sealed_at", now);
	json_open_array(w, "releases");
	json_open_object(w, NULL);
	json_put_string(w, "id", "R1");
	json_put_digest(w, "digest", &release);
	json_close(w);
	json_close(w);
	json_open_array(w, "images");
	json_open_object(w, NULL);
	json_put_uint(w, "volume", 1);
	if (!bound)
		json_put_digest(w, "seal", &seal);
	json_put_digest(w, "map", &map);
	json_put_uint(w, "size", 99);
	json_put_string(w, "image", "i");
	json_close(w);
	json_close(w);
	commit(l, w);
}

static void
fill(struct ledger *l)
{
	const struct digest first = digest_of(1);
	struct json_writer *w = ledger_entry(l, "founded", now);

	json_put_string(w, "vendor", "etl");
	json_put_string(w, "name", "Elbe");
	json_put_string(w, "place", "");
	json_put_bool(w, "single_person", true);
	commit(l, w);
	w = ledger_entry(l, "customer-added", now);
	json_put_string(w, "customer", "acme");
	json_put_string(w, "name", "ACME");
	commit(l, w);
	w = ledger_entry(l, "release-finished", now);
	json_put_string(w, "id", "R1");
	json_put_digest(w, "digest", &first);
	json_put_digest(w, "sums", &first);
	json_put_uint(w, "files", 1);
	json_put_uint(w, "bytes", 1);
	json_put_string(w, "directory", "/srv/R1");
	commit(l, w);
}

static int
setup(void **state)
{
	struct home h;
	struct ledger *l;
	char key[300];

	(void)state;
	unsetenv("SSH_AUTH_SOCK");
	before = process_descriptors();
	s = scratch_new();
	f = (struct fault){ .err = OK };
	assert_int_equal(home_create(&h, scratch_path(&s, "home", home), NULL), OK);
	assert_int_equal(file_mkdir(h.fd, "keys", NULL), OK);
	snprintf(key, sizeof key, "%s/keys/ledger", home);
	assert_int_equal(keymaker_make(key, "ledger", NULL), OK);
	assert_int_equal(ledger_create(h.fd, "waxseal/vendor/etl", key, NULL), OK);
	assert_int_equal(ledger_open(&l, h.fd, "ledger", key, NULL), OK);
	fill(l);
	add_sealed(l, 1, false);
	add_sealed(l, 2, true);
	ledger_free(l);
	home_close(&h);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(process_descriptors(), before);
	scratch_end(&s);
	return 0;
}

enum { STICK, DISC };

/* Record a medium of volume ${number}/1; the result is its entry's copy as the ledger has it. */
static uint64_t
record(const char *what, uint64_t number, int kind, const char *name, enum err verdict, int seal)
{
	static struct readback b;
	struct vendor_register *r = NULL;
	uint64_t copy;
	char last[8192];

	memset(&b, 0, sizeof b);
	assert_int_equal(register_open(&r, home, false, &f), OK);
	b.volume = *register_volume(r, "acme", number, 1);
	copy = b.volume.copies;
	register_close(r);
	b.seal = digest_of(seal);
	b.fault.err = verdict;
	b.device.kind = kind == STICK ? DEVICE_STICK : DEVICE_DISC;
	b.device.is_usb = true;
	snprintf(kind == STICK ? b.device.serial : b.device.disc_id, DEVICE_TEXT, "%s", name);
	if (kind == DISC)
		snprintf(b.device.serial, DEVICE_TEXT, "of the drive");
	assert_int_equal(readback_record(&b, home, what, &f), OK);
	assert_true(b.entry > 0);
	/* Only what is good has a number that is told to people, and counts. */
	assert_int_equal(b.copy == 0, verdict != OK);
	assert_int_equal(register_open(&r, home, false, &f), OK);
	copy = register_volume(r, "acme", number, 1)->copies - copy;
	register_close(r);
	assert_true(copy <= (verdict == OK));
	assert_int_equal(scratch_run(&s, "tail -n 1 home/ledger/entries.jsonl >last"), 0);
	scratch_get(&s, "last", last, sizeof last);
	assert_non_null(strstr(last, what));
	assert_non_null(strstr(last, "\"copy\":"));
	return strtoul(strstr(last, "\"copy\":") + 7, NULL, 10);
}

static void
sticks(void **state)
{
	(void)state;
	assert_int_equal(record("written", 1, STICK, "A1", OK, 9), 1);
	/* The same stick, looked at again, is no other copy; written again it is. */
	assert_int_equal(record("read-back", 1, STICK, "A1", OK, 9), 1);
	assert_int_equal(record("written", 1, STICK, "A1", OK, 9), 2);
	assert_int_equal(record("read-back", 1, STICK, "A1", OK, 9), 2);
	assert_int_equal(record("read-back", 1, STICK, "B2", OK, 9), 3);
	/* What is not good does not use up its number, and what it was is not forgotten. */
	assert_int_equal(record("written", 1, STICK, "C3", ERR_IO, 9), 4);
	assert_int_equal(record("read-back", 1, STICK, "C3", ERR_BLOCK, 9), 4);
	assert_int_equal(record("read-back", 1, STICK, "B2", ERR_BLOCK, 9), 3);
	assert_int_equal(record("read-back", 1, STICK, "B2", OK, 9), 3);
	assert_int_equal(record("written", 1, STICK, "D4", OK, 9), 4);
	/* Nothing tells these apart, so each counts. */
	assert_int_equal(record("read-back", 1, STICK, "", OK, 9), 5);
	assert_int_equal(record("read-back", 1, STICK, "", OK, 9), 6);
	/* Text of a device is written down escaped, and compared like that. */
	assert_int_equal(record("written", 1, STICK, "\033[2J\n", OK, 9), 7);
	assert_int_equal(record("read-back", 1, STICK, "\033[2J\n", OK, 9), 7);
}

/* The serial of a drive is not that of the disc, and all blanks of one make have the same ATIP. */
static void
discs(void **state)
{
	(void)state;
	assert_int_equal(record("written", 1, DISC, "disc=1a2b3c4d atip=971500", OK, 9), 1);
	assert_int_equal(record("read-back", 1, DISC, "disc=1a2b3c4d atip=971500", OK, 9), 1);
	assert_int_equal(record("read-back", 1, DISC, "disc=99999999 atip=971500", OK, 9), 2);
	assert_int_equal(record("read-back", 1, DISC, "atip=971500", OK, 9), 3);
	assert_int_equal(record("read-back", 1, DISC, "atip=971500", OK, 9), 4);
	assert_int_equal(record("read-back", 1, DISC, "", OK, 9), 5);
	assert_int_equal(record("read-back", 1, DISC, "", OK, 9), 6);
	assert_int_equal(record("read-back", 1, STICK, "of the drive", OK, 9), 7);
}

/* Of a bound volume, each copy has its own seal. */
static void
bound(void **state)
{
	(void)state;
	assert_int_equal(record("written", 2, STICK, "", ERR_IO, 0x20), 1);
	assert_int_equal(record("written", 2, STICK, "", OK, 0x21), 1);
	assert_int_equal(record("written", 2, STICK, "", OK, 0x22), 2);
	assert_int_equal(record("read-back", 2, STICK, "", OK, 0x21), 1);
	assert_int_equal(record("read-back", 2, STICK, "", OK, 0x22), 2);
	/* An old seal on a stick that takes nothing any more. */
	assert_int_equal(record("written", 2, STICK, "", OK, 0x21), 3);
	assert_int_equal(record("read-back", 2, STICK, "", OK, 0x21), 3);
}

static void
no_such_volume(void **state)
{
	static struct readback b;

	(void)state;
	b.volume = (struct register_volume){ .customer = "acme", .number = 3, .volume = 1 };
	assert_int_equal(readback_record(&b, home, "written", &f), ERR_LEDGER);
	assert_int_equal(b.copy, 0);
	assert_int_equal(readback_record(&b, "/nowhere", "written", &f), ERR_HOME);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sticks, setup, teardown),
		cmocka_unit_test_setup_teardown(discs, setup, teardown),
		cmocka_unit_test_setup_teardown(bound, setup, teardown),
		cmocka_unit_test_setup_teardown(no_such_volume, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
