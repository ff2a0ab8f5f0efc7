# Image: what mkmedia does last, in a few lines: places, block map, seal, header, copies.  An image is a
# hash: volume (0 to D, the SEAL area empty), iso (its length), parity (D to M), chain (bytes), body and
# document of the seal, prefix (of the header line, up to the tag), tag, code; at (the places), image
# (all of it).  See SPEC.md, section 2.
package Image;
use strict;
use warnings;
use Digest::SHA qw(sha256 sha256_hex hmac_sha256_hex);
use Exporter 'import';
use Document;
our @EXPORT = qw(image_open image_lay image_seal image_close image_put);

use constant { BLOCK => 65536, MIB => 1048576, AREA => 16384, SECTOR => 2048 };

sub up { my ($n, $to) = @_; return int(($n + $to - 1) / $to) * $to }

# image_open(BYTES, CODE): a genuine image, taken apart.
sub image_open {
	my ($image, $code) = @_;
	my ($line, $rest) = split /\n/, substr($image, AREA, AREA), 2;
	my ($prefix, $tag, $length) = $line =~ /^(.*) tag=([0-9a-f]{64}) length=(\d+)$/ or die "no seal\n";
	my $document = substr $rest, 0, $length;
	my ($chain, $chain_length) = $prefix =~ / chain=(\d+)\+(\d+)/;
	my ($iso) = $document =~ /"iso": (\d+)/;
	my ($map) = $document =~ /"map": \{\s*"offset": (\d+)/;
	my ($recovery) = $document =~ /("recovery": \{[^}]*\})/;
	my $volume = substr $image, 0, up($iso, BLOCK);
	substr($volume, AREA, AREA) = "\0" x AREA;
	return { volume => $volume, iso => $iso, parity => substr($image, up($iso, BLOCK), $map - up($iso, BLOCK)),
		recovery => $recovery, chain => substr($image, $chain, $chain_length), signers => 'seal',
		body => body_of($document), document => $document, prefix => $prefix, tag => $tag,
		code => $code, image => $image };
}

# Where everything goes, as mkmedia lays it.
sub places {
	my ($i) = @_;
	my $m = length($i->{volume}) + length $i->{parity};
	my $map = 32 * $m / BLOCK;
	my $chain = length $i->{chain};
	my %at = (parity => length $i->{volume}, map => $m);
	$at{chain} = up($m + $map, BLOCK);
	$at{backup} = up($at{chain} + $chain, MIB);
	$at{map2} = $at{backup} + BLOCK;
	$at{chain2} = up($at{map2} + $map, BLOCK);
	$at{tail} = $at{chain2} + $chain;
	$at{size} = up($at{tail} + 150 * SECTOR, SECTOR);
	return \%at;
}

sub json_image {
	my ($i, $at) = @_;
	my ($map, $chain) = (length $i->{map}, length $i->{chain});
	my $recovery = $i->{recovery} ? "$i->{recovery}, " : '';
	return sprintf '{"size": %d, "blocks": %d, "iso": %d, %s"map": {"offset": %d, "length": %d, "digest": "%s"}, '
	    . '"map2": {"offset": %d, "length": %d}, "chain": {"offset": %d, "length": %d}, '
	    . '"chain2": {"offset": %d, "length": %d}, "backup": %d}', $at->{size}, $map / 32, $i->{iso}, $recovery,
	    $at->{map}, $map, sha256_hex($i->{map}), $at->{map2}, $map, $at->{chain}, $chain, $at->{chain2},
	    $chain, $at->{backup};
}

# In a set, the digest of the map stands among those of all volumes, too.
sub name_map {
	my ($i) = @_;
	my ($index) = $i->{body} =~ /"index": (\d+)/;
	my ($maps) = $i->{body} =~ /"maps": \[([^\]]*)\]/ or return;
	my @maps = $maps =~ /([0-9a-f]{64})/g;
	$maps[$index - 1] = sha256_hex($i->{map});
	my $list = join ', ', map { "\"$_\"" } @maps;
	$i->{body} =~ s/"maps": \[[^\]]*\]/"maps": [$list]/;
}

# image_lay(I): map and places for what the image holds now, and a seal that says so.
sub image_lay {
	my ($i) = @_;
	$i->{map} = join '', map { sha256($_) } unpack '(a65536)*', $i->{volume} . $i->{parity};
	$i->{at} = places($i);
	my $json = json_image($i, $i->{at});
	$i->{body} =~ s/"image": \{.*/"image": $json\n}\n/s;
	name_map($i);
	image_seal($i, 1);
}

# image_seal(I, AGREES): sign the body; the header says what the body says, or what it said.
sub image_seal {
	my ($i, $agrees) = @_;
	$i->{document} = signed_by('seal', $i->{body}, $i->{signers});
	$i->{prefix} = prefix($i->{body}) if $agrees;
	$i->{tag} = tag($i->{code}, $i->{body}) if $i->{code};
	image_close($i);
}

sub prefix {
	my ($body) = @_;
	my ($vendor, $anchor) = $body =~ /"vendor": "([^"]*)".*?"anchor": "([^"]*)"/s;
	my @chains = map { $body =~ /"$_": \{\s*"offset": (\d+),\s*"length": (\d+)/; "$_=$1+$2" } qw(chain chain2);
	return "WAXSEAL1 vendor=$vendor anchor=$anchor @chains";
}

sub tag {
	my ($code, $body) = @_;
	return hmac_sha256_hex("waxseal-seal-v1\0$body", sha256("waxseal-code-v1\0$code"));
}

sub image_put {
	my ($i, $at, $bytes) = @_;
	substr($i->{image}, $at, length $bytes) = $bytes;
}

# image_close(I, [LINE]): all in one piece, with the header line that belongs there, or this one.
sub image_close {
	my ($i, $line) = @_;
	my $at = $i->{at};
	$line //= "$i->{prefix} tag=$i->{tag} length=" . length $i->{document};
	my $area = pack 'a16384', "$line\n$i->{document}";
	$i->{line} = $line;
	$i->{image} = $i->{volume} . $i->{parity};
	$i->{image} .= "\0" x ($at->{size} - length $i->{image});
	image_put($i, AREA, $area);
	image_put($i, $at->{map}, $i->{map});
	image_put($i, $at->{chain}, $i->{chain});
	image_put($i, $at->{backup}, $area);
	image_put($i, $at->{map2}, $i->{map});
	image_put($i, $at->{chain2}, $i->{chain});
}

1;
