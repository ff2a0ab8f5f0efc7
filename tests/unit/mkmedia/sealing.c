/*
 * Tests of mkmedia/sealing and mkmedia/kept: seals that are bound when they are written, from what
 * the home keeps; made with the real commands, each in a process of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "mkmedia/commands.h"
#include "mkmedia/kept.h"
#include "mkmedia/sealing.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"

static struct scratch s;
static struct fault f;
static struct vendor_register *r;
static uint8_t area[SEAL_SIZE];
static struct digest digest;
static const struct moment now = { 1799999999, 60 };
static const struct seal_medium stick = { .kind = SEAL_USB, .vendor = 0x0951, .product = 0x1666,
	.serial = "60A4\\x0a4C", .size = 16000000000 };

#define BUILD "R1 --customer acme -o out --recovery 0 --volume-size 4194304"

struct call {
	int (*command)(int argc, char **argv);
	const char *words;
};

static int
call(void *arg)
{
	const struct call *c = arg;
	char words[300], *argv[30];
	int argc = 0;

	snprintf(words, sizeof words, "--home home %s", c->words);
	for (char *at = strtok(words, " "); at != NULL && argc < 30; at = strtok(NULL, " "))
		argv[argc++] = at;
	return chdir(s.dir) != 0 || freopen("said", "w", stdout) == NULL ? 99 :
	    c->command(argc, argv);
}

/* The exit status of a command of mkmedia with these words. */
static int
run(int (*command)(int argc, char **argv), const char *words)
{
	struct call c = { command, words };

	return process_run(call, &c);
}

static void
open_register(bool write)
{
	char home[256];

	register_close(r);
	assert_int_equal(register_open(&r, scratch_path(&s, "home", home), write, &f), OK);
}

/* A home with acme/1, unbound, and acme/2, bound; both of two volumes. */
static int
setup(void **state)
{
	(void)state;
	s = scratch_new();
	f = (struct fault){ .err = OK };
	assert_int_equal(run(init_run, "--vendor etl --name Elbe --single-person --place Hamburg"), 0);
	assert_int_equal(run(customers_add, "acme --name ACME"), 0);
	assert_int_equal(scratch_run(&s, "mkdir -p R1/payload && truncate -s 5M R1/payload/zeros &&"
	    " echo a >R1/payload/a"), 0);
	assert_int_equal(run(releases_draft, "R1"), 0);
	assert_int_equal(scratch_run(&s, "sed -i 's/FILL IN[^\"]*/x/' R1/release.json"), 0);
	assert_int_equal(run(finish_run, "R1"), 0);
	assert_int_equal(run(sign_run, "R1"), 0);
	assert_int_equal(run(build_run, BUILD), 0);
	assert_int_equal(run(build_run, BUILD " --bind"), 0);
	open_register(false);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	register_close(r);
	r = NULL;
	scratch_end(&s);
	return 0;
}

static enum err
bind_volume(uint64_t number, uint64_t volume)
{
	return sealing_bound(r, "acme", number, volume, &stick, now, NULL, area, &digest, &f);
}

static void
bound(void **state)
{
	const struct trust *t = trust_chain_newest(r->chain);
	struct trust_count count;
	struct seal_header h;
	struct document doc;
	struct signers signers;
	struct digest tag;
	struct code code;
	struct seal *seal;
	size_t line;

	(void)state;
	assert_int_equal(kept_code(r, "acme", 2, &code, &f), OK);
	assert_int_equal(code.number, 2);
	for (uint64_t i = 1; i <= 2; i++) {
		const struct register_volume *v = register_volume(r, "acme", 2, i);

		assert_true(v->bound && digest_is_zero(&v->seal));
		assert_int_equal(bind_volume(2, i), OK);
		assert_int_equal(seal_header_parse(area, SEAL_SIZE, &h, &line), OK);
		assert_int_equal(document_split(area + line, h.length, &doc), OK);
		assert_true(digest_equal(&doc.digest, &digest));
		assert_int_equal(document_signers(&doc, "seal@waxseal", &signers), OK);
		count = trust_count(t, ROLE_SEAL, &signers);
		assert_true(count.have >= count.need);
		assert_int_equal(code_tag(&code, doc.body, doc.body_len, &tag), OK);
		assert_true(digest_equal(&tag, &h.tag));
		assert_int_equal(seal_parse(&seal, &doc, "etl", &f), OK);
		assert_int_equal(seal_agrees(&h, seal, &f), OK);
		assert_int_equal(seal_regions(seal, &f), OK);
		assert_int_equal(seal->medium.kind, SEAL_USB);
		assert_string_equal(seal->medium.serial, stick.serial);
		assert_int_equal(seal->medium.product, stick.product);
		assert_int_equal(seal->sealed_at.seconds, now.seconds);
		assert_int_equal(seal->sealed_at.offset, now.offset);
		assert_int_equal(seal->volume, i);
		assert_int_equal(seal->volumes, 2);
		assert_int_equal(seal->number, 2);
		assert_true(digest_equal(&seal->map_digest, &v->map));
		assert_true(seal->has_previous);
		assert_memory_equal(&seal->previous, &register_volume(r, "acme", 1, 1)->seal, 32);
		seal_free(seal);
	}
	code_wipe(&code);
}

