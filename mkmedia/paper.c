/*
 * paper: see paper.h.
 */
#include "mkmedia/paper.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkmedia/outputs.h"
#include "verify/file.h"
#include "verify/size.h"

static enum err
finish(FILE *out, char **text)
{
	if (fclose(out) == 0 && *text != NULL)
		return OK;
	free(*text);
	*text = NULL;
	return ERR_MEMORY;
}

/*
 * The indented lines are commands; they are run as they stand by tests/cli/60-by-hand.sh.
 */
static const char *const README[] = {
"This disc, stick or image carries software patches, sealed with Waxseal.\n"
"\n"
"Do not trust what it says about itself.  A forger can write this text too, with other\n"
"instructions in it.  Check it with your own tools, on a computer that may be lost, and with\n"
"the fingerprint from YOUR card or letter:\n"
"\n"
"        verify MEDIUM            is it genuine?\n"
"        ingest accept MEDIUM     take it in\n"
"\n"
"\n"
"CHECKING BY HAND, with tools that every administrator has\n"
"=========================================================\n"
"\n"
"Commands are indented by four spaces.  Start bash -eu in an empty directory: it ends at the\n"
"first command that fails, and every command must succeed.  Set three variables there: DISC,\n"
"the device or the image file; CARD, the 64 digits of the sender's fingerprint without spaces;\n"
"CODE, the code of the letter in small letters without spaces, with a 1 between your customer\n"
"ID and the rest (acme-plant71qqqq...).  If the consignment has several discs, DISC has all of\n"
"them, in any order, with blanks between.  If there is one drive, copy each into a file first:\n"
"dd if=/dev/sr0 of=/tmp/1.iso bs=65536.\n"
"\n",
"1. Unpack, all discs into one directory.  Nothing of this is trusted yet.\n"
"\n"
"    mkdir disc\n"
"    for d in $DISC; do bsdtar -x -f \"$d\" -C disc || xorriso -osirrox on -indev \"stdio:$d\" -extract / disc; chmod -R u+w disc; done\n"
"\n"
"2. The sender.  The first trust document must have the fingerprint of your card; each must be\n"
"   signed by as many keys of its own trust role, and of the one before, as it asks for.\n"
"\n"
"    last=$(ls disc/TRUST | sed 's/[.]trust$//' | sort -n | tail -n 1)\n"
"    for n in $(seq 1 \"$last\"); do csplit -s -z -f \"trust.$n.\" \"disc/TRUST/$n.trust\" '/^-----BEGIN SSH SIGNATURE-----$/' '{*}'; done\n"
"    echo \"$CARD  trust.1.00\" | sha256sum -c\n"
"    signers() { jq -r --arg r \"$2\" --arg n \"${3:-$2}\" '. as $t | $t.roles[$r].keys[] as $k | $t.keys[] | select(.id == $k) | .id + \" namespaces=\\\"\" + $n + \"@waxseal\\\" \" + .key' \"$1\"; }\n"
"    holder() { jq -r --arg k \"$2\" '.keys[] | select(.id == $k) | .holder' \"$1\"; }\n"
"    count() { for s in \"$1\".0[1-9]; do p=$(ssh-keygen -Y find-principals -s \"$s\" -f \"$2\" 2>/dev/null) && ssh-keygen -Y verify -f \"$2\" -I \"$p\" -n \"$3@waxseal\" -s \"$s\" < \"$1.00\" > /dev/null && holder \"$4\" \"$p\"; done | sort -u | wc -l; }\n"
"    need() { jq -r --arg r \"$2\" '.roles[$r].threshold' \"$1\"; }\n"
"    for n in $(seq 1 \"$last\"); do signers \"trust.$n.00\" trust > \"allowed.$n\"; test \"$(count \"trust.$n\" \"allowed.$n\" trust \"trust.$n.00\")\" -ge \"$(need \"trust.$n.00\" trust)\" || exit 1; done\n"
"    for n in $(seq 2 \"$last\"); do o=$((n - 1)); test \"$(count \"trust.$n\" \"allowed.$o\" trust \"trust.$o.00\")\" -ge \"$(need \"trust.$o.00\" trust)\" || exit 1; done\n"
"    cp \"trust.$last.00\" trust.newest\n"
"\n",
"3. The seal of each disc.  It lies 16 KiB from the start; its first line is a header, the rest\n"
"   is signed.  All discs must be of one set, and all of the set must be there.\n"
"\n"
"    n=0\n"
"    for d in $DISC; do\n"
"    n=$((n + 1))\n"
"    dd if=\"$d\" bs=2048 skip=8 count=8 2>/dev/null | tr -d '\\000' > \"seal.area.$n\"\n"
"    sed 1d \"seal.area.$n\" > seal.document\n"
"    csplit -s -z -f \"seal.$n.\" seal.document '/^-----BEGIN SSH SIGNATURE-----$/' '{*}'\n"
"    done\n"
"    signers trust.newest seal > allowed.seal\n"
"    for i in $(seq 1 \"$n\"); do test \"$(count \"seal.$i\" allowed.seal seal trust.newest)\" -ge \"$(need trust.newest seal)\" || exit 1; done\n"
"    test \"$(jq -c '[.anchor, .customer, .number, .volume.count, .volume.maps, .volume.cuts, .releases]' seal.*.00 | sort -u | wc -l)\" -eq 1\n"
"    test \"$(jq .volume.index seal.*.00 | sort -u | wc -l)\" -eq \"$(jq .volume.count seal.1.00)\"\n"
"    jq '{customer, number, volume: .volume.index, sealed_at, place, releases}' seal.*.00\n"
"\n"
"4. The code.  Are the seals those that the letter belongs to?\n"
"\n"
"    key=$(printf 'waxseal-code-v1\\000%s' \"$CODE\" | sha256sum | cut -c 1-64)\n"
"    tag() { { printf 'waxseal-seal-v1\\000'; cat \"$1\"; } | openssl dgst -sha256 -mac HMAC -macopt \"hexkey:$key\" | sed 's/.*= //'; }\n"
"    for i in $(seq 1 \"$n\"); do head -n 1 \"seal.area.$i\" | grep -q \" tag=$(tag \"seal.$i.00\") \" || exit 1; done\n"
"\n",
"5. Every block of 64 KiB against the map that the seal names (a minute a GiB).\n"
"\n"
"    n=0\n"
"    for d in $DISC; do\n"
"    n=$((n + 1))\n"
"    blocks=$(jq .image.blocks \"seal.$n.00\")\n"
"    dd if=\"$d\" bs=65536 skip=\"$blocks\" count=$((blocks * 32 / 65536 + 1)) 2>/dev/null | head -c $((blocks * 32)) > map\n"
"    echo \"$(jq -r .image.map.digest \"seal.$n.00\")  map\" | sha256sum -c\n"
"    od -An -v -tx1 -w32 map | tr -d ' ' > map.hex\n"
"    { dd if=\"$d\" bs=16384 count=1; head -c 16384 /dev/zero; dd if=\"$d\" bs=32768 skip=1; } 2>/dev/null | head -c $((blocks * 65536)) | split -b 65536 --filter='sha256sum | cut -c 1-64' > blocks.hex\n"
"    cmp map.hex blocks.hex\n"
"    done\n"
"\n"
"6. Each release: the one that the seal names, signed by the release role, and its files.  A file\n"
"   that is on several discs lies there in pieces, named by its line in SHA256SUMS and by where in\n"
"   the file they begin; they are joined first.\n"
"\n"
"    signers trust.newest release > allowed.release\n"
"    jq -r '.releases[] | .id' seal.1.00 > releases\n"
"    for id in $(cat releases); do csplit -s -z -f \"release.$id.\" \"disc/RELEASES/$id/release\" '/^-----BEGIN SSH SIGNATURE-----$/' '{*}'; done\n"
"    jq -r '.releases[] | .digest + \"  release.\" + .id + \".00\"' seal.1.00 | sha256sum -c\n"
"    for id in $(cat releases); do test \"$(count \"release.$id\" allowed.release release trust.newest)\" -ge \"$(need trust.newest release)\" || exit 1; done\n"
"    for id in $(cat releases); do echo \"$(jq -r .files.sums \"release.$id.00\")  disc/RELEASES/$id/SHA256SUMS\" | sha256sum -c || exit 1; done\n"
"    for id in $(cat releases); do\n"
"    r=\"disc/RELEASES/$id\"\n"
"    for line in $(ls \"$r/pieces\" 2>/dev/null | sed 's/-.*//' | sort -u); do\n"
"    file=\"$r/payload/$(sed -n \"${line}s/^.\\{66\\}//p\" \"$r/SHA256SUMS\")\"\n"
"    mkdir -p \"${file%/*}\"\n"
"    cat \"$r/pieces/$line\"-* > \"$file\"\n"
"    done\n"
"    rm -rf \"$r/pieces\"\n"
"    done\n"
"    for id in $(cat releases); do (cd \"disc/RELEASES/$id/payload\" && sha256sum -c --quiet ../SHA256SUMS) || exit 1; done\n"
"\n"
"7. Notices and a catalogue, if there are any: signed by the notice role.\n"
"\n"
"    signers trust.newest notice > allowed.notice\n"
"    signers trust.newest notice catalogue > allowed.catalogue\n"
"    news=0\n"
"    for f in disc/NOTICES/[1-9]*.notice disc/CATALOGUE.catalogue; do\n"
"    test -e \"$f\" || continue\n"
"    news=$((news + 1))\n"
"    csplit -s -z -f \"news.$news.\" \"$f\" '/^-----BEGIN SSH SIGNATURE-----$/' '{*}'\n"
"    test \"$(count \"news.$news\" \"allowed.${f##*.}\" \"${f##*.}\" trust.newest)\" -ge \"$(need trust.newest notice)\" || exit 1\n"
"    done\n"
"\n"
"8. Nothing else may be on it, and all of it must be files and directories.\n"
"\n"
"    test -f disc/README.TXT\n"
"    test -z \"$(find disc ! -type f ! -type d)\"\n"
"    for id in $(cat releases); do jq .files.count \"release.$id.00\"; done > counts\n"
"    test \"$(find disc -type f | wc -l)\" -eq \"$(awk -v n=\"$((last + news))\" '{ n += $1 + 2 } END { print n + 1 }' counts)\"\n"
"\n"
"What this does not show: whether the consignment was accepted before, has expired, or was\n"
"revoked by a newer trust document than the ones on this disc.\n",
};

