/*
 * Tests of mkmedia/register: what follows from a ledger, and ledgers and homes that contradict
 * themselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>

#include "mkmedia/register.h"
#include "tests/unit/process.h"
#include "tests/unit/scratch.h"
#include "tests/unit/trust_text.h"
#include "verify/file.h"
#include "verify/keymaker.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define FOUNDED "founded: vendor=etl name=Elbe place=Hamburg !single_person"
#define RELEASE "release-finished: id=R1 @digest=1 @sums=2 #files=3 #bytes=4 directory=/srv/R1"
#define CUSTOMER "customer-added: customer=acme name=ACME"
#define SEALED "sealed: customer=acme #number=1 #volumes=1 @set=3 !bound =sealed_at "
#define IMAGE "+ #volume=1 @seal=5 @map=a #size=99 image=i "
#define WRITTEN "written: customer=acme #number=1 #volume=1 "

static struct scratch s;
static unsigned before;
static char home[256];
static struct fault f;
static struct vendor_register *r;
static const struct moment now = { 1795000000, 60 };

static int
setup(void **state)
{
	(void)state;
	before = process_descriptors();
	s = scratch_new();
	scratch_path(&s, "home", home);
	f = (struct fault){ .err = OK };
	r = NULL;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	register_close(r);
	assert_int_equal(process_descriptors(), before);
	scratch_end(&s);
	return 0;
}

static struct digest
digest_of(char c)
{
	struct digest d;

	memset(d.b, c, sizeof d.b);
	return d;
}

/*
 * "WHAT: key=text #key=number @key=digest !key (false) ?key (true) =key (the time)
 * *id=digest (in releases) + (begins the next of images, to which what follows belongs)".
 */
static void
put_members(struct json_writer *w, char *text)
{
	const char *list = NULL;

	for (char *at = strtok(text, " "); at != NULL; at = strtok(NULL, " ")) {
		char *key = at + (strchr("#@!?=*+", *at) != NULL), *value = strchr(key, '=');
		struct digest d = digest_of(value == NULL ? 0 : value[1]);
		const char *in = *at == '*' ? "releases" : *at == '+' ? "images" : list;

		if (value != NULL)
			*value++ = '\0';
		if (list != NULL && strcmp(list, "images") == 0 && *at == '+')
			json_close(w);
		if (in != list) {
			if (list != NULL)
				json_close(w);
			json_open_array(w, in);
			list = in;
		}
		if (*at == '+')
			json_open_object(w, NULL);
		else if (*at == '#')
			json_put_uint(w, key, strtoul(value, NULL, 10));
		else if (*at == '@')
			json_put_digest(w, key, &d);
		else if (*at == '!' || *at == '?')
			json_put_bool(w, key, *at == '?');
		else if (*at == '=')
			json_put_moment(w, key, now);
		else if (*at == '*') {
			json_open_object(w, NULL);
			json_put_string(w, "id", key);
			json_put_digest(w, "digest", &d);
			json_close(w);
		} else
			json_put_string(w, key, value);
	}
	/* json_finish closes what is open. */
}

static void
add(struct ledger *l, const char *entry)
{
	char text[512], *colon;
	struct json_writer *w;

	assert_in_range(snprintf(text, sizeof text, "%s", entry), 1, (int)sizeof text - 1);
	colon = strchr(text, ':');
	assert_non_null(colon);
	*colon = '\0';
	w = ledger_entry(l, text, now);
	put_members(w, colon + 1);
	assert_int_equal(ledger_commit(l, w, NULL, NULL), OK);
}

/* A home whose ledger has these entries, up to NULL. */
static void
make(const char *origin, const char *const *entries)
{
	struct home h;
	struct ledger *l;
	char key[300];

	assert_int_equal(scratch_run(&s, "rm -rf home"), 0);
	assert_int_equal(home_create(&h, home, NULL), OK);
	assert_int_equal(file_mkdir(h.fd, "keys", NULL), OK);
	assert_int_equal(file_mkdir(h.fd, "trust", NULL), OK);
	snprintf(key, sizeof key, "%s/keys/ledger", home);
	assert_int_equal(keymaker_make(key, "ledger", NULL), OK);
	assert_int_equal(ledger_create(h.fd, origin, key, NULL), OK);
	assert_int_equal(ledger_open(&l, h.fd, "ledger", key, NULL), OK);
	for (; *entries != NULL; entries++)
		add(l, *entries);
	ledger_free(l);
	home_close(&h);
}

