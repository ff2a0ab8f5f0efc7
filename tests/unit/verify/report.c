/*
 * Tests of verify/report: words for every reason, and no foreign byte reaches a terminal as it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "verify/report.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define CAP 65536

/* An escape sequence, a new line, U+202E (right to left), U+200B, U+2066, a broken byte, C1. */
#define HOSTILE "\033[31m" "\n" "\xe2\x80\xae" "\xe2\x80\x8b" "\xe2\x81\xa6" "\xff" "\r" "\x7f" \
	"\xc2\x9b" "\\"
#define TAMED "\\x1b[31m\\x0a\\xe2\\x80\\xae\\xe2\\x80\\x8b\\xe2\\x81\\xa6\\xff\\x0d\\x7f" \
	"\\xc2\\x9b\\x5c"

static struct judgement *
judgement_new(enum err verdict)
{
	struct judgement *j = calloc(1, sizeof *j);

	assert_non_null(j);
	j->verdict = verdict;
	j->fault.err = verdict;
	j->blocks.first_bad = UINT64_MAX;
	return j;
}

/* What ${fn} prints; the caller frees it. */
static char *
printed(void (*fn)(FILE *, const struct judgement *, bool), const struct judgement *j, bool colour)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	fn(f, j, colour);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(strlen(text), len);
	return text;
}

/* The JSON of ${j}, which must be strict; the caller frees it. */
static struct json *
json_of(const struct judgement *j, char **text)
{
	struct json_writer *w = json_writer_new();
	struct json *parsed;
	struct fault f = { .at = "" };
	size_t len;

	report_json(w, j);
	assert_int_equal(json_finish(w, 2, text, &len), OK);
	if (json_parse(&parsed, *text, len, &f) != OK)
		fail_msg("%s: %s", f.at, *text);
	return parsed;
}

static void
text_is(struct json *j, const struct json_node *o, const char *key, const char *want)
{
	assert_string_equal(json_get_string(j, o, key, 0, 4096), want);
	assert_int_equal(json_error(j, NULL), OK);
}

static void
every_reason(void **state)
{
	(void)state;
	for (unsigned e = 0; e < ERR_COUNT; e++) {
		const int status = err_status((enum err)e);
		const bool good = e == OK || e == ERR_UNCHECKED;	/* needs no reason */
		const char *word = e == ERR_HELD ? "GENUINE" : err_verdict(status);
		struct judgement *j = judgement_new((enum err)e);
		char *text, *json, first[512];
		const struct json_node *root;
		struct json *parsed;

		(void)err_fault(&j->fault, (enum err)e, "somewhere");
		text = printed(report_verdict, j, false);
		snprintf(first, sizeof first, "  %s.%s", word, good ? "\n" : " ");
		if (strncmp(text, first, strlen(first)) != 0)
			fail_msg("%s: %s", err_code((enum err)e), text);
		snprintf(first, sizeof first, ": somewhere (%s).\n", err_code((enum err)e));
		assert_int_equal(strstr(text, first) != NULL, !good);
		assert_int_equal(strstr(text, err_sentence((enum err)e) + 1) != NULL, !good);
		assert_non_null(strstr(text, err_advice((enum err)e)));
		assert_null(strstr(text, "\033"));
		free(text);

		parsed = json_of(j, &json);
		root = json_root(parsed);
		text_is(parsed, root, "verdict", word);
		assert_int_equal(json_get_uint(parsed, root, "status", 0, 255), status);
		text_is(parsed, root, "reason", err_code((enum err)e));
		text_is(parsed, root, "sentence", err_sentence((enum err)e));
		text_is(parsed, root, "where", e == OK ? "" : "somewhere");
		text_is(parsed, root, "advice", err_advice((enum err)e));
		json_free(parsed);
		free(json);
		free(j);
	}
}