enum err
paper_readme(char **text, size_t *len)
{
	FILE *out = open_memstream(text, len);
	size_t i;

	if (out == NULL)
		return ERR_MEMORY;
	for (i = 0; i < sizeof(README) / sizeof(README[0]); i++)
		(void)fputs(README[i], out);
	return finish(out, text);
}

static void
print_head(FILE *out, const struct seal *s, const struct trust *t)
{
	char when[TIME_TEXT];

	time_print_short(s->sealed_at, when);
	(void)fprintf(out, "From         %s (%s)\n", t->name, t->vendor);
	if (*t->telephone != '\0')
		(void)fprintf(out, "             %s\n", t->telephone);
	(void)fprintf(out, "To           %s (%s)\n", s->customer_name, s->customer);
	(void)fprintf(out, "Consignment  %s no. %llu, %llu disc%s\n", s->customer,
	    (unsigned long long)s->number, (unsigned long long)s->volumes,
	    size_plural(s->volumes));
	(void)fprintf(out, "Sealed       %s in %s\n", when, s->place);
	if (*s->invoice != '\0')
		(void)fprintf(out, "Invoice      %s\n", s->invoice);
}

/* Whoever unpacks the parcel ticks them off. */
static void
print_discs(FILE *out, const struct seal *s)
{
	char name[OUTPUTS_NAME], size[SIZE_TEXT];
	uint64_t i;

	(void)fprintf(out, "\nDiscs, to be taken in in any order\n");
	for (i = 0; i < s->volumes; i++) {
		outputs_name(s->customer, s->number, i + 1, name);
		(void)fprintf(out, "  %llu of %llu  %s, %s\n", (unsigned long long)i + 1,
		    (unsigned long long)s->volumes, name, size_print(s[i].size, size));
	}
}