static void
founded(void **state)
{
	static const char *const entries[] = { FOUNDED, NULL };
	char path[300], want[300];

	(void)state;
	make("waxseal/vendor/etl", entries);
	assert_int_equal(register_open(&r, home, false, &f), OK);
	assert_string_equal(r->vendor, "etl");
	assert_string_equal(r->name, "Elbe");
	assert_string_equal(r->place, "Hamburg");
	assert_false(r->single_person);
	assert_null(r->chain);
	assert_int_equal(r->customer_count + r->release_count + r->volume_count, 0);
	assert_null(register_customer(r, "acme"));
	assert_null(register_volume(r, "acme", 1, 1));
	assert_null(register_consignment(r, "acme/1"));
	assert_null(register_release(r, "R1"));
	register_path(r, "keys/seal", path, sizeof path);
	snprintf(want, sizeof want, "%s/keys/seal", home);
	assert_string_equal(path, want);
}

static void
everything(void **state)
{
	static const char *const entries[] = { FOUNDED, CUSTOMER,
	    "customer-added: customer=bolt name=Bolt site=b1 @enrolment=9 key=k", RELEASE,
	    "release-signed: id=R1 @digest=1",
	    "release-finished: id=R2 @digest=6 @sums=2 #files=1 #bytes=0 directory=/srv/R2",
	    SEALED "*R1=1 " IMAGE, "something-newer: a=b",
	    "sealed: customer=acme #number=2 #volumes=2 @set=3 !bound =sealed_at *R1=1 "
	    "+ #volume=1 @seal=7 @map=b #size=100 image=i + #volume=2 @seal=8 @map=c #size=101 image=i",
	    "release-signed: id=R2 @digest=6",
	    "release-finished: id=R2 @digest=8 @sums=2 #files=5 #bytes=6 directory=/srv/other",
	    NULL };
	const struct register_customer *c;
	const struct register_release *rel;
	struct digest d;

	(void)state;
	make("waxseal/vendor/etl", entries);
	assert_int_equal(register_open(&r, home, false, &f), OK);
	assert_int_equal(r->customer_count, 2);
	c = register_customer(r, "acme");
	assert_string_equal(c->name, "ACME");
	assert_true(digest_is_zero(&c->enrolment));
	assert_int_equal(c->highest, 2);
	c = register_customer(r, "bolt");
	d = digest_of('9');
	assert_true(digest_equal(&c->enrolment, &d));
	assert_int_equal(c->highest, 0);

	assert_int_equal(r->release_count, 2);
	rel = register_release(r, "R1");
	assert_true(rel->is_signed && rel->is_sealed);
	assert_int_equal(rel->files, 3);
	assert_int_equal(rel->bytes, 4);
	assert_int_equal(rel->entry, 4);
	assert_string_equal(rel->directory, "/srv/R1");
	/* Finished again: another release, which nobody has signed. */
	rel = register_release(r, "R2");
	assert_false(rel->is_signed || rel->is_sealed);
	d = digest_of('8');
	assert_true(digest_equal(&rel->digest, &d));
	assert_string_equal(rel->directory, "/srv/other");
	assert_int_equal(rel->entry, 11);

	assert_int_equal(r->volume_count, 3);
}

static void
check_volume(const struct register_volume *v, const char *customer, uint64_t number, uint64_t volume,
    char map, char seal)
{
	struct digest d = digest_of(map);

	assert_non_null(v);
	assert_string_equal(v->customer, customer);
	assert_int_equal(v->number, number);
	assert_int_equal(v->volume, volume);
	assert_true(digest_equal(&v->map, &d));
	d = digest_of(seal);
	assert_true(digest_equal(&v->seal, &d));
	assert_int_equal(v->sealed_at.seconds, now.seconds);
	assert_int_equal(v->sealed_at.offset, now.offset);
}

