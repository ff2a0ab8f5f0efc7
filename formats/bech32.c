/*
 * bech32: BIP-173 and BIP-350.  Finds errors, never corrects them.
 */
#include "formats/bech32.h"

#include <string.h>

#define HRP_MAX 83	/* BIP-173, "Bech32" */

static const char alphabet[] = BECH32_ALPHABET;

/* One value more into the running checksum: BIP-173, "Checksum". */
static uint32_t
add(uint32_t sum, unsigned value)
{
	static const uint32_t generator[5] = {
		0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3,
	};
	uint32_t carry = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ value;
	for (unsigned i = 0; i < 5; i++)
		if (carry >> i & 1)
			sum ^= generator[i];
	return sum;
}

/* The checksum begins with the high bits of the readable part, a zero, and its low bits. */
static uint32_t
add_hrp(const char *hrp)
{
	uint32_t sum = 1;

	for (const char *c = hrp; *c != '\0'; c++)
		sum = add(sum, (unsigned char)*c >> 5);
	sum = add(sum, 0);
	for (const char *c = hrp; *c != '\0'; c++)
		sum = add(sum, (unsigned char)*c & 31);
	return sum;
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static char
to_lower(char c)
{
	return (char)(is_upper(c) ? c + ('a' - 'A') : c);
}

int
bech32_value(char c)
{
	const char *at = memchr(alphabet, to_lower(c), sizeof(alphabet) - 1);

	return at == NULL ? -1 : (int)(at - alphabet);
}

enum err
bech32_encode(enum bech32 kind, const char *hrp, const uint8_t *values, size_t n, char *out,
    size_t cap)
{
	size_t len = strnlen(hrp, HRP_MAX + 1);
	uint32_t sum;

	if (len < 1 || len > HRP_MAX)
		return ERR_BECH32;
	for (size_t i = 0; i < len; i++)
		if (hrp[i] < 33 || hrp[i] > 126 || is_upper(hrp[i]))
			return ERR_BECH32;
	if (cap < len + 1 + BECH32_CHECKSUM + 1 || n > cap - (len + 1 + BECH32_CHECKSUM + 1))
		return ERR_LIMIT;
	memcpy(out, hrp, len);
	out += len;
	*out++ = '1';
	sum = add_hrp(hrp);
	for (size_t i = 0; i < n; i++) {
		if (values[i] > 31)
			return ERR_BECH32;
		sum = add(sum, values[i]);
		*out++ = alphabet[values[i]];
	}
	for (unsigned i = 0; i < BECH32_CHECKSUM; i++)
		sum = add(sum, 0);
	sum ^= (uint32_t)kind;
	for (unsigned i = 0; i < BECH32_CHECKSUM; i++)
		*out++ = alphabet[sum >> 5 * (BECH32_CHECKSUM - 1 - i) & 31];
	*out = '\0';
	return OK;
}

/* ${len} characters of one case, each visible ASCII. */
static bool
is_plain(const char *s, size_t len)
{
	bool upper = false, lower = false;

	for (size_t i = 0; i < len; i++) {
		if (s[i] < 33 || s[i] > 126)
			return false;
		upper |= is_upper(s[i]);
		lower |= is_lower(s[i]);
	}
	return !(upper && lower);
}

enum err
bech32_decode(enum bech32 kind, const char *s, size_t max, char *hrp, size_t hrp_cap,
    uint8_t *values, size_t cap, size_t *n)
{
	size_t len = strnlen(s, max), hrp_len, data_len;
	const char *separator = memrchr(s, '1', len);
	uint32_t sum;

	if (s[len] != '\0')
		return ERR_LIMIT;
	if (!is_plain(s, len) || separator == NULL)
		return ERR_BECH32;
	hrp_len = (size_t)(separator - s);
	data_len = len - hrp_len - 1;
	if (hrp_len < 1 || hrp_len > HRP_MAX || data_len < BECH32_CHECKSUM)
		return ERR_BECH32;
	if (hrp_len >= hrp_cap || data_len - BECH32_CHECKSUM > cap)
		return ERR_LIMIT;
	for (size_t i = 0; i < hrp_len; i++)
		hrp[i] = to_lower(s[i]);
	hrp[hrp_len] = '\0';
	sum = add_hrp(hrp);
	for (size_t i = 0; i < data_len; i++) {
		int value = bech32_value(separator[1 + i]);

		if (value < 0)
			return ERR_BECH32;
		sum = add(sum, (unsigned)value);
		if (i < data_len - BECH32_CHECKSUM)
			values[i] = (uint8_t)value;
	}
	*n = data_len - BECH32_CHECKSUM;
	return sum == (uint32_t)kind ? OK : ERR_BECH32;
}

bool
bech32_verify(enum bech32 kind, const char *hrp, const uint8_t *values, size_t n)
{
	uint32_t sum = add_hrp(hrp);

	for (size_t i = 0; i < n; i++) {
		if (values[i] > 31)
			return false;
		sum = add(sum, values[i]);
	}
	return n >= BECH32_CHECKSUM && sum == (uint32_t)kind;
}

void
bech32_put_bits(uint8_t *values, size_t at, size_t n5, uint64_t bits)
{
	for (size_t i = n5; i > 0; i--, bits >>= 5)
		values[at + i - 1] = bits & 31;
}

uint64_t
bech32_get_bits(const uint8_t *values, size_t at, size_t n5)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < n5; i++)
		bits = bits << 5 | values[at + i];
	return bits;
}
