/*
 * ingest: the site's desk.  The table, nothing else.
 */
#include "ingest/commands.h"
#include "verify/command.h"

static const struct command COMMANDS[] = {
	{ "init", "SITE [--name NAME] --solo [--home DIR]",
	    "make the home of a site: keys, ledger, stage", init_run },
	{ "trust add", "FILE --fingerprint FP --customer ID",
	    "trust a vendor, who calls this site ID", trust_add_run },
	{ "trust list", "", "the vendors that are trusted, and what is held of them",
	    trust_list_run },
	{ "trust update", "FILE", "adopt newer trust documents of a vendor", trust_update_run },
	{ "enrolment", "VENDOR",
	    "introduce this site to a vendor: writes out/VENDOR/SITE.enrolment", enrolment_run },
	{ "system add", "NAME --root DIR | --by-hand [--role test|production]",
	    "a system that patches are for", system_add_run },
	{ "system tell", "NAME WHOM", "who answers for a system, and is told of news",
	    system_tell_run },
	{ "system list", "", "the systems, and when they were last looked at", system_list_run },
	{ "passport scan", "SYSTEM", "read what is installed beneath the root of a system",
	    passport_scan_run },
	{ "passport set", "SYSTEM PURL|NAME VERSION --read-by WHOM --from WHAT",
	    "say what a person read off a system", passport_set_run },
	{ "passport import", "SYSTEM FILE",
	    "take over a list of components (CycloneDX, SPDX)", passport_import_run },
	{ "passport customised", "SYSTEM COMPONENT --base VERSION | --clear",
	    "mark a component that was changed here", passport_customised_run },
	{ "passport show", "SYSTEM", "the newest passport of a system", passport_show_run },
	{ "passport send", "VENDOR [--yes]",
	    "write what this vendor may know, and no more, into out/VENDOR/passport.age",
	    send_run },
	{ "notice", "FILE... [--via TEXT]", "take in notices and catalogues of vendors",
	    notice_run },
	{ "accept", "MEDIUM [--code -|FILE] [--by NAME] [--via TEXT] [--place TEXT]",
	    "check a disc, stick or image, and stage it if it is genuine", accept_run },
	{ "fit", "RELEASE|NOTICE|MEDIUM", "which systems a release fits, or those on a medium",
	    fit_run },
	{ "judge", "RELEASE [--system NAME] --fits|--does-not-fit --reason TEXT --by NAME",
	    "say whether a release fits, where a person must", judge_run },
	{ "drop", "CUSTOMER/N [--by NAME] [--reason TEXT]",
	    "throw away the discs of a set that wait for the others", drop_run },
	{ "list", "[--missing]",
	    "the consignments that were accepted; or the releases that are not here", list_run },
	{ "show", "CUSTOMER/N|VENDOR/notice/N", "one consignment, with its releases; one notice",
	    list_show_run },
	{ "find", "--fixes NAME", "the releases of all vendors that fix it", find_run },
	{ "compare", "RELEASE RELEASE", "what two releases in the stage have in common",
	    compare_run },
	{ "receipt", "CUSTOMER/N [--code -|FILE]",
	    "print the receipt of a consignment; with the code, also the line to read out",
	    receipt_run },
	{ "status", "", "what there is, and what to do next", status_run },
	{ "ledger show", "[--sources]", "the entries of the ledger, or who sent what",
	    ledger_show_run },
	{ "ledger verify", "", "check the ledger against its checkpoint", ledger_verify_run },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return command_main(
	    "ingest", "take sealed patches in, safely and on record", COMMANDS, argc, argv);
}