static void
volumes(void **state)
{
	static const char *const entries[] = { FOUNDED, CUSTOMER, "customer-added: customer=bolt name=B",
	    RELEASE, SEALED "*R1=1 " IMAGE,
	    "sealed: customer=acme #number=2 #volumes=2 @set=3 !bound =sealed_at *R1=1 "
	    "+ #volume=1 @seal=7 @map=b #size=100 image=i + #volume=2 @seal=8 @map=c #size=101 image=i",
	    "sealed: customer=bolt #number=1 #volumes=1 @set=3 !bound =sealed_at *R1=1 "
	    "+ #volume=1 @seal=9 @map=a #size=99 image=i", NULL };
	struct digest d;

	(void)state;
	make("waxseal/vendor/etl", entries);
	assert_int_equal(register_open(&r, home, false, &f), OK);
	assert_int_equal(r->volume_count, 4);
	check_volume(register_volume(r, "acme", 1, 1), "acme", 1, 1, 'a', '5');
	check_volume(register_volume(r, "acme", 2, 2), "acme", 2, 2, 'c', '8');
	check_volume(register_volume(r, "bolt", 1, 1), "bolt", 1, 1, 'a', '9');
	assert_int_equal(register_volume(r, "acme", 2, 2)->size, 101);
	assert_int_equal(register_volume(r, "acme", 2, 2)->volumes, 2);
	assert_int_equal(register_volume(r, "acme", 2, 2)->entry, 6);
	assert_int_equal(register_volume(r, "acme", 2, 2)->copies, 0);
	assert_null(register_volume(r, "acme", 2, 3));
	assert_null(register_volume(r, "acme", 3, 1));
	assert_null(register_volume(r, "bolt", 2, 1));
	d = digest_of('8');
	assert_ptr_equal(register_volume_by_seal(r, &d), register_volume(r, "acme", 2, 2));
	d = digest_of('a');
	assert_null(register_volume_by_seal(r, &d));
	assert_ptr_equal(register_consignment(r, "acme/2"), register_volume(r, "acme", 2, 1));
	assert_ptr_equal(register_consignment(r, "bolt/1"), register_volume(r, "bolt", 1, 1));
	assert_null(register_consignment(r, "acme/02"));
	assert_null(register_consignment(r, "acme"));
	assert_null(register_consignment(r, "acme/3"));
}

/* What is written or read back counts when it was good; the seals of bound copies are found. */
static void
copies(void **state)
{
	static const char *const entries[] = { FOUNDED, CUSTOMER, RELEASE, SEALED "*R1=1 " IMAGE,
	    "sealed: customer=acme #number=2 #volumes=1 @set=3 ?bound =sealed_at *R1=1 "
	    "+ #volume=1 @map=b #size=100 image=i",
	    WRITTEN "#copy=1 @seal=5 !bound device=x verdict=ALTERED #status=13 reason=r",
	    WRITTEN "#copy=1 @seal=5 !bound device=x verdict=GENUINE #status=3 reason=r more=y",
	    "read-back: customer=acme #number=1 #volume=1 #copy=1 @seal=5 !bound #status=0",
	    "read-back: customer=acme #number=1 #volume=1 #copy=2 @seal=5 !bound #status=4",
	    "written: customer=acme #number=2 #volume=1 #copy=1 @seal=1 ?bound #status=14",
	    "written: customer=acme #number=2 #volume=1 #copy=1 @seal=2 ?bound #status=0",
	    "written: customer=acme #number=2 #volume=1 #copy=2 @seal=3 ?bound #status=3", NULL };
	const struct register_volume *v;
	struct digest d;

	(void)state;
	make("waxseal/vendor/etl", entries);
	assert_int_equal(register_open(&r, home, false, &f), OK);
	v = register_volume(r, "acme", 1, 1);
	assert_int_equal(v->copies, 2);
	assert_false(v->bound);
	v = register_volume(r, "acme", 2, 1);
	assert_true(v->bound);
	assert_int_equal(v->copies, 2);
	d = digest_of('2');
	assert_true(digest_equal(&v->seal, &d));
	assert_ptr_equal(register_volume_by_seal(r, &d), v);
	d = digest_of('3');
	assert_ptr_equal(register_volume_by_seal(r, &d), v);
	d = digest_of('1');
	assert_null(register_volume_by_seal(r, &d));
}

/* Arrays grow by doubling. */
static void
arrivals(void **state)
{
	static const char *const entries[] = { FOUNDED, CUSTOMER,
	    "customer-added: customer=bolt name=Bolt site=b1 @enrolment=9 key=k",
	    "passport-received: customer=acme system=s1 #number=2 @digest=1 =taken ?checked path=p",
	    "passport-received: customer=acme system=s1 #number=1 @digest=2 =taken ?checked path=p",
	    "passport-received: customer=bolt system=s1 #number=7 @digest=3 =taken !checked path=p",
	    "receipt-received: customer=acme #number=9 @digest=4 #status=0 verdict=GENUINE", NULL };
	struct digest d = digest_of('4');

	(void)state;
	make("waxseal/vendor/etl", entries);
	assert_int_equal(register_open(&r, home, false, &f), OK);
	assert_string_equal(register_customer(r, "acme")->key, "");
	assert_string_equal(register_customer(r, "bolt")->key, "k");
	assert_int_equal(r->arrival_count, 4);
	assert_int_equal(register_passports(r, "acme", "s1"), 2);
	assert_int_equal(register_passports(r, "bolt", "s1"), 7);
	assert_int_equal(register_passports(r, "acme", "s2"), 0);
	assert_string_equal(register_arrival(r, &d)->system, "");
	assert_int_equal(register_arrival(r, &d)->number, 9);
	d = digest_of('5');
	assert_null(register_arrival(r, &d));
}

