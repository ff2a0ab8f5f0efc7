/* One trust document: its form, and the rules for keys, roles and thresholds. */
#include "formats/limits.h"
#include "formats/name.h"
#include "formats/trust.h"
#include "tests/fuzz/fuzz.h"

static void
check_role(const struct trust *t, enum trust_role r)
{
	const struct trust_quorum *q = &t->role[r];
	struct trust_count count;
	struct signers all = { .count = 0 };

	HOLD(q->threshold >= 1 && q->threshold <= q->count && q->count <= t->key_count);
	for (unsigned i = 0; i < q->count; i++) {
		HOLD(q->key[i] < t->key_count);
		if (all.count < LIMIT_SIGNATURES)
			all.key[all.count++] = t->keys[q->key[i]].key;
		for (unsigned other = 0; other < r; other++)	/* each key has one role */
			for (unsigned k = 0; k < t->role[other].count; k++)
				HOLD(t->role[other].key[k] != q->key[i]);
	}
	count = trust_count(t, r, &all);
	HOLD(count.need == q->threshold && count.have <= all.count);
	if (q->count <= LIMIT_SIGNATURES)	/* all of them together can sign */
		HOLD(count.have >= count.need);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct document doc;
	struct fault f;
	struct trust *t;

	if (document_split_unsigned(data, size, &doc) != OK || trust_parse(&t, &doc, &f) != OK)
		return 0;
	HOLD(name_id_ok(t->vendor) && t->version >= 1 && t->version <= LIMIT_CHAIN);
	HOLD(t->key_count >= 1 && t->key_count <= LIMIT_TRUST_KEYS);
	for (size_t i = 0; i < t->key_count; i++)
		for (size_t k = 0; k < i; k++)
			HOLD(!sshsig_key_equal(&t->keys[i].key, &t->keys[k].key) &&
			    strcmp(t->keys[i].id, t->keys[k].id) != 0);
	for (enum trust_role r = 0; r < ROLE_COUNT; r++)
		check_role(t, r);
	for (size_t i = 0; i < t->revoked_release_count; i++)
		HOLD(trust_release_revoked(t, &t->revoked_releases[i]));
	for (size_t i = 0; i < t->revoked_seal_count; i++)
		HOLD(trust_seal_revoked(t, &t->revoked_seals[i]));
	trust_free(t);
	return 0;
}
