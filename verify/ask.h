/*
 * ask: where the authorization code comes from: a file, a pipe, or a person at a terminal.
 */
#ifndef VERIFY_ASK_H
#define VERIFY_ASK_H

#include "formats/code.h"
#include "formats/err.h"

/*
 * ask_code(from, optional, out, given, f):
 * ${from} is a file, "-" for standard input, or NULL to ask at the terminal, if standard input is
 * one. At the terminal a mistyped code is explained and asked for again, five times at most; an
 * empty line means none when ${optional}.  Without a terminal and ${from}, *${given} is false.
 */
enum err ask_code(const char *from, bool optional, struct code *out, bool *given,
    struct fault *f) MUST_USE;

/* Ask a yes-or-no question at the terminal; false without one. */
bool ask_yes(const char *question);

/*
 * Ask for a line at the terminal, of at most ${cap} - 1 bytes, without its newline; false without a
 * terminal, at the end of input, and for a longer one.
 */
bool ask_line(const char *question, char *out, size_t cap);

#endif
