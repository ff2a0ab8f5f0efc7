/*
 * records_news: what a consignment tells besides.  SPEC, "News".
 */
#include <stdio.h>
#include <stdlib.h>

#include "ingest/acceptance.h"
#include "ingest/news.h"
#include "verify/file.h"

static enum err
offer(struct acceptance *a, struct news *news, const char *name, uint64_t max, struct fault *f)
{
	const struct seal *s = a->j.seal;
	char path[256], via[128], *text;
	struct news_offer o;
	size_t len;
	enum err e;

	(void)snprintf(path, sizeof(path), "%s/%s", a->staged, name);
	(void)snprintf(via, sizeof(via), "%s no. %llu", s->customer,
	    (unsigned long long)s->number);
	if ((e = file_load(a->station.home.fd, path, max, &text, &len, f)) != OK)
		return e;
	e = news_offer(&a->station, news, text, len, via, &o, f);
	free(text);
	return e;
}

enum err
records_news(struct acceptance *a, struct fault *f)
{
	const struct news_vendor *v;
	struct news news;
	char name[64];
	size_t i;
	enum err e;

	if (a->j.notice_count == 0 && a->j.catalogue == NULL)
		return OK;
	e = news_load(&news, &a->station, f);
	for (i = 0; e == OK && i < a->j.notice_count; i++) {
		(void)snprintf(name, sizeof(name), "NOTICES/%llu.notice",
		    (unsigned long long)a->j.notice[i]->sequence);
		e = offer(a, &news, name, LIMIT_NOTICE, f);
	}
	/* An older one is what every disc has that comes late. */
	v = news_of(&news, a->j.seal->vendor);
	if (e == OK && a->j.catalogue != NULL &&
	    (v == NULL || v->catalogue < a->j.catalogue->number))
		e = offer(a, &news, "CATALOGUE.catalogue", LIMIT_CATALOGUE, f);
	news_free(&news);
	return e;
}
