/*
 * judge: is this medium genuine?  The one engine behind verify and ingest.  SPEC V1 to V10.
 */
#ifndef VERIFY_JUDGE_H
#define VERIFY_JUDGE_H

#include "verify/anchors.h"
#include "verify/judgement.h"
#include "verify/site.h"

/*
 * Where the files of a consignment go as they are read.  Nothing in it is to be used before judge()
 * is good.
 */
struct judge_sink {
	void *arg;
	/* Begin the file ${path}, which name_path_ok accepts and no file before it had. */
	enum err (*open)(void *arg, const char *path, uint64_t size);
	enum err (*write)(void *arg, const void *bytes, size_t len);
	enum err (*close)(void *arg);
	/* The medium was repaired and is read again: forget everything. */
	enum err (*restart)(void *arg);
	/* ${path} is an executable.  Called after the release that says so was verified. */
	enum err (*executable)(void *arg, const char *path);
};

struct judge_request {
	const char *path;		/* of the medium */
	const struct device_source *source; /* NULL: device_machine */
	const struct anchors *anchors;
	const struct site *site;	/* NULL: V5's number cannot be checked */
	const char *customer; /* NULL: what the site is called by the vendor, if there is a site */
	struct moment now;
	/*
	 * Ask for the code of ${seal}, which is authentic: *${given} tells whether there was one.
	 * NULL: there is none.  Called at most once.
	 */
	enum err (*code)(void *arg, const struct seal *seal, struct code *out, bool *given,
	    struct fault *f);
	/*
	 * The seal is authentic, for us, and may be used: prepare for its blocks, or decline.
	 * What is not OK ends the judgement.  NULL: nobody minds.
	 */
	enum err (*prepare)(void *arg, const struct seal *seal, struct fault *f);
	/* ${done} of ${total} blocks were looked at; NULL: nobody wants to know. */
	void (*progress)(void *arg, uint64_t done, uint64_t total);
	void *arg;			/* of these */
	/*
	 * A file for blocks that are repaired, with good ones of another copy; NULL: there is
	 * none.
	 */
	const int *kept;
	bool keeps;			/* good blocks of a damaged medium, in that file */
	bool as_it_is;			/* nothing is repaired: what needs its parity is damaged */
	const struct judge_sink *sink;	/* NULL: only verify */
};

/*
 * Judge the medium.  The result is ${out}->verdict, which is also returned: OK; ERR_UNCHECKED;
 * ERR_INCOMPLETE for a volume of a set with which nothing is wrong, whether or not all could be
 * checked (judgement_unchecked tells); or what is wrong.  ${out} need not be initialized; the
 * caller ends it with judgement_free, in every case.
 */
enum err judge(const struct judge_request *q, struct judgement *out) MUST_USE;

#endif
