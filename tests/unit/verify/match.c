/*
 * Tests of verify/match: one release beside one system.  Versions of real packages of Debian 12
 * (its security updates of 2024) and RHEL 9; what the rest is worth, SPEC, "Fit", says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/fit_text.h"
#include "verify/match.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

#define SSL "pkg:deb/debian/openssl"
#define OLD "3.0.11-1~deb12u2"
#define NEW "3.0.15-1~deb12u1"
#define OF(purl, range) "'applies_to': [{'purl': '" purl "', 'range': '" range "'}]"
#define FIXED "'applies_to': [{'purl': '" SSL "', 'range': 'vers:deb/<" NEW "'}]"
#define BRINGS ", 'provides': ['" SSL "@" NEW "']"

struct row {
	const char *release;	/* without its braces */
	const char *passport;	/* NULL: there is none */
	enum match match;
	const char *reason;	/* begins so */
	const char *component;	/* its version; NULL: none decides */
};

static void
try(const struct row *t)
{
	char text[2000];
	struct match_release *r;
	struct match_system *s;
	struct match_row row;
	struct passport *p = t->passport == NULL ? NULL : fit_text_passport(t->passport);
	struct json *j;

	snprintf(text, sizeof text, "{%s}", t->release);
	j = fit_text_json(text);
	assert_int_equal(match_release_new(&r, j, json_root(j)), OK);
	assert_int_equal(match_system_new(&s, p), OK);
	match_judge(r, s, &row);
	if (row.match != t->match || strncmp(row.reason, t->reason, strlen(t->reason)) != 0)
		fail_msg("%s\n    on %s: %d, %s", t->release, t->passport, (int)row.match,
		    row.reason);
	assert_int_equal(row.component != NULL, t->component != NULL);
	if (t->component != NULL)
		assert_string_equal(row.component->version, t->component);
	assert_int_equal(*row.needed != '\0', t->component != NULL);
	match_system_free(s);
	match_release_free(r);
	passport_free(p);
	json_free(j);
}

static void
try_all(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		try(&rows[i]);
}
#define TRY(...) try_all((const struct row[]){ __VA_ARGS__ }, \
    COUNT(((const struct row[]){ __VA_ARGS__ })))

#define D12 "debian/12 amd64; "
#define AMD64 "?arch=amd64 "
#define THIS "it is for this version"
#define SAME "it brings this version"
#define OTHER "it is for other versions"
#define ELSEWHERE "it is for other "
#define NEWER_BROUGHT "newer than what it brings, "
#define NEWER_FOR "newer than what it is for"
#define TEXTS "its version cannot be compared:"
#define UNSAID "it is for this version; the passport does not say for which"

static void
test_versions(void **state)
{
	(void)state;
	TRY({ FIXED, D12 SSL AMD64 OLD, MATCH_FITS, THIS, OLD },
	    { FIXED, D12 SSL AMD64 NEW, MATCH_OLDER, NEWER_FOR, NEW },
	    { FIXED BRINGS, D12 SSL AMD64 OLD, MATCH_FITS, THIS, OLD },
	    { FIXED BRINGS, D12 SSL AMD64 NEW, MATCH_ALREADY, SAME, NEW },
	    /* Equal, though not as a text. */
	    { FIXED BRINGS, D12 SSL AMD64 "0:" NEW, MATCH_ALREADY, SAME, "0:" NEW },
	    { FIXED BRINGS, D12 SSL AMD64 "3.0.16-1~deb12u1", MATCH_OLDER, NEWER_BROUGHT,
		"3.0.16-1~deb12u1" },
	    /* An epoch is higher than any version without one. */
	    { FIXED BRINGS, D12 SSL AMD64 "1:1.0", MATCH_OLDER, NEWER_BROUGHT, "1:1.0" },
	    { FIXED, D12 "pkg:deb/debian/libssl3 " OLD, MATCH_UNAFFECTED, "it has nothing of that",
		NULL },
	    { FIXED, D12, MATCH_UNAFFECTED, "it has nothing of that", NULL },
	    { FIXED, "- -", MATCH_UNAFFECTED, "it has nothing of that", NULL },
	    { FIXED, NULL, MATCH_UNKNOWN, "no passport", NULL },
	    { "'applies_to': []", D12 SSL AMD64 OLD, MATCH_UNKNOWN, "the release does not say",
		NULL },
	    { "'title': 'x'", D12 SSL AMD64 OLD, MATCH_UNKNOWN, "the release does not say", NULL },
	    /* Of another vendor of packages; a purl is no text. */
	    { FIXED, D12 "pkg:deb/ubuntu/openssl " OLD, MATCH_UNAFFECTED, "it has nothing", NULL },
	    { OF("pkg:DEB/Debian/open%73sl?", "vers:deb/<" NEW), D12 SSL AMD64 OLD, MATCH_FITS, THIS,
		OLD });
}

