/*
 * mkmedia: the vendor's desk.  The table of its commands.
 */
#include "mkmedia/commands.h"
#include "verify/command.h"

static const struct command commands[] = {
	{ "init", "--vendor ID --name NAME --role ROLE:THRESHOLD=KEY.pub,... | --single-person\n"
	    "        [--place TEXT] [--telephone TEXT] [--address TEXT] [--years N]",
	    "make the home, the ledger and a first trust document", init_run },
	{ "trust show", "", "keys, holders, thresholds, expiry, anchor", roots_show },
	{ "trust export", "[--allowed-signers] FILE",
	    "write what readers need: the trust chain, or a list for ssh-keygen", roots_export },
	{ "sign", "DOCUMENT [--as KEY]",
	    "add a signature to a trust document, a release or news, or take in those there are",
	    sign_run },
	{ "customer add", "ID --name NAME [--enrolment FILE --fingerprint FP]",
	    "enter a customer", customers_add },
	{ "customer list", "", "customers and their last consignments", customers_list },
	{ "release draft", "DIR [--id ID]", "write DIR/release.json to fill in", releases_draft },
	{ "release finish", "DIR",
	    "sum DIR/payload and write the release to be signed", finish_run },
	{ "release list", "", "finished releases", releases_list },
	{ "release show", "ID", "one release, who signed it and who is missing", releases_show },
	{ "build", "RELEASE... --customer ID -o DIR [--as KEY] [--place TEXT] [--invoice TEXT]\n"
	    "        [--expires TIME] [--volume-size cd|dvd|bd|BYTES] [--bind] [--recovery 0..40]",
	    "seal a consignment: images, code, papers", build_run },
	{ "write", "IMAGE DEVICE [--as KEY] [--yes]",
	    "write an image to a stick or burn it, and read it back", write_run },
	{ "readback", "DEVICE", "read back a disc that was made elsewhere", readback_run },
	{ "remake", "CUSTOMER/N [--volume I] -o DIR",
	    "the image of a volume once more, byte for byte", remake_run },
	{ "notice", "RELEASE [--acquisition TEXT] [--details FILE] [--if-not-applied TEXT]\n"
	    "        [--place TEXT] [--replace] | --list",
	    "tell customers of a release: the next notice, to be signed", notice_run },
	{ "withdraw", "RELEASE --reason TEXT [--details FILE] [--place TEXT] [--replace]",
	    "tell them not to install it any more: a notice, too", notice_withdraw },
	{ "catalogue", "[--next-expected TIME] [--replace]",
	    "list all current releases: the next catalogue, to be signed", catalogue_run },
	{ "inbox", "FILE|DIR...",
	    "open what sites sent: passports, receipts, enrolments; what they need", inbox_run },
	{ "letter", "CUSTOMER/N [--code-only]",
	    "the code of a consignment, once more", letter_run },
	{ "ledger show", "", "every entry, one a line", books_show },
	{ "ledger verify", "", "is the ledger whole, and signed by its key?", books_verify },
	{ "status", "", "what there is, and what to do next", status_run },
	{ NULL, NULL, NULL, NULL },
};

int
main(int argc, char **argv)
{
	return command_main("mkmedia",
	    "seal software patches on media; every command takes --home DIR and --json", commands,
	    argc, argv);
}
