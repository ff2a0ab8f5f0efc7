/*
 * table: which systems a release fits, for people and for programs.  SPEC, "Fit".
 */
#ifndef INGEST_TABLE_H
#define INGEST_TABLE_H

#include <stdio.h>

#include "ingest/library.h"

/* A line for each system, under one that names the release. */
enum err table_print(FILE *out, const struct library *l, size_t release) MUST_USE;
/* The same as an object, in an array that is open in ${w}. */
enum err table_json(struct json_writer *w, const struct library *l, size_t release) MUST_USE;

#define TABLE_LINE 300

/*
 * In one phrase: "fits bed-1, hmi-3", "fits no system: older than installed", "held: no systems
 * are registered here; see ingest system add"; escaped.
 */
enum err table_line(const struct library *l, size_t release, char out[static TABLE_LINE]) MUST_USE;

#endif