static void
test_ranges(void **state)
{
#define SOME "'applies_to': [{'purl': '" SSL "', 'range': 'vers:deb/>=3.0.1|!=3.0.7|<3.0.15|>=3.2|<3.2.3'}]"
	(void)state;
	TRY({ SOME, D12 SSL " 3.0.0", MATCH_UNAFFECTED, OTHER, "3.0.0" },
	    { SOME, D12 SSL " 3.0.1", MATCH_FITS, THIS, "3.0.1" },
	    { SOME, D12 SSL " 3.0.7", MATCH_UNAFFECTED, OTHER, "3.0.7" },
	    { SOME, D12 SSL " 3.0.14", MATCH_FITS, THIS, "3.0.14" },
	    { SOME, D12 SSL " 3.0.15", MATCH_UNAFFECTED, OTHER, "3.0.15" },
	    { SOME, D12 SSL " 3.2.2", MATCH_FITS, THIS, "3.2.2" },
	    { SOME, D12 SSL " 3.2.3", MATCH_OLDER, NEWER_FOR, "3.2.3" },
	    /* Between, and what it brings is higher still. */
	    { SOME ", 'provides': ['" SSL "@3.2.3']", D12 SSL " 3.1", MATCH_UNAFFECTED, OTHER,
		"3.1" },
	    /* In the range, and newer than what the release brings. */
	    { SOME ", 'provides': ['" SSL "@3.0.15']", D12 SSL " 3.2.2", MATCH_OLDER,
		NEWER_BROUGHT, "3.2.2" },
	    /* In the range, and just that. */
	    { SOME ", 'provides': ['" SSL "@3.0.14']", D12 SSL " 3.0.14", MATCH_ALREADY, SAME,
		"3.0.14" });
}

/* One release for two generations of a system brings two versions of one package. */
static void
test_provides_several(void **state)
{
#define BOTH "'applies_to': [" \
    "{'purl': '" SSL "', 'range': 'vers:deb/<1.1.1w-0+deb11u2', 'systems': ['debian/11']}, " \
    "{'purl': '" SSL "', 'range': 'vers:deb/<" NEW "', 'systems': ['debian/12']}], " \
    "'provides': ['" SSL "@1.1.1w-0%2Bdeb11u2', '" SSL "@" NEW "']"
	(void)state;
	TRY({ BOTH, D12 SSL AMD64 OLD, MATCH_FITS, THIS, OLD },
	    { BOTH, D12 SSL AMD64 NEW, MATCH_ALREADY, SAME, NEW },
	    { BOTH, D12 SSL AMD64 "3.0.16-1", MATCH_OLDER, NEWER_BROUGHT, "3.0.16-1" },
	    { BOTH, "debian/11 amd64; " SSL " 1.1.1n-0+deb11u5", MATCH_FITS, THIS,
		"1.1.1n-0+deb11u5" },
	    { BOTH, "debian/11 amd64; " SSL " 1.1.1w-0+deb11u2", MATCH_ALREADY, SAME,
		"1.1.1w-0+deb11u2" },
	    { BOTH, "debian/11 amd64; " SSL " 1.1.1w-0+deb11u3", MATCH_UNAFFECTED, OTHER,
		"1.1.1w-0+deb11u3" },
	    /* One of them is for another machine. */
	    { FIXED ", 'provides': ['" SSL "@9?arch=arm64', '" SSL "@" NEW "?arch=amd64']",
		D12 SSL AMD64 NEW, MATCH_ALREADY, SAME, NEW },
	    /* A name without a version says nothing (only in what others wrote). */
	    { FIXED ", 'provides': ['" SSL "']", D12 SSL AMD64 NEW, MATCH_OLDER, NEWER_FOR, NEW });
}

