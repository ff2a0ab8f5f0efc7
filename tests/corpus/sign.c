/*
 * sign: Ed25519 signatures for forge.pl, which makes what ssh-keygen would not.  Each line of
 * standard input is the seed and the message, in hexadecimal; each line of output a signature.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE 4096

int
main(void)
{
	static char line[2 * (crypto_sign_SEEDBYTES + MESSAGE) + 3];
	unsigned char seed[crypto_sign_SEEDBYTES], message[MESSAGE], point[crypto_sign_PUBLICKEYBYTES],
	    secret[crypto_sign_SECRETKEYBYTES], signature[crypto_sign_BYTES];
	char hex[2 * crypto_sign_BYTES + 1];
	const char *rest;
	size_t n;

	if (sodium_init() == -1)
		return 1;
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (sodium_hex2bin(seed, sizeof(seed), line, strlen(line), NULL, &n, &rest) != 0 ||
		    n != sizeof(seed) || *rest != ' ' ||
		    sodium_hex2bin(message, sizeof(message), rest + 1, strlen(rest + 1), NULL, &n,
			&rest) != 0)
			return 1;
		(void)crypto_sign_seed_keypair(point, secret, seed);
		(void)crypto_sign_detached(signature, NULL, message, n, secret);
		(void)sodium_bin2hex(hex, sizeof(hex), signature, sizeof(signature));
		if (printf("%s\n", hex) < 0 || fflush(stdout) != 0)
			return 1;
	}
	return 0;
}
