/*
 * image: libisofs told to write the same bytes every time.
 */
#include "mkmedia/image.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LIBISOFS_WITHOUT_LIBBURN
#include <libisofs/libisofs.h>

#include "formats/limits.h"
#include "formats/name.h"
#include "mkmedia/source.h"

/* 2155-12-31T23:59:59Z: ECMA-119 9.1.5 counts years from 1900 in one byte. */
#define LAST_SECOND INT64_C(5869583999)

struct image {
	IsoImage *iso;
	time_t date;
	IsoStream **files;
	size_t count, room;
	uint64_t sectors;	/* that the contents take so far */
	uint64_t names;		/* name_weight of what is in the tree so far */
	bool closed;		/* no more files */
	uint64_t bytes;		/* 0 until the volume is laid out */
	uint64_t done;		/* of these, read from the output */
	struct burn_source *output;	/* from then until the stream has ended */
	struct source *reader;	/* used by libisofs's thread while there is an output */
};

static pthread_mutex_t library_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned library_users;

/* libisofs has global messages and tables: made for the first image, freed by the last. */
static enum err
library_enter(void)
{
	char never[] = "NEVER", nobody[] = "";
	enum err e = OK;

	pthread_mutex_lock(&library_lock);
	if (library_users == 0) {
		/* 1: leave the process's locale alone */
		if (iso_init_with_flag(1) < 0)
			e = ERR_MEMORY;
		else
			iso_set_msgs_severities(never, never, nobody);
	}
	if (e == OK)
		library_users++;
	pthread_mutex_unlock(&library_lock);
	return e;
}

static void
library_leave(void)
{
	pthread_mutex_lock(&library_lock);
	if (--library_users == 0)
		iso_finish();
	pthread_mutex_unlock(&library_lock);
}

static enum err
library_err(int ret)
{
	switch ((unsigned)ret) {
	case ISO_OUT_OF_MEM:
		return ERR_MEMORY;
	case ISO_NODE_NAME_NOT_UNIQUE:
		return ERR_CONTENTS_TWIN;
	case ISO_RR_NAME_TOO_LONG:
	case ISO_RR_NAME_RESERVED:
		return ERR_CONTENTS_NAME;
	default:
		return ERR_IO;
	}
}

static bool
volume_id_ok(const char *id)
{
	size_t len = strlen(id);

	return len >= 1 && len <= 32 &&
	    strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == len;
}

enum err
image_new(struct image **out, const char *volume_id, struct moment date)
{
	struct image *im = NULL;
	enum err e;

	*out = NULL;
	if (!volume_id_ok(volume_id))
		return ERR_USAGE;
	if (date.seconds < 0 || date.seconds > LAST_SECOND)
		return ERR_LIMIT;
	if ((e = library_enter()) != OK)
		return e;

	im = calloc(1, sizeof(*im));
	if (im == NULL) {
		library_leave();
		return ERR_MEMORY;
	}
	im->date = date.seconds;
	im->reader = source_new();
	if (im->reader == NULL || iso_image_new(volume_id, &im->iso) < 0) {
		image_free(im);
		return ERR_MEMORY;
	}
	/* 0: refuse a name that is too long instead of cutting it */
	iso_image_set_truncate_mode(im->iso, 0, LIMIT_NAME);
	*out = im;
	return OK;
}

enum err
image_add(struct image *im, const struct image_file *f)
{
	IsoStream **files;
	size_t room;

	if (im->closed || (f->data == NULL && f->source == NULL))
		return ERR_USAGE;
	if (f->size > LIMIT_SECTORS * SECTOR_SIZE ||
	    (f->size + SECTOR_SIZE - 1) / SECTOR_SIZE > LIMIT_SECTORS - im->sectors)
		return ERR_LIMIT;
	if (im->count == im->room) {
		room = im->room == 0 ? 64 : im->room * 2;
		files = reallocarray(im->files, room, sizeof(IsoStream *));
		if (files == NULL)
			return ERR_MEMORY;
		im->files = files;
		im->room = room;
	}
	if ((im->files[im->count] = source_stream(im->reader, f)) == NULL)
		return ERR_MEMORY;
	im->count++;
	im->sectors += (f->size + SECTOR_SIZE - 1) / SECTOR_SIZE;
	return OK;
}

