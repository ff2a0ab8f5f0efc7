#!/bin/bash
# The vendor's desk: founding a home, quorums, customers, releases, ledger.  With real keys and a real agent.
# shellcheck disable=SC2016	# single quotes are for jq, sed and bash -c
set -eu
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

export MKMEDIA_HOME=$T/home
cd "$T"
agent=
cleanup() { [ -z "$agent" ] || kill "$agent"; }

key() { ssh-keygen -q -t ed25519 -N '' -C "$2" -f "$1"; }
for person in anna ben cora dora; do key "$person" "$person@etl"; done
key anna2 anna@etl
key ben2 ben@etl
key desk "Shipping desk"
key notices "Press office"
key stranger nobody

roles=(--role "trust:2=anna.pub,ben.pub,cora.pub" --role "release:2=anna2.pub,ben2.pub"
	--role seal:1=desk.pub --role notice:1=notices.pub)
init() { mkmedia init --vendor etl --name "Elbe Turbine Logic" "$@"; }
home_is_untouched() { [ ! -e home ] || [ -z "$(ls home)" ]; }
refuses_init() {	# what it must say, then options
	local text=$1
	shift
	expect_says 2 "$text" init "$@" && home_is_untouched
}

# --- init: everything that can be refused is refused before anything is made
check "init without roles" refuses_init "single-person"
check "init with a role missing" refuses_init "--role notice" "${roles[@]:0:6}"
check "init with an unknown role" refuses_init "the roles are" "${roles[@]}" --role boss:1=dora.pub
check "init with a role twice" refuses_init "twice" "${roles[@]}" --role seal:1=dora.pub
check "init without a threshold" refuses_init "THRESHOLD" "${roles[@]:0:6}" --role notice=dora.pub
check "init with a threshold of 0" refuses_init "1 or more" "${roles[@]:0:6}" --role notice:0=dora.pub
check "init with too high a threshold" refuses_init "trust.rule" "${roles[@]:0:6}" --role notice:2=dora.pub
check "init with a key in two roles" refuses_init "trust.rule" "${roles[@]:0:6}" --role notice:1=desk.pub
check "init with one person's keys for a threshold of 2" refuses_init "trust.rule" "${roles[@]:2}" \
	--role trust:2=anna.pub,anna2.pub
echo "ssh-rsa AAAA nobody" >rsa.pub
check "init with a key of another kind" refuses_init "key.form" "${roles[@]:0:6}" --role notice:1=rsa.pub
cp dora.pub ledger.pub
check "init with a key named as the ledger's" refuses_init "ledger" "${roles[@]:0:6}" --role notice:1=ledger.pub
check "init with a key that is not there" expect_status 1 init "${roles[@]:0:6}" --role notice:1=nothing.pub
check "init with an id in capitals" expect_says 2 "--vendor" mkmedia init --vendor ETL --name E "${roles[@]}"
check "init with a name over two lines" expect_says 2 "--name" mkmedia init --vendor etl --name $'E\nT' "${roles[@]}"
check "init for 0 years" refuses_init "--years" "${roles[@]}" --years 0
check "init for a century" refuses_init "--years" "${roles[@]}" --years 100
key desk-anna anna@etl
alone=(--role trust:1=anna.pub --role release:1=anna2.pub --role seal:1=desk-anna.pub --role notice:1=notices.pub)
check "one person alone must be declared" refuses_init "--single-person together with --role" "${alone[@]}"
check "one person alone must not be declared falsely" refuses_init "leave it out" "${roles[@]}" --single-person
mkdir -m 700 used && echo mine >used/keys
check "a directory with something in it is no home" expect_says 2 "not empty" init "${roles[@]}" --home used
check "and stays as it is" [ "$(cat used/keys)" = mine ]
mkdir -m 755 open
check "a directory that is open to others is no home" expect_status 1 init "${roles[@]}" --home open
check "nothing was made in all of this" home_is_untouched

# --- init and the first trust document, by files and by an agent
check "init" says "It needs 2 of 3: anna, ben, cora." init "${roles[@]}" --telephone "+49 40 555 0100" --place Hamburg
check "the home is closed to others" [ "$(stat -c %a home home/keys home/keys/ledger | tr '\n' ' ')" = "700 700 600 " ]
check "and so is the age identity" [ "$(stat -c %a home/keys/contact.age-identity)" = 600 ]
contact=$(jq -r .contact home/trust/1.trust)
check "its recipient is in trust 1" [ "$(sed -n 's/^# public key: //p' home/keys/contact.age-identity)" = "$contact" ]
if have age age-keygen; then
	check "age-keygen knows it" [ "$(age-keygen -y home/keys/contact.age-identity)" = "$contact" ]
	echo news | age -r "$contact" >news.age
	check "age decrypts with it" [ "$(age -d -i home/keys/contact.age-identity news.age)" = news ]
