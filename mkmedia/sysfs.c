/*
 * sysfs: see sysfs.h.
 */
#include "mkmedia/sysfs.h"

#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

const char *
sysfs_attribute(char *out, size_t cap, const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list ap;
	FILE *file;

	va_start(ap, fmt);
	(void)vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	*out = '\0';
	if ((file = fopen(path, "re")) != NULL) {
		if (fgets(out, (int)cap, file) == NULL)
			*out = '\0';
		(void)fclose(file);
	}
	out[strcspn(out, "\n")] = '\0';
	return out;
}

/* Add the node ${name} that is described in ${directory}. */
static void
add_node(struct sysfs_stack *s, const char *directory, const char *name, bool built)
{
	struct sysfs_node n = { .built = built };
	char text[32];
	size_t i;

	if (sscanf(sysfs_attribute(text, sizeof(text), "%s/%s/dev", directory, name), "%u:%u",
	    &n.major, &n.minor) != 2)
		return;
	for (i = 0; i < s->count; i++)
		if (s->node[i].major == n.major && s->node[i].minor == n.minor)
			return;
	if (s->count == SYSFS_NODES) {
		s->full = true;
		return;
	}
	(void)snprintf(n.name, sizeof(n.name), "%s", name);
	(void)sysfs_attribute(n.mapper, sizeof(n.mapper), "%s/%s/dm/name", directory, name);
	s->node[s->count++] = n;
}

/* Partitions of ${n}, or with ${holders} what the kernel built on it. */
static void
add_below(struct sysfs_stack *s, const struct sysfs_node *n, const char *root, bool holders)
{
	char path[PATH_MAX], text[32];
	struct dirent *entry;
	DIR *d;

	(void)snprintf(path, sizeof(path), "%s/sys/dev/block/%u:%u%s", root, n->major, n->minor,
	    holders ? "/holders" : "");
	if ((d = opendir(path)) == NULL)
		return;
	while ((entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.' && (holders || *sysfs_attribute(text, sizeof(text),
		    "%s/%s/partition", path, entry->d_name) != '\0'))
			add_node(s, path, entry->d_name, holders || n->built);
	(void)closedir(d);
}

/* Loop devices whose file is ${n}: they are not among the holders, and O_EXCL does not see them. */
static void
add_loops(struct sysfs_stack *s, const struct sysfs_node *n, const char *root)
{
	char path[PATH_MAX], text[PATH_MAX], device[40];
	struct dirent *entry;
	DIR *d;

	(void)snprintf(path, sizeof(path), "%s/sys/block", root);
	(void)snprintf(device, sizeof(device), "/dev/%s", n->name);
	if ((d = opendir(path)) == NULL)
		return;
	while ((entry = readdir(d)) != NULL)
		if (strcmp(device, sysfs_attribute(text, sizeof(text), "%s/%s/loop/backing_file",
		    path, entry->d_name)) == 0)
			add_node(s, path, entry->d_name, true);
	(void)closedir(d);
}

enum err
sysfs_stack(struct sysfs_stack *s, dev_t device, const char *root, char *directory, size_t cap)
{
	char link[PATH_MAX], path[PATH_MAX], number[32];
	struct sysfs_node n;
	size_t i;

	*s = (struct sysfs_stack){ .count = 0 };
	(void)snprintf(number, sizeof(number), "%u:%u", major(device), minor(device));
	(void)snprintf(link, sizeof(link), "%s/sys/dev/block/%s", root, number);
	if (realpath(link, path) == NULL || strlen(path) >= cap)
		return ERR_USAGE;
	(void)snprintf(directory, cap, "%s", path);
	*strrchr(path, '/') = '\0';
	add_node(s, path, path + strlen(path) + 1, false);
	if (s->count == 0)
		return ERR_USAGE;
	for (i = 0; i < s->count; i++) {
		n = s->node[i];
		add_below(s, &n, root, false);
		add_below(s, &n, root, true);
		add_loops(s, &n, root);
	}
	return OK;
}

const struct sysfs_node *
sysfs_find(const struct sysfs_stack *s, unsigned int major, unsigned int minor, const char *name)
{
	char path[40], mapper[160];
	size_t i;

	for (i = 0; i < s->count; i++) {
		(void)snprintf(path, sizeof(path), "/dev/%s", s->node[i].name);
		(void)snprintf(mapper, sizeof(mapper), "/dev/mapper/%s", s->node[i].mapper);
		if ((s->node[i].major == major && s->node[i].minor == minor) ||
		    strcmp(path, name) == 0 || strcmp(mapper, name) == 0)
			return &s->node[i];
	}
	return NULL;
}
