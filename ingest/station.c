/*
 * station: see station.h.
 */
#include "ingest/station.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/document.h"
#include "ingest/recover.h"
#include "verify/file.h"
#include "verify/signer.h"

enum err
station_open(struct station *s, const char *path, bool write, struct fault *f)
{
	char usual[1024];
	enum err e;

	*s = (struct station){ .home = { .fd = -1, .lock = -1 } };
	if (path == NULL) {
		if ((e = home_default_ingest(usual, sizeof(usual))) != OK)
			return err_fault(f, e, "INGEST_HOME");
		path = usual;
	}
	if ((e = home_open(&s->home, path, f)) != OK)
		return e;
	e = write ? station_relock(s, f) : site_load(&s->site, &s->home, false, f);
	if (e != OK)
		station_close(s);
	return e;
}

void
station_close(struct station *s)
{
	site_free(s->site);
	s->site = NULL;
	home_close(&s->home);
}

void
station_unlock(struct station *s)
{
	home_unlock(&s->home);
}

enum err
station_reload(struct station *s, struct fault *f)
{
	site_free(s->site);
	s->site = NULL;
	return site_load(&s->site, &s->home, true, f);
}

enum err
station_relock(struct station *s, struct fault *f)
{
	uint64_t entries;
	enum err e;

	if ((e = home_lock(&s->home, f)) != OK)
		return e;
	/* What recovery put on record is read before anything is decided by it. */
	do {
		if ((e = station_reload(s, f)) != OK)
			return e;
		entries = s->site->ledger->tree.size;
		e = recover_run(s, f);
	} while (e == OK && s->site->ledger->tree.size != entries);
	return e;
}

enum err
station_sign(const struct station *s, const char *namespace, const char *path, const char *body,
    size_t len, struct fault *f)
{
	char key_file[1100], armor[LIMIT_ARMOR + 1], *text;
	struct ssh_key key;
	enum err e;

	site_key_file(&s->home, key_file, sizeof(key_file));
	if ((e = signer_sign(key_file, namespace, body, len, armor, &key, f)) != OK)
		return e;
	if ((text = malloc(len + strlen(armor))) == NULL)
		return err_fault(f, ERR_MEMORY, "%s", path);
	memcpy(text, body, len);
	memcpy(text + len, armor, strlen(armor));
	e = file_replace(s->home.fd, path, 0600, text, len + strlen(armor), f);
	free(text);
	return e;
}

enum err
station_out(const struct station *s, const char *vendor, struct fault *f)
{
	char path[LIMIT_ID + 16];
	enum err e;

	(void)snprintf(path, sizeof(path), "out/%s", vendor);
	if ((e = file_mkdir(s->home.fd, "out", f)) != OK)
		return e;
	return file_mkdir(s->home.fd, path, f);
}
