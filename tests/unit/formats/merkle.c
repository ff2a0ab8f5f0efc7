/*
 * Tests of formats/merkle: trees and proofs beside those of transparency-dev/merkle (its testonly
 * constants and testdata), checkpoints beside C2SP tlog-checkpoint.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/limits.h"
#include "formats/merkle.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static struct digest
hex(const char *text)
{
	struct digest d;

	assert_true(digest_from_hex(&d, text, strlen(text)));
	return d;
}

/* Leaf inputs and roots of sizes 0 to 8: transparency-dev/merkle, testonly/constants.go. */
static const struct { const char *entry; size_t len; } inputs[] = {
	{ "", 0 }, { "\x00", 1 }, { "\x10", 1 }, { "\x20\x21", 2 }, { "\x30\x31", 2 },
	{ "\x40\x41\x42\x43", 4 }, { "\x50\x51\x52\x53\x54\x55\x56\x57", 8 },
	{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16 },
};
static const char *const roots[] = {
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static void
known_roots(void **state)
{
	struct merkle t = { 0 };
	struct digest d, want;

	(void)state;
	for (size_t n = 0; n < COUNT(roots); n++) {
		merkle_root(&t, &d);
		want = hex(roots[n]);
		assert_int_equal(t.size, n);
		assert_memory_equal(&d, &want, sizeof d);
		if (n < COUNT(inputs)) {
			merkle_leaf(inputs[n].entry, inputs[n].len, &d);
			merkle_append(&t, &d);
		}
	}
}

/* transparency-dev/merkle, testdata: leaf and root, or old and new root, then the path. */
static void
known_proofs(void **state)
{
	static const struct {
		const char *name;
		bool consistency;
		uint64_t first, size;	/* index or old size */
		enum err want;
		const char *hash[7];
	} table[] = {
		{ "inclusion/1/happy-path", false, 0, 8, OK,
		    { "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
		    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
		    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
		{ "inclusion/2/happy-path", false, 5, 8, OK,
		    { "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
		    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
		    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
		    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
		    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
		{ "inclusion/3/happy-path", false, 2, 3, OK,
		    { "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
		    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" } },
		{ "inclusion/4/happy-path", false, 1, 5, OK,
		    { "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
		    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" } },
		{ "inclusion/2/modified-proof[1]-bit-@3", false, 5, 8, ERR_PROOF,
		    { "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
		    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
		    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
		    "c2854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
		    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
		{ "inclusion/2/inserted-component", false, 5, 8, ERR_PROOF,
		    { "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
		    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
		    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
		    "abacaba000000000000000000000000000000000000000000060061e00123456",
		    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
		    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
		{ "inclusion/2/removed-component", false, 5, 8, ERR_PROOF,
		    { "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
		    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
		    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
		    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0" } },
		{ "inclusion/4/leafIdx-XOR-@2", false, 3, 5, ERR_PROOF,
		    { "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
		    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" } },
		{ "inclusion/4/treeSize-mul-@2", false, 1, 10, ERR_PROOF,
		    { "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
		    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" } },
		{ "inclusion/1/trailing-root", false, 0, 8, ERR_PROOF,
		    { "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
		    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
		    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
		    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" } },
		{ "consistency/1/happy-path", true, 1, 8, OK,
		    { "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
		    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
		    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
		{ "consistency/2/happy-path", true, 6, 8, OK,
		    { "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
		    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
		    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
		    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
		{ "consistency/3/happy-path", true, 2, 5, OK,
		    { "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" } },
		{ "consistency/4/happy-path", true, 6, 7, OK,
		    { "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
		    "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
		    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
		{ "consistency/2/modified-proof@1-bit-@4", true, 6, 8, ERR_PROOF,
		    { "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
		    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
		    "da854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
		    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
		{ "consistency/2/truncated-proof", true, 6, 8, ERR_PROOF,
		    { "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
		    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
		    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0" } },
		{ "consistency/2/swapped-roots", true, 6, 8, ERR_PROOF,
		    { "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
		    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
		    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
		    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
		{ "consistency/1/preceding-root1", true, 1, 8, ERR_PROOF,
		    { "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
		    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
		    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
		{ "consistency/1/size1-plus-@1", true, 2, 8, ERR_PROOF,
		    { "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
		    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
		    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
		{ "consistency/4/size2-mul-@2", true, 6, 14, ERR_PROOF,
		    { "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
		    "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
		    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
		{ "consistency/3/trailing-root2", true, 2, 5, ERR_PROOF,
		    { "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
		    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" } },
	};
	struct digest d[COUNT(table[0].hash)];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		size_t n = 0;
		enum err e;

		for (; n < COUNT(d) && table[i].hash[n] != NULL; n++)
			d[n] = hex(table[i].hash[n]);
		if (table[i].consistency)
			e = merkle_check_consistency(table[i].first, &d[0], table[i].size, &d[1],
			    d + 2, n - 2);
		else
			e = merkle_check_inclusion(&d[0], table[i].first, table[i].size, d + 2,
			    n - 2, &d[1]);
		if (e != table[i].want)
			fail_msg("%s", table[i].name);
	}
}

/* What a proof over the eight inputs is, is known too. */
static void
made_proofs(void **state)
{
	struct digest leaves[8], path[MERKLE_DEPTH], want;
	size_t len;

	(void)state;
	for (size_t i = 0; i < COUNT(leaves); i++)
		merkle_leaf(inputs[i].entry, inputs[i].len, &leaves[i]);
	assert_int_equal(merkle_inclusion(leaves, 8, 5, path, &len), OK);
	assert_int_equal(len, 3);
	want = hex("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0");
	assert_memory_equal(&path[1], &want, sizeof want);
	assert_int_equal(merkle_consistency(leaves, 8, 6, path, &len), OK);
	assert_int_equal(len, 3);
	want = hex("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a");
	assert_memory_equal(&path[0], &want, sizeof want);
	want = hex(roots[4]);
	assert_memory_equal(&path[2], &want, sizeof want);
}

#define MOST 64

struct forest {
	struct digest leaf[MOST], root[MOST + 1];
};

static void
grow(struct forest *f)
{
	struct merkle t = { 0 };

	merkle_root(&t, &f->root[0]);
	for (uint64_t i = 0; i < MOST; i++) {
		merkle_leaf(&i, sizeof i, &f->leaf[i]);
		merkle_append(&t, &f->leaf[i]);
		merkle_root(&t, &f->root[i + 1]);
	}
}

typedef enum err (*check_fn)(const struct forest *f, uint64_t a, uint64_t n,
    const struct digest *path, size_t len);

static enum err
included(const struct forest *f, uint64_t index, uint64_t n, const struct digest *path, size_t len)
{
	return merkle_check_inclusion(&f->leaf[index], index, n, path, len, &f->root[n]);
}

static enum err
consistent(const struct forest *f, uint64_t old, uint64_t n, const struct digest *path, size_t len)
{
	return merkle_check_consistency(old, &f->root[old], n, &f->root[n], path, len);
}

/* Good as it is; refused with one bit flipped, one digest dropped, one added, at every place. */
static void
only_this_path(check_fn check, const struct forest *f, uint64_t a, uint64_t n,
    const struct digest *path, size_t len)
{
	struct digest other[MERKLE_DEPTH + 1];

	assert_int_equal(check(f, a, n, path, len), OK);
	for (size_t i = 0; i < len; i++) {
		memcpy(other, path, len * sizeof *path);
		other[i].b[(a + n + i) % 32] ^= (uint8_t)(1u << (a % 8));
		assert_int_equal(check(f, a, n, other, len), ERR_PROOF);
		memcpy(other, path, i * sizeof *path);
		memcpy(other + i, path + i + 1, (len - i - 1) * sizeof *path);
		assert_int_equal(check(f, a, n, other, len - 1), ERR_PROOF);
	}
	for (size_t i = 0; i <= len; i++) {
		memcpy(other, path, i * sizeof *path);
		other[i] = i < len ? path[i] : f->root[n];
		memcpy(other + i + 1, path + i, (len - i) * sizeof *path);
		assert_int_equal(check(f, a, n, other, len + 1), ERR_PROOF);
	}
}

static void
every_inclusion(void **state)
{
	struct digest path[MERKLE_DEPTH];
	struct forest f;
	size_t len;

	(void)state;
	grow(&f);
	for (uint64_t n = 1; n <= MOST; n++) {
		for (uint64_t i = 0; i < n; i++) {
			assert_int_equal(merkle_inclusion(f.leaf, n, i, path, &len), OK);
			only_this_path(included, &f, i, n, path, len);
			/* another leaf, another place, another tree */
			assert_int_equal(merkle_check_inclusion(&f.root[0], i, n, path, len,
			    &f.root[n]), ERR_PROOF);
			if (n > 1)
				assert_int_equal(merkle_check_inclusion(&f.leaf[i], i ^ 1, n, path,
				    len, &f.root[n]), ERR_PROOF);
			assert_int_equal(merkle_check_inclusion(&f.leaf[i], i, n, path, len,
			    &f.root[n - 1]), ERR_PROOF);
		}
		assert_int_equal(merkle_inclusion(f.leaf, n, n, path, &len), ERR_PROOF);
		assert_int_equal(len, 0);
	}
	assert_int_equal(merkle_inclusion(f.leaf, 0, 0, path, &len), ERR_PROOF);
	assert_int_equal(merkle_check_inclusion(&f.leaf[0], 0, 0, path, 0, &f.leaf[0]), ERR_PROOF);
	assert_int_equal(merkle_check_inclusion(&f.leaf[0], UINT64_MAX, UINT64_MAX, path, 0,
	    &f.leaf[0]), ERR_PROOF);
}

static void
every_consistency(void **state)
{
	struct digest path[MERKLE_DEPTH];
	struct forest f;
	size_t len;

	(void)state;
	grow(&f);
	for (uint64_t n = 1; n <= MOST; n++) {
		for (uint64_t old = 1; old <= n; old++) {
			assert_int_equal(merkle_consistency(f.leaf, n, old, path, &len), OK);
			only_this_path(consistent, &f, old, n, path, len);
			if (old < n)
				assert_int_equal(consistent(&f, old, n, NULL, 0), ERR_PROOF);
			/* another old tree, another new one */
			assert_int_equal(merkle_check_consistency(old, &f.root[old - 1], n,
			    &f.root[n], path, len), ERR_PROOF);
			assert_int_equal(merkle_check_consistency(old, &f.root[old], n,
			    &f.root[n - 1], path, len), ERR_PROOF);
		}
		assert_int_equal(merkle_consistency(f.leaf, n, 0, path, &len), ERR_PROOF);
		assert_int_equal(merkle_consistency(f.leaf, n, n + 1, path, &len), ERR_PROOF);
	}
	assert_int_equal(merkle_check_consistency(0, f.root, 1, &f.root[1], path, 0), ERR_PROOF);
	assert_int_equal(merkle_check_consistency(0, f.root, 0, f.root, path, 0), ERR_PROOF);
	assert_int_equal(merkle_check_consistency(2, &f.root[2], 1, &f.root[1], path, 0),
	    ERR_PROOF);
	assert_int_equal(merkle_check_consistency(UINT64_MAX - 1, &f.root[1], UINT64_MAX,
	    &f.root[2], path, 1), ERR_PROOF);
}

/* The example of C2SP tlog-checkpoint. */
#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
#define CHECKPOINT "example.com/behind-the-sofa\n20852163\n" ROOT "\n"

static void
checkpoint(void **state)
{
	const struct digest root =
	    hex("0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62");
	char out[CHECKPOINT_TEXT];
	struct checkpoint c;

	(void)state;
	assert_int_equal(merkle_checkpoint_parse(CHECKPOINT, strlen(CHECKPOINT), &c), OK);
	assert_string_equal(c.origin, "example.com/behind-the-sofa");
	assert_int_equal(c.size, 20852163);
	assert_memory_equal(&c.root, &root, sizeof root);
	assert_int_equal(merkle_checkpoint_print(&c, out), strlen(CHECKPOINT));
	assert_string_equal(out, CHECKPOINT);
	for (size_t n = 0; n < strlen(CHECKPOINT); n++) {
		char *copy = test_malloc(n + 1);	/* so that reading past the end is seen */

		memcpy(copy, CHECKPOINT, n);
		assert_int_equal(merkle_checkpoint_parse(copy, n, &c), ERR_CHECKPOINT);
		test_free(copy);
	}
}

#define X19 "xxxxxxxxxxxxxxxxxxx"
#define X95 X19 X19 X19 X19 X19

static void
checkpoint_forms(void **state)
{
	static const struct {
		const char *text;
		enum err want;
	} table[] = {
		{ "waxseal/site/plant7\n0\n" ROOT "\n", OK },
		{ "x\n9007199254740991\n" ROOT "\n", OK },
		{ X95 "\n1\n" ROOT "\n", OK },
		{ "!~\n1\n" ROOT "\n", OK },
		{ X95 "x\n1\n" ROOT "\n", ERR_CHECKPOINT },
		{ "x\n9007199254740992\n" ROOT "\n", ERR_CHECKPOINT },
		{ "x\n18446744073709551617\n" ROOT "\n", ERR_CHECKPOINT },
		{ "\n1\n" ROOT "\n", ERR_CHECKPOINT },
		{ "a b\n1\n" ROOT "\n", ERR_CHECKPOINT },
		{ "a+b\n1\n" ROOT "\n", ERR_CHECKPOINT },
		{ "a\x7f\n1\n" ROOT "\n", ERR_CHECKPOINT },
		{ "\xc3\xa4\n1\n" ROOT "\n", ERR_CHECKPOINT },
		{ "x\n\n" ROOT "\n", ERR_CHECKPOINT },
		{ "x\n01\n" ROOT "\n", ERR_CHECKPOINT },
		{ "x\n00\n" ROOT "\n", ERR_CHECKPOINT },
		{ "x\n+1\n" ROOT "\n", ERR_CHECKPOINT },
		{ "x\n-1\n" ROOT "\n", ERR_CHECKPOINT },
		{ "x\n1 \n" ROOT "\n", ERR_CHECKPOINT },
		{ "x\r\n1\r\n" ROOT "\r\n", ERR_CHECKPOINT },
		{ "x\n1\n\n", ERR_CHECKPOINT },
		{ "x\n1\n" ROOT "\n\n", ERR_CHECKPOINT },
		{ "x\n1\n" ROOT "\nextension\n", ERR_CHECKPOINT },
		{ "x\n1\n" ROOT " \n", ERR_CHECKPOINT },
		{ "x\n1\n" ROOT "=\n", ERR_CHECKPOINT },
		/* no padding, bits after the end, the other alphabet, 31 and 33 bytes */
		{ "x\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n", ERR_CHECKPOINT },
		{ "x\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", ERR_CHECKPOINT },
		{ "x\n1\nCsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=\n", ERR_CHECKPOINT },
		{ "x\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n", ERR_CHECKPOINT },
		{ "x\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2IA\n", ERR_CHECKPOINT },
	};
	struct checkpoint c;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const char *text = table[i].text;

		if (merkle_checkpoint_parse(text, strlen(text), &c) != table[i].want)
			fail_msg("%s", text);
	}
	assert_int_equal(merkle_checkpoint_parse("x\0y\n1\n" ROOT "\n", 51, &c), ERR_CHECKPOINT);
	assert_int_equal(merkle_checkpoint_parse(CHECKPOINT "\0", strlen(CHECKPOINT) + 1, &c),
	    ERR_CHECKPOINT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_roots),
		cmocka_unit_test(known_proofs),
		cmocka_unit_test(made_proofs),
		cmocka_unit_test(every_inclusion),
		cmocka_unit_test(every_consistency),
		cmocka_unit_test(checkpoint),
		cmocka_unit_test(checkpoint_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
