/*
 * commands: what main's table points to; ${argv} is what follows the command, the result the exit
 * status.
 */
#ifndef INGEST_COMMANDS_H
#define INGEST_COMMANDS_H

int init_run(int argc, char **argv);
int trust_add_run(int argc, char **argv);
int trust_list_run(int argc, char **argv);
int trust_update_run(int argc, char **argv);
int enrolment_run(int argc, char **argv);
int system_add_run(int argc, char **argv);
int system_tell_run(int argc, char **argv);
int system_list_run(int argc, char **argv);
int passport_scan_run(int argc, char **argv);
int passport_set_run(int argc, char **argv);
int passport_import_run(int argc, char **argv);
int passport_customised_run(int argc, char **argv);
int passport_show_run(int argc, char **argv);
int send_run(int argc, char **argv);
int notice_run(int argc, char **argv);
int accept_run(int argc, char **argv);
int fit_run(int argc, char **argv);
int judge_run(int argc, char **argv);
int drop_run(int argc, char **argv);
int list_run(int argc, char **argv);
int list_show_run(int argc, char **argv);
int find_run(int argc, char **argv);
int compare_run(int argc, char **argv);
int receipt_run(int argc, char **argv);
int status_run(int argc, char **argv);
int ledger_show_run(int argc, char **argv);
int ledger_verify_run(int argc, char **argv);

#endif
