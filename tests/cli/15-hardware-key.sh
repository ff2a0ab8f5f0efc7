#!/bin/bash
# sk-ssh-ed25519 keys, made of software: a FIDO token signs SHA256(application) flags counter
# SHA256(data); openssl can do that.  What it makes, ssh-keygen accepts, and so do we, but only if
# the button was touched.
set -eu
. "$(dirname "$0")/lib.sh"
cd "$T"

u32() { printf '%b' "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255)))"; }
string() { u32 "$(stat -c %s "$1")"; cat "$1"; }
text() { printf '%s' "$1" >text.part; string text.part; }
TYPE=sk-ssh-ed25519@openssh.com

# sk_key NAME: NAME.pem (the token) and NAME.pub.
sk_key() {
	openssl genpkey -algorithm ed25519 -out "$1.pem" 2>/dev/null
	openssl pkey -in "$1.pem" -pubout -outform DER 2>/dev/null | tail -c 32 >"$1.point"
	{ text $TYPE; string "$1.point"; text ssh:; } >"$1.blob"
	echo "$TYPE $(base64 -w 0 "$1.blob") $1" >"$1.pub"
}

# sk_sign NAME NAMESPACE FILE FLAGS: an armored signature on standard output.
sk_sign() {
	openssl dgst -sha512 -binary "$3" >hash.part
	{ printf SSHSIG; text "$2"; text ''; text sha512; string hash.part; } >tbs.part
	{
		printf ssh: | openssl dgst -sha256 -binary
		printf '%b' "\\x$4"
		u32 7
		openssl dgst -sha256 -binary tbs.part
	} >message.part
	openssl pkeyutl -sign -inkey "$1.pem" -rawin -in message.part -out raw.part
	{ text $TYPE; string raw.part; printf '%b' "\\x$4"; u32 7; } >sig.part
	{ printf SSHSIG; u32 1; string "$1.blob"; text "$2"; text ''; text sha512; string sig.part; } >whole.part
	echo "-----BEGIN SSH SIGNATURE-----"
	base64 -w 70 whole.part
	echo "-----END SSH SIGNATURE-----"
}

body() { sed '/^-----BEGIN SSH SIGNATURE-----$/,$d' "$1"; }

sk_key anna
sk_key ben
sk_key rita
ssh-keygen -q -t ed25519 -N '' -C desk -f desk
ssh-keygen -q -t ed25519 -N '' -C news -f news
export MKMEDIA_HOME=$T/vendor INGEST_HOME=$T/site
check "a vendor whose people have tokens" mkmedia init --vendor etl --name "Elbe Turbine Logic" --place Hamburg \
	--role trust:2=anna.pub,ben.pub --role release:1=rita.pub --role seal:1=desk.pub --role notice:1=news.pub

body vendor/trust/1.trust >1.body
sk_sign anna trust@waxseal 1.body 01 >anna.sig
sk_sign ben trust@waxseal 1.body 05 >ben.sig
echo "anna $(cut -d ' ' -f 1,2 anna.pub)" >allowed
check "ssh-keygen accepts what the token made" sh -c 'ssh-keygen -Y verify -f allowed -I anna -n trust@waxseal -s anna.sig <1.body'

sk_sign ben trust@waxseal 1.body 00 >untouched.sig
cat 1.body anna.sig untouched.sig >vendor/trust/1.trust
check "an untouched token is refused" expect_says 13 signature.touch env -u INGEST_HOME verify vendor/trust/1.trust
check "and does not bring trust into force" fails mkmedia sign 1.trust
cat 1.body anna.sig ben.sig >vendor/trust/1.trust
check "two touched tokens bring trust into force" says "in force" mkmedia sign 1.trust

mkdir -p patch/payload
echo "a patch" >patch/payload/file
mkmedia release draft patch >/dev/null
sed -i 's/"title": "[^"]*"/"title": "A patch"/; s/"product": "[^"]*"/"product": "p"/' patch/release.json
mkmedia release finish patch >/dev/null
body patch/release >release.body
{ cat release.body; sk_sign rita release@waxseal release.body 01; } >patch/release
check "a token signs the release" says "1 of 1" mkmedia sign patch
mkmedia customer add acme --name ACME >/dev/null
check "the shipping desk seals with a file key" mkmedia build patch --customer acme -o out --as "$T/desk.pub"
mkmedia trust export etl.trust >/dev/null
mkmedia letter acme/1 --code-only >code
ingest init plant --solo >/dev/null
ingest trust add etl.trust --fingerprint "$(mkmedia trust show --json | jq -r .anchor)" --customer acme >/dev/null
# It has no systems yet, so it is held.
check "and the site accepts it" expect_status 3 ingest accept out/acme-1-1.iso --code code
done_testing