static enum err
print_waybill(const struct seal *s, const struct trust *t, struct release *const *releases,
    char **text)
{
	size_t len, i;
	FILE *out = open_memstream(text, &len);

	if (out == NULL)
		return ERR_MEMORY;
	(void)fprintf(out, "WAYBILL: goes in the parcel.  It does not hold the code.\n\n");
	print_head(out, s, t);
	(void)fprintf(out, "\nContents\n");
	for (i = 0; i < s->release_count; i++)
		(void)fprintf(out, "  %s:%s  %s\n      %llu file%s, %llu bytes\n", t->vendor,
		    s->release[i].id, releases[i]->title, (unsigned long long)releases[i]->files,
		    size_plural(releases[i]->files),
		    (unsigned long long)releases[i]->bytes);
	if (s->volumes > 1)
		print_discs(out, s);
	(void)fprintf(out, "\nThe authorization code comes in a letter, by another way.  Do not put a disc into\n"
	    "any computer but the one for this purpose.  There:  ingest accept MEDIUM\n\n"
	    "Received (name, date, place, signature)  ________________________________________\n");
	return finish(out, text);
}

static enum err
print_letter(const struct seal *s, const struct trust *t, const struct code *code, char **text)
{
	char shown[CODE_PRINT];
	size_t len;
	FILE *out = open_memstream(text, &len);

	if (out == NULL)
		return ERR_MEMORY;
	code_print(code, shown);
	(void)fprintf(out, "LETTER: goes SEPARATELY from the parcel.  It holds the authorization code.\n\n");
	print_head(out, s, t);
	(void)fprintf(out, "\nAuthorization code\n\n    %s\n\n"
	    "Type it when  ingest accept MEDIUM  asks for it.  Whoever has both disc and code can pass for\n"
	    "the addressee: keep this letter apart from the disc.\n", shown);
	explicit_bzero(shown, sizeof(shown));
	return finish(out, text);
}

enum err
paper_write(const struct seal *s, const struct trust *t, struct release *const *releases,
    const struct code *code, const char *waybill, const char *letter, struct fault *f)
{
	char *for_parcel = NULL, *apart = NULL;
	enum err e;

	if ((e = print_waybill(s, t, releases, &for_parcel)) != OK ||
	    (e = print_letter(s, t, code, &apart)) != OK)
		(void)err_fault(f, e, "waybill and letter");
	else if ((e = file_replace(AT_FDCWD, waybill, 0644, for_parcel, strlen(for_parcel), f)) == OK)
		e = file_replace(AT_FDCWD, letter, 0600, apart, strlen(apart), f);
	if (apart != NULL)
		explicit_bzero(apart, strlen(apart));
	free(apart);
	free(for_parcel);
	return e;
}
