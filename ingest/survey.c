/*
 * survey: see survey.h.
 */
#include "ingest/survey.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "formats/limits.h"
#include "ingest/hardware.h"
#include "ingest/packages.h"
#include "ingest/root.h"

#define OS_RELEASE_SIZE (64 * KIB)

struct os {
	char id[LIMIT_ID + 1];
	char version[LIMIT_TEXT + 1], name[LIMIT_TEXT + 1];
};

/* ---- os-release(5) ---- */

/* The value of ${key}, without its quotes; "" if there is none or it does not fit. */
static void
take_value(const char *text, const char *key, char *out, size_t cap)
{
	const size_t len = strlen(key);
	size_t n;

	out[0] = '\0';
	for (; *text != '\0'; text += strcspn(text, "\n"), text += *text == '\n') {
		const char *value = text + len + 1;

		if (strncmp(text, key, len) != 0 || text[len] != '=')
			continue;
		n = strcspn(value, "\n");
		if (n >= 2 && (*value == '"' || *value == '\'') && value[n - 1] == *value) {
			value++;
			n -= 2;
		}
		if (n >= cap)
			continue;
		memcpy(out, value, n);
		out[n] = '\0';
		if (!root_is_text(out))
			out[0] = '\0';
	}
}

static enum err
read_os(const struct root *r, struct os *os, struct fault *f)
{
	static const char *const places[] = { "etc/os-release", "usr/lib/os-release" };
	/* Not all have versions: Debian before it is released, and those that roll. */
	static const char *const versions[] = { "VERSION_ID", "BUILD_ID", "VERSION_CODENAME" };
	char *text = NULL;
	size_t len;
	enum err e = OK;

	*os = (struct os){ .id = "linux" };
	for (size_t i = 0; e == OK && text == NULL && i < 2; i++)
		e = root_load(r, places[i], OS_RELEASE_SIZE, &text, &len, f);
	if (e != OK || text == NULL)
		return e;
	take_value(text, "ID", os->id, sizeof(os->id));
	if (*os->id == '\0' || os->id[strspn(os->id, "abcdefghijklmnopqrstuvwxyz0123456789._-")])
		(void)snprintf(os->id, sizeof(os->id), "linux");
	take_value(text, "PRETTY_NAME", os->name, sizeof(os->name));
	for (size_t i = 0; *os->version == '\0' && i < 3; i++)
		take_value(text, versions[i], os->version, sizeof(os->version));
	free(text);
	return OK;
}

static enum err
add_os(const struct os *os, struct passport *p, struct fault *f)
{
	struct passport_component c = passport_blank();
	enum err e;

	c.ref = c.kind = "operating-system";
	c.name = os->id;
	c.version = *os->version == '\0' ? "unknown" : os->version;
	c.description = os->name;
	e = passport_add(p, &c);
	return e == OK ? OK : err_fault(f, e, "os-release");
}

/* ---- kernels ---- */

/* One that was installed has its modules listed. */
static enum err
add_kernel(const struct root *r, const char *release, struct passport *p, struct fault *f)
{
	struct passport_component c = passport_blank();
	char path[512], ref[320];
	enum err e;
	int fd;

	(void)snprintf(path, sizeof(path), "lib/modules/%s/modules.dep", release);
	if ((fd = root_file(r, path, O_PATH)) == -1)
		return OK;
	(void)close(fd);
	(void)snprintf(ref, sizeof(ref), "kernel:%s", release);
	c.ref = ref;
	c.kind = "platform";
	c.name = "linux";
	c.version = release;
	e = passport_add(p, &c);
	return e == OK ? OK : err_fault(f, e, "%s", ref);
}

/* The kernel that runs is known of this computer only; of others, if there is but one. */
static enum err
add_kernels(const struct root *r, struct passport *p, struct fault *f)
{
	const size_t before = p->count;
	struct root_names names;
	struct utsname here;
	enum err e = root_list(r, "lib/modules", &names, f);

	if (e != OK)
		return e;
	for (size_t i = 0; e == OK && i < names.count; i++)
		e = add_kernel(r, names.name[i]->d_name, p, f);
	root_list_free(&names);
	if (e == OK && r->own && uname(&here) == 0) {
		p->kernel = passport_word(p, here.release);
		if (*p->architecture == '\0')
			p->architecture = passport_word(p, here.machine);
	} else if (e == OK && p->count == before + 1) {
		p->kernel = p->component[before].version;	/* its text stays */
	}
	if (p->kernel == NULL || p->architecture == NULL)
		return err_fault(f, ERR_MEMORY, "passport");
	return e;
}

static enum err
survey(struct passport *p, const struct root *r, const struct home *home, struct fault *f)
{
	bool deb = false, rpm = false;
	struct os os;
	enum err e;

	if ((e = read_os(r, &os, f)) != OK || (e = add_os(&os, p, f)) != OK ||
	    (e = packages_dpkg(r, os.id, p, &deb, f)) != OK ||
	    (e = packages_rpm(r, os.id, home, p, &rpm, f)) != OK)
		return e;
	if (!deb && !rpm)
		return err_fault(f, ERR_PACKAGES_NONE,
		    "%.200s: neither dpkg nor rpm; is it the root of the system?", r->path);
	if ((e = add_kernels(r, p, f)) != OK)
		return e;
	return hardware_add(r, p, f);
}

enum err
survey_root(struct passport **out, const char *path, const struct home *home, struct fault *f)
{
	struct passport *p = NULL;
	struct root r;
	enum err e = root_open(&r, path, f);

	*out = NULL;
	if (e != OK)
		goto out;
	if ((p = passport_new()) == NULL) {
		e = err_fault(f, ERR_MEMORY, "passport");
		goto out;
	}
	if ((e = survey(p, &r, home, f)) != OK)
		goto out;
	passport_unify(p);	/* rpm may have a package twice */
	*out = p;
	p = NULL;
out:
	passport_free(p);
	root_close(&r);
	return e;
}
