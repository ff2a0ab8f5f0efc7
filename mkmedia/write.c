/*
 * write: an image that this desk built onto a stick or a disc, read back, and on record.
 * SPEC, "Writing media".
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/name.h"
#include "mkmedia/burn.h"
#include "mkmedia/commands.h"
#include "mkmedia/readback.h"
#include "mkmedia/sealing.h"
#include "mkmedia/target.h"
#include "verify/ask.h"
#include "verify/clock.h"
#include "verify/command.h"
#include "verify/options.h"
#include "verify/probe.h"
#include "verify/report.h"
#include "verify/size.h"

#define UNSEALED "UNSEALED "	/* so begins the SEAL area of what is sealed when it is written */
#define TRAY_SECONDS 60

struct job {
	const char *image_name, *path, *as, *home;
	bool yes, json;
	struct vendor_register *r;
	struct writer_image image;
	uint8_t area[SEAL_SIZE];
	struct target target;
	int device;		/* a stick, ours alone from the question to the end; or -1 */
	struct readback result;
	uint64_t milliseconds;		/* that writing took */
};

/* Sealed images are known by the digest of their seal, which the ledger vouches for. */
static const struct register_volume *
find_sealed(const struct job *w)
{
	const struct register_volume *v;
	struct seal_header h;
	struct document doc;
	size_t line;

	if (seal_header_parse(w->area, SEAL_SIZE, &h, &line) != OK ||
	    document_split(w->area + line, (size_t)h.length, &doc) != OK)
		return NULL;
	v = register_volume_by_seal(w->r, &doc.digest);
	return v == NULL || v->bound ? NULL : v;
}

/* Those to be bound begin with a line that says which they are: "UNSEALED acme/7 1". */
static const struct register_volume *
find_unsealed(const struct job *w)
{
	const struct register_volume *v;
	char customer[LIMIT_ID + 1], line[128], text[128];
	unsigned long long number, volume;

	(void)snprintf(text, sizeof(text), "%.*s", (int)sizeof(text) - 1, (const char *)w->area);
	if (sscanf(text, UNSEALED "%27[a-z0-9-]/%10llu %4llu", customer, &number, &volume) != 3)
		return NULL;
	(void)snprintf(line, sizeof(line), UNSEALED "%s/%llu %llu\n", customer, number, volume);
	if (strncmp(line, text, strlen(line)) != 0)
		return NULL;
	v = register_volume(w->r, customer, number, volume);
	return v == NULL || !v->bound ? NULL : v;
}