/* '/' before every other character: then the files below a directory stand together. */
static int
path_rank(char c)
{
	return c == '\0' ? 0 : c == '/' ? 1 : (unsigned char)c + 1;
}

static int
compare_paths(const void *one, const void *other)
{
	const char *a = source_path(*(IsoStream *const *)one);
	const char *b = source_path(*(IsoStream *const *)other);

	for (; *a != '\0' && *a == *b; a++)
		b++;
	return path_rank(*a) - path_rank(*b);
}

/* A reader remembers every name before it knows whose they are, and takes no more. */
static bool
count_name(struct image *im, size_t len)
{
	return (im->names += name_weight(len)) <= LIMIT_NAMES;
}

/*
 * Put ${file} into the tree.  *${dir} is the directory of the file that was put in before it, at
 * ${before}; on OK it is this one's.
 */
static enum err
place_file(struct image *im, IsoDir **dir, const char *before, IsoStream *file)
{
	const char *path = source_path(file), *name = path, *slash;
	char part[LIMIT_NAME + 1];
	size_t i;
	int ret;

	for (i = 0; before[i] != '\0' && before[i] == path[i]; i++)
		if (before[i] == '/')
			name = path + i + 1;
	for (slash = before + (name - path); (slash = strchr(slash, '/')) != NULL; slash++)
		*dir = iso_node_get_parent((IsoNode *)*dir);
	for (; (slash = strchr(name, '/')) != NULL; name = slash + 1) {
		if ((size_t)(slash - name) >= sizeof(part))
			return ERR_CONTENTS_NAME;
		if (!count_name(im, (size_t)(slash - path)))
			return ERR_LIMIT;
		memcpy(part, name, (size_t)(slash - name));
		part[slash - name] = '\0';
		ret = iso_image_add_new_dir(im->iso, *dir, part, dir);
		if (ret < 0)
			return library_err(ret);
	}
	if (!count_name(im, strlen(path)))
		return ERR_LIMIT;
	ret = iso_image_add_new_file(im->iso, *dir, name, file, NULL);
	if (ret < 0)
		return library_err(ret);
	iso_stream_ref(file);	/* the tree took over the one that there was */
	return OK;
}

/*
 * Sorted, so that each directory is made once and left for good; from last to first, because
 * libisofs keeps siblings in a sorted list and searches it from the front.
 */
static enum err
build_tree(struct image *im)
{
	IsoDir *dir = iso_image_get_root(im->iso);
	const char *before = "";
	enum err e;

	(void)count_name(im, 1);	/* "." */
	if (im->count > 0)
		qsort(im->files, im->count, sizeof(IsoStream *), compare_paths);
	for (size_t i = im->count; i-- > 0; before = source_path(im->files[i]))
		if ((e = place_file(im, &dir, before, im->files[i])) != OK)
			return e;
	return OK;
}

/* Each of these was seen to matter, or costs nothing; libisofs.h says what they do. */
static bool
set_options(IsoWriteOpts *o, time_t date)
{
	char stamp[17];	/* YYYYMMDDhhmmss and hundredths: wins over the clock in the descriptors */
	struct tm tm;

	return gmtime_r(&date, &tm) != NULL &&
	    strftime(stamp, sizeof(stamp), "%Y%m%d%H%M%S00", &tm) == 16 &&
	    iso_write_opts_set_pvd_times(o, date, date, 0, 0, stamp) >= 0 &&
	    iso_write_opts_set_replace_timestamps(o, 2) >= 0 &&
	    iso_write_opts_set_default_timestamp(o, date) >= 0 &&
	    iso_write_opts_set_dir_rec_mtime(o, 1) >= 0 &&
	    iso_write_opts_set_always_gmt(o, 1) >= 0 &&
	    iso_write_opts_set_output_charset(o, "UTF-8") >= 0 &&
	    iso_write_opts_set_replace_mode(o, 2, 2, 2, 2) >= 0 &&
	    iso_write_opts_set_default_dir_mode(o, 0555) >= 0 &&
	    iso_write_opts_set_default_file_mode(o, 0444) >= 0 &&
	    iso_write_opts_set_default_uid(o, 0) >= 0 &&
	    iso_write_opts_set_default_gid(o, 0) >= 0 &&
	    iso_write_opts_set_iso_level(o, 3) >= 0 &&
	    iso_write_opts_set_rockridge(o, 1) >= 0 &&
	    iso_write_opts_set_rrip_version_1_10(o, 1) >= 0 &&
	    iso_write_opts_set_joliet(o, 0) >= 0 &&
	    iso_write_opts_set_hardlinks(o, 0) >= 0 &&
	    iso_write_opts_set_aaip(o, 0) >= 0 &&
	    iso_write_opts_set_allow_deep_paths(o, 1) >= 0 &&
	    iso_write_opts_set_allow_longer_paths(o, 1) >= 0 &&
	    iso_write_opts_set_sort_files(o, 0) >= 0 &&
	    iso_write_opts_set_record_md5(o, 0, 0) >= 0;
}