/* SPEC, "--json": these keys are there whatever was found. */
static void
empty(void **state)
{
	struct judgement *j = judgement_new(ERR_NOT_SEALED);
	char *text, *json;
	struct json *parsed;

	(void)state;
	text = printed(report_checks, j, true);
	assert_string_equal(text, "");
	free(text);
	text = printed(report_verdict, j, false);
	assert_non_null(strstr(text, "NOT SEALED. There is no seal (seal.none).\n"));
	assert_null(strstr(text, "Call "));
	free(text);
	parsed = json_of(j, &json);
	json_only(parsed, json_root(parsed),
	    "verdict status reason sentence where advice releases notices checks "
	    "not_checked blocks bytes_read milliseconds");
	assert_int_equal(json_error(parsed, NULL), OK);
	json_free(parsed);
	free(json);
	free(j);
}

static void
checks(void **state)
{
	struct judgement *j = judgement_new(ERR_BLOCK);
	const struct json_node *array, *o;
	struct json *parsed;
	char *text, *json;

	(void)state;
	judgement_note(j, "V2", "sender", CHECK_OK, OK, "Elbe");
	judgement_note(j, "V3", "recipient", CHECK_NOT_MADE, ERR_UNCHECKED, "acme");
	judgement_note(j, "V6", "medium", CHECK_REMARK, OK, "a file");
	judgement_note(j, "V8", "blocks", CHECK_FAILED, ERR_BLOCK, "1 differs");
	text = printed(report_checks, j, false);
	assert_non_null(strstr(text, "  sender    Elbe "));
	assert_non_null(strstr(text, "  ok\n"));
	assert_non_null(strstr(text, "  not checked\n"));
	assert_non_null(strstr(text, "  -\n"));
	assert_null(strstr(text, "differs"));	/* the verdict says it */
	free(text);
	text = printed(report_verdict, j, false);
	assert_non_null(strstr(text, "(V8 block.differs)."));
	free(text);
	/* a failure that the verdict does not speak of */
	j->verdict = ERR_EXPIRED;
	j->deferred = ERR_EXPIRED;
	text = printed(report_checks, j, true);
	assert_non_null(strstr(text, "\033[1;31mFAILED\033[0m\n"));
	assert_non_null(strstr(text, "\033[32mok\033[0m\n"));
	free(text);

	parsed = json_of(j, &json);
	array = json_get_array(parsed, json_root(parsed), "checks", 4, 4);
	o = json_get_object_at(parsed, array, 0);
	json_only(parsed, o, "step name state reason text");
	text_is(parsed, o, "step", "V2");
	text_is(parsed, o, "name", "sender");
	text_is(parsed, o, "state", "ok");
	text_is(parsed, o, "reason", "ok");
	text_is(parsed, json_get_object_at(parsed, array, 1), "state", "not-checked");
	text_is(parsed, json_get_object_at(parsed, array, 1), "reason", "unchecked");
	text_is(parsed, json_get_object_at(parsed, array, 2), "state", "remark");
	text_is(parsed, json_get_object_at(parsed, array, 3), "state", "failed");
	text_is(parsed, json_get_object_at(parsed, array, 3), "reason", "block.differs");
	array = json_get_array(parsed, json_root(parsed), "not_checked", 1, 1);
	assert_string_equal(json_get_string_at(parsed, array, 0, 1, 64), "recipient");
	assert_int_equal(json_error(parsed, NULL), OK);
	json_free(parsed);
	free(json);
	free(j);
}

