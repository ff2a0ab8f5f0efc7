/*
 * sshsig: public keys and signatures of OpenSSH, read and written.  Whatever has more than one
 * spelling is printed again and compared, so that only the canonical spelling passes.
 */
#include "formats/sshsig.h"

#include <sodium.h>
#include <string.h>

#include "formats/limits.h"

#define ARMOR_BEGIN	"-----BEGIN SSH SIGNATURE-----\n"
#define ARMOR_END	"\n-----END SSH SIGNATURE-----\n"
#define ARMOR_LINE	70
#define MAGIC		"SSHSIG"
#define MAGIC_LEN	6
#define APPLICATION	"ssh:"
#define POINT		crypto_sign_PUBLICKEYBYTES
#define TOUCHED		0x01	/* "user present" among the flags of a hardware key */
#define PRESENCE	5	/* flags and counter of a hardware key */
#define NAMESPACE_MAX	64	/* fits SSHSIG_TBS and BLOB_MAX; ours have at most 18 bytes */
#define BLOB_MAX	512	/* of what we write: the longest has 277 bytes */

/* Base64 of everything that fits an armor, and back; the sums need not be tight. */
#define READ_MAX	LIMIT_ARMOR
#define BASE64_MAX	(2 * READ_MAX)

static const char *const type_names[] = {
	[SSH_ED25519] = "ssh-ed25519",
	[SSH_SK_ED25519] = "sk-ssh-ed25519@openssh.com",
};

/* What is left to read.  The first failure sticks; what is taken after it is empty. */
struct cursor {
	const uint8_t *at;
	size_t left;
	bool bad;
};

static struct cursor
take(struct cursor *c, size_t len)
{
	struct cursor taken = { c->at, len, false };

	if (c->bad || len > c->left) {
		*c = (struct cursor){ c->at, 0, true };
		return *c;
	}
	c->at += len;
	c->left -= len;
	return taken;
}

static uint32_t
take_u32(struct cursor *c)
{
	struct cursor t = take(c, 4);

	if (t.bad)
		return 0;
	return (uint32_t)t.at[0] << 24 | (uint32_t)t.at[1] << 16 | (uint32_t)t.at[2] << 8 | t.at[3];
}

static struct cursor
take_string(struct cursor *c)
{
	return take(c, take_u32(c));
}

static bool
is(struct cursor c, const char *text)
{
	return !c.bad && c.left == strlen(text) && memcmp(c.at, text, c.left) == 0;
}

static bool
ended(struct cursor c)
{
	return !c.bad && c.left == 0;
}

/* Append to a buffer that is known to be large enough; returns the new end. */
static uint8_t *
put(uint8_t *end, const void *data, size_t len)
{
	memcpy(end, data, len);
	return end + len;
}

static uint8_t *
put_u32(uint8_t *end, uint32_t n)
{
	const uint8_t b[4] = {
		(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n
	};

	return put(end, b, sizeof b);
}

static uint8_t *
put_string(uint8_t *end, const void *data, size_t len)
{
	return put(put_u32(end, (uint32_t)len), data, len);
}

static uint8_t *
put_text(uint8_t *end, const char *text)
{
	return put_string(end, text, strlen(text));
}

static bool
read_key(struct cursor blob, struct ssh_key *key)
{
	struct cursor type = take_string(&blob);
	struct cursor point = take_string(&blob);

	if (is(type, type_names[SSH_ED25519]))
		key->type = SSH_ED25519;
	else if (is(type, type_names[SSH_SK_ED25519]) && is(take_string(&blob), APPLICATION))
		key->type = SSH_SK_ED25519;
	else
		return false;
	if (!ended(blob) || point.left != POINT)
		return false;
	memcpy(key->point, point.at, POINT);
	return true;
}

/* A comment of an SSH key may hold anything but control characters. */
static bool
copy_comment(const char *text, size_t len, char *comment, size_t cap)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	if (comment == NULL || cap == 0)
		return true;
	if (len >= cap)
		len = cap - 1;
	memcpy(comment, text, len);
	comment[len] = '\0';
	return true;
}

