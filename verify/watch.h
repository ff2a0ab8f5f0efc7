/*
 * watch: a station that judges one medium after the other, for `verify --wait`.
 */
#ifndef VERIFY_WATCH_H
#define VERIFY_WATCH_H

#include <stdint.h>

/*
 * watch_run(path, each, arg):
 * Wait until there is a medium at ${path}, a device or a file, call ${each}, which judges it and
 * says so, then wait until it is gone or another one, and so on; ends only by a signal, or with the
 * result of an ${each} that is negative.  What it says goes to standard error.
 */
int watch_run(const char *path, int (*each)(void *arg), void *arg);

/*
 * What is at ${path} now: 0 nothing, else a number that another medium does not have.  A device
 * that does not answer within ${seconds} is WATCH_HANGS.
 */
#define WATCH_HANGS UINT64_MAX
uint64_t watch_look(const char *path, int seconds);

#endif
