# Iso: where things are in an ISO 9660 volume with Rock Ridge, and how numbers stand there.  All of it
# works on $main::volume.
package Iso;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(at_record at_second at_field at_root put put_both32 put_both16 extent_of size_of new_extent field
    fields_instead continuation at_end lengthen);

sub get { return substr $main::volume, $_[0], $_[1] }
sub u32 { return unpack 'V', get($_[0], 4) }

sub put {
	my ($at, $bytes) = @_;
	die "behind the end: $at\n" if $at + length $bytes > length $main::volume;
	substr($main::volume, $at, length $bytes) = $bytes;
}
sub put_both32 { put($_[0], pack 'V N', $_[1], $_[1]) }
sub put_both16 { put($_[0], pack 'v n', $_[1], $_[1]) }

# Of a directory record: where its extent begins, in bytes, and how long it is.
sub extent_of { return 2048 * u32($_[0] + 2) }
sub size_of { return u32($_[0] + 10) }
sub at_root { return 16 * 2048 + 156 }

# The fields from FROM on, in LEFT bytes: [signature, place, length].
sub scan {
	my ($from, $left) = @_;
	my @fields;
	while ($left >= 4) {
		my ($signature, $length) = unpack 'a2 C', get($from, 3);
		last if $length < 4 || $length > $left;
		push @fields, [$signature, $from, $length];
		($from, $left) = ($from + $length, $left - $length);
	}
	return @fields;
}

# The place and the length of what the CE field at AT continues with.
sub continued { my ($at) = @_; return (2048 * u32($at + 4) + u32($at + 12), u32($at + 20)) }

# The fields of the record at AT, with what they continue with.
sub fields {
	my ($at) = @_;
	my $name = ord get($at + 32, 1);
	my $from = $at + 33 + $name + !($name & 1);
	my @fields = scan($from, $at + ord(get($at, 1)) - $from);
	return (@fields, map { scan(continued($_->[1])) } grep { $_->[0] eq 'CE' } @fields);
}

# The records of the directory whose record is at AT.
sub records {
	my ($at) = @_;
	my ($from, $end) = (extent_of($at), extent_of($at) + size_of($at));
	my @records;
	while ($from < $end) {
		my $length = ord get($from, 1);
		push @records, $from if $length > 0;
		$from = $length > 0 ? $from + $length : 2048 * (int($from / 2048) + 1);
	}
	return @records;
}

sub name {
	my ($at) = @_;
	return join '', map { $_->[0] eq 'NM' ? get($_->[1] + 5, $_->[2] - 5) : '' } fields($at);
}

# at_record(PATH): where the directory record of PATH is.
sub at_record {
	my ($path) = @_;
	my $at = at_root();
	for my $part (split m{/}, $path) {
		# The first, if there are two of that name.
		($at) = grep { name($_) eq $part } records($at);
		die "no $part of $path\n" unless defined $at;
	}
	return $at;
}

# at_second(PATH): where the record behind that one is.
sub at_second {
	my $at = at_record($_[0]);
	return $at + ord get($at, 1);
}

# at_field(PATH, SIGNATURE): where that field of its record is.
sub at_field {
	my ($path, $signature) = @_;
	my ($field) = grep { $_->[0] eq $signature } fields(at_record($path));
	die "no $signature of $path\n" unless $field;
	return $field->[1];
}

# overlay(AT, ROOM, BYTES): BYTES and a field of padding.
sub overlay {
	my ($at, $room, $bytes) = @_;
	my $rest = $room - length $bytes;
	die "no room for it\n" if $rest < 0;
	put($at, $bytes . ($rest >= 4 ? pack('a2 C C x' . ($rest - 4), 'ZZ', $rest, 1) : "\0" x $rest));
}

# field(PATH, BYTES): in place of the times of PATH.  fields_instead: of its times and its name.
sub field {
	my ($path, $bytes) = @_;
	overlay(at_field($path, 'TF'), 26, $bytes);
}
sub fields_instead {
	my ($path, $bytes) = @_;
	my ($from, $name) = map { at_field($path, $_) } qw(TF NM);
	overlay($from, $name - $from + ord(get($name + 2, 1)), $bytes);
}

# continuation(PLACE, LENGTH): a field that says where more of them are.
sub continuation {
	my ($place, $length) = @_;
	return pack 'a2 C C V N V N V N', 'CE', 28, 1, map { ($_, $_) } int($place / 2048), $place % 2048, $length;
}

# The end of what PATH has in a continuation; lengthen(PATH, BYTES) puts more there.
sub at_end {
	my ($from, $length) = continued(at_field($_[0], 'CE'));
	return $from + $length;
}
sub lengthen {
	my ($path, $bytes) = @_;
	my $ce = at_field($path, 'CE');
	put(at_end($path), $bytes);
	put_both32($ce + 20, u32($ce + 20) + length $bytes);
}

# new_extent(BYTES): a new extent behind the volume; the number of its block.
sub new_extent {
	my ($bytes) = @_;
	$main::volume .= "\0" x (-length($main::volume) % 2048);
	my $block = length($main::volume) / 2048;
	$main::volume .= $bytes;
	$main::volume .= "\0" x (-length($main::volume) % 2048);
	put_both32(16 * 2048 + 80, length($main::volume) / 2048);
	return $block;
}

1;