/* A volume of a set with which nothing is wrong: no alarm, and what is missing is named. */
static void
incomplete(void **state)
{
	struct judgement *j = judgement_new(ERR_INCOMPLETE);
	struct trust *t = calloc(1, sizeof *t);
	struct seal *s = calloc(1, sizeof *s);
	struct json *p;
	char *text, *json;

	(void)state;
	*t = (struct trust){ .vendor = "etl", .name = "Elbe", .telephone = "+49 351 5550" };
	*s = (struct seal){ .vendor = "etl", .customer = "acme", .customer_name = "Acme",
	    .number = 7, .sealed_at = { 1795162320, 60 }, .place = "Hamburg", .volume = 2,
	    .volumes = 3, .release_count = 1, .release = { { .id = "TX-1" } } };
	j->trust = t;
	j->seal = s;
	(void)err_fault(&j->fault, ERR_INCOMPLETE, "this is disc 2 of 3; not here: 1, 3");
	text = printed(report_verdict, j, false);
	assert_string_equal(text, "  INCOMPLETE. What is here is genuine, but other volumes of the "
	    "consignment are missing: this is disc 2 of 3; not here: 1, 3 (set.incomplete).\n"
	    "  Elbe to Acme: no. 7, disc 2 of 3, sealed 2026-11-20 09:12 +01:00 in Hamburg.\n"
	    "  Insert the missing volumes, in any order, or ask the sender for them.\n");
	free(text);
	judgement_note(j, "V4", "code", CHECK_NOT_MADE, ERR_UNCHECKED, "x");
	text = printed(report_verdict, j, true);
	assert_non_null(strstr(text,
	    "  \033[33mINCOMPLETE\033[0m (not checked: code). What is here is genuine"));
	assert_null(strstr(text, "Call "));
	free(text);
	p = json_of(j, &json);
	text_is(p, json_root(p), "verdict", "INCOMPLETE");
	assert_int_equal(json_get_uint(p, json_root(p), "status", 0, 255), 4);
	text_is(p, json_root(p), "reason", "set.incomplete");
	text_is(p, json_root(p), "where", "this is disc 2 of 3; not here: 1, 3");
	json_free(p);
	free(json);
	free(t);
	free(s);
	free(j);
}

/* What another copy or parity had to give is said, in words and for programs. */
static void
repaired_of(const struct pipeline_blocks *blocks)
{
	struct judgement *j = judgement_new(OK);
	const struct json_node *o;
	struct json *p;
	char *text, *json;

	j->blocks = *blocks;
	text = printed(report_verdict, j, true);
	assert_non_null(strstr(text, "  \033[32mREPAIRED\033[0m.\n"));
	free(text);
	p = json_of(j, &json);
	text_is(p, json_root(p), "verdict", "REPAIRED");
	assert_int_equal(json_get_uint(p, json_root(p), "status", 0, 255), 0);
	text_is(p, json_root(p), "reason", "ok");
	o = json_get_object(p, json_root(p), "blocks");
	assert_int_equal(json_get_uint(p, o, "good", 0, 99), 16);
	assert_int_equal(json_get_uint(p, o, "unreadable", 0, 99), blocks->unreadable);
	assert_int_equal(json_get_uint(p, o, "differ", 0, 99), blocks->differ);
	assert_int_equal(json_get_uint(p, o, "mended", 0, 99), blocks->mended);
	assert_int_equal(json_get_uint(p, o, "repaired", 0, 99), blocks->repaired);
	assert_int_equal(json_get_uint(p, o, "lost", 0, 99), 0);
	assert_int_equal(json_get_uint(p, o, "kept", 0, 99), 0);
	assert_int_equal(json_error(p, NULL), OK);
	json_free(p);
	free(json);
	free(j);
}

