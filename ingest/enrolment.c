/*
 * enrolment: this site introduces itself to a vendor.
 */
#include <stdio.h>
#include <stdlib.h>

#include "formats/enrolment.h"
#include "formats/trust.h"
#include "ingest/commands.h"
#include "ingest/station.h"
#include "verify/command.h"
#include "verify/options.h"
#include "verify/report.h"

struct introduction {
	char path[128];
	char fingerprint[TRUST_FINGERPRINT];
};

static enum err
write_enrolment(struct station *s, const char *vendor, struct introduction *out, struct fault *f)
{
	struct digest d;
	char *text;
	size_t len;
	enum err e;

	if (site_vendor(s->site, vendor) == NULL)
		return err_fault(
		    f, ERR_USAGE, "%s is not trusted here; see ingest trust add", vendor);
	if ((e = station_out(s, vendor, f)) != OK)
		return e;
	if ((e = enrolment_print(s->site->id, s->site->name, &s->site->ledger->key, command_now(),
		 &text, &len)) != OK)
		return err_fault(f, e, "enrolment");
	(void)snprintf(out->path, sizeof(out->path), "out/%s/%s.enrolment", vendor, s->site->id);
	digest_sha256(text, len, &d);
	trust_fingerprint(&d, out->fingerprint);
	e = station_sign(s, "enrolment@waxseal", out->path, text, len, f);
	free(text);
	return e;
}

int
enrolment_run(int argc, char **argv)
{
	const char *home = NULL;
	bool json = false;
	const struct option table[] = {
		{ "home", OPTION_VALUE, &home },
		{ "json", OPTION_FLAG, &json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct station s = { .home = { .fd = -1, .lock = -1 } };
	struct options_list args;
	struct introduction out;
	struct fault f = { .err = OK };
	struct json_writer *w;
	int status = 0;

	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 1)
		(void)err_fault(&f, ERR_USAGE, "enrolment takes the id of one vendor");
	if (f.err != OK || station_open(&s, home, true, &f) != OK ||
	    write_enrolment(&s, args.item[0], &out, &f) != OK) {
		status = report_fault("ingest", json, &f);
	} else if (json && (w = json_writer_new()) != NULL) {
		json_put_string(w, "file", out.path);
		json_put_string(w, "fingerprint", out.fingerprint);
		status = report_print_json(w, 0);
	} else {
		(void)printf("  %s/%s\n  Fingerprint %s: read it to the vendor on the telephone.\n",
		    s.home.path, out.path, out.fingerprint);
	}
	station_close(&s);
	return status;
}