static void
many_customers(void **state)
{
	static char text[40][64];
	const char *entries[COUNT(text) + 2] = { FOUNDED };

	(void)state;
	for (size_t i = 0; i < COUNT(text); i++) {
		snprintf(text[i], sizeof text[i], "customer-added: customer=c%zu name=n%zu", i, i);
		entries[i + 1] = text[i];
	}
	make("waxseal/vendor/etl", entries);
	assert_int_equal(register_open(&r, home, false, &f), OK);
	assert_int_equal(r->customer_count, COUNT(text));
	assert_string_equal(register_customer(r, "c39")->name, "n39");
}

#define NOTICE "notice-signed: id=R1 @digest=1 =issued "
#define SIGNED "release-signed: id=R1 @digest=1"

/* What was told of does not change; the last notice of a release counts. */
static void
news(void **state)
{
	static const char *const entries[] = { FOUNDED, RELEASE, SIGNED,
	    "release-finished: id=R2 @digest=6 @sums=2 #files=1 #bytes=0 directory=/srv/R2",
	    NOTICE "#sequence=1 @notice=a event=release",
	    NOTICE "#sequence=2 @notice=b event=withdrawal",
	    "catalogue-signed: #number=1 @catalogue=c =issued #highest_notice=2 #releases=0",
	    "release-finished: id=R3 @digest=7 @sums=2 #files=1 #bytes=0 directory=/srv/R3",
	    "release-signed: id=R3 @digest=7",
	    "catalogue-signed: #number=2 @catalogue=d =issued =next_expected #highest_notice=2"
	    " #releases=1", NULL };
	struct digest d = digest_of('b'), c = digest_of('d');

	(void)state;
	make("waxseal/vendor/etl", entries);
	assert_int_equal(register_open(&r, home, false, &f), OK);
	assert_int_equal(r->notice_count, 2);
	assert_false(r->notice[0].withdrawal);
	assert_true(r->notice[1].withdrawal);
	assert_true(digest_equal(&r->notice[1].digest, &d));
	assert_string_equal(r->notice[1].release, "R1");
	assert_int_equal(r->notice[1].issued.seconds, now.seconds);
	assert_true(register_release(r, "R1")->is_told && register_release(r, "R1")->is_withdrawn);
	/* not signed, so in no catalogue; signed */
	assert_false(register_release(r, "R2")->is_told);
	assert_true(register_release(r, "R3")->is_told);
	assert_false(register_release(r, "R3")->is_withdrawn);
	assert_int_equal(r->catalogue.number, 2);
	assert_true(digest_equal(&r->catalogue.digest, &c));
	assert_true(r->catalogue.has_next);
	assert_int_equal(r->catalogue.next_expected.seconds, now.seconds);
}