static void
test_schemes(void **state)
{
#define HMI "pkg:generic/etl/hmi"
#define RPM "pkg:rpm/rhel/hmi"
	(void)state;
	TRY({ OF(HMI, "vers:semver/<4.1.8"), D12 HMI " 4.1.7", MATCH_FITS, THIS, "4.1.7" },
	    { OF(HMI, "vers:semver/<4.1.8"), D12 HMI " 4.1.8-rc.1", MATCH_FITS, THIS,
		"4.1.8-rc.1" },
	    { OF(HMI, "vers:semver/<4.1.8"), D12 HMI " 4.1", MATCH_UNKNOWN, TEXTS " 4.1", "4.1" },
	    { OF(HMI, "vers:semver/<4.1.8"), D12 HMI " V4.1.7", MATCH_UNKNOWN, TEXTS, "V4.1.7" },
	    { OF(HMI, "vers:intdot/<4.1.8"), D12 HMI " 4.1", MATCH_FITS, THIS, "4.1" },
	    { OF(HMI, "vers:intdot/<4.1.8"), D12 HMI " 4.1.8.0", MATCH_OLDER, NEWER_FOR,
		"4.1.8.0" },
	    { OF(RPM, "vers:rpm/<4.1.8-1"), "rhel/9.4 x86_64; " RPM " 4.1.7-9.el9", MATCH_FITS,
		THIS, "4.1.7-9.el9" },
	    /* The epoch of rpm stands beside the version, in what is there and in what comes. */
	    { OF(RPM, "vers:rpm/<1:4.1.8-1") ", 'provides': ['" RPM "@4.1.8-1?epoch=1']",
		"rhel/9.4 x86_64; " RPM "?arch=noarch&epoch=1 1:4.1.7-2", MATCH_FITS, THIS,
		"1:4.1.7-2" },
	    { OF(RPM, "vers:rpm/<1:4.1.8-1") ", 'provides': ['" RPM "@4.1.8-1?epoch=1']",
		"rhel/9.4 x86_64; " RPM "?arch=noarch&epoch=1 4.1.7-2", MATCH_FITS, THIS,
		"4.1.7-2" },
	    { OF(RPM, "vers:rpm/<1:4.1.8-1") ", 'provides': ['" RPM "@4.1.8-1?epoch=1']",
		"rhel/9.4 x86_64; " RPM " 9.0-1", MATCH_FITS, THIS, "9.0-1" },
	    { OF(RPM, "vers:rpm/<1:4.1.8-1") ", 'provides': ['" RPM "@4.1.8-1?epoch=1']",
		"rhel/9.4 x86_64; " RPM "?epoch=1 1:4.1.8-1", MATCH_ALREADY, SAME, "1:4.1.8-1" },
	    { OF(RPM, "vers:rpm/<1:4.1.8-1"),
		"rhel/9.4 x86_64; " RPM "?epoch=x 4.1.7-2", MATCH_UNKNOWN, TEXTS " x:4.1.7-2",
		"4.1.7-2" },
	    /* Of deb the epoch is in the version, and a qualifier is none. */
	    { FIXED, D12 SSL "?epoch=1 " OLD, MATCH_FITS, THIS, OLD },
	    /* All versions: the package's own order, plain numbers, the same text, or none. */
	    { OF(SSL, "vers:all/*") BRINGS, D12 SSL AMD64 OLD, MATCH_FITS, THIS, OLD },
	    { OF(SSL, "vers:all/*") BRINGS, D12 SSL AMD64 "3.1", MATCH_OLDER, NEWER_BROUGHT,
		"3.1" },
	    { OF(HMI, "vers:all/*"), D12 HMI " any.thing", MATCH_FITS, THIS, "any.thing" },
	    { OF(HMI, "vers:all/*") ", 'provides': ['" HMI "@4.10']", D12 HMI " 4.9", MATCH_FITS,
		THIS, "4.9" },
	    { OF(HMI, "vers:all/*") ", 'provides': ['" HMI "@V2%20SP1']", D12 HMI " V2",
		MATCH_UNKNOWN, TEXTS " V2", "V2" },
	    { OF(HMI, "vers:all/*") ", 'provides': ['" HMI "@V2-SP1']", D12 HMI " V2-SP1",
		MATCH_ALREADY, SAME, "V2-SP1" },
	    { OF("pkg:all/hmi", "vers:all/*") ", 'provides': ['pkg:all/hmi@2']",
		D12 "pkg:all/hmi 1", MATCH_FITS, THIS, "1" });
}

