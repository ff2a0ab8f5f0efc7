/* Names, times, fingerprints, pieces: short texts of strangers, with a NUL between two of them. */
#include "formats/limits.h"
#include "formats/name.h"
#include "formats/scan.h"
#include "formats/share.h"
#include "formats/time.h"
#include "formats/trust.h"
#include "tests/fuzz/fuzz.h"

static void
check_path(const char *path, size_t len)
{
	char *fold, *again;

	if (!name_path_ok(path, len))
		return;
	HOLD(len > 0 && len <= LIMIT_PATH && scan_utf8(path, len));
	HOLD(path[0] != '/' && path[len - 1] != '/' && memmem(path, len, "//", 2) == NULL);
	HOLD(memchr(path, '\\', len) == NULL && memchr(path, '\0', len) == NULL);
	if (name_fold(path, len, &fold) != OK)
		return;
	HOLD(name_fold(fold, strlen(fold), &again) == OK && strcmp(fold, again) == 0);
	free(fold);
	free(again);
}

static void
check_escape(const char *text, size_t len)
{
	char out[200], small[7];

	HOLD(strlen(name_escape(out, sizeof(out), text, len)) < sizeof(out));
	HOLD(scan_utf8(out, strlen(out)));
	for (const char *p = out; *p != '\0'; p++)
		HOLD((unsigned char)*p >= 0x20 && *p != 0x7f);
	HOLD(strlen(name_escape(small, sizeof(small), text, len)) < sizeof(small));
}

static void
check_short(const char *text)
{
	struct trust_fingerprint f;
	struct share_piece piece;
	struct moment m, again;
	char printed[SHARE_NAME];

	if (time_parse(text, &m) == OK) {
		time_print(m, printed);
		HOLD(time_parse(printed, &again) == OK);
		HOLD(m.seconds == again.seconds && m.offset == again.offset);
		time_print_short(m, printed);
	}
	if (share_parse(text, strlen(text), &piece)) {
		share_name(&piece, printed);
		HOLD(strcmp(printed, text) == 0 && piece.line > 0);
	}
	if (trust_fingerprint_parse(text, &f) == OK)
		HOLD(f.digits >= 32 && f.digits <= 64);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	const char *second = text + strlen(text);

	check_path(text, size);
	check_escape(text, size);
	check_short(text);
	(void)name_release_ok(text);
	if (second < text + size)
		HOLD(name_resembles(text, second + 1) == name_resembles(second + 1, text));
	free(text);
	return 0;
}
