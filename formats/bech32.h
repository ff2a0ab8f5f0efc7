/*
 * bech32: BIP-173 and BIP-350 strings over values of 5 bits.
 */
#ifndef FORMATS_BECH32_H
#define FORMATS_BECH32_H

#include "formats/err.h"

#define BECH32_ALPHABET "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
#define BECH32_CHECKSUM 6

enum bech32 { BECH32 = 1, BECH32M = 0x2bc830a3 };

/* The value 0..31 of character ${c} (lower or upper case), or -1. */
int bech32_value(char c);

/*
 * Append the checksum of ${kind}: lower-case text of ${hrp}, "1", the ${n} values and 6 characters
 * of checksum into ${out} of ${cap} bytes.  ERR_LIMIT if it does not fit, ERR_BECH32 on a bad hrp.
 */
enum err bech32_encode(enum bech32 kind, const char *hrp, const uint8_t *values, size_t n,
    char *out, size_t cap) MUST_USE;

/*
 * Split and check text ${s} (at most ${max} characters): ${hrp} gets the lower-case part before the
 * last "1" (${hrp_cap} bytes with NUL), ${values} at most ${cap} values without checksum, ${n}
 * their count.  Mixed case, a foreign character or a false checksum is ERR_BECH32, too long
 * ERR_LIMIT.
 */
enum err bech32_decode(enum bech32 kind, const char *s, size_t max, char *hrp, size_t hrp_cap,
    uint8_t *values, size_t cap, size_t *n) MUST_USE;

/* Is the checksum in the last 6 of ${n} ${values} right for ${hrp}? */
bool bech32_verify(enum bech32 kind, const char *hrp, const uint8_t *values, size_t n);

/* Big-endian bit regrouping between bytes and values of 5 bits; ${n5} values hold 5*n5 bits. */
void bech32_put_bits(uint8_t *values, size_t at, size_t n5, uint64_t bits);
uint64_t bech32_get_bits(const uint8_t *values, size_t at, size_t n5);

#endif
