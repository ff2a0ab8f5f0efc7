/*
 * paper: see paper.h.
 */
#include "mkmedia/paper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
"ID and the rest (acme-plant71qqqq...).\n"
"\n",
"1. Unpack.  Nothing of this is trusted yet.\n"
"\n"
"    mkdir disc\n"
"    bsdtar -x -f \"$DISC\" -C disc || xorriso -osirrox on -indev \"stdio:$DISC\" -extract / disc\n"
"\n"
"2. The sender.  The first trust document must have the fingerprint of your card; each must be\n"
"   signed by as many keys of its own trust role, and of the one before, as it asks for.\n"
"\n"
"    last=$(ls disc/TRUST | sed 's/[.]trust$//' | sort -n | tail -n 1)\n"
"    for n in $(seq 1 \"$last\"); do csplit -s -z -f \"trust.$n.\" \"disc/TRUST/$n.trust\" '/^-----BEGIN SSH SIGNATURE-----$/' '{*}'; done\n"
"    echo \"$CARD  trust.1.00\" | sha256sum -c\n"
"    signers() { jq -r --arg r \"$2\" '. as $t | $t.roles[$r].keys[] as $k | $t.keys[] | select(.id == $k) | .id + \" namespaces=\\\"\" + $r + \"@waxseal\\\" \" + .key' \"$1\"; }\n"
"    holder() { jq -r --arg k \"$2\" '.keys[] | select(.id == $k) | .holder' \"$1\"; }\n"
"    count() { for s in \"$1\".0[1-9]; do p=$(ssh-keygen -Y find-principals -s \"$s\" -f \"$2\" 2>/dev/null) && ssh-keygen -Y verify -f \"$2\" -I \"$p\" -n \"$3@waxseal\" -s \"$s\" < \"$1.00\" > /dev/null && holder \"$4\" \"$p\"; done | sort -u | wc -l; }\n"
"    need() { jq -r --arg r \"$2\" '.roles[$r].threshold' \"$1\"; }\n"
"    for n in $(seq 1 \"$last\"); do signers \"trust.$n.00\" trust > \"allowed.$n\"; test \"$(count \"trust.$n\" \"allowed.$n\" trust \"trust.$n.00\")\" -ge \"$(need \"trust.$n.00\" trust)\" || exit 1; done\n"
"    for n in $(seq 2 \"$last\"); do o=$((n - 1)); test \"$(count \"trust.$n\" \"allowed.$o\" trust \"trust.$o.00\")\" -ge \"$(need \"trust.$o.00\" trust)\" || exit 1; done\n"
"    cp \"trust.$last.00\" trust.newest\n"
"\n",
"3. The seal.  It lies 16 KiB from the start; its first line is a header, the rest is signed.\n"
"\n"
"    dd if=\"$DISC\" bs=2048 skip=8 count=8 2>/dev/null | tr -d '\\000' > seal.area\n"
"    sed 1d seal.area > seal.document\n"
"    csplit -s -z -f seal. seal.document '/^-----BEGIN SSH SIGNATURE-----$/' '{*}'\n"
"    signers trust.newest seal > allowed.seal\n"
"    test \"$(count seal allowed.seal seal trust.newest)\" -ge \"$(need trust.newest seal)\"\n"
"    jq '{customer, number, sealed_at, place, releases}' seal.00\n"
"\n"
"4. The code.  Is the seal the one that the letter belongs to?\n"
"\n"
"    key=$(printf 'waxseal-code-v1\\000%s' \"$CODE\" | sha256sum | cut -c 1-64)\n"
"    tag=$({ printf 'waxseal-seal-v1\\000'; cat seal.00; } | openssl dgst -sha256 -mac HMAC -macopt \"hexkey:$key\" | sed 's/.*= //')\n"
"    head -n 1 seal.area | grep -q \" tag=$tag \"\n"
"\n",
"5. Every block of 64 KiB against the map that the seal names (a minute a GiB).\n"
"\n"
"    blocks=$(jq .image.blocks seal.00)\n"
"    dd if=\"$DISC\" bs=65536 skip=\"$blocks\" count=$((blocks * 32 / 65536 + 1)) 2>/dev/null | head -c $((blocks * 32)) > map\n"
"    echo \"$(jq -r .image.map.digest seal.00)  map\" | sha256sum -c\n"
"    od -An -v -tx1 -w32 map | tr -d ' ' > map.hex\n"
"    { dd if=\"$DISC\" bs=16384 count=1; head -c 16384 /dev/zero; dd if=\"$DISC\" bs=32768 skip=1; } 2>/dev/null | head -c $((blocks * 65536)) | split -b 65536 --filter='sha256sum | cut -c 1-64' > blocks.hex\n"
"    cmp map.hex blocks.hex\n"
"\n"
"6. Each release: the one that the seal names, signed by the release role, and its files.\n"
"\n"
"    signers trust.newest release > allowed.release\n"
"    jq -r '.releases[] | .id' seal.00 > releases\n"
"    for id in $(cat releases); do csplit -s -z -f \"release.$id.\" \"disc/RELEASES/$id/release\" '/^-----BEGIN SSH SIGNATURE-----$/' '{*}'; done\n"
"    jq -r '.releases[] | .digest + \"  release.\" + .id + \".00\"' seal.00 | sha256sum -c\n"
"    for id in $(cat releases); do test \"$(count \"release.$id\" allowed.release release trust.newest)\" -ge \"$(need trust.newest release)\" || exit 1; done\n"
"    for id in $(cat releases); do echo \"$(jq -r .files.sums \"release.$id.00\")  disc/RELEASES/$id/SHA256SUMS\" | sha256sum -c || exit 1; done\n"
"    for id in $(cat releases); do (cd \"disc/RELEASES/$id/payload\" && sha256sum -c --quiet ../SHA256SUMS) || exit 1; done\n"
"\n"
"7. Nothing else may be on it, and all of it must be files and directories.\n"
"\n"
"    test -f disc/README.TXT\n"
"    test -z \"$(find disc ! -type f ! -type d)\"\n"
"    for id in $(cat releases); do jq .files.count \"release.$id.00\"; done > counts\n"
"    test \"$(find disc -type f | wc -l)\" -eq \"$(awk -v n=\"$last\" '{ n += $1 + 2 } END { print n + 1 }' counts)\"\n"
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
	(void)fprintf(out, "Consignment  %s no. %llu, %llu %s\n", s->customer,
	    (unsigned long long)s->number, (unsigned long long)s->volumes,
	    s->volumes == 1 ? "disc" : "discs");
	(void)fprintf(out, "Sealed       %s in %s\n", when, s->place);
	if (*s->invoice != '\0')
		(void)fprintf(out, "Invoice      %s\n", s->invoice);
}

enum err
paper_waybill(const struct seal *s, const struct trust *t, struct release *const *releases,
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
		(void)fprintf(out, "  %s:%s  %s\n      %llu files, %llu bytes\n", t->vendor,
		    s->release[i].id, releases[i]->title, (unsigned long long)releases[i]->files,
		    (unsigned long long)releases[i]->bytes);
	(void)fprintf(out, "\nThe authorization code comes in a letter, by another way.  Do not put the disc into\n"
	    "any computer but the one for this purpose.  There:  ingest accept MEDIUM\n\n"
	    "Received (name, date, place, signature)  ________________________________________\n");
	return finish(out, text);
}

enum err
paper_letter(const struct seal *s, const struct trust *t, const struct code *code, char **text)
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
