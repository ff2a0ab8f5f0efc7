/*
 * query: see query.h.
 */
#include "ingest/query.h"

#include <stdlib.h>
#include <string.h>

#include "formats/name.h"
#include "verify/report.h"

static int
run(struct query *q, int argc, char **argv, size_t args, struct option option, const char *usage,
    int (*answer)(struct query *q, struct fault *f))
{
	const struct option table[] = {
		{ "home", OPTION_VALUE, &q->home },
		{ "json", OPTION_FLAG, &q->json },
		option,
		{ NULL, OPTION_FLAG, NULL },
	};
	struct fault f = { .err = OK };
	int status = 1;

	q->station.home = (struct home){ .fd = -1, .lock = -1 };
	if (options_parse(argc, argv, table, &q->args, &f) == OK && q->args.count != args)
		(void)err_fault(&f, ERR_USAGE, "%s", usage);
	if (f.err == OK && station_open(&q->station, q->home, false, &f) == OK)
		status = answer(q, &f);
	if (f.err != OK)
		status = report_fault("ingest", q->json, &f);
	station_close(&q->station);
	return status;
}

int
query_run(int argc, char **argv, size_t args, bool takes_code, const char *usage,
    int (*answer)(struct query *q, struct fault *f))
{
	struct query q = { .json = false };
	const struct option code = { takes_code ? "code" : NULL, OPTION_VALUE, &q.code };

	return run(&q, argc, argv, args, code, usage, answer);
}

int
query_run_own(int argc, char **argv, size_t args, struct option option, void *own,
    const char *usage, int (*answer)(struct query *q, struct fault *f))
{
	struct query q = { .own = own };

	return run(&q, argc, argv, args, option, usage, answer);
}

enum err
query_consignment(const char *text, char customer[static LIMIT_ID + 1], uint64_t *number,
    struct fault *f)
{
	const char *slash = strchr(text, '/');
	char *end = NULL;

	if (slash != NULL && (size_t)(slash - text) <= LIMIT_ID && slash[1] >= '1' &&
	    slash[1] <= '9') {
		memcpy(customer, text, (size_t)(slash - text));
		customer[slash - text] = '\0';
		*number = strtoull(slash + 1, &end, 10);
		if (*end == '\0' && *number <= LIMIT_NUMBER && name_id_ok(customer))
			return OK;
	}
	return err_fault(f, ERR_USAGE, "a consignment is named CUSTOMER/N, such as acme-plant7/7");
}