static void
repaired(void **state)
{
	static const struct pipeline_blocks table[] = {
		{ .good = 16, .mended = 3, .first_bad = UINT64_MAX },
		{ .good = 16, .unreadable = 2, .differ = 1, .repaired = 3, .first_bad = 4 },
		{ .good = 16, .differ = 1, .mended = 1, .repaired = 1, .first_bad = 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++)
		repaired_of(&table[i]);
}

static void
not_checked(void **state)
{
	struct judgement *j = judgement_new(ERR_UNCHECKED);
	char *text;

	(void)state;
	judgement_note(j, "V3", "recipient", CHECK_NOT_MADE, ERR_UNCHECKED, "x");
	judgement_note(j, "V4", "code", CHECK_NOT_MADE, ERR_UNCHECKED, "x");
	text = printed(report_verdict, j, false);
	assert_non_null(strstr(text,
	    "  GENUINE AS FAR AS CHECKED (not checked: recipient, code).\n"));
	free(text);
	free(j);
}

/* Every place where text of a medium or of a vendor can stand. */
static void
fill_hostile(struct judgement *j, struct seal *s, struct trust *t, struct release *r)
{
	*t = (struct trust){ .vendor = "etl", .name = "Elbe" HOSTILE, .telephone = "+49" HOSTILE,
	    .address = HOSTILE, .version = 3, .single_person = true };
	*s = (struct seal){ .vendor = "etl", .customer = "acme", .customer_name = "Acme" HOSTILE,
	    .number = 7, .sealed_at = { 1795162320, 60 }, .place = "Hamburg" HOSTILE, .volume = 1,
	    .volumes = 1, .release_count = 2, .release = { { .id = "TX-1" }, { .id = "TX-2" } } };
	*r = (struct release){ .vendor = "etl", .id = "TX-1", .title = "Title" HOSTILE, .files = 2,
	    .bytes = 300 };
	j->trust = t;
	j->seal = s;
	j->has_header = true;
	strcpy(j->header.vendor, "etl");
	strcpy(j->resembles.vendor, "etl2");
	strcpy(j->resembles.name, "Elbe" HOSTILE);
	strcpy(j->resembles.telephone, "+49" HOSTILE);
	j->release[0].release = r;
	j->release[0].signatures = (struct trust_count){ .have = 2, .need = 2 };
	j->release[0].status = "genuine";
	j->blocks = (struct pipeline_blocks){ .good = 5, .unreadable = 6, .differ = 7, .mended = 2,
	    .repaired = 1, .lost = 3, .kept = 4, .first_bad = 8,
	    .bad = { .count = 2, .run = { { 8, 8 }, { 20, 5 } }, .more = true } };
	j->bytes = 1234567;
	j->milliseconds = 1500;
	judgement_note(j, "V9", "contents", CHECK_FAILED, ERR_CONTENTS_NAME, "%s", HOSTILE);
	judgement_note(j, "V2", "sender", CHECK_OK, OK, "%s", "sender" HOSTILE);
}

static bool
is_tame(const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x7f || (*p < ' ' && *p != '\n'))
			return false;
	return true;
}

static void
hostile_text(void **state)
{
	struct judgement *j = judgement_new(ERR_CONTENTS_NAME);
	struct trust *t = calloc(1, sizeof *t);
	struct seal *s = calloc(1, sizeof *s);
	struct release r;
	unsigned lines = 0;
	char *text;

	(void)state;
	fill_hostile(j, s, t, &r);
	(void)err_fault(&j->fault, ERR_CONTENTS_NAME, "%s", "where" HOSTILE);
	text = printed(report_verdict, j, false);
	assert_true(is_tame(text));
	for (const char *p = text; *p != '\0'; p++)
		lines += *p == '\n';
	assert_int_equal(lines, 4);	/* verdict, consignment, advice, whom to call */
	assert_non_null(strstr(text, ": where" TAMED " (V9 contents.name).\n"));
	assert_non_null(strstr(text, "  Elbe" TAMED " to Acme" TAMED ": no. 7, disc 1 of 1, sealed "
	    "2026-11-20 09:12 +01:00 in Hamburg" TAMED ".\n"));
	assert_non_null(strstr(text, "  Call Elbe" TAMED ", +49" TAMED " ("));
	free(text);
	j->verdict = OK;
	text = printed(report_checks, j, false);
	assert_true(is_tame(text));
	assert_non_null(strstr(text, "  sender    sender" TAMED));
	assert_non_null(strstr(text, "  contents  " TAMED));
	free(text);
	/* the sender is not known: whom it resembles is called */
	j->verdict = ERR_LOOKALIKE;
	j->trust = NULL;
	j->seal = NULL;
	text = printed(report_verdict, j, false);
	assert_true(is_tame(text));
	assert_non_null(strstr(text, "  Call Elbe" TAMED ", +49" TAMED " ("));
	free(text);
	free(t);
	free(s);
	free(j);
}