static void
contradictions(void **state)
{
	static const struct {
		const char *origin;
		const char *entries[6];
		enum err want;
	} table[] = {
		{ "waxseal/vendor/etl", { NULL }, ERR_LEDGER },
		{ "waxseal/vendor/other", { FOUNDED }, ERR_LEDGER },
		{ "waxseal/site/etl", { FOUNDED }, ERR_HOME },
		{ "waxseal/vendor/etl", { "founded: vendor=etl place=x !single_person" }, ERR_LEDGER },
		{ "waxseal/vendor/etl", { FOUNDED, CUSTOMER, CUSTOMER }, ERR_LEDGER },
		{ "waxseal/vendor/etl", { FOUNDED, "trust-in-force: #version=2 @digest=1" }, ERR_LEDGER },
		{ "waxseal/vendor/etl", { FOUNDED, "release-signed: id=R1 @digest=1" }, ERR_LEDGER },
		{ "waxseal/vendor/etl", { FOUNDED, RELEASE, "release-signed: id=R1 @digest=2" },
		    ERR_LEDGER },
#define BAD(entry) { "waxseal/vendor/etl", { FOUNDED, CUSTOMER, RELEASE, entry }, ERR_LEDGER }
#define BAD2(entry) { "waxseal/vendor/etl", \
	{ FOUNDED, CUSTOMER, RELEASE, SEALED "*R1=1 " IMAGE, entry }, ERR_LEDGER }
		{ "waxseal/vendor/etl", { FOUNDED, RELEASE, SEALED "*R1=1 " IMAGE }, ERR_LEDGER },
		{ "waxseal/vendor/etl", { FOUNDED, CUSTOMER, SEALED "*R1=1 " IMAGE }, ERR_LEDGER },
		BAD(SEALED "*R1=2 " IMAGE),
		BAD(SEALED IMAGE),
		BAD(SEALED "*R1=1"),
		BAD(SEALED "*R1=1 " IMAGE IMAGE),
		BAD(SEALED "*R1=1 + #volume=2 @seal=5 @map=a #size=99 image=i"),
		BAD(SEALED "*R1=1 + #volume=1 @map=a #size=99 image=i"),
		BAD("sealed: customer=acme #number=0 #volumes=1 !bound =sealed_at *R1=1 " IMAGE),
		BAD("sealed: customer=acme #number=1 #volumes=2 !bound =sealed_at *R1=1 " IMAGE),
		BAD("sealed: customer=acme #number=1 #volumes=0 !bound =sealed_at *R1=1"),
		BAD("sealed: customer=acme #number=1 #volumes=100 !bound =sealed_at *R1=1 " IMAGE),
		BAD2(SEALED "*R1=1 " IMAGE),	/* the number was used */
		BAD2(WRITTEN "#copy=2 @seal=5 #status=0"),
		BAD2(WRITTEN "#copy=0 @seal=5 #status=0"),
		BAD2(WRITTEN "#copy=1 #status=0"),
		BAD2(WRITTEN "#copy=1 @seal=5"),
		BAD("receipt-received: customer=bolt #number=9 @digest=4"),
		BAD("receipt-received: customer=acme #number=9"),
		BAD("passport-received: customer=acme system=s1 @digest=4"),
		BAD2("written: customer=acme #number=1 #volume=2 #copy=1 @seal=5 #status=0"),
		BAD2("read-back: customer=acme #number=2 #volume=1 #copy=1 @seal=5 #status=0"),
		BAD2("read-back: customer=bolt #number=1 #volume=1 #copy=1 @seal=5 #status=0"),
		BAD(NOTICE "#sequence=2 @notice=a event=release"),	/* a gap */
		BAD(NOTICE "#sequence=1 event=release"),
		BAD("notice-signed: id=R1 @digest=2 =issued #sequence=1 @notice=a event=release"),
		BAD("notice-signed: id=R9 @digest=1 =issued #sequence=1 @notice=a event=release"),
		BAD("catalogue-signed: #number=2 @catalogue=a =issued"),
		BAD("catalogue-signed: #number=1 =issued"),
		{ "waxseal/vendor/etl", { FOUNDED, CUSTOMER, RELEASE, SEALED "*R1=1 " IMAGE }, OK },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		make(table[i].origin, table[i].entries);
		assert_int_equal(register_open(&r, home, false, &f), table[i].want);
		assert_true((r != NULL) == (table[i].want == OK));
		register_close(r);
		r = NULL;
	}
}

static void
another_ledger(void **state)
{
	static const char *const entries[] = { FOUNDED, NULL };

	(void)state;
	make("waxseal/vendor/etl", entries);
	assert_int_equal(scratch_run(&s, "ssh-keygen -q -t ed25519 -N '' -f k && cp k.pub home/keys/ledger.pub"), 0);
	assert_int_equal(register_open(&r, home, false, &f), ERR_LEDGER_KEY);
	assert_int_equal(scratch_run(&s, "rm home/keys/ledger.pub"), 0);
	assert_int_equal(register_open(&r, home, false, &f), ERR_IO);
	assert_int_equal(scratch_run(&s, "rm -r home/ledger"), 0);
	assert_int_equal(register_open(&r, home, false, &f), ERR_IO);
	assert_int_equal(scratch_run(&s, "chmod 755 home"), 0);
	assert_int_equal(register_open(&r, home, false, &f), ERR_HOME);
}

