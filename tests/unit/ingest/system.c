/*
 * Tests of ingest/system: how many a site may have.  What they are is in tests/cli/37-passport.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/commands.h"
#include "ingest/systems.h"
#include "tests/unit/process.h"
#include "tests/unit/site_home.h"
#include "verify/signer.h"

static struct site_home k;

/* ${n} systems in the ledger, under one checkpoint: to sign each would take too long. */
static void
add_systems(unsigned n)
{
	struct checkpoint c;
	struct merkle tree;
	struct digest leaf;
	struct ssh_key by;
	char path[256], line[256], text[CHECKPOINT_TEXT + LIMIT_ARMOR + 1];
	size_t len;
	FILE *f = fopen(scratch_path(&k.s, "ledger/entries.jsonl", path), "a");

	assert_non_null(f);
	json_writer_free(site_home_entry(&k, "not written"));
	c = k.l->checkpoint;
	tree = k.l->tree;
	site_home_close(&k);
	for (unsigned i = 0; i < n; i++) {
		len = (size_t)snprintf(line, sizeof line, "{\"n\":%llu,"
		    "\"time\":\"2026-11-20T09:12:00+01:00\",\"what\":\"system-added\","
		    "\"system\":\"s%u\",\"role\":\"test\"}", (unsigned long long)tree.size + 1, i);
		merkle_leaf(line, len, &leaf);
		merkle_append(&tree, &leaf);
		fprintf(f, "%s\n", line);
	}
	assert_int_equal(fclose(f), 0);
	c.size = tree.size;
	merkle_root(&tree, &c.root);
	len = merkle_checkpoint_print(&c, text);
	assert_int_equal(signer_sign(scratch_path(&k.s, "keys/site", path), "checkpoint@waxseal",
	    text, len, text + len, &by, NULL), OK);
	scratch_put(&k.s, "ledger/checkpoint", text, strlen(text));
}

static int
add_one(void *name)
{
	char by_hand[] = "--by-hand", home[] = "--home";
	char *argv[] = { name, by_hand, home, k.s.dir };

	int status = chdir(k.s.dir) != 0 || freopen("said", "w", stdout) == NULL ||
	    freopen("complaint", "w", stderr) == NULL ? 99 : system_add_run(4, argv);

	return fflush(NULL) == 0 ? status : 99;
}

/* LIMIT_SYSTEMS, and one more. */
static void
limit(void **state)
{
	char last[] = "last", more[] = "more";
	struct systems systems;
	struct fault f;

	(void)state;
	site_home_new(&k, "plant7");
	add_systems(LIMIT_SYSTEMS - 1);
	assert_int_equal(process_run(add_one, last), 0);
	assert_int_equal(process_run(add_one, more), err_status(ERR_LIMIT));
	assert_int_equal(scratch_run(&k.s, "grep -q 'at most 1024 systems' complaint"), 0);
	json_writer_free(site_home_entry(&k, "not written"));
	assert_int_equal(systems_load(&systems, k.l, &f), OK);
	assert_int_equal(systems.count, LIMIT_SYSTEMS);
	systems_free(&systems);
	site_home_end(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