static void
hostile_json(void **state)
{
	struct judgement *j = judgement_new(ERR_CONTENTS_NAME);
	struct trust *t = calloc(1, sizeof *t);
	struct seal *s = calloc(1, sizeof *s);
	const struct json_node *root, *o, *extent;
	struct release r;
	struct json *p;
	char *text;

	(void)state;
	fill_hostile(j, s, t, &r);
	(void)err_fault(&j->fault, ERR_CONTENTS_NAME, "%s", "where" HOSTILE);
	p = json_of(j, &text);
	assert_true(is_tame(text));
	root = json_root(p);
	json_only(p, root, "verdict status reason sentence where advice claims sender resembles "
	    "consignment releases notices checks not_checked blocks bytes_read milliseconds");
	text_is(p, root, "where", "where" TAMED);
	text_is(p, root, "claims", "etl");
	text_is(p, root, "resembles", "etl2");
	o = json_get_object(p, root, "sender");
	json_only(p, o, "vendor name telephone trust single_person");
	text_is(p, o, "name", "Elbe" TAMED);
	text_is(p, o, "telephone", "+49" TAMED);
	assert_int_equal(json_get_uint(p, o, "trust", 1, 9), 3);
	assert_true(json_get_bool(p, o, "single_person"));
	o = json_get_object(p, root, "consignment");
	json_only(p, o, "vendor customer customer_name number volume volumes sealed_at place seal");
	text_is(p, o, "customer_name", "Acme" TAMED);
	text_is(p, o, "place", "Hamburg" TAMED);
	text_is(p, o, "sealed_at", "2026-11-20T09:12:00+01:00");
	o = json_get_array(p, root, "releases", 2, 2);
	json_only(p, json_get_object_at(p, o, 0),
	    "id digest title signatures needed files bytes status");
	text_is(p, json_get_object_at(p, o, 0), "title", "Title" TAMED);
	text_is(p, json_get_object_at(p, o, 0), "status", "genuine");
	json_only(p, json_get_object_at(p, o, 1), "id digest status");
	text_is(p, json_get_object_at(p, o, 1), "status", "not-judged");
	o = json_get_object(p, root, "blocks");
	assert_int_equal(json_get_uint(p, o, "good", 0, 9), 5);
	assert_int_equal(json_get_uint(p, o, "unreadable", 0, 9), 6);
	json_only(p, o, "good unreadable differ mended mended_differ repaired lost kept extents more_extents");
	extent = json_get_object_at(p, json_get_array(p, o, "extents", 2, 2), 1);
	json_only(p, extent, "first count");
	assert_int_equal(json_get_uint(p, extent, "first", 0, 99), 20);
	assert_int_equal(json_get_uint(p, extent, "count", 0, 99), 5);
	assert_true(json_get_bool(p, o, "more_extents"));
	assert_int_equal(json_get_uint(p, o, "differ", 0, 9), 7);
	assert_int_equal(json_get_uint(p, o, "mended", 0, 9), 2);
	assert_int_equal(json_get_uint(p, o, "repaired", 0, 9), 1);
	assert_int_equal(json_get_uint(p, o, "lost", 0, 9), 3);
	assert_int_equal(json_get_uint(p, o, "kept", 0, 9), 4);
	assert_int_equal(json_get_uint(p, root, "bytes_read", 0, 2000000), 1234567);
	assert_int_equal(json_get_uint(p, root, "milliseconds", 0, 2000), 1500);
	assert_int_equal(json_error(p, NULL), OK);
	json_free(p);
	free(text);
	free(t);
	free(s);
	free(j);
}

