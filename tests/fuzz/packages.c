/* dpkg's list of packages: every byte of it is in a record or an empty line, or it is refused. */
#include "formats/dpkg.h"
#include "formats/limits.h"
#include "tests/fuzz/fuzz.h"

/* A view into the list, of one line, without blanks. */
static void
hold_text(const struct dpkg_text *t, const uint8_t *data, size_t size, bool must)
{
	const char *start = (const char *)data;

	HOLD(!must || t->len > 0);
	if (t->len == 0)
		return;
	HOLD(t->len <= LIMIT_TEXT && t->at >= start && t->at + t->len < start + size);
	for (size_t i = 0; i < t->len; i++)
		HOLD(t->at[i] > ' ' && t->at[i] < 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dpkg_package p;
	struct fault f = { .at = "" };
	struct dpkg d;
	size_t at = 0;
	bool more = true;
	enum err e;

	dpkg_open(&d, data, size);
	while ((e = dpkg_next(&d, &p, &more, &f)) == OK && more) {
		HOLD(d.at > at && d.at <= size && data[d.at - 1] == '\n');
		at = d.at;
		hold_text(&p.name, data, size, true);
		HOLD(p.state.len > 0);
		if (!p.present)
			continue;
		hold_text(&p.version, data, size, true);
		hold_text(&p.architecture, data, size, true);
		hold_text(&p.source, data, size, false);
		hold_text(&p.source_version, data, size, false);
	}
	HOLD(e == OK ? d.at == size : e == ERR_PACKAGES && strstr(f.at, "byte") != NULL);
	return 0;
}