static enum err
lay_out(struct image *im)
{
	char utf8[] = "UTF-8";
	IsoWriteOpts *o = NULL;
	enum err e;
	int ret;

	if ((e = build_tree(im)) != OK)
		return e;
	if (iso_write_opts_new(&o, 1) < 0)
		return ERR_MEMORY;
	if (!set_options(o, im->date)) {
		e = ERR_MEMORY;
		goto out;
	}
	/* A global of libisofs, copied by the next call: names are UTF-8 in any locale. */
	pthread_mutex_lock(&library_lock);
	iso_set_local_charset(utf8, 0);
	ret = iso_image_create_burn_source(im->iso, o, &im->output);
	pthread_mutex_unlock(&library_lock);
	if (ret < 0)
		e = library_err(ret);
	else
		im->bytes = (uint64_t)im->output->get_size(im->output);
out:
	iso_write_opts_free(o);
	return e;
}

enum err
image_size(struct image *im, uint64_t *bytes)
{
	enum err e;

	if (im->bytes == 0) {
		if (im->closed)
			return ERR_USAGE;
		im->closed = true;
		if ((e = lay_out(im)) != OK)
			return e;
	}
	*bytes = im->bytes;
	return OK;
}

/* The next ${n} bytes; false when there are no more. */
static bool
read_output(struct image *im, uint8_t *bytes, size_t n)
{
	/* never ask for more than is left: that returns 0 and loses the tail */
	if (im->output->read_xt(im->output, bytes, (int)n) != (int)n)
		return false;
	im->done += n;
	return true;
}

/*
 * End libisofs's thread; what it left in the reader may be looked at then.  It forgets memory when
 * it is ended amid its directories, which come before the contents: let it write them.
 */
static void
stop(struct image *im)
{
	uint8_t unused[SECTOR_SIZE];

	if (im->output == NULL)
		return;
	while (im->done + im->sectors * SECTOR_SIZE < im->bytes &&
	    read_output(im, unused, sizeof(unused)))
		;
	im->output->free_data(im->output);
	free(im->output);
	im->output = NULL;
}

enum err
image_stream(struct image *im, image_sink *sink, void *arg, struct fault *f)
{
	uint8_t *piece = NULL;
	uint64_t left;
	size_t n;
	enum err e;

	if ((e = image_size(im, &left)) != OK)
		return err_fault(f, e, "the volume");
	if (im->output == NULL)
		return err_fault(f, ERR_USAGE, "the volume");
	if ((piece = malloc(IMAGE_PIECE)) == NULL)
		return err_fault(f, ERR_MEMORY, "the volume");
	for (; left > 0; left -= n) {
		n = left < IMAGE_PIECE ? (size_t)left : IMAGE_PIECE;
		if (!read_output(im, piece, n))
			break;
		if ((e = sink(arg, piece, n)) != OK)
			goto out;
	}
	stop(im);
	if (source_fault(im->reader)->err != OK)
		e = err_fault(f, source_fault(im->reader)->err, "%s", source_fault(im->reader)->at);
	else if (left > 0)
		e = err_fault(f, ERR_IO, "the last %llu bytes", (unsigned long long)left);
out:
	stop(im);
	free(piece);
	return e;
}

void
image_free(struct image *im)
{
	if (im == NULL)
		return;
	stop(im);
	if (im->iso != NULL)
		iso_image_unref(im->iso);
	for (size_t i = 0; i < im->count; i++)
		iso_stream_unref(im->files[i]);
	free(im->files);
	source_free(im->reader);
	free(im);
	library_leave();
}