static enum err
open_image(struct job *w, struct fault *f)
{
	const struct register_volume *v;
	struct stat st;

	w->image.fd = open(w->image_name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (w->image.fd == -1)
		return err_fault(f, errno == ENOENT ? ERR_USAGE : err_errno(), "%s: %s",
		    w->image_name, strerror(errno));
	if (fstat(w->image.fd, &st) == -1 || !S_ISREG(st.st_mode) ||
	    pread(w->image.fd, w->area, SEAL_SIZE, SEAL_OFFSET) != SEAL_SIZE)
		return err_fault(f, ERR_USAGE, "%s: is no image file", w->image_name);
	v = memcmp(w->area, UNSEALED, strlen(UNSEALED)) == 0 ? find_unsealed(w) : find_sealed(w);
	if (v == NULL)
		return err_fault(f, ERR_USAGE, "%s: is no image that this desk built; name what "
		    "mkmedia build wrote", w->image_name);
	if ((uint64_t)st.st_size != v->size)
		return err_fault(f, ERR_USAGE, "%s: has %llu bytes and not the %llu of %s no. %llu "
		    "disc %llu; make it again with mkmedia remake", w->image_name,
		    (unsigned long long)st.st_size, (unsigned long long)v->size, v->customer,
		    (unsigned long long)v->number, (unsigned long long)v->volume);
	w->image.name = w->image_name;
	w->image.size = v->size;
	w->image.area = w->area;
	w->result.volume = *v;
	w->result.seal = v->seal;
	return OK;
}

static enum err
look_at_disc(struct job *w, struct fault *f)
{
	const struct device *d = &w->result.device;
	int fd = open(w->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	enum err e;

	if (fd == -1)
		return err_fault(f, err_errno(), "%s: %s", w->path, strerror(errno));
	e = device_look(&w->result.device, fd, &device_machine, f);
	(void)close(fd);
	if (e == OK && d->disc != DISC_BLANK && d->disc != DISC_UNKNOWN && !d->rewritable)
		e = err_fault(f, ERR_USAGE, "%s: the disc in it is written already; insert a blank "
		    "one", w->path);
	return e;
}

static enum err
look_at_stick(struct job *w, struct fault *f)
{
	enum err e;

	if ((e = target_open(&w->target, &w->device, f)) != OK ||
	    (e = device_look(&w->result.device, w->device, &device_machine, f)) != OK)
		return e;
	return device_check(&w->result.device, f);
}

static enum err
open_target(struct job *w, struct fault *f)
{
	enum err e;

	if ((e = target_look(&w->target, w->path, "", f)) != OK ||
	    (e = target_check(&w->target, w->image.size, f)) != OK)
		return e;
	return w->target.optical ? look_at_disc(w, f) : look_at_stick(w, f);
}

/* What libblkid takes the stick for: escaped, and never an error. */
static void
describe_content(const struct job *w, char *out, size_t cap)
{
	const uint64_t size = w->result.device.size;
	const size_t head = size < PROBE_HEAD ? (size_t)size : (size_t)PROBE_HEAD;
	const size_t tail = size < PROBE_TAIL ? (size_t)size : (size_t)PROBE_TAIL;
	uint8_t *copy = malloc(head + tail);
	struct probe p = { .known = false };
	char type[128], label[512], table[128];

	if (copy != NULL && pread(w->device, copy, head, 0) == (ssize_t)head &&
	    pread(w->device, copy + head, tail, (off_t)(size - tail)) == (ssize_t)tail &&
	    probe_look(copy, head, copy + head, tail, size, &p, NULL) != OK)
		p.known = false;
	free(copy);
	(void)name_show(type, sizeof(type), p.type);
	(void)name_show(label, sizeof(label), p.label);
	(void)name_show(table, sizeof(table), p.table);
	if (!p.known)
		(void)snprintf(out, cap, "something that cannot be read");
	else if (p.ambivalent)
		(void)snprintf(out, cap, "several file systems at once");
	else if (*type == '\0' && *table == '\0')
		(void)snprintf(out, cap, "nothing that is known here");
	else
		(void)snprintf(out, cap, "%s%s%s%s%s%s", type, *label == '\0' ? "" : ", called \"",
		    label, *label == '\0' ? "" : "\"", *table == '\0' ? "" :
		    *type == '\0' ? "partitions: " : ", partitions: ", table);
}

static enum err
confirm(const struct job *w, struct fault *f)
{
	const struct device *d = &w->result.device;
	FILE *out = w->json ? stderr : stdout;
	char line[1024], question[300], answer[16];

	(void)fprintf(out, "  %-9s  %s\n", w->target.optical ? "disc" : "device",
	    device_describe(d, line, sizeof(line)));
	if (!w->target.optical) {
		describe_content(w, line, sizeof(line));
		(void)fprintf(out, "  on it now  %s\n", line);
	}
	(void)fflush(out);
	if (w->yes)
		return OK;
	(void)snprintf(question, sizeof(question), "Overwrite everything on %s? Type yes:",
	    w->path);
	if (!ask_line(question, answer, sizeof(answer)) || strcmp(answer, "yes") != 0)
		return err_fault(f, ERR_USAGE, "%s: nothing was written", w->path);
	return OK;
}

/* A volume that is bound gets its seal now, for this device. */
static enum err
seal(struct job *w, struct fault *f)
{
	const struct register_volume *v = &w->result.volume;
	const struct device *d = &w->result.device;
	char serial[4 * LIMIT_DEVICE_TEXT + 1];
	struct seal_medium medium;
	struct fault why;
	enum err e;

	if (!v->bound)
		return OK;
	if ((e = device_bind(d, &medium, serial, f)) != OK)
		return e;
	if (device_compare(d, &medium, &why) == DEVICE_WEAK)
		(void)fprintf(w->json ? stderr : stdout, "  bound      weakly: %s\n", why.at);
	return sealing_bound(w->r, v->customer, v->number, v->volume, &medium, command_now(), w->as,
	    w->area, &w->result.seal, f);
}

/* Where the second SEAL area belongs: the seal is our own, from the ledger or from just now. */
static enum err
find_backup(struct job *w, struct fault *f)
{
	struct seal *s = NULL;
	struct seal_header h;
	struct document doc;
	size_t line;
	enum err e;

	if ((e = seal_header_parse(w->area, SEAL_SIZE, &h, &line)) != OK ||
	    (e = document_split(w->area + line, (size_t)h.length, &doc)) != OK ||
	    (e = seal_parse(&s, &doc, w->r->vendor, NULL)) != OK)
		return err_fault(f, e, "%s: its seal", w->image_name);
	w->image.backup = s->backup;
	seal_free(s);
	return OK;
}

/* The kernel must learn what is on the disc now; some trays do not close by themselves. */
static enum err
reload(const struct job *w, struct fault *f)
{
	enum err e = burn_reload(w->path, TRAY_SECONDS, f);
	char answer[16];

	while (e == ERR_NO_MEDIUM && isatty(STDIN_FILENO) == 1 &&
	    ask_line("Push the tray in, then press Enter:", answer, sizeof(answer)))
		e = burn_reload(w->path, TRAY_SECONDS, f);
	if (e == ERR_NO_MEDIUM)
		return err_fault(f, e, "%s: it is burnt but was not read back; push the tray in "
		    "and run mkmedia readback %s", w->path, w->path);
	return e;
}

static enum err
put(struct job *w, struct fault *f)
{
	const uint64_t room = w->result.device.size;
	struct progress progress;
	char drive[PATH_MAX];
	const uint64_t start = clock_ms();
	enum err e;

	progress_begin(&progress, w->target.optical ? "burnt" : "written", 1, w->json);
	if (!w->target.optical)
		e = writer_write(&w->image, w->device, w->path, room, &progress, f);
	else if (realpath(w->path, drive) != NULL)	/* xorriso knows drives by this name */
		e = burn_image(&w->image, drive, &progress, f);
	else
		e = err_fault(f, err_errno(), "%s: %s", w->path, strerror(errno));
	progress_end(&progress);
	w->milliseconds = clock_ms() - start;
	if (w->device != -1 && close(w->device) == -1 && e == OK)
		e = err_fault(f, err_errno(), "%s: %s", w->path, strerror(errno));
	w->device = -1;
	return e;
}

/* From here on the medium is not what it was, so whatever comes of it goes on record. */
static enum err
write_and_record(struct job *w, struct fault *f)
{
	char size[SIZE_TEXT];
	double seconds;
	struct fault why;
	enum err e;

	if ((e = put(w, &w->result.fault)) == OK) {
		seconds = (double)(w->milliseconds > 0 ? w->milliseconds : 1) / 1000;
		if (!w->json)
			(void)printf("  written    %s, %.0f MiB/s, %.0f s\n",
			    size_print(w->image.size, size),
			    (double)w->image.size / (double)MIB / seconds, seconds);
		(void)fflush(stdout);
		e = w->target.optical ? reload(w, &w->result.fault) : OK;
	}
	if (e == OK)
		readback_examine(&w->result, w->r, w->path, w->json);
	if ((e = readback_record(&w->result, w->home, "written", &why)) != OK)
		return err_fault(f, e, "%s: it is written, but not on record: put this right, then "
		    "run mkmedia readback: %.160s", w->path, why.at);
	return OK;
}

static enum err
run(struct job *w, struct fault *f)
{
	enum err e;

	if (!w->yes && isatty(STDIN_FILENO) != 1)
		return err_fault(f, ERR_USAGE, "%s: nobody can be asked here whether it may be "
		    "overwritten; --yes says so", w->path);
	/* For writing, as what could not be recorded is not begun; but then others may go on. */
	if ((e = register_open(&w->r, w->home, true, f)) != OK)
		return e;
	home_unlock(&w->r->home);
	if (w->r->chain == NULL)
		return err_fault(f, ERR_USAGE, "nothing was sealed in this home yet");
	if ((e = open_image(w, f)) != OK || (e = open_target(w, f)) != OK ||
	    (e = confirm(w, f)) != OK || (e = seal(w, f)) != OK || (e = find_backup(w, f)) != OK)
		return e;
	return write_and_record(w, f);
}

static int
say(const struct job *w)
{
	struct json_writer *out = w->json ? json_writer_new() : NULL;
	char line[1024];

	if (out != NULL) {
		json_put_string(out, "image", w->image_name);
		json_put_string(out, "path", w->path);
		json_put_uint(out, "written", w->image.size);
		json_put_uint(out, "milliseconds", w->milliseconds);
	}
	/* A disc is closed now, and has another size. */
	if (out == NULL && w->target.optical)
		(void)printf("  disc now   %s\n",
		    device_describe(&w->result.device, line, sizeof(line)));
	return readback_say(&w->result, out);
}

int
write_run(int argc, char **argv)
{
	static struct job w;
	const struct option table[] = {
		{ "yes", OPTION_FLAG, &w.yes },
		{ "as", OPTION_VALUE, &w.as },
		{ "home", OPTION_VALUE, &w.home },
		{ "json", OPTION_FLAG, &w.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct fault f = { .err = OK };
	int status;

	w.device = w.image.fd = -1;
	if (options_parse(argc, argv, table, &args, &f) == OK && args.count != 2)
		(void)err_fault(&f, ERR_USAGE, "write takes an image and a device");
	if (f.err == OK) {
		w.image_name = args.item[0];
		w.path = args.item[1];
	}
	status = f.err != OK || run(&w, &f) != OK ? report_fault("mkmedia", w.json, &f) : say(&w);
	readback_free(&w.result);
	if (w.device != -1)
		(void)close(w.device);
	if (w.image.fd != -1)
		(void)close(w.image.fd);
	register_close(w.r);
	return status;
}