static void
test_systems(void **state)
{
#define FOR(systems) "'applies_to': [{'purl': '" SSL "', 'range': 'vers:deb/<" NEW \
	    "', 'systems': [" systems "]}]"
#define ON(system) system " amd64; " SSL AMD64 OLD
	(void)state;
	TRY({ FOR(""), ON("debian/12"), MATCH_FITS, THIS, OLD },
	    { FOR("'debian'"), ON("debian/12"), MATCH_FITS, THIS, OLD },
	    { FOR("'Debian/12'"), ON("debian/12"), MATCH_FITS, THIS, OLD },
	    { FOR("'debian'"), ON("debian/"), MATCH_FITS, THIS, OLD },
	    { FOR("'debian/12'"), ON("debian/12"), MATCH_FITS, THIS, OLD },
	    { FOR("'debian/12'"), ON("debian/12.8"), MATCH_FITS, THIS, OLD },
	    { FOR("'debian/12'"), ON("debian/120"), MATCH_UNAFFECTED, "it is for other operating systems", OLD },
	    { FOR("'debian/12'"), ON("debian/1"), MATCH_UNAFFECTED, "it is for other operating systems", OLD },
	    { FOR("'debian/12'"), ON("debian/11"), MATCH_UNAFFECTED, "it is for other operating systems", OLD },
	    { FOR("'debian/12'"), ON("ubuntu/12"), MATCH_UNAFFECTED, "it is for other operating systems", OLD },
	    { FOR("'debian/12'"), ON("debianx/12"), MATCH_UNAFFECTED, "it is for other operating systems", OLD },
	    { FOR("'debianx'"), ON("debian/12"), MATCH_UNAFFECTED, "it is for other operating systems", OLD },
	    { FOR("'ubuntu', 'debian/12'"), ON("debian/12"), MATCH_FITS, THIS, OLD },
	    /* It may be 12.8. */
	    { FOR("'debian/12.8'"), ON("debian/12"), MATCH_UNKNOWN, UNSAID, OLD },
	    { FOR("'debian/12.8'"), ON("debian/12.1"), MATCH_UNAFFECTED, "it is for other operating systems", OLD },
	    { FOR("'debian/12'"), ON("debian/"), MATCH_UNKNOWN, UNSAID, OLD },
	    /* What a scan writes where os-release has no VERSION_ID. */
	    { FOR("'debian/12'"), ON("debian/unknown"), MATCH_UNKNOWN, UNSAID, OLD },
	    { FOR("'debian/trixie'"), ON("debian/unknown"), MATCH_UNKNOWN, UNSAID, OLD },
	    { FOR("'debian/12'"), ON("debian/bookworm"), MATCH_UNKNOWN, UNSAID, OLD },
	    { FOR("'debian/bookworm'"), ON("debian/12"), MATCH_UNKNOWN, UNSAID, OLD },
	    { FOR("'debian/bookworm'"), ON("debian/bookworm"), MATCH_FITS, THIS, OLD },
	    { FOR("'debian/bookworm'"), ON("debian/trixie"), MATCH_UNAFFECTED, "it is for other operating systems", OLD },
	    { FOR("'debian'"), ON("-"), MATCH_UNKNOWN, UNSAID, OLD },
	    /* Where it would not fit anyway, nobody has to judge. */
	    { FOR("'debian'"), "- -; " SSL " 3.1", MATCH_OLDER, NEWER_FOR, "3.1" },
	    { FOR("'debian'") BRINGS, "- -; " SSL " " NEW, MATCH_ALREADY, SAME, NEW },
	    { FOR("'debian'"), "- -; pkg:deb/debian/other " OLD, MATCH_UNAFFECTED,
		"it has nothing", NULL });
}