else
	skip "age is not installed"
fi
check "a second init changes nothing" expect_says 2 "in use already" init "${roles[@]}"
check "nothing is in force" json '.trust == 0 and .waiting[0].document == "1.trust" and .waiting[0].needed == 2' \
	mkmedia status --json
check "export before that" expect_says 2 "no trust document is in force" mkmedia trust export chain.trust
check "a key of another role is refused" expect_says 2 "no key of the trust role" mkmedia sign 1.trust --as anna2.pub
check "a stranger is refused" expect_says 2 "Waited for: anna, ben, cora" mkmedia sign 1.trust --as stranger
check "and left no signature" fails grep -q SIGNATURE home/trust/1.trust
check "sign by a file" says "1 of 2 signatures.  Waited for: ben, cora" mkmedia sign 1.trust --as anna.pub
check "the same key again" expect_says 2 "signed it already" mkmedia sign 1.trust --as anna
check "to take in is not to put in force" json '.complete == false and .signed_by == ["anna"]' mkmedia sign 1.trust --json
cp -a home before

mkdir elsewhere && cp ben elsewhere/ben
eval "$(ssh-agent -a "$T/agent.sock")" >/dev/null
agent=$SSH_AGENT_PID
ssh-add -q elsewhere/ben
mv ben elsewhere/ben.private
check "sign by an agent, without the private file" says "2 of 2: in force.  Anchor SHA256" mkmedia sign 1.trust --as ben.pub
ssh-add -q -D
unset SSH_AUTH_SOCK
mv elsewhere/ben.private ben
check "a late signature is refused" expect_says 2 "in force already" mkmedia sign 1.trust --as cora.pub
check "trust show" json '(.versions | length) == 1 and .versions[0].roles.trust.threshold == 2
	and .versions[0].roles.release.keys[1].holder == "ben@etl"
	and (.versions[0].contact | startswith("age1")) and (has("waiting") | not)' mkmedia trust show --json
anchor=$(mkmedia trust show --json | jq -r .anchor)
sed '/^-----BEGIN SSH SIGNATURE-----$/,$d' home/trust/1.trust >body
check "the anchor is the digest of the body" [ "$anchor" = "$(sha256sum <body | cut -c 1-64)" ]
check "export" says "hand it out" mkmedia trust export chain.trust
check "verify knows the exported chain by its anchor" expect_status 0 verify chain.trust --fingerprint "$anchor"
check "and not by another one" fails verify chain.trust --fingerprint "${anchor//[0-4]/9}"

# A crash between chain and ledger: the chain is ahead, and does not count.
cp -a home/trust before/trust.ahead && rm -r before/trust && mv before/trust.ahead before/trust
check "a chain ahead of the ledger is not in force" json '.trust == 0 and .waiting[0].missing == []' \
	mkmedia status --json --home before
check "and is taken in again" says "2 of 2: in force" mkmedia sign 1.trust --home before
check "now it is" json '.trust == 1' mkmedia status --json --home before

# Nothing but its own quorum vouches for a first version, so it must be the one drafted here.
rm -rf before
init "${roles[@]}" --home before >/dev/null
check "a foreign first version is not taken in" expect_says 2 "drafted in this home" \
	mkmedia sign home/trust/1.trust --home before
check "nor another vendor's" expect_says 2 "document.vendor" bash -c '
	mkmedia init --vendor other --name Other "$@" --home other >/dev/null
	mkmedia sign home/trust/1.trust --home other' - "${roles[@]}"
sed 's/Elbe/Oder/' home/trust/1.trust >changed.trust
check "a changed document is refused, with its reason code" expect_says 2 "signature.false" mkmedia sign changed.trust

# --- version 2: the quorum in force, and its own
jq '.version = 2 | .keys[1] = {id: "dora", holder: "dora@etl", key: $key} | .roles.trust.keys[1] = "dora"' \
	--arg key "$(cut -d ' ' -f 1,2 dora.pub)" body >home/trust/2.trust
check "version 2 waits for those of both" json '.waiting.version == 2 and .waiting.missing == ["anna", "ben", "cora", "dora"]' \
	mkmedia trust show --json
