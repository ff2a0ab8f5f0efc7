/*
 * Tests of mkmedia/arrival: how much a site may send in one file.  What is in it is in
 * tests/cli/38-inbox.sh, with files that real programs made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mkmedia/arrival.h"
#include "tests/unit/keypair.h"
#include "tests/unit/scratch.h"

static struct keypair k;
static struct register_customer acme = { .id = "acme" };
static const struct vendor_register desk = { .vendor = "etl", .customer_count = 1,
	.customer = &acme };

/* The passport of a system, signed; ${size} bytes with blanks in it (0: without any). */
static size_t
put_passport(char *to, size_t system, size_t size)
{
	static const char end[] = "}}, \"components\": []}\n";
	char armor[LIMIT_ARMOR];
	size_t len = (size_t)sprintf(to, "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\","
	    " \"version\": 1, \"metadata\": {\"timestamp\": \"2026-11-20T09:12:00+01:00\","
	    " \"properties\": [{\"name\": \"waxseal:customer\", \"value\": \"acme\"},"
	    " {\"name\": \"waxseal:vendor\", \"value\": \"etl\"}],"
	    " \"component\": {\"type\": \"device\", \"name\": \"s%zu\"", system), more;

	if (size != 0) {
		more = size - len - strlen(end) - keypair_sign(&k, "passport@waxseal", "", 0, armor,
		    sizeof armor);
		memset(to + len, ' ', more);
		len += more;
	}
	len = (size_t)(stpcpy(to + len, end) - to);
	return len + keypair_sign(&k, "passport@waxseal", to, len, to + len, LIMIT_ARMOR);
}

/* What becomes of the file with these bytes; ${count} gets how many passports it has. */
static enum err
arrives(const char *text, size_t len, size_t *count)
{
	struct scratch s = scratch_new();
	struct fault f = { .at = "" };
	struct arrival a;
	char path[256];
	enum err e;

	scratch_put(&s, "row", text, len);
	e = arrival_open(&a, &desk, scratch_path(&s, "row", path), &f);
	*count = a.count;
	arrival_close(&a);
	scratch_end(&s);
	return e;
}

/* LIMIT_SENT bytes in as few passports as can be and one more, and a byte more than that. */
static void
bytes(void **state)
{
	const size_t rest = 4096;
	char *text = malloc(LIMIT_SENT + LIMIT_ARMOR);
	size_t len = 0, count, i = 0;

	(void)state;
	assert_non_null(text);
	for (; len + LIMIT_PASSPORT < LIMIT_SENT; i++)
		len += put_passport(text + len, i, LIMIT_PASSPORT);
	len += put_passport(text + len, i, LIMIT_SENT - len - rest);
	for (size_t past = 0; past < 2; past++) {
		assert_int_equal(len + put_passport(text + len, i + 1, rest + past),
		    LIMIT_SENT + past);
		assert_int_equal(arrives(text, LIMIT_SENT + past, &count), past ? ERR_LIMIT : OK);
		assert_int_equal(count, past ? 0 : i + 2);
	}
	free(text);
}

/* Passports of LIMIT_SYSTEMS systems, and one more. */
static void
systems(void **state)
{
	char *text = malloc((LIMIT_SYSTEMS + 1) * (2 * LIMIT_ARMOR));
	size_t len = 0, count;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < LIMIT_SYSTEMS; i++)
		len += put_passport(text + len, i, 0);
	assert_int_equal(arrives(text, len, &count), OK);
	assert_int_equal(count, LIMIT_SYSTEMS);
	len += put_passport(text + len, LIMIT_SYSTEMS, 0);
	assert_int_equal(arrives(text, len, &count), ERR_LIMIT);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes),
		cmocka_unit_test(systems),
	};

	k = keypair_new(SSH_ED25519);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