static void
refused(void **state)
{
	char key[300];

	(void)state;
	assert_int_equal(bind_volume(1, 1), ERR_USAGE);		/* not to be bound */
	assert_int_equal(bind_volume(2, 3), ERR_USAGE);
	assert_int_equal(bind_volume(3, 1), ERR_USAGE);
	assert_int_equal(sealing_bound(r, "acme", 2, 1, &stick, now, "nothing", area, &digest, &f),
	    ERR_IO);
	register_path(r, "keys/release", key, sizeof(key));
	assert_int_equal(sealing_bound(r, "acme", 2, 1, &stick, now, key, area, &digest, &f),
	    ERR_SIGNER);
	/* The draft of another volume, and one that is changed. */
	assert_int_equal(scratch_run(&s, "cd home/seals && cp acme-2-2.draft saved &&"
	    " cp acme-2-1.draft acme-2-2.draft"), 0);
	assert_int_equal(bind_volume(2, 2), ERR_HOME);
	assert_int_equal(scratch_run(&s, "cd home/seals && echo >acme-2-2.draft"), 0);
	assert_int_equal(bind_volume(2, 2), ERR_HOME);
	assert_int_equal(scratch_run(&s, "cd home/seals && rm acme-2-2.draft"), 0);
	assert_int_equal(bind_volume(2, 2), ERR_IO);
	assert_int_equal(scratch_run(&s, "mv home/seals/saved home/seals/acme-2-2.draft"), 0);
	assert_int_equal(bind_volume(2, 2), OK);
	assert_int_equal(scratch_run(&s, "echo x >home/letters/acme-2.code"), 0);
	assert_int_equal(bind_volume(2, 2), ERR_CODE_TYPED);
	assert_int_equal(scratch_run(&s, "rm home/letters/acme-2.code"), 0);
	assert_int_equal(bind_volume(2, 2), ERR_IO);
}

/* The image has trust 1.  Who seals under trust 2 only would be refused by who knows only that. */
static void
another_key(void **state)
{
	(void)state;
	assert_int_equal(scratch_run(&s, "ssh-keygen -q -t ed25519 -N '' -f new &&"
	    " new=$(cut -d ' ' -f 1,2 new.pub) old=$(cut -d ' ' -f 1,2 home/keys/seal.pub) &&"
	    " sed -e '/^-----BEGIN/,$d' -e \"s|$old|$new|; s|\\\"version\\\": 1|\\\"version\\\": 2|\""
	    " home/trust/1.trust >home/trust/2.trust"), 0);
	assert_int_equal(run(sign_run, "2.trust"), 0);
	open_register(false);
	assert_int_equal(r->chain->count, 2);
	assert_int_equal(bind_volume(2, 1), ERR_SIGNER);	/* the old key seals no more */
	assert_int_equal(scratch_run(&s, "mv new home/keys/seal && mv new.pub home/keys/seal.pub"), 0);
	assert_int_equal(bind_volume(2, 1), ERR_KEY_RETIRED);
}