check "the new one signs" says "0 of 2 signatures" mkmedia sign 2.trust --as dora.pub
check "the second one" says "1 of 2 signatures.  Waited for: ben, cora" mkmedia sign 2.trust --as anna.pub
check "the third one completes it" says "2 of 2: in force" mkmedia sign 2.trust --as ben.pub
check "two versions" json '(.versions | length) == 2 and .anchor == "'"$anchor"'"' mkmedia trust show --json
jq '.version = 4' body >4.trust
check "version 4 before 3" expect_says 2 "chain.order" mkmedia sign 4.trust --as anna.pub

# --- customers
check "customer add" says "entered" mkmedia customer add acme-plant7 --name "ACME Power, Plant 7"
check "the same id again" expect_says 2 "entered already" mkmedia customer add acme-plant7 --name Other
check "an id that cannot be in a code" expect_says 2 "a letter first" mkmedia customer add 7acme --name A
key site "site plant7"
jq -n '{waxseal: "enrolment/1", site: "plant7", name: "Plant 7", key: $key, issued: "2026-11-20T09:12:00Z",
	reads: ["seal/1"]}' --arg key "$(cut -d ' ' -f 1,2 site.pub)" >enrolment
fingerprint=$(sha256sum <enrolment | cut -c 1-64)
ssh-keygen -q -Y sign -f site -n enrolment@waxseal enrolment 2>/dev/null
cat enrolment.sig >>enrolment
add_enrolled() { mkmedia customer add plant7 --name "Plant 7" --enrolment enrolment "$@"; }
check "an enrolment without a telephone call" expect_says 2 "call the customer" add_enrolled
check "an enrolment with a short fingerprint" expect_says 2 "32 to 64" add_enrolled --fingerprint "${fingerprint:0:31}"
check "an enrolment with another fingerprint" expect_says 2 "is another one" add_enrolled --fingerprint "$(tr 0-9 1-90 <<<"$fingerprint")"
check "none of them was entered" json '.customers | length == 1' mkmedia customer list --json
check "an enrolment that somebody changed" expect_says 2 "signature.false" bash -c \
	'sed "s/Plant 7/Plant 8/" enrolment >forged && mkmedia customer add p8 --name P --enrolment forged --fingerprint "$1"' - "$fingerprint"
check "an enrolment with its fingerprint, as it is read out" says "the fingerprint fits" \
	add_enrolled --fingerprint "SHA256 $(fold -w 4 <<<"${fingerprint:0:32}" | tr 'a-f\n' 'A-F ')"
check "customer list" json '.customers[1].customer == "plant7" and .customers[1].enrolment == "'"$fingerprint"'"' \
	mkmedia customer list --json

# --- releases: drafts and bad inputs
mkdir -p R1
check "draft without payload" expect_says 2 "payload/" mkmedia release draft R1
mkdir -p R1/payload/bin "R1/payload/a b"
printf 'hello\n' >R1/payload/bin/run && chmod 755 R1/payload/bin/run
head -c 3000000 /dev/urandom >"R1/payload/a b/ü.bin"
: >R1/payload/empty
check "finish without a draft" expect_says 2 "release draft" mkmedia release finish R1
check "draft" says "fill it in" mkmedia release draft R1/
check "draft never overwrites" expect_says 2 "not touched" mkmedia release draft R1
check "finish with nothing filled in" expect_says 2 "still says FILL IN" mkmedia release finish R1
sed -i 's/FILL IN: //' R1/release.json
cp R1/release.json good.json
refuses_finish() {	# TEXT
	expect_says 2 "$1" mkmedia release finish R1 && [ ! -e R1/release ] && [ ! -e R1/SHA256SUMS ]
}
edited() {		# TEXT SED
	sed "$2" good.json >R1/release.json
	refuses_finish "$1"
	local rc=$?
	cp good.json R1/release.json
	return "$rc"
}
check "finish with broken JSON" edited "release.json: json.syntax" '$d'
check "finish with a mistyped key" edited "release.json: json.unknown" 's/"title"/"titel"/'
check "finish with a key twice" edited "release.json: json.duplicate" 's/"kind": "fix",/&&/'
check "finish with a kind that there is not" edited "release.json: json.value" 's/"fix"/"miracle"/'
check "finish for another vendor" edited "release.json: document.vendor" 's/"etl"/"et1"/'
with() {		# TEXT COMMAND...: run in payload/
	local text=$1 rc=0
	shift
	cp -a R1/payload saved
	(cd R1/payload && "$@")
	refuses_finish "$text" || rc=1
	rm -rf R1/payload && mv saved R1/payload
	return "$rc"
}
check "finish with a symbolic link" with "payload: contents.type" ln -s bin/run link
check "finish with a link out of the payload" with "link is a symbolic link" ln -s / link
check "finish with a pipe" with "payload: contents.type" mkfifo pipe
check "finish with an empty directory" with "remove it, or put a file into it" mkdir -p bin/none
check "finish with a newline in a name" with 'new\x0aline' touch $'new\nline'
check "finish with a name in another case" with "payload: contents.twin" touch EMPTY
check "finish with a name in other letters" with "payload: contents.twin" touch $'a b/u\xcc\x88.bin'
check "finish with a colon in a name" with "payload: contents.name" touch C:
mkdir -p R0/payload && sed 's/R1/R0/' good.json >R0/release.json
check "finish without any file" expect_says 2 "contents.missing" mkmedia release finish R0
check "no release was recorded" json '.releases == []' mkmedia release list --json