/* A device says what it likes of itself. */
static void
fill_device(struct device *d)
{
	*d = (struct device){ .kind = DEVICE_DISC, .name = "sr0", .size = 681574400, .is_usb = true,
	    .vendor = 0x0951, .product = 0xfe, .manufacturer = "Maker" HOSTILE,
	    .model = "Model" HOSTILE, .serial = "Serial" HOSTILE, .disputed = true,
	    .dispute = HOSTILE, .scsi_vendor = "V" HOSTILE, .scsi_model = "M" HOSTILE,
	    .scsi_serial = "S" HOSTILE, .profile = 0x09, .disc = DISC_CLOSED, .sessions = 1,
	    .disc_id = "id" HOSTILE };
}

static void
devices(void **state)
{
	static const struct { enum device_kind kind; const char *want; } kinds[] = {
		{ DEVICE_STICK, "stick" }, { DEVICE_DISC, "disc" }, { DEVICE_OTHER, "other" },
		{ (enum device_kind)99, "other" },
	};
	struct judgement *j = judgement_new(OK);
	const struct json_node *o, *usb, *scsi, *disc;
	struct json *p;
	char *text;

	(void)state;
	fill_device(&j->device);
	p = json_of(j, &text);
	assert_true(is_tame(text));
	o = json_get_object(p, json_root(p), "device");
	json_only(p, o, "kind name size usb scsi disc");
	text_is(p, o, "kind", "disc");
	text_is(p, o, "name", "sr0");
	assert_int_equal(json_get_uint(p, o, "size", 0, LIMIT_INTEGER), 681574400);
	usb = json_get_object(p, o, "usb");
	json_only(p, usb, "vendor product manufacturer model serial disputed");
	text_is(p, usb, "vendor", "0951");
	text_is(p, usb, "product", "00fe");
	text_is(p, usb, "manufacturer", "Maker" TAMED);
	text_is(p, usb, "model", "Model" TAMED);
	text_is(p, usb, "serial", "Serial" TAMED);
	assert_true(json_get_bool(p, usb, "disputed"));
	scsi = json_get_object(p, o, "scsi");
	json_only(p, scsi, "vendor model serial");
	text_is(p, scsi, "vendor", "V" TAMED);
	text_is(p, scsi, "model", "M" TAMED);
	text_is(p, scsi, "serial", "S" TAMED);
	disc = json_get_object(p, o, "disc");
	json_only(p, disc, "profile state sessions id");
	assert_int_equal(json_get_uint(p, disc, "profile", 0, 99), 9);
	text_is(p, disc, "state", "closed");
	assert_int_equal(json_get_uint(p, disc, "sessions", 0, 99), 1);
	text_is(p, disc, "id", "id" TAMED);
	assert_int_equal(json_error(p, NULL), OK);
	json_free(p);
	free(text);

	/* what is not known is not said */
	for (size_t i = 0; i < COUNT(kinds); i++) {
		j->device = (struct device){ .kind = kinds[i].kind, .disc = (enum device_disc)99 };
		p = json_of(j, &text);
		o = json_get_object(p, json_root(p), "device");
		json_only(p, o, kinds[i].kind == DEVICE_DISC ? "kind name size disc" :
		    "kind name size");
		text_is(p, o, "kind", kinds[i].want);
		if (kinds[i].kind == DEVICE_DISC)
			text_is(p, json_get_object(p, o, "disc"), "state", "unknown");
		json_free(p);
		free(text);
	}
	j->device = (struct device){ .kind = DEVICE_FILE, .size = 7 };
	p = json_of(j, &text);
	assert_false(json_has(json_root(p), "device"));
	json_free(p);
	free(text);
	free(j);
}

/* The longest texts, and a stick that claims to hold more than there are numbers in JSON. */
static void
boasting_devices(void **state)
{
	static const uint64_t sizes[] = { LIMIT_INTEGER, LIMIT_INTEGER + 1, INT64_MAX, UINT64_MAX };
	struct judgement *j = judgement_new(OK);
	struct json *p;
	char *text;

	(void)state;
	fill_device(&j->device);
	memset(j->device.manufacturer, '\033', LIMIT_DEVICE_TEXT);
	memset(j->device.model, '\xff', LIMIT_DEVICE_TEXT);
	memset(j->device.serial, '\\', LIMIT_DEVICE_TEXT);
	memset(j->device.disc_id, '\n', LIMIT_DEVICE_TEXT);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		j->device.size = sizes[i];
		p = json_of(j, &text);
		assert_true(is_tame(text));
		json_free(p);
		free(text);
	}
	free(j);
}