static void
test_machines(void **state)
{
#define MADE(machines) "'applies_to': [{'purl': '" SSL "', 'range': 'vers:deb/<" NEW \
	    "', 'architectures': [" machines "]}]"
	(void)state;
	TRY({ MADE(""), D12 SSL AMD64 OLD, MATCH_FITS, THIS, OLD },
	    { MADE("'amd64'"), D12 SSL AMD64 OLD, MATCH_FITS, THIS, OLD },
	    { MADE("'arm64', 'amd64'"), D12 SSL AMD64 OLD, MATCH_FITS, THIS, OLD },
	    { MADE("'arm64'"), D12 SSL AMD64 OLD, MATCH_UNAFFECTED, "it is for other machines", OLD },
	    /* A package for all machines is on the system's; so is one that does not say. */
	    { MADE("'amd64'"), D12 SSL "?arch=all " OLD, MATCH_FITS, THIS, OLD },
	    { MADE("'amd64'"), D12 SSL "?arch=noarch " OLD, MATCH_FITS, THIS, OLD },
	    { MADE("'amd64'"), D12 SSL " " OLD, MATCH_FITS, THIS, OLD },
	    { MADE("'arm64'"), D12 SSL "?arch=all " OLD, MATCH_UNAFFECTED, "it is for other machines", OLD },
	    { MADE("'amd64'"), "debian/12 -; " SSL "?arch=all " OLD, MATCH_UNKNOWN, UNSAID, OLD },
	    { MADE("'amd64'"), "debian/12 all; " SSL " " OLD, MATCH_UNKNOWN, UNSAID, OLD },
	    /* The package tells where the passport does not. */
	    { MADE("'amd64'"), "debian/12 -; " SSL AMD64 OLD, MATCH_FITS, THIS, OLD },
	    { MADE("'amd64'"), "debian/12 -; " SSL "?arch=i386 " OLD, MATCH_UNAFFECTED, "it is for other machines",
		OLD },
	    /* A package for another machine beside the system's own: it alone counts. */
	    { MADE("'i386'"), D12 SSL "?arch=i386 " OLD, MATCH_FITS, THIS, OLD },
	    { MADE("'amd64'"), D12 SSL "?arch=i386 " OLD, MATCH_UNAFFECTED, "it is for other machines", OLD },
	    { MADE("'amd64'"), D12 SSL "?arch=i386 " OLD "; " SSL AMD64 OLD, MATCH_FITS, THIS,
		OLD },
	    /* A release for all machines. */
	    { MADE("'all'"), D12 SSL AMD64 OLD, MATCH_FITS, THIS, OLD },
	    { MADE("'noarch'"), "debian/12 -; " SSL " " OLD, MATCH_FITS, THIS, OLD },
	    /* One machine has several names. */
	    { MADE("'x86_64'"), D12 SSL AMD64 OLD, MATCH_FITS, THIS, OLD },
	    { MADE("'amd64'"), "debian/12 x86_64; " SSL " " OLD, MATCH_FITS, THIS, OLD },
	    { MADE("'arm64'"), "debian/12 aarch64; " SSL " " OLD, MATCH_FITS, THIS, OLD },
	    { MADE("'i386'"), "debian/12 i686; " SSL " " OLD, MATCH_FITS, THIS, OLD },
	    { MADE("'armhf'"), "debian/12 armv7l; " SSL " " OLD, MATCH_FITS, THIS, OLD },
	    { MADE("'ppc64el'"), "debian/12 ppc64le; " SSL " " OLD, MATCH_FITS, THIS, OLD },
	    { MADE("'riscv64'"), "debian/12 riscv64; " SSL " " OLD, MATCH_FITS, THIS, OLD });
}