# --- releases: finished and signed
check "finish" says "Needs 2 of 2: anna2, ben2" mkmedia release finish R1
check "sha256sum agrees" bash -c 'cd R1/payload && sha256sum --strict --quiet -c ../SHA256SUMS'
check "every file is listed" [ "$(wc -l <R1/SHA256SUMS)" = 3 ]
check "executables are" json '.files.executables == ["bin/run"] and .files.count == 3' sed '/^-----/,$d' R1/release
check "the release names its list" [ "$(jq -r .files.sums R1/release)" = "$(sha256sum <R1/SHA256SUMS | cut -c 1-64)" ]
check "status asks for signatures" json '.waiting[0].document == "R1" and .waiting[0].missing == ["anna2", "ben2"]' \
	mkmedia status --json
check "the trust role does not sign releases" expect_says 2 "no key of the release role" mkmedia sign R1 --as anna.pub
check "one signs the directory" says "1 of 2" mkmedia sign R1/ --as anna2.pub
check "finish again, with another file" bash -c 'echo more >R1/payload/more && mkmedia release finish R1 | grep -q "void"'
check "old signatures are void" json '.signatures == 0 and .state == "finished"' mkmedia release show R1 --json
check "one signs the file" says "1 of 2" mkmedia sign R1/release --as anna2.pub
cp R1/release copy
check "the other one a copy, and brings it back" says "2 of 2: complete" mkmedia sign copy --as ben2.pub
check "the release is what was brought back" cmp R1/release copy
check "recorded once" bash -c 'mkmedia sign R1 && [ "$(mkmedia ledger show | grep -c release-signed)" = 1 ]'
check "release show" json '.state == "signed" and .signed_by == ["anna2", "ben2"] and .missing == [] and .files == 4' \
	mkmedia release show R1 --json
check "release show of none" expect_says 2 "release list" mkmedia release show R9
sed 's/"sequence": 1/"sequence": 2/' R1/release >retold
check "not the release that was finished" expect_says 2 "signature.false" mkmedia sign retold --as anna2.pub
sed '/^-----BEGIN/,$d' retold >unsigned
check "nor without its signatures" expect_says 2 "release.digest" mkmedia sign unsigned --as anna2.pub

# --- old tools check everything
if have csplit ssh-keygen; then
	mkmedia trust export --allowed-signers allowed >/dev/null
	check "one line a key" [ "$(wc -l <allowed)" = 7 ]
	mkdir parts
	csplit -s -z -f parts/ R1/release '/^-----BEGIN SSH SIGNATURE-----$/' '{*}'
	old() { ssh-keygen -Y verify -f allowed -I "$1" -n "$2" -s "parts/$3" <parts/00; }
	check "ssh-keygen verifies the first signature" old anna2 release@waxseal 01
	check "ssh-keygen verifies the second signature" old ben2 release@waxseal 02
	check "not as somebody else's" fails old ben2 release@waxseal 01
	check "not for another purpose" fails old anna2 seal@waxseal 01
	mkdir trust-parts
	csplit -s -z -f trust-parts/ home/trust/2.trust '/^-----BEGIN SSH SIGNATURE-----$/' '{*}'
	check "the same for the trust document" ssh-keygen -Y verify -f allowed -I dora -n trust@waxseal \
		-s trust-parts/01 <trust-parts/00
