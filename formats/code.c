/*
 * code: the authorization code: made, printed, read as people type it, and used as a MAC key.
 * What is typed wrongly is pointed at, never corrected (BIP-173, "Error correction").
 */
#include "formats/code.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "formats/name.h"

#define VERSION 0		/* 'q' */
#define NUMBER_AT 1
#define NUMBER_SYMBOLS 6
#define SECRET_AT (NUMBER_AT + NUMBER_SYMBOLS)
#define SECRET_SYMBOLS 20
#define DATA_SYMBOLS (SECRET_AT + SECRET_SYMBOLS)
#define GROUPS 8		/* of four, the last of five */

enum err
code_make(const char *customer, uint64_t number, struct code *out)
{
	uint8_t values[DATA_SYMBOLS] = { VERSION };
	enum err e;

	memset(out, 0, sizeof(*out));
	if (!name_id_ok(customer))
		return ERR_USAGE;
	if (number < 1 || number > LIMIT_NUMBER)
		return ERR_LIMIT;
	if (sodium_init() < 0)
		return ERR_IO;
	bech32_put_bits(values, NUMBER_AT, NUMBER_SYMBOLS, number);
	randombytes_buf(values + SECRET_AT, SECRET_SYMBOLS);
	for (size_t i = SECRET_AT; i < DATA_SYMBOLS; i++)
		values[i] &= 31;
	e = bech32_encode(BECH32M, customer, values, DATA_SYMBOLS, out->text, sizeof(out->text));
	memcpy(out->customer, customer, strlen(customer));
	out->number = number;
	sodium_memzero(values, sizeof(values));
	return e;
}

/* The group, from 1, of the symbol at ${i}. */
static unsigned
group_of(size_t i)
{
	return i / 4 < GROUPS ? (unsigned)(i / 4) + 1 : GROUPS;
}

