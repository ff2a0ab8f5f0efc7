/*
 * OpenSSH's own formats.  The first byte says what the rest is: an armored signature, the bytes
 * within the armor, or the line of a public key.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/sign.h"

#define MESSAGE "what was signed\n"
#define NAMESPACE "trust@waxseal"

static void
verify(const char *armor, size_t len)
{
	struct ssh_key key;

	if (sshsig_verify(armor, len, NAMESPACE, MESSAGE, strlen(MESSAGE), &key) != OK)
		return;
	/* Nobody else signed it, and it is good for nothing else. */
	HOLD(sshsig_verify(armor, len, NAMESPACE, MESSAGE, strlen(MESSAGE) - 1, &key) ==
	    ERR_SIG_FALSE);
	HOLD(sshsig_verify(armor, len, "seal@waxseal", MESSAGE, strlen(MESSAGE), &key) ==
	    ERR_SIG_NAMESPACE);
	HOLD(sshsig_verify(armor, len - 1, NAMESPACE, MESSAGE, strlen(MESSAGE), &key) != OK);
}

static void
in_armor(const uint8_t *data, size_t size)
{
	char base64[4096], armor[8192];
	size_t n = 0, i, left;

	if (size > 2000)
		return;
	sodium_bin2base64(base64, sizeof(base64), data, size, sodium_base64_VARIANT_ORIGINAL);
	n += (size_t)sprintf(armor, "-----BEGIN SSH SIGNATURE-----\n");
	for (i = 0; i < strlen(base64); i += 70) {
		left = strlen(base64) - i;
		n += (size_t)sprintf(armor + n, "%.*s\n", (int)(left < 70 ? left : 70), base64 + i);
	}
	n += (size_t)sprintf(armor + n, "-----END SSH SIGNATURE-----\n");
	verify(armor, n);
}

static void
key_line(const char *line, size_t len)
{
	char comment[16], printed[SSHSIG_LINE], print[SSHSIG_PRINT];
	struct ssh_key key, again;

	if (sshsig_key_parse(line, len, &key, comment, sizeof(comment)) != OK)
		return;
	HOLD(strlen(comment) < sizeof(comment));
	sshsig_key_print(&key, printed);
	sshsig_key_fingerprint(&key, print);
	HOLD(strncmp(print, "SHA256:", 7) == 0);
	HOLD(strlen(printed) <= len && memcmp(line, printed, strlen(printed)) == 0);
	HOLD(sshsig_key_parse(printed, strlen(printed), &again, NULL, 0) == OK);
	HOLD(sshsig_key_equal(&key, &again) && key.type == again.type);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (data[0]) {
	case 'A':
		verify((const char *)data + 1, size - 1);
		break;
	case 'B':
		in_armor(data + 1, size - 1);
		break;
	default:
		key_line((const char *)data + 1, size - 1);
		break;
	}
	return 0;
}