/* The longest texts that there may be are cut, not refused: every byte becomes four. */
static void
longest_text(void **state)
{
	struct judgement *j = judgement_new(ERR_CONTENTS_NAME);
	struct trust *t = calloc(1, sizeof *t);
	struct seal *s = calloc(1, sizeof *s);
	static char longest[LIMIT_TEXT + 1];
	struct release r;
	struct json *p;
	char *text;

	(void)state;
	memset(longest, '\033', sizeof longest - 1);
	fill_hostile(j, s, t, &r);
	t->name = t->telephone = s->customer_name = s->place = r.title = longest;
	memset(j->fault.at, '\033', sizeof j->fault.at - 1);
	memset(j->check[0].text, '\033', sizeof j->check[0].text - 1);
	p = json_of(j, &text);
	assert_true(is_tame(text));
	json_free(p);
	free(text);
	text = printed(report_verdict, j, false);
	assert_true(is_tame(text));
	free(text);
	text = printed(report_checks, j, false);
	assert_true(is_tame(text));
	free(text);
	free(t);
	free(s);
	free(j);
}

static void
file(void **state)
{
	const struct moment when = { 1795162320, 60 };
	struct judgement *j = judgement_new(OK);
	struct scratch s = scratch_new();
	char path[256], text[CAP];

	(void)state;
	judgement_note(j, "V2", "sender", CHECK_OK, OK, "Elbe");
	assert_int_equal(report_file(scratch_path(&s, "report", path), "/media/\033x", j, when,
	    NULL), OK);
	scratch_get(&s, "report", text, sizeof text);
	assert_true(is_tame(text));
	assert_int_equal(strncmp(text, "/media/\\x1bx, checked 2026-11-20 09:12 +01:00\n\n", 47),
	    0);
	assert_non_null(strstr(text, "  sender    Elbe"));
	assert_non_null(strstr(text, "\n  GENUINE.\n"));
	assert_int_equal(report_file(scratch_path(&s, "no/report", path), "m", j, when, NULL),
	    ERR_IO);
	assert_int_equal(report_file("/dev/full", "m", j, when, NULL), ERR_SPACE);
	scratch_end(&s);
	free(j);
}

/* What report_fault prints on its two streams; the result is the exit status. */
static int
fault_printed(bool json, const struct fault *f, char *out, char *err)
{
	struct scratch s = scratch_new();
	int status, saved[2] = { dup(STDOUT_FILENO), dup(STDERR_FILENO) };
	char path[256];

	fflush(NULL);
	assert_non_null(freopen(scratch_path(&s, "out", path), "w", stdout));
	assert_non_null(freopen(scratch_path(&s, "err", path), "w", stderr));
	status = report_fault("prog", json, f);
	fflush(NULL);
	dup2(saved[0], STDOUT_FILENO);
	dup2(saved[1], STDERR_FILENO);
	close(saved[0]);
	close(saved[1]);
	scratch_get(&s, "out", out, CAP);
	scratch_get(&s, "err", err, CAP);
	scratch_end(&s);
	return status;
}

static void
faults(void **state)
{
	static char out[CAP], err[CAP];

	(void)state;
	for (unsigned e = 1; e < ERR_COUNT; e++) {
		struct fault f;
		struct json *p;
		char want[600];

		(void)err_fault(&f, (enum err)e, "where" HOSTILE);
		assert_int_equal(fault_printed(false, &f, out, err), err_status((enum err)e));
		assert_string_equal(out, "");
		assert_true(is_tame(err));
		assert_int_equal(strncmp(err, "prog: ", 6), 0);
		assert_non_null(strstr(err, err_sentence((enum err)e) + 1));
		snprintf(want, sizeof want, ": where" TAMED " (%s).\n", err_code((enum err)e));
		assert_non_null(strstr(err, want));

		assert_int_equal(fault_printed(true, &f, out, err), err_status((enum err)e));
		assert_string_equal(err, "");
		assert_true(is_tame(out));
		assert_int_equal(json_parse(&p, out, strlen(out), NULL), OK);
		json_only(p, json_root(p), "verdict status reason sentence where advice");
		text_is(p, json_root(p), "reason", err_code((enum err)e));
		text_is(p, json_root(p), "where", "where" TAMED);
		text_is(p, json_root(p), "advice", err_advice((enum err)e));
		json_free(p);
	}
}