/* What is kept of the unbound one is what lies in its image. */
static void
kept_area(void **state)
{
	struct register_volume v;
	struct seal *seal;
	char image[2 * SEAL_SIZE + 1];

	(void)state;
	assert_int_equal(scratch_run(&s, "head -c 32768 out/acme-1-2.iso >head"), 0);
	assert_int_equal(scratch_get(&s, "head", image, sizeof(image)), 2 * SEAL_SIZE);
	assert_int_equal(kept_seal(r, register_volume(r, "acme", 1, 2), area, &seal, &f), OK);
	assert_memory_equal(area, image + SEAL_OFFSET, SEAL_SIZE);
	assert_int_equal(seal->volume, 2);
	seal_free(seal);
	assert_int_equal(scratch_run(&s, "test $(stat -c %a home/seals/acme-1-2.seal) = 600 &&"
	    " test $(stat -c %a home/seals/acme-2-2.draft) = 600"), 0);
	v = *register_volume(r, "acme", 1, 2);
	v.seal.b[0] ^= 1;
	assert_int_equal(kept_seal(r, &v, area, &seal, &f), ERR_HOME);
	assert_null(seal);
	assert_int_equal(scratch_run(&s, "truncate -s -1 home/seals/acme-1-2.seal"), 0);
	assert_int_equal(kept_seal(r, register_volume(r, "acme", 1, 2), area, &seal, &f), ERR_HOME);
	assert_int_equal(scratch_run(&s, "head -c 16384 /dev/zero >home/seals/acme-1-2.seal"), 0);
	assert_int_equal(kept_seal(r, register_volume(r, "acme", 1, 2), area, &seal, &f), ERR_HOME);
	assert_int_equal(scratch_run(&s, "rm home/seals/acme-1-2.seal"), 0);
	assert_int_equal(kept_seal(r, register_volume(r, "acme", 1, 2), area, &seal, &f), ERR_IO);
}

static void
not_sealed(void **state)
{
	static const struct seal seal = { .customer = "acme", .number = LIMIT_NUMBER, .volume = 99 };
	const char *want = "UNSEALED acme/1073741823 99\n";

	(void)state;
	memset(area, 'x', sizeof(area));
	sealing_none(&seal, area);
	assert_memory_equal(area, want, strlen(want));
	for (size_t i = strlen(want); i < SEAL_SIZE; i++)
		assert_int_equal(area[i], 0);
}

/* How many volumes go with how many releases is measured, and written down here. */
static void
fits(void **state)
{
	static char id[LIMIT_RELEASES][LIMIT_RELEASE_ID + 1];
	static const struct {
		size_t releases;
		int id_length;
		uint64_t volumes;
		unsigned percent;
		enum err want;
	} table[] = {
		{ 1, 3, 1, 0, OK }, { 1, 3, 99, 0, OK }, { 1, 12, 96, 0, OK },
		{ 1, 12, 97, 0, ERR_LIMIT }, { 1, 64, 72, 0, OK }, { 1, 64, 73, 0, ERR_LIMIT },
		{ 64, 12, 40, 0, OK }, { 64, 64, 1, 0, OK }, { 64, 64, 15, 0, OK },
		{ 64, 64, 40, 0, ERR_LIMIT },
		{ 1, 3, 99, 5, OK }, { 1, 10, 97, 5, OK }, { 1, 10, 98, 5, ERR_LIMIT },
		{ 1, 64, 72, 5, OK }, { 1, 64, 73, 5, ERR_LIMIT }, { 64, 64, 15, 40, OK },
	};
	struct seal seal = { .vendor = "etl", .customer = "acme", .customer_name = "ACME", .number = 1,
	    .place = "Hamburg", .invoice = "", .trust_version = 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		seal.percent = table[i].percent;
		assert_int_equal(seal_layout(&seal, 700 * MIB, 3000), OK);
		seal.volumes = table[i].volumes;
		seal.volume = 1;
		seal.release_count = table[i].releases;
		for (size_t k = 0; k < table[i].releases; k++) {
			snprintf(id[k], sizeof(id[k]), "%0*zu", table[i].id_length, k + 1);
			seal.release[k].id = id[k];
		}
		for (size_t k = 0; k < table[i].volumes; k++)
			seal.cut[k] = (struct seal_cut){ 0, k + 1, k * 700 * MIB };
		if (sealing_fits(r, &seal, &f) != table[i].want)
			fail_msg("row %zu: %s", i, f.at);
	}
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(bound), TEST(refused), TEST(another_key), TEST(kept_area), TEST(fits),
		cmocka_unit_test(not_sealed),
	};

	unsetenv("SSH_AUTH_SOCK");
	if (system("command -v ssh-keygen >/dev/null") != 0) {
		print_message("[  SKIPPED ] 6 test(s): ssh-keygen is not installed\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