/* The chain of ${count} versions in trust/chain; ${digest} gets that of the first. */
static void
write_chain(size_t count, struct digest *first)
{
	struct trust_chain *c = trust_chain_new();
	struct trust *t;
	char *text;
	size_t len;

	for (size_t i = 1; i <= count; i++) {
		text = trust_text();
		if (i == 2)
			trust_replace(text, "\"version\": 1", "\"version\": 2");
		len = trust_sign(text, "01");
		assert_int_equal(i == 1 ? trust_first(&t, text, len, NULL, &f) :
		    trust_next(&t, text, len, trust_chain_newest(c), &f), OK);
		assert_int_equal(trust_chain_add(c, t, text, len), OK);
		free(text);
	}
	*first = *trust_chain_anchor(c);
	scratch_put(&s, "home/trust/chain", c->bytes, c->len);
	trust_chain_free(c);
}

static void
add_trust(const struct digest *d)
{
	char key[300];
	struct home h;
	struct ledger *l;
	struct json_writer *w;

	snprintf(key, sizeof key, "%s/keys/ledger", home);
	assert_int_equal(home_open(&h, home, NULL), OK);
	assert_int_equal(ledger_open(&l, h.fd, "ledger", key, NULL), OK);
	w = ledger_entry(l, "trust-in-force", now);
	json_put_uint(w, "version", 1);
	json_put_digest(w, "digest", d);
	assert_int_equal(ledger_commit(l, w, NULL, NULL), OK);
	ledger_free(l);
	home_close(&h);
}

static void
chain_and_ledger(void **state)
{
	static const char *const entries[] = { FOUNDED, NULL };
	struct digest first, other = digest_of('x');

	(void)state;
	trust_text_setup(NULL);
	make("waxseal/vendor/etl", entries);
	/* Ahead of the ledger by a crash: not in force. */
	write_chain(1, &first);
	assert_int_equal(register_open(&r, home, false, &f), OK);
	assert_null(r->chain);
	register_close(r);
	add_trust(&first);
	assert_int_equal(register_open(&r, home, false, &f), OK);
	assert_int_equal(r->chain->count, 1);
	assert_true(digest_equal(trust_chain_anchor(r->chain), &first));
	register_close(r);
	write_chain(2, &first);
	assert_int_equal(register_open(&r, home, false, &f), OK);
	assert_int_equal(r->chain->count, 1);
	register_close(r);
	r = NULL;
	/* Not what the ledger says. */
	scratch_put(&s, "home/trust/chain", "\1\0\0\0", 4);
	assert_int_equal(register_open(&r, home, false, &f), ERR_HOME);
	assert_int_equal(scratch_run(&s, "rm home/trust/chain"), 0);
	assert_int_equal(register_open(&r, home, false, &f), ERR_IO);
	make("waxseal/vendor/etl", entries);
	write_chain(1, &first);
	add_trust(&other);
	assert_int_equal(register_open(&r, home, false, &f), ERR_HOME);
}

/* Reading does not wait for whoever writes. */
static void
one_writes_others_read(void **state)
{
	static const char *const entries[] = { FOUNDED, NULL };
	struct vendor_register *other;

	(void)state;
	make("waxseal/vendor/etl", entries);
	assert_int_equal(register_open(&r, home, true, &f), OK);
	assert_true(*r->ledger->key_file != '\0');
	add(r->ledger, CUSTOMER);
	assert_int_equal(register_open(&other, home, false, &f), OK);
	assert_non_null(register_customer(other, "acme"));
	assert_true(*other->ledger->key_file == '\0');
	register_close(other);
}

static void
usual_home(void **state)
{
	static const char *const entries[] = { FOUNDED, NULL };

	(void)state;
	make("waxseal/vendor/etl", entries);
	setenv("MKMEDIA_HOME", home, 1);
	assert_int_equal(register_open(&r, NULL, false, &f), OK);
	unsetenv("MKMEDIA_HOME");
	unsetenv("XDG_DATA_HOME");
	unsetenv("HOME");
	register_close(r);
	assert_int_equal(register_open(&r, NULL, false, &f), ERR_HOME);
	register_close(NULL);
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(founded), TEST(everything), TEST(volumes), TEST(copies), TEST(many_customers), TEST(arrivals),
		TEST(news), TEST(contradictions),
		TEST(another_ledger), TEST(chain_and_ledger), TEST(one_writes_others_read),
		TEST(usual_home),
	};

	if (system("command -v ssh-keygen >/dev/null") != 0) {
		print_message("[  SKIPPED ] 11 test(s): ssh-keygen is not installed\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