enum err
sshsig_key_parse(const char *line, size_t len, struct ssh_key *key, char *comment, size_t cap)
{
	struct ssh_key k;
	uint8_t blob[LIMIT_KEY_LINE];
	char canonical[SSHSIG_LINE];
	const char *base64, *end;
	size_t n;

	if (len > 0 && line[len - 1] == '\n')
		len--;
	if (len > LIMIT_KEY_LINE || (base64 = memchr(line, ' ', len)) == NULL)
		return ERR_KEY_FORM;
	base64++;
	/* Stops at the first foreign character; the comparison below sees to the rest. */
	if (sodium_base642bin(blob, sizeof blob, base64, (size_t)(line + len - base64), NULL, &n,
	    &end, sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    !read_key((struct cursor){ blob, n, false }, &k))
		return ERR_KEY_FORM;
	/* Points of small order and the like could never sign: a slip is better found here. */
	if (crypto_core_ed25519_is_valid_point(k.point) != 1)
		return ERR_KEY_FORM;
	sshsig_key_print(&k, canonical);
	n = strlen(canonical);
	if (len < n || memcmp(line, canonical, n) != 0 || (len > n && line[n++] != ' '))
		return ERR_KEY_FORM;
	if (!copy_comment(line + n, len - n, comment, cap))
		return ERR_KEY_FORM;
	*key = k;
	return OK;
}

size_t
sshsig_key_blob(const struct ssh_key *key, uint8_t out[static SSHSIG_BLOB])
{
	uint8_t *end = put_text(out, type_names[key->type]);

	end = put_string(end, key->point, POINT);
	if (key->type == SSH_SK_ED25519)
		end = put_text(end, APPLICATION);
	return (size_t)(end - out);
}

void
sshsig_key_print(const struct ssh_key *key, char out[static SSHSIG_LINE])
{
	const char *type = type_names[key->type];
	size_t n = strlen(type);
	uint8_t blob[SSHSIG_BLOB];
	size_t len = sshsig_key_blob(key, blob);

	memcpy(out, type, n);
	out[n++] = ' ';
	sodium_bin2base64(out + n, SSHSIG_LINE - n, blob, len, sodium_base64_VARIANT_ORIGINAL);
}

void
sshsig_key_fingerprint(const struct ssh_key *key, char out[static SSHSIG_PRINT])
{
	static const char prefix[] = "SHA256:";
	const size_t n = sizeof prefix - 1;
	uint8_t blob[SSHSIG_BLOB];
	struct digest d;

	digest_sha256(blob, sshsig_key_blob(key, blob), &d);
	memcpy(out, prefix, n);
	sodium_bin2base64(out + n, SSHSIG_PRINT - n, d.b, sizeof d.b,
	    sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}

bool
sshsig_key_equal(const struct ssh_key *a, const struct ssh_key *b)
{
	return memcmp(a->point, b->point, POINT) == 0;
}

/* Returns the length without the NUL, or 0 when ${cap} is too small.  ${len} <= READ_MAX. */
static size_t
print_armor(const uint8_t *blob, size_t len, char *out, size_t cap)
{
	const size_t begin = strlen(ARMOR_BEGIN), finish = strlen(ARMOR_END);
	char base64[BASE64_MAX];
	size_t left, n = 0;

	sodium_bin2base64(base64, sizeof base64, blob, len, sodium_base64_VARIANT_ORIGINAL);
	left = strlen(base64);
	if (cap < begin + left + left / ARMOR_LINE + finish + 1)
		return 0;
	memcpy(out, ARMOR_BEGIN, begin);
	n = begin;
	for (const char *p = base64; left > 0;) {
		size_t line = left < ARMOR_LINE ? left : ARMOR_LINE;

		memcpy(out + n, p, line);
		n += line;
		p += line;
		left -= line;
		if (left > 0)
			out[n++] = '\n';
	}
	memcpy(out + n, ARMOR_END, finish + 1);
	return n + finish;
}

/* Returns the length of the blob, or 0 when the armor is not canonical. */
static size_t
read_armor(const char *armor, size_t len, uint8_t blob[static READ_MAX])
{
	const size_t begin = strlen(ARMOR_BEGIN), finish = strlen(ARMOR_END);
	char canonical[BASE64_MAX];
	size_t n;

	if (len < begin + finish)
		return 0;
	if (sodium_base642bin(blob, READ_MAX, armor + begin, len - begin - finish, "\n", &n, NULL,
	    sodium_base64_VARIANT_ORIGINAL) != 0)
		return 0;
	if (print_armor(blob, n, canonical, sizeof canonical) != len ||
	    memcmp(armor, canonical, len) != 0)
		return 0;
	return n;
}

/* The parts of a signature that the check needs; views into the blob. */
struct signature {
	struct ssh_key key;
	struct cursor namespace;
	bool sha256;		/* else sha512 */
	struct cursor sig;
	struct cursor presence;	/* hardware keys only */
};

/* The inner string, as an agent returns it. */
static bool
read_inner(struct cursor c, struct signature *s)
{
	bool type_fits = is(take_string(&c), type_names[s->key.type]);

	s->sig = take_string(&c);
	if (s->key.type == SSH_SK_ED25519)
		s->presence = take(&c, PRESENCE);
	return type_fits && ended(c) && s->sig.left == crypto_sign_BYTES;
}

static bool
read_blob(struct cursor c, struct signature *s)
{
	struct cursor key, hash, inner;

	if (!is(take(&c, MAGIC_LEN), MAGIC) || take_u32(&c) != 1)
		return false;
	key = take_string(&c);
	s->namespace = take_string(&c);
	/* Reserved bytes are under no signature. */
	if (!is(take_string(&c), ""))
		return false;
	hash = take_string(&c);
	inner = take_string(&c);
	s->sha256 = is(hash, "sha256");
	if (!s->sha256 && !is(hash, "sha512"))
		return false;
	return ended(c) && read_key(key, &s->key) && read_inner(inner, s);
}

static bool
namespace_ok(const char *namespace)
{
	return *namespace != '\0' && strlen(namespace) <= NAMESPACE_MAX;
}

/* Returns 0 for a bad namespace. */
static size_t
print_tbs(const char *namespace, bool sha256, const void *msg, size_t msg_len,
    uint8_t out[static SSHSIG_TBS])
{
	uint8_t *end = put(out, MAGIC, MAGIC_LEN);
	struct digest d;
	uint8_t d512[64];

	if (!namespace_ok(namespace))
		return 0;
	end = put_text(end, namespace);
	end = put_text(end, "");
	end = put_text(end, sha256 ? "sha256" : "sha512");
	if (sha256) {
		digest_sha256(msg, msg_len, &d);
		end = put_string(end, d.b, sizeof d.b);
	} else {
		digest_sha512(msg, msg_len, d512);
		end = put_string(end, d512, sizeof d512);
	}
	return (size_t)(end - out);
}

size_t
sshsig_tbs(const char *namespace, const void *msg, size_t msg_len, uint8_t out[static SSHSIG_TBS])
{
	return print_tbs(namespace, false, msg, msg_len, out);
}

/* A hardware key signs digests, with what it says about its button between them. */
static size_t
wrap_tbs(const struct signature *s, uint8_t tbs[static SSHSIG_TBS], size_t len)
{
	struct digest application, message;
	uint8_t *end = tbs;

	digest_sha256(APPLICATION, strlen(APPLICATION), &application);
	digest_sha256(tbs, len, &message);
	end = put(end, application.b, sizeof application.b);
	end = put(end, s->presence.at, PRESENCE);
	end = put(end, message.b, sizeof message.b);
	return (size_t)(end - tbs);
}

enum err
sshsig_verify(const char *armor, size_t len, const char *namespace, const void *msg,
    size_t msg_len, struct ssh_key *key)
{
	uint8_t blob[READ_MAX], tbs[SSHSIG_TBS];
	struct signature s = { 0 };
	size_t n;

	if (len > LIMIT_ARMOR)
		return ERR_LIMIT;
	n = read_armor(armor, len, blob);
	if (n == 0 || !read_blob((struct cursor){ blob, n, false }, &s))
		return ERR_SIG_FORM;
	n = print_tbs(namespace, s.sha256, msg, msg_len, tbs);
	if (n == 0 || !is(s.namespace, namespace))
		return ERR_SIG_NAMESPACE;
	if (s.key.type == SSH_SK_ED25519)
		n = wrap_tbs(&s, tbs, n);
	/* libsodium refuses S >= L, points of small order and points that are not canonical. */
	if (crypto_sign_verify_detached(s.sig.at, tbs, n, s.key.point) != 0)
		return ERR_SIG_FALSE;
	if (s.key.type == SSH_SK_ED25519 && !(s.presence.at[0] & TOUCHED))
		return ERR_SIG_TOUCH;
	*key = s.key;
	return OK;
}

enum err
sshsig_armor(const struct ssh_key *key, const char *namespace, const uint8_t *sig, size_t sig_len,
    char *out, size_t cap)
{
	struct signature s = { .key = *key };
	uint8_t blob[BLOB_MAX], key_blob[SSHSIG_BLOB], *end;

	if (!read_inner((struct cursor){ sig, sig_len, false }, &s) ||
	    !namespace_ok(namespace))
		return ERR_SIG_FORM;
	end = put(blob, MAGIC, MAGIC_LEN);
	end = put_u32(end, 1);
	end = put_string(end, key_blob, sshsig_key_blob(key, key_blob));
	end = put_text(end, namespace);
	end = put_text(end, "");
	end = put_text(end, "sha512");
	end = put_string(end, sig, sig_len);
	return print_armor(blob, (size_t)(end - blob), out, cap) != 0 ? OK : ERR_LIMIT;
}