else
	skip "csplit or ssh-keygen is not installed"
fi

# --- a published release does not change
check "build" mkmedia build R1 --customer acme-plant7 --as desk -o out
check "finish again after that" expect_says 2 "take a new id" mkmedia release finish R1
check "and the release is untouched" cmp R1/release copy
check "status names the consignment" json '.consignments[0].customer == "acme-plant7" and .consignments[0].number == 1' \
	mkmedia status --json
check "customer list has the number" json '.customers[0].highest == 1' mkmedia customer list --json

# --- the ledger
check "ledger show, for people" says "acme-plant7" mkmedia ledger show
check "ledger show, as it is" diff <(mkmedia ledger show --json) home/ledger/entries.jsonl
check "every line is JSON in order" json -s 'map(.n) == [range(1; length + 1)]' mkmedia ledger show --json
check "ledger verify" json '.origin == "waxseal/vendor/etl" and .torn == false and .entries > 8' mkmedia ledger verify --json
check "verify --ledger says the same" expect_status 0 verify --ledger home/ledger \
	--fingerprint "$(ssh-keygen -l -f home/keys/ledger.pub | cut -d ' ' -f 2)"
cp -a home altered
sed -i 's/Plant 7/Plant 8/' altered/ledger/entries.jsonl
check "an altered ledger" expect_says 1 "ledger.broken" mkmedia ledger verify --home altered
rm -r altered && cp -a home altered
sed -i '$d' altered/ledger/entries.jsonl
check "a shortened ledger" expect_says 1 "ledger.broken" mkmedia ledger verify --home altered
rm -r altered && cp -a home altered
key altered/keys/other other
mv altered/keys/other.pub altered/keys/ledger.pub
check "a ledger under another key" expect_says 1 "ledger.key" mkmedia ledger verify --home altered
rm -r altered && cp -a home altered
printf '{"n":' >>altered/ledger/entries.jsonl
check "a torn entry does not count" json '.torn == true' mkmedia ledger verify --home altered --json
check "and is cut by the next one who writes" bash -c \
	'mkmedia customer add late --name Late --home altered && mkmedia ledger verify --home altered --json | jq -e ".torn | not"'

# --- a single person
alone() { mkmedia "$@" --home alone; }
check "init --single-person" says "1.trust is in force.  Anchor SHA256" alone init --vendor solo --name "Solo Shop" --single-person
check "which is declared" json '.single_person and .trust == 1' alone status --json
check "the keys are the vendor's, closed to others" [ "$(cut -d ' ' -f 3- alone/keys/seal.pub; stat -c %a alone/keys/seal)" = $'Solo Shop\n600' ]
mkdir -p S1/payload && echo x >S1/payload/x
check "draft under another id" alone release draft S1 --id SOLO-1
sed -i 's/FILL IN: //' S1/release.json
check "finish" says "Needs 1 of 1: release" alone release finish S1
check "sign needs no --as" says "1 of 1: complete" alone sign SOLO-1
check "verify knows the chain" bash -c 'mkmedia trust export solo.trust --home alone &&
	verify solo.trust --fingerprint "$(mkmedia trust show --home alone --json | jq -r .anchor)"'
check "init --single-person with own keys" says "It needs 1 of 1: anna" mkmedia init --vendor solo --name S \
	--home declared --single-person "${alone[@]}"
check "waits for their signature" says "0 of 1 signatures" mkmedia sign 1.trust --home declared
check "and then is in force" says "1 of 1: in force" mkmedia sign 1.trust --as anna --home declared

# --- nothing half-done blocks a second try
mkdir broken && printf '#!/bin/sh\nexit 1\n' >broken/ssh-keygen && chmod 755 broken/ssh-keygen
check "init whose keys cannot be made" expect_status 1 env PATH="$T/broken:$PATH" mkmedia init --vendor etl --name E \
	"${roles[@]}" --home again
check "leaves nothing behind" [ "$(ls again)" = lock ]
check "and works when it is tried again" says "drafted" mkmedia init --vendor etl --name E "${roles[@]}" --home again

# --- errors for programs
check "an error is JSON too" json '.status == 2 and .reason == "usage" and (.where | length) > 0' mkmedia sign nothing.trust --json
check "no home" json '.status == 1 and .reason == "own.home"' mkmedia status --json --home nowhere
check "an unknown option" expect_says 2 "there is no option" mkmedia status --colour
check "an unknown command" expect_status 2 mkmedia frobnicate

done_testing
