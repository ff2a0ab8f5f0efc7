/*
 * remake: the image of a volume that was sealed before, once more, byte for byte.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkmedia/assemble.h"
#include "mkmedia/commands.h"
#include "mkmedia/entries.h"
#include "mkmedia/inspect.h"
#include "mkmedia/kept.h"
#include "mkmedia/outputs.h"
#include "mkmedia/sealing.h"
#include "mkmedia/volume.h"
#include "verify/command.h"
#include "verify/options.h"
#include "verify/report.h"
#include "verify/size.h"

struct remake {
	const char *index, *out, *home;
	bool json;
	struct vendor_register *r;
	const struct register_volume *volume;
	struct seal *seal;			/* as it was kept */
	uint8_t area[SEAL_SIZE];
	struct code code;
	struct consignment consignment;
	struct outputs outputs;
};

static enum err
find_volume(struct remake *m, const char *consignment, struct fault *f)
{
	const struct register_volume *first = register_consignment(m->r, consignment);
	const char *index = m->index;
	uint64_t i = 0;

	if (first == NULL)
		return err_fault(f, ERR_USAGE, "no consignment %s was sealed; CUSTOMER/N is needed",
		    consignment);
	if (index == NULL && first->volumes == 1)
		index = "1";
	if (index != NULL && strlen(index) <= 3 && strspn(index, "0123456789") == strlen(index))
		i = strtoull(index, NULL, 10);
	if (i == 0 || i > first->volumes)
		return err_fault(f, ERR_USAGE, "--volume: %s has the volumes 1 to %llu",
		    consignment, (unsigned long long)first->volumes);
	m->volume = first + i - 1;
	return OK;
}

static enum err
refuse_changed(const struct remake *m, const char *what, struct fault *f)
{
	return err_fault(f, ERR_USAGE, "%s/%llu, volume %llu, cannot be made again: %s.  Build a"
	    " new consignment", m->volume->customer, (unsigned long long)m->volume->number,
	    (unsigned long long)m->volume->volume, what);
}

/* The trust as it was, so that the chain in the image and who may sign are what they were. */
static enum err
go_back(struct remake *m, struct fault *f)
{
	const struct seal *s = m->seal;
	struct trust_chain *chain = m->r->chain;

	if (chain == NULL || s->trust_version > chain->count ||
	    !digest_equal(&chain->version[s->trust_version - 1]->digest, &s->trust_digest))
		return refuse_changed(m, "the trust documents are others", f);
	trust_chain_cut(chain, (size_t)s->trust_version);
	return OK;
}

static enum err
load_releases(struct remake *m, struct fault *f)
{
	const char *ids[LIMIT_RELEASES];
	size_t i;
	enum err e;

	for (i = 0; i < m->seal->release_count; i++)
		ids[i] = m->seal->release[i].id;
	e = consignment_load(&m->consignment, m->r, ids, m->seal->release_count,
	    m->volume->notice, m->volume->catalogue, f);
	for (i = 0; e == OK && i < m->seal->release_count; i++)
		if (!digest_equal(&m->consignment.release[i].release->digest,
		    &m->seal->release[i].digest))
			e = refuse_changed(m, "a release is another one", f);
	return e;
}

/* The map is of everything but the seal; the regions behind it are where the seal has them. */
static enum err
make_image(struct remake *m, struct fault *f)
{
	const struct seal *s = m->seal;
	struct seal made = *s;
	enum err e;

	e = volume_write(&m->consignment, &made, VOLUME_NONE, m->outputs.file[0], m->json, f);
	if (e != OK)
		return e;
	if (!digest_equal(&made.map_digest, &m->volume->map) || made.size != s->size ||
	    made.chain.length != s->chain.length)
		return refuse_changed(m, "its contents are no longer the same; the files, or their "
		    "signatures, or this toolkit changed", f);
	return OK;
}