static void
test_qualifiers(void **state)
{
#define WITH(q) "'applies_to': [{'purl': '" SSL "?" q "', 'range': 'vers:deb/<" NEW "'}]"
	(void)state;
	TRY({ WITH("arch=amd64"), D12 SSL AMD64 OLD, MATCH_FITS, THIS, OLD },
	    { WITH("arch=amd64"), D12 SSL "?arch=all " OLD, MATCH_FITS, THIS, OLD },
	    { WITH("arch=amd64"), D12 SSL " " OLD, MATCH_FITS, THIS, OLD },
	    { WITH("arch=amd64"), D12 SSL "?arch=i386 " OLD, MATCH_UNAFFECTED, ELSEWHERE, OLD },
	    { WITH("arch=amd64"), "debian/12 -; " SSL " " OLD, MATCH_UNKNOWN, UNSAID, OLD },
	    { WITH("distro=debian-12"), D12 SSL "?distro=debian-12 " OLD, MATCH_FITS, THIS, OLD },
	    { WITH("distro=debian-12"), D12 SSL "?distro=debian-11 " OLD, MATCH_UNAFFECTED,
		ELSEWHERE, OLD },
	    /* What is not said is not taken for something else. */
	    { WITH("distro=debian-12"), D12 SSL AMD64 OLD, MATCH_UNKNOWN, UNSAID, OLD },
	    /* What the passport says more does not matter. */
	    { FIXED, D12 SSL "?arch=amd64&distro=debian-12 " OLD, MATCH_FITS, THIS, OLD },
	    { FIXED ", 'provides': ['" SSL "@" NEW "?arch=amd64']", D12 SSL AMD64 NEW,
		MATCH_ALREADY, SAME, NEW },
	    { FIXED ", 'provides': ['" SSL "@" NEW "?distro=debian-12']", D12 SSL AMD64 NEW,
		MATCH_ALREADY, SAME, NEW },
	    { FIXED ", 'provides': ['" SSL "@" NEW "?arch=arm64']", D12 SSL AMD64 NEW,
		MATCH_OLDER, NEWER_FOR, NEW });
}

/* Several components: what stands higher decides. */
static void
test_several(void **state)
{
#define LIB "pkg:deb/debian/libssl3"
#define PAIR "'applies_to': [{'purl': '" SSL "', 'range': 'vers:deb/<" NEW "'}, " \
    "{'purl': '" LIB "', 'range': 'vers:deb/<" NEW "'}], 'provides': ['" SSL "@" NEW "', '" \
    LIB "@" NEW "']"
	(void)state;
	TRY({ PAIR, D12 SSL " " OLD "; " LIB " " OLD, MATCH_FITS, THIS, OLD },
	    { PAIR, D12 SSL " " NEW "; " LIB " " NEW, MATCH_ALREADY, SAME, NEW },
	    { PAIR, D12 LIB " " NEW, MATCH_ALREADY, SAME, NEW },
	    { PAIR, D12 SSL " " NEW "; " LIB " " OLD, MATCH_FITS, THIS, OLD },
	    { PAIR, D12 SSL " " NEW "; " LIB " 3.1", MATCH_OLDER, NEWER_BROUGHT, "3.1" },
	    { PAIR, D12 SSL " " OLD "; " LIB " 3.1", MATCH_UNKNOWN,
		"it fits, and would replace something newer", OLD },
	    { PAIR, D12 SSL " 3.1; " LIB " " OLD, MATCH_UNKNOWN,
		"it fits, and would replace something newer", OLD },
	    { PAIR, D12 SSL " " OLD "; " LIB " not:a:version", MATCH_UNKNOWN, TEXTS,
		"not:a:version" },
	    { PAIR, D12 SSL " " OLD "; " LIB " " OLD " base=" OLD, MATCH_CUSTOMISED,
		"customised; the maker delivered " OLD, OLD },
	    { PAIR ", 'customised': 'refuse'", D12 SSL " " OLD "; " LIB " " OLD " base=" OLD,
		MATCH_REFUSED, "it is not for customised software", OLD },
	    /* One package twice, as of two machines or side by side. */
	    { FIXED BRINGS, D12 SSL AMD64 NEW "; " SSL "?arch=i386 " OLD, MATCH_FITS, THIS, OLD },
	    { FIXED BRINGS, D12 SSL AMD64 NEW "; " SSL "?arch=i386 " NEW, MATCH_ALREADY, SAME,
		NEW },
	    { FIXED BRINGS, D12 SSL AMD64 "3.1; " SSL "?arch=i386 " OLD, MATCH_UNKNOWN,
		"it fits, and would", OLD },
	    { FIXED BRINGS, D12 SSL AMD64 "3.1; " SSL "?arch=i386 " NEW, MATCH_OLDER,
		NEWER_BROUGHT, "3.1" });
}