/* Who fails and does not say of what has failed all the same. */
static void
nameless(void **state)
{
	static char out[CAP], err[CAP];
	const struct fault f = { .err = OK };

	(void)state;
	assert_int_equal(fault_printed(false, &f, out, err), 1);
	assert_non_null(strstr(err, err_code(ERR_IO)));
	assert_int_equal(fault_printed(true, &f, out, err), 1);
	assert_non_null(strstr(out, err_code(ERR_IO)));
}

/* In words, too, as report.h has it. */
static void
faults_advise(void **state)
{
	static char out[CAP], err[CAP];
	const struct fault f = { ERR_HOME, "/home" };

	(void)state;
	(void)fault_printed(false, &f, out, err);
	assert_non_null(strstr(err, err_advice(ERR_HOME)));
}

static int
print_json(void *arg)
{
	const char *const *to = arg;
	struct json_writer *w = json_writer_new();

	json_put_string(w, "key", to[1]);
	if (freopen(to[0], "w", stdout) == NULL)
		return 99;
	return report_print_json(w, 13);
}

static void
prints_json(void **state)
{
	struct scratch s = scratch_new();
	char path[256], text[256];
	const char *to[] = { scratch_path(&s, "out", path), "value" };

	(void)state;
	assert_int_equal(process_run(print_json, to), 13);
	scratch_get(&s, "out", text, sizeof text);
	assert_string_equal(text, "{\n  \"key\": \"value\"\n}\n");
	to[1] = "\xff";
	assert_int_equal(process_run(print_json, to), 1);
	to[0] = "/dev/full";
	to[1] = "value";
	assert_int_equal(process_run(print_json, to), 1);
	scratch_end(&s);
}

static int
colour_at_terminal(void *arg)
{
	const char *value = arg;
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	FILE *f;

	if (master == -1 || grantpt(master) != 0 || unlockpt(master) != 0 ||
	    (slave = open(ptsname(master), O_RDWR | O_NOCTTY)) == -1 || (f = fdopen(slave,
	    "w")) == NULL)
		return 99;
	unsetenv("NO_COLOR");
	if (value != NULL)
		setenv("NO_COLOR", value, 1);
	return report_colour(f) ? 1 : 0;
}

static void
colours(void **state)
{
	static char on[] = "1", empty_value[] = "";
	FILE *f = tmpfile();

	(void)state;
	assert_non_null(f);
	assert_false(report_colour(f));
	fclose(f);
	assert_int_equal(process_run(colour_at_terminal, NULL), 1);
	assert_int_equal(process_run(colour_at_terminal, empty_value), 1);
	assert_int_equal(process_run(colour_at_terminal, on), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason),
		cmocka_unit_test(empty),
		cmocka_unit_test(checks),
		cmocka_unit_test(incomplete),
		cmocka_unit_test(repaired),
		cmocka_unit_test(not_checked),
		cmocka_unit_test(hostile_text),
		cmocka_unit_test(hostile_json),
		cmocka_unit_test(devices),
		cmocka_unit_test(boasting_devices),
		cmocka_unit_test(longest_text),
		cmocka_unit_test(file),
		cmocka_unit_test(faults),
		cmocka_unit_test(faults_advise),
		cmocka_unit_test(nameless),
		cmocka_unit_test(prints_json),
		cmocka_unit_test(colours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