static char
to_upper(char c)
{
	return (char)(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
}

static char
to_lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

void
code_print(const struct code *c, char out[static CODE_PRINT])
{
	const char *data = c->text + strlen(c->customer) + 1;

	for (const char *p = c->customer; *p != '\0'; p++)
		*out++ = to_upper(*p);
	*out++ = ' ';
	for (size_t i = 0; i < CODE_SYMBOLS; i++) {
		if (i == 0 || group_of(i) != group_of(i - 1))
			*out++ = ' ';
		*out++ = to_upper(data[i]);
	}
	*out = '\0';
}

/* What was typed, and where in it the symbols lie: the last 33 that are not space or hyphen. */
struct typed {
	const char *text;
	size_t len;
	size_t start;			/* of the first symbol */
	char symbols[CODE_SYMBOLS];	/* lower case */
	uint8_t values[CODE_SYMBOLS];
};

static bool
is_gap(char c)
{
	return c == ' ' || c == '-';
}

/* How many symbols stand in the text from ${at} on? */
static size_t
count_symbols(const struct typed *t, size_t at)
{
	size_t n = 0;

	for (; at < t->len; at++)
		n += !is_gap(t->text[at]);
	return n;
}

/* Fill in ${start}, ${symbols} and ${values}; false if there are too few. */
static bool
take_symbols(struct typed *t)
{
	size_t missing = CODE_SYMBOLS;

	for (t->start = t->len; t->start > 0 && missing > 0; t->start--) {
		char c = to_lower(t->text[t->start - 1]);

		if (is_gap(c))
			continue;
		missing--;
		t->symbols[missing] = c;
		/* A foreign character becomes a value that no checksum is right for. */
		t->values[missing] = bech32_value(c) < 0 ? 255 : (uint8_t)bech32_value(c);
	}
	return missing == 0;
}

/* Can the first ${len} characters be a customer?  Its lower-case form goes to ${customer}. */
static bool
read_customer(const struct typed *t, size_t len, char customer[static LIMIT_ID + 1])
{
	if (len > LIMIT_ID)
		return false;
	for (size_t i = 0; i < len; i++)
		customer[i] = to_lower(t->text[i]);
	customer[len] = '\0';
	return name_id_ok(customer) && strlen(customer) == len;
}

/*
 * What stands before the symbols is the customer, then perhaps gaps and the "1" of bech32.  An ID
 * may itself end in "1" or a hyphen: the checksum tells where it ends.
 */
static bool
find_customer(const struct typed *t, char customer[static LIMIT_ID + 1])
{
	for (size_t len = t->start; len > 0; len--) {
		if (read_customer(t, len, customer) &&
		    bech32_verify(BECH32M, customer, t->values, CODE_SYMBOLS))
			return true;
		if (!is_gap(t->text[len - 1]) && t->text[len - 1] != '1')
			break;
	}
	return false;
}

/* How many symbols are missing (or too many, < 0), as far as the layout tells. */
static int
count_missing(const struct typed *t)
{
	const char *gap = memchr(t->text, ' ', t->len), *one = memrchr(t->text, '1', t->len);
	size_t n = count_symbols(t, 0);

	if (t->start > 0 && t->text[t->start - 1] == '1')
		return 0;
	if (gap != NULL)
		n = count_symbols(t, (size_t)(gap - t->text));
	else if (one != NULL)
		n = count_symbols(t, (size_t)(one - t->text) + 1);
	else if (n > CODE_SYMBOLS)
		return 0;	/* The customer's letters are among them. */
	return CODE_SYMBOLS - (int)(n < INT_MAX / 2 ? n : INT_MAX / 2);
}

/* The one symbol that cannot be right: a foreign character, or the only one to blame. */
static bool
find_wrong(struct typed *t, size_t *wrong)
{
	char customer[LIMIT_ID + 1];
	bool found = false;

	for (size_t i = 0; i < CODE_SYMBOLS; i++) {
		*wrong = i;
		if (t->values[i] > 31)
			return true;
	}
	for (size_t i = 0; i < CODE_SYMBOLS && !found; i++) {
		uint8_t typed = t->values[i];

		*wrong = i;
		for (uint8_t v = 0; v < 32 && !found; v++) {
			t->values[i] = v;
			found = find_customer(t, customer);
		}
		t->values[i] = typed;
	}
	return found;
}

static void
explain(struct typed *t, struct code_typo *typo)
{
	size_t wrong, n = 0;

	typo->missing = count_missing(t);
	if (typo->missing != 0 || !find_wrong(t, &wrong))
		return;
	typo->group = group_of(wrong);
	for (size_t i = 0; i < CODE_SYMBOLS; i++)
		if (group_of(i) == typo->group)
			typo->typed[n++] = to_upper(t->symbols[i]);
}

/* The checksum is right: is the rest? */
static enum err
read_values(const struct typed *t, struct code *out)
{
	out->number = bech32_get_bits(t->values, NUMBER_AT, NUMBER_SYMBOLS);
	if (t->values[0] != VERSION)
		return ERR_NEWER;
	if (out->number == 0)
		return ERR_CODE_TYPED;
	return bech32_encode(BECH32M, out->customer, t->values, DATA_SYMBOLS, out->text,
	    sizeof(out->text));
}

enum err
code_parse(const char *typed, size_t len, struct code *out, struct code_typo *typo)
{
	struct typed t = { .text = typed, .len = len };
	enum err e = ERR_CODE_TYPED;

	memset(out, 0, sizeof(*out));
	memset(typo, 0, sizeof(*typo));
	for (; t.len > 0 && t.text[0] == ' '; t.len--)
		t.text++;
	if (take_symbols(&t) && find_customer(&t, out->customer))
		e = read_values(&t, out);
	else
		explain(&t, typo);
	if (e != OK)
		code_wipe(out);
	sodium_memzero(&t, sizeof(t));
	return e;
}

void
code_wipe(struct code *c)
{
	sodium_memzero(c, sizeof(*c));
}

/*
 * HMAC-SHA256(SHA-256("waxseal-code-v1" 0x00 code), label 0x00 data).  ${size} counts the NUL at
 * the end of the label, which is the 0x00 here.
 */
static enum err
mac(const struct code *c, const char *label, size_t size, const void *data, size_t len,
    struct digest *out)
{
	char secret[sizeof("waxseal-code-v1") + CODE_TEXT] = "waxseal-code-v1";
	size_t code_len = strlen(c->text);
	struct digest key;
	uint8_t *message;

	if (len > SIZE_MAX - size || (message = malloc(size + len)) == NULL)
		return ERR_MEMORY;
	memcpy(message, label, size);
	if (len > 0)
		memcpy(message + size, data, len);
	memcpy(secret + sizeof("waxseal-code-v1"), c->text, code_len);
	digest_sha256(secret, sizeof("waxseal-code-v1") + code_len, &key);
	digest_hmac(key.b, sizeof(key.b), message, size + len, out);
	free(message);
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(&key, sizeof(key));
	return OK;
}

enum err
code_tag(const struct code *c, const void *body, size_t len, struct digest *out)
{
	return mac(c, "waxseal-seal-v1", sizeof("waxseal-seal-v1"), body, len, out);
}

enum err
code_mac40(const struct code *c, const void *text, size_t len, uint64_t *out)
{
	struct digest d;
	enum err e = mac(c, "waxseal-receipt-v1", sizeof("waxseal-receipt-v1"), text, len, &d);

	*out = 0;
	for (size_t i = 0; e == OK && i < 5; i++)
		*out = *out << 8 | d.b[i];
	return e;
}
