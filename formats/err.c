/*
 * err: the error table, and the words for people that belong to each exit status.
 * Formats text into a caller's buffer; prints nothing.
 */
#include "formats/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

struct row {
	int status;
	const char *code;
	const char *sentence;
};

static const struct row rows[ERR_COUNT] = {
#define X(name, status, code, sentence) [name] = { status, code, sentence },
	ERR_TABLE(X)
#undef X
};

/* What an err outside of the table is taken for: never for OK. */
static const struct row unknown = { 1, "own.unknown", "something failed that has no name" };

struct words {
	const char *verdict;
	const char *advice;
};

/* SPEC, "Verdicts": by exit status. */
static const struct words words[] = {
	[0] = { "GENUINE", "" },
	[1] = { "FAILED",
	    "It was this computer, and no medium. Put right what is named above, then try again." },
	[2] = { "USAGE", "See --help." },
	[3] = { "GENUINE AS FAR AS CHECKED",
	    "Do not use it before what was not checked has been checked, or judged by a person." },
	[4] = { "INCOMPLETE",
	    "Insert the missing volumes, in any order, or ask the sender for them." },
	[5] = { "NEWER FORMAT",
	    "Update this toolkit, or ask the sender for a medium in the older format." },
	[10] = { "NOT SEALED",
	    "Nothing shows whom it is from. Do not use it. If a sealed medium was announced, call "
	    "the sender at the number you already have." },
	[11] = { "UNKNOWN SENDER",
	    "Anyone can write any name on a medium. If you have a card or a letter from the "
	    "sender, check with the fingerprint on it: verify MEDIUM --fingerprint \"...\"." },
	[12] = { "COUNTERFEIT",
	    "Do not put it into another computer. Keep the medium and the envelope, and call the "
	    "sender at the number you already have." },
	[13] = { "ALTERED",
	    "It was altered or miscopied. If it is a copy, copy it again from the original; if it "
	    "is the original, keep it and ask the sender for another one." },
	[14] = { "DAMAGED", "Clean it, try another drive, or ask for a second copy." },
	[15] = { "NOT FOR YOU",
	    "Pass it on unopened to the customer it is for, or return it to the sender." },
	[16] = { "WRONG CODE",
	    "Compare the code with the letter that belongs to this consignment and type it again. "
	    "If it is the same, call the sender at the number you already have." },
	[17] = { "WRONG DEVICE",
	    "Do not use it. Keep the medium and the envelope, and call the sender at the number "
	    "you already have." },
	[18] = { "REPLAYED",
	    "If this is a second copy that you asked for, put it away: it was accepted before "
	    "(ingest show, ingest status). If not, keep it and call the sender at the number you "
	    "already have." },
	[19] = { "EXPIRED", "Ask the sender for a new consignment." },
	[20] = { "REVOKED",
	    "Do not use it. Ask the sender for a new consignment, at the number you already "
	    "have." },
	[21] = { "DOES NOT FIT",
	    "Compare it with what is installed; if the passport is out of date, renew it and try "
	    "again. Otherwise ask the sender for the release that fits." },
	[22] = { "NOT APPROVED",
	    "The number is far above the highest known. Call the sender at the number you already "
	    "have." },
	[23] = { "TRIAL FAILED",
	    "Do not deploy it. Read the trial record, then reject it or call the sender." },
	[24] = { "DEPLOYMENT FAILED",
	    "The system is as it was before. Read the record, then call the sender." },
	[25] = { "ROLLBACK FAILED",
	    "The system is in between. Restore it from your own backup before it is used, then "
	    "call the sender." },
};

/* Where what is right for the others of its status would be wrong. */
static const struct {
	enum err err;
	const char *advice;
} own[] = {
	{ ERR_LEDGER, "Change nothing. The ledger was altered or the disk failed: restore the home "
	    "from its copy, and compare ledger/checkpoint with the one kept elsewhere." },
	{ ERR_LEDGER_KEY, "Change nothing. The ledger or its key was exchanged: compare "
	    "ledger/checkpoint and the key's fingerprint with those kept elsewhere, and restore "
	    "the home from its copy." },
	{ ERR_SANDBOX, "Landlock of ABI 2 (Linux 5.19 or newer, with landlock in its list of "
	    "security modules) and seccomp are needed. Without them nothing is read." },
	{ ERR_SHORTER, "If it is a file, it was cut short: copy it again from the original. If "
	    "not, clean it, try another drive, or ask for a second copy." },
};

static const struct row *
row_of(enum err e)
{
	return (unsigned)e < ERR_COUNT ? &rows[e] : &unknown;
}

static const struct words *
words_of(int status)
{
	if (status < 0 || (size_t)status >= sizeof(words) / sizeof(words[0]) ||
	    words[status].verdict == NULL)
		return &words[unknown.status];
	return &words[status];
}

int
err_status(enum err e)
{
	return row_of(e)->status;
}

const char *
err_code(enum err e)
{
	return row_of(e)->code;
}

const char *
err_sentence(enum err e)
{
	return row_of(e)->sentence;
}

const char *
err_verdict(int status)
{
	return words_of(status)->verdict;
}

const char *
err_advice(enum err e)
{
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i].err == e)
			return own[i].advice;
	return words_of(err_status(e))->advice;
}

enum err
err_fault(struct fault *f, enum err e, const char *fmt, ...)
{
	va_list ap;

	if (f == NULL)
		return e;
	f->err = e;
	f->at[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(f->at, sizeof(f->at), fmt, ap);
	va_end(ap);
	return e;
}

enum err
err_errno(void)
{
	switch (errno) {
	case ENOSPC:
	case EDQUOT:
		return ERR_SPACE;
	case EACCES:
	case EPERM:
		return ERR_DENIED;
	case ENOMEM:
		return ERR_MEMORY;
	default:
		return ERR_IO;
	}
}
