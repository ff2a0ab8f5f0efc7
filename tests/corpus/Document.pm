# Document: keys, SSHSIG signatures of every kind, signed documents and trust chains.
package Document;
use strict;
use warnings;
use Digest::SHA qw(sha256 sha256_hex sha512);
use Exporter 'import';
use IPC::Open2;
use MIME::Base64;
our @EXPORT = qw(keys_load key_line digest_of body_of signed_by chain_of split_chain);

my %key;		# name => { seed, point, type }
my ($to, $from);	# the process that signs

sub str { return pack('N/a*', $_[0]) }

# The fields of a private key without a passphrase, as ssh-keygen writes it.
sub load {
	my ($file) = @_;
	local $/;
	open my $f, '<', $file or die "$file: $!\n";
	my ($base64) = <$f> =~ /KEY-----\n(.*)\n-----END/s or die "$file: not a key\n";
	my ($secret) = decode_base64($base64) =~ /^openssh-key-v1\0(.*)/s;
	$secret = (unpack 'N/a N/a N/a N N/a N/a', $secret)[5];
	my (undef, undef, $type, $point, $pair) = unpack 'N N N/a N/a N/a', $secret;
	return { seed => substr($pair, 0, 32), point => $point, type => $type };
}

# keys_load(SIGNER, DIRECTORY...): every key there, by the name of its file; "hard" is taken for the key
# of a hardware token.
sub keys_load {
	my ($signer, @directories) = @_;
	open2($from, $to, $signer);
	for my $file (map { glob "$_/*.pub" } @directories) {
		my ($path, $name) = $file =~ m{^(.*?([^/]+))\.pub$};
		$key{$name} = load($path);
		$key{$name}{type} = 'sk-ssh-ed25519@openssh.com' if $name eq 'hard';
	}
	return sort keys %key;
}

sub blob {
	my ($k, $application) = @_;
	my $blob = str($k->{type}) . str($k->{point});
	return $k->{type} =~ /^sk-/ ? $blob . str($application) : $blob;
}

sub key_line {
	my $k = $key{ $_[0] };
	return "$k->{type} " . encode_base64(blob($k, 'ssh:'), '');
}

sub raw {
	my ($seed, $message) = @_;
	print $to unpack('H*', $seed), ' ', unpack('H*', $message), "\n";
	$to->flush;
	chomp(my $hex = <$from>);
	return pack 'H*', $hex;
}

# S of a signature plus the order of the group: the same signature in another spelling.
sub add_order {
	my ($sig) = @_;
	my @order = (unpack('C*', pack 'H*', 'edd3f55c1a631258d69cf7a2def9de14'), (0) x 15, 0x10);
	my @s = unpack 'C*', substr $sig, 32;
	my $carry = 0;
	for my $i (0 .. 31) {
		$carry += $s[$i] + $order[$i];
		$s[$i] = $carry & 255;
		$carry >>= 8;
	}
	return substr($sig, 0, 32) . pack 'C*', @s;
}

sub armor {
	my ($binary, $columns) = @_;
	my $text = encode_base64($binary, '');
	$text =~ s/(.{$columns})(?=.)/$1\n/g;
	return "-----BEGIN SSH SIGNATURE-----\n$text\n-----END SSH SIGNATURE-----\n";
}

# The signature proper: of a hardware key, with its flags and counter.
sub signature {
	my ($k, $tbs, $o) = @_;
	if ($k->{type} !~ /^sk-/) {
		my $sig = raw($k->{seed}, $tbs);
		$sig = add_order($sig) if $o->{malleable};
		return str($o->{algorithm} // $k->{type}) . str($sig);
	}
	my $tail = pack 'C N', $o->{flags} // 1, $o->{counter} // 7;
	my $sig = raw($k->{seed}, sha256($o->{application}) . $tail . sha256($tbs));
	return str($k->{type}) . str($sig) . $tail;
}

# sshsig(NAMESPACE, BODY, SPEC): SPEC is a key's name, and what is otherwise than usual:
# "release:namespace=seal@waxseal,hash=sha1".
sub sshsig {
	my ($namespace, $body, $spec) = @_;
	my ($name, $options) = split /:/, $spec, 2;
	my $k = $key{$name} or die "no key $name\n";
	my %o = (version => 1, namespace => $namespace, reserved => '', hash => 'sha512', columns => 70,
	    magic => 'SSHSIG', application => 'ssh:', map { split /=/, $_, 2 } split /,/, $options // '');
	$body = $o{message} if defined $o{message};
	my $hashed = $o{hash} eq 'sha256' ? sha256($body) : sha512($body);
	my $fields = str($o{namespace}) . str($o{reserved}) . str($o{hash});
	my $sig = signature($k, 'SSHSIG' . $fields . str($hashed), \%o);
	my $public = blob($k, $o{application});
	$public = str($o{certificate}) . $public if $o{certificate};
	my $binary = $o{magic} . pack('N', $o{version}) . str($public) . $fields . str($sig);
	$binary .= $o{behind} // '';
	$binary = substr $binary, 0, $o{cut} if $o{cut};
	return armor($binary, $o{columns});
}

# signed_by(TYPE, BODY, SPECS): the document, signed by each of the keys.
sub signed_by {
	my ($type, $body, $specs) = @_;
	return join '', $body, map { sshsig("$type\@waxseal", $body, $_) } split ' ', $specs;
}

sub body_of { return $_[0] =~ s/^-----BEGIN SSH SIGNATURE-----\n.*//msr }
sub digest_of { return sha256_hex(body_of($_[0])) }

sub chain_of { return pack('V', scalar @_) . join '', map { pack 'V/a*', $_ } @_ }
sub split_chain { return unpack 'V/(V/a)', $_[0] }

1;
