/*
 * desk: commands that only look at the register.
 */
#ifndef MKMEDIA_DESK_H
#define MKMEDIA_DESK_H

#include "mkmedia/register.h"

/*
 * Print what is asked for; the result is the exit status.  ${arg} is NULL when the command takes
 * none.
 */
typedef int desk_view(const struct vendor_register *r, const char *arg, bool json);

/*
 * desk_show(argc, argv, takes, view):
 * Take --home, --json and, unless ${takes} is NULL, one argument (which ${takes} describes); open
 * the register for reading and call ${view}.
 */
int desk_show(int argc, char **argv, const char *takes, desk_view *view);

#endif