static void
test_customised(void **state)
{
#define RULE(rule) FIXED BRINGS ", 'customised': '" rule "'"
	(void)state;
	/* Versions are held against what the maker delivered, not against what it became. */
	TRY({ FIXED BRINGS, D12 SSL AMD64 "9-acme base=" OLD, MATCH_CUSTOMISED,
		"customised; the maker delivered " OLD, "9-acme" },
	    { RULE("judge"), D12 SSL AMD64 "9-acme base=" OLD, MATCH_CUSTOMISED,
		"customised; the maker delivered " OLD, "9-acme" },
	    { RULE("refuse"), D12 SSL AMD64 "9-acme base=" OLD, MATCH_REFUSED,
		"it is not for customised software", "9-acme" },
	    { RULE("applies"), D12 SSL AMD64 "9-acme base=" OLD, MATCH_FITS,
		"it is for customised software, too", "9-acme" },
	    { RULE("refuse"), D12 SSL AMD64 OLD " base=" NEW, MATCH_ALREADY, SAME, OLD },
	    { RULE("refuse"), D12 SSL AMD64 OLD " base=3.1", MATCH_OLDER, NEWER_BROUGHT, OLD },
	    { RULE("judge"), D12 SSL AMD64 OLD " base=ours", MATCH_UNKNOWN, TEXTS " ours", OLD },
	    { OF(RPM, "vers:rpm/<1:4.1.8-1"), "rhel/9 x86_64; " RPM "?epoch=1 1:5-1 base=4.1.7-2",
		MATCH_CUSTOMISED, "customised", "1:5-1" });
}

static void
test_state(void **state)
{
	(void)state;
	TRY({ FIXED BRINGS, D12 SSL AMD64 NEW " state=half-configured", MATCH_UNKNOWN,
		"it brings this version, whose state is half-configured", NEW },
	    { FIXED BRINGS, D12 SSL AMD64 OLD " state=half-configured", MATCH_FITS, THIS, OLD });
}

/* What a person typed in by its name may be any package of that name. */
static void
test_nameless(void **state)
{
#define WHICH "the passport does not say which package this is"
	(void)state;
	TRY({ OF(HMI, "vers:semver/<4.1.8"), D12 "hmi 4.1.7", MATCH_UNKNOWN, WHICH, "4.1.7" },
	    { OF(HMI, "vers:semver/<4.1.8"), D12 "HMI 4.1.7 kind=application", MATCH_UNKNOWN,
		WHICH, "4.1.7" },
	    { OF(HMI, "vers:semver/<4.1.8"), D12 "a 1; hmi 2; z 3; firmware 2 kind=firmware",
		MATCH_UNKNOWN, WHICH, "2" },
	    { OF(HMI, "vers:semver/<4.1.8"), D12 HMI " 4.1.7; hmi 3", MATCH_UNKNOWN, WHICH, "3" },
	    { OF(HMI, "vers:semver/<4.1.8"), D12 "hmi 4.1.7 kind=device", MATCH_UNAFFECTED,
		"it has nothing", NULL },
	    { OF(HMI, "vers:semver/<4.1.8"), D12 "hmi 4.1.7 kind=platform", MATCH_UNAFFECTED,
		"it has nothing", NULL },
	    { OF(HMI, "vers:semver/<4.1.8"), D12 "hmi-2 4.1.7", MATCH_UNAFFECTED,
		"it has nothing", NULL });
}