static enum err
seal_image(struct remake *m, struct fault *f)
{
	char path[OUTPUTS_PATH];
	enum err e;

	if (m->volume->bound) {
		sealing_none(m->seal, m->area);
		return assemble_unsealed(m->outputs.file[0], m->area, f);
	}
	if ((e = assemble_seal(m->outputs.file[0], m->seal, m->area, f)) != OK ||
	    (e = kept_code(m->r, m->volume->customer, m->volume->number, &m->code, f)) != OK)
		return e;
	outputs_partial(&m->outputs, m->volume->volume, path);
	return inspect_image(path, m->seal, m->r->chain, &m->code, m->json, f);
}

/* Like a build: what is recorded was verified, and what has its name was recorded. */
static enum err
produce(struct remake *m, struct fault *f)
{
	const struct register_volume *v = m->volume;
	enum err e;

	if ((e = outputs_open(&m->outputs, m->out, f)) != OK)
		return e;
	outputs_recover(&m->outputs, v->customer, v->number, v->volumes, v->sealed_at);
	if ((e = outputs_begin(&m->outputs, v->customer, v->number, v->volume, 1,
	    (struct moment){ .seconds = 0 }, f)) != OK ||
	    (e = make_image(m, f)) != OK || (e = seal_image(m, f)) != OK ||
	    (e = outputs_sync(&m->outputs, f)) != OK ||
	    (e = entries_add_remade(m->r, v, command_now(), f)) != OK)
		return e;
	return outputs_publish(&m->outputs, f);
}

static enum err
prepare(struct remake *m, const struct options_list *args, struct fault *f)
{
	enum err e;

	if (args->count != 1 || m->out == NULL)
		return err_fault(
		    f, ERR_USAGE, "remake needs one consignment, CUSTOMER/N, and -o DIR");
	if ((e = register_open(&m->r, m->home, true, f)) != OK ||
	    (e = find_volume(m, args->item[0], f)) != OK ||
	    (e = kept_seal(m->r, m->volume, m->area, &m->seal, f)) != OK ||
	    (e = go_back(m, f)) != OK)
		return e;
	return load_releases(m, f);
}

static int
say(const struct remake *m)
{
	const struct register_volume *v = m->volume;
	char path[OUTPUTS_PATH], size[SIZE_TEXT];
	struct json_writer *w;

	outputs_path(&m->outputs, v->volume, path);
	if (m->json) {
		w = json_writer_new();
		json_put_string(w, "customer", v->customer);
		json_put_uint(w, "number", v->number);
		json_put_uint(w, "volume", v->volume);
		json_put_uint(w, "volumes", v->volumes);
		json_put_string(w, "image", path);
		json_put_uint(w, "size", v->size);
		json_put_digest(w, "map", &v->map);
		return report_print_json(w, 0);
	}
	(void)printf("  %s no. %llu, disc %llu of %llu: %s, the same again%s.\n"
	    "  image           %s\n", v->customer, (unsigned long long)v->number,
	    (unsigned long long)v->volume, (unsigned long long)v->volumes,
	    size_print(v->size, size), v->bound ? "" : ", verified", path);
	if (v->bound)
		(void)printf("  Next: mkmedia write %s DEVICE, which seals it\n", path);
	return 0;
}

static void
end(struct remake *m)
{
	consignment_free(&m->consignment);
	outputs_close(&m->outputs);
	seal_free(m->seal);
	code_wipe(&m->code);
	register_close(m->r);
}

int
remake_run(int argc, char **argv)
{
	struct remake m = { .outputs = { .directory = -1 } };
	const struct option table[] = {
		{ "volume", OPTION_VALUE, &m.index },
		{ "o", OPTION_VALUE, &m.out },
		{ "home", OPTION_VALUE, &m.home },
		{ "json", OPTION_FLAG, &m.json },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct options_list args;
	struct fault f = { .err = OK };
	int status;

	if (options_parse(argc, argv, table, &args, &f) != OK || prepare(&m, &args, &f) != OK ||
	    produce(&m, &f) != OK)
		status = report_fault("mkmedia", m.json, &f);
	else
		status = say(&m);
	end(&m);
	return status;
}
