/*
 * commands: one function a command of mkmedia, in the file of its first word.  ${argv} is what
 * follows the command; the result is the exit status.
 */
#ifndef MKMEDIA_COMMANDS_H
#define MKMEDIA_COMMANDS_H

int init_run(int argc, char **argv);
int sign_run(int argc, char **argv);
int roots_show(int argc, char **argv);
int roots_export(int argc, char **argv);
int customers_add(int argc, char **argv);
int customers_list(int argc, char **argv);
int releases_draft(int argc, char **argv);
int releases_list(int argc, char **argv);
int releases_show(int argc, char **argv);
int finish_run(int argc, char **argv);
int build_run(int argc, char **argv);
int write_run(int argc, char **argv);
int readback_run(int argc, char **argv);
int notice_run(int argc, char **argv);
int notice_withdraw(int argc, char **argv);
int catalogue_run(int argc, char **argv);
int inbox_run(int argc, char **argv);
int letter_run(int argc, char **argv);
int remake_run(int argc, char **argv);
int books_show(int argc, char **argv);
int books_verify(int argc, char **argv);
int status_run(int argc, char **argv);

#endif