/* The longest text of a passport, in letters of several bytes, does not cut a letter in two. */
static void
test_long(void **state)
{
	char passport[800] = D12 SSL " ", version[LIMIT_TEXT + 1] = "";
	struct match_release *r;
	struct match_system *s;
	struct match_row row;
	struct passport *p;
	struct json *j = fit_text_json("{" FIXED "}");

	(void)state;
	while (strlen(version) + 2 <= LIMIT_TEXT)
		strcat(version, "é");
	strcat(passport, version);
	p = fit_text_passport(passport);
	assert_int_equal(match_release_new(&r, j, json_root(j)), OK);
	assert_int_equal(match_system_new(&s, p), OK);
	match_judge(r, s, &row);
	assert_int_equal(row.match, MATCH_UNKNOWN);
	assert_string_equal(strchr(row.reason, ':') + 2, version);
	match_system_free(s);
	match_release_free(r);
	passport_free(p);
	json_free(j);
}

static void
leads(const char *earlier, const char *later, bool expected)
{
	struct match_release *a, *b;
	char text[1000];
	struct json *j, *k;

	snprintf(text, sizeof text, "{%s}", earlier);
	j = fit_text_json(text);
	snprintf(text, sizeof text, "{%s}", later);
	k = fit_text_json(text);
	assert_int_equal(match_release_new(&a, j, json_root(j)), OK);
	assert_int_equal(match_release_new(&b, k, json_root(k)), OK);
	if (match_leads(a, b) != expected)
		fail_msg("%s\n    to %s", earlier, later);
	match_release_free(a);
	match_release_free(b);
	json_free(j);
	json_free(k);
}

static void
test_leads(void **state)
{
	(void)state;
	leads("'provides': ['" SSL "@3.0.14-1']", FIXED, true);
	leads("'provides': ['" SSL "@" NEW "']", FIXED, false);
	leads("'provides': ['" LIB "@3.0.14-1']", FIXED, false);
	leads("'provides': ['" LIB "@3.0.14-1', '" SSL "@3.0.14-1?arch=amd64']", FIXED, true);
	leads("'provides': ['" SSL "']", FIXED, false);
	leads("'provides': ['" SSL "@not:a:version']", FIXED, false);
	leads("'provides': []", FIXED, false);
	leads("'provides': ['" RPM "@4-1?epoch=1']", OF(RPM, "vers:rpm/>=1:3|<1:5"), true);
	leads("'provides': ['" RPM "@4-1']", OF(RPM, "vers:rpm/>=1:3|<1:5"), false);
	leads("'provides': ['" SSL "@3.0.14-1']", "'applies_to': []", false);
}

/* What release_parse refuses is refused here, too: notices of old tools, mistakes of callers. */
static void
test_refused(void **state)
{
	static const struct { const char *text; enum err e; } bad[] = {
		{ OF("openssl", "vers:deb/<3"), ERR_PURL },
		{ OF(SSL, "<3"), ERR_VERSION_RANGE },
		{ OF(SSL, "vers:npm/<3"), ERR_VERSION_SCHEME },
		{ OF(SSL, "vers:deb/<v3"), ERR_VERSION },
		{ FIXED ", 'provides': ['openssl']", ERR_PURL },
		{ FIXED ", 'provides': ['']", ERR_PURL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct match_release *r;
		char text[1000];
		struct json *j;

		snprintf(text, sizeof text, "{%s}", bad[i].text);
		j = fit_text_json(text);
		assert_int_equal(match_release_new(&r, j, json_root(j)), bad[i].e);
		assert_null(r);
		json_free(j);
	}
	match_release_free(NULL);
	match_system_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_provides_several),
		cmocka_unit_test(test_schemes),
		cmocka_unit_test(test_systems),
		cmocka_unit_test(test_machines),
		cmocka_unit_test(test_qualifiers),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_customised),
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_nameless),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_leads),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
