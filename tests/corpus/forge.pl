#!/usr/bin/perl
# forge: a vendor with all the keys, who makes everything in the table: media and documents with exactly
# one defect each.  What lies below a defect (map, seal, tag, header) is made anew, so that only the
# defect decides.
#   forge.pl TABLE BASES OUT SIGNER JOBS
# BASES is what bases.sh made.  In OUT: the cases, what the site holds for them, and the file cases, which
# says for each ID PATH CODE-FILE TRUST-FILE CUSTOMER STEP STATUS REASON.  The table explains the rest.
use strict;
use warnings;
use Cwd 'abs_path';
use Digest::SHA qw(sha256 sha256_hex);
use File::Find;
use FindBin;
use lib $FindBin::Bin;
use Document;
use Image;
use Iso;

my ($table, $bases, $out, $signer, $jobs) = @ARGV;
my (%base, @keys);
our (%at, $volume, @docs);	# what the table's expressions see
my $it;				# \$_ of such an expression, also in its loops
our $release = '';
our $P = 'RELEASES/R1/payload';
our $L = "$P/" . 'x' x 250;	# a name that needs a continuation

# ---- files ----

sub slurp {
	my ($file) = @_;
	local $/;
	open my $f, '<:raw', $file or die "$file: $!\n";
	return scalar <$f>;
}

# Zeros are left out.
sub spew {
	my ($file, $bytes, $size) = @_;
	open my $f, '>:raw', $file or die "$file: $!\n";
	for (my $at = 0; $at < length $bytes; $at += 4096) {
		my $page = substr $bytes, $at, 4096;
		next unless $page =~ /[^\0]/;
		seek $f, $at, 0 and print $f $page or die "$file: $!\n";
	}
	close $f or die "$file: $!\n";
	truncate $file, $size // length $bytes or die "$file: $!\n";
}

sub run { system(@_) == 0 or die "failed: @_\n" }

sub jq {
	my ($s, $text, $filter) = @_;
	my $file = "$out/jq.$$";
	spew($file, $text);
	my @args = map { ('--arg', $_, key_line($_)) } @keys;
	my %digest = (described => $release, sealed => sha256_hex($s->{body} // ''),
	    old => digest_of(slurp("$bases/R0/release")), other => digest_of(slurp("$bases/R2/release")));
	push @args, map { ('--arg', $_, $digest{$_}) } keys %digest;
	open my $p, '-|', 'jq', @args, $filter, $file or die "jq: $!\n";
	local $/;
	my $answer = <$p>;
	close $p or die "jq: $filter\n";
	return $answer;
}

# An expression of the table, on $_.
sub edit {
	my ($code, $text) = @_;
	local $_ = $text;
	$it = \$_;
	no strict 'vars';
	eval "$code; 1" or die "$code: $@";
	return $_;
}

# ---- the contents ----

# A tree of this case's own.
sub tree {
	my ($s) = @_;
	my $tree = "$out/tree.$$";
	if ($s->{tree} ne $tree) {
		run('rm', '-rf', $tree);
		run('cp', '-a', $s->{tree}, $tree);
		$s->{tree} = $tree;
	}
	$s->{stale} = 1;
	return $tree;
}

sub release_directory { return (glob "$_[0]{tree}/RELEASES/*")[0] }

# The release, signed, and the seal that names it.
sub sign_release {
	my ($s, $body) = @_;
	tree($s);
	spew(release_directory($s) . '/release', signed_by('release', $body, $s->{released} // 'release'));
	$release = sha256_hex($body);
	$s->{body} =~ s/("releases": \[\s*\{\s*"id": "[^"]*",\s*"digest": ")[0-9a-f]*/$1$release/;
}

sub release_body { return body_of(slurp(release_directory($_[0]) . '/release')) }

sub name_sums {
	my ($s, $sums, $body) = @_;
	tree($s);
	spew(release_directory($s) . '/SHA256SUMS', $sums);
	my $digest = sha256_hex($sums);
	sign_release($s, $body =~ s/"sums": "[0-9a-f]*"/"sums": "$digest"/r);
}

# SHA256SUMS and the release say what is there.
sub careless {
	my ($s) = @_;
	tree($s);
	my $top = release_directory($s) . '/payload';
	my (%digest, $bytes);
	find({ no_chdir => 1, wanted => sub {
		return unless -f $_ && !-l $_;
		my $content = slurp($_);
		$bytes += length $content;
		$digest{ substr $_, length("$top/") } = sha256_hex($content);
	} }, $top);
	my $body = release_body($s);
	my $count = keys %digest;
	$body =~ s/"count": \d+,(\s*)"bytes": \d+/"count": $count,$1"bytes": $bytes/;
	name_sums($s, join('', map { "$digest{$_}  $_\n" } sort keys %digest), $body);
}

# A volume of the tree, by genisoimage, or by xorriso if the options begin with its name.
sub press {
	my ($s) = @_;
	my @options = split ' ', $s->{press} // '';
	my @program = qw(genisoimage -input-charset utf-8);
	my $file = "$out/volume.$$";
	if (@options && $options[0] eq 'xorriso') {
		shift @options;
		@program = qw(xorriso -as mkisofs);
	}
	unlink $file;
	run('sh', '-c', 'cd "$0" && exec "$@" . 2>/dev/null', $s->{tree}, @program,
	    qw(-quiet -iso-level 3 -D -R -no-pad), @options, '-o', $file);
	run("{ $s->{after}; } 2>/dev/null >&2") if $s->{after};
	take_volume($s, slurp($file));
	$s->{stale} = 0;
}

sub take_volume {
	my ($s, $bytes) = @_;
	$s->{iso} = length $bytes;
	substr($bytes, 16384, 16384) = "\0" x 16384;
	$s->{volume} = $bytes . "\0" x (-length($bytes) % 65536);
	image_lay($s);
}

sub settle {
	my ($s) = @_;
	press($s) if $s->{stale};
	%at = %{ $s->{at} // {} };
}

# ---- the trust chain ----

sub newest { return $_[0]{docs}[-1] }

sub next_document {
	my ($s, $filter) = @_;
	return signed_by('trust', jq($s, body_of(newest($s)), ".version += 1 | $filter"), $s->{by} // 'trust');
}

# The documents became others: of an image also the chain, in both copies and in TRUST/.
sub take_docs {
	my ($s, @new) = @_;
	$s->{docs} = [@new];
	$s->{chain} = chain_of(@new);
	return unless $s->{volume};
	my $tree = tree($s);
	spew("$tree/TRUST/$_.trust", $new[$_ - 1]) for 1 .. @new;
	settle($s);
}

sub name_trust {
	my ($s) = @_;
	my ($version, $digest) = (scalar @{ $s->{docs} }, digest_of(newest($s)));
	$s->{body} =~ s/"trust": \{[^}]*\}/"trust": {"version": $version, "digest": "$digest"}/ if $s->{body};
}

# many(N): rightful versions up to N.
sub many {
	my ($n) = @_;
	for my $version (@docs + 1 .. $n) {
		my $body = body_of($docs[-1]) =~ s/"version": \d+/"version": $version/r;
		push @docs, signed_by('trust', $body, 'trust');
	}
}

sub hold {
	my ($s, @held) = @_;
	$s->{trust} = "$out/$s->{id}.chain";
	spew($s->{trust}, chain_of(@held));
}

# ---- what the table can say ----

sub flip { my ($at, $bit) = @_; substr($$it, $at, 1) ^= chr 1 << ($bit // 0) }
sub write_at { my ($at, $bytes) = @_; substr($$it, $at, length $bytes) = $bytes }

sub reseal { my ($s, $body) = @_; $s->{body} = $body; image_seal($s, 1) }

sub reseal_document {
	my ($s) = @_;
	return image_seal($s, 0) if $s->{volume};
	$s->{document} = signed_by($s->{type}, $s->{body}, $s->{signers});
}

my %op = (
	# contents
	tree => sub { my ($s, $c) = @_;
		local @ENV{qw(P R B)} = ('', '', $bases);
		my $t = tree($s);
		$ENV{R} = release_directory($s);
		$ENV{P} = "$ENV{R}/payload";
		run('sh', '-ec', "cd '$t'; $c") },
	press => sub { my ($s, $options) = @_; tree($s); $s->{press} = $options },
	after => sub { my ($s, $command) = @_;
		my $t = tree($s);
		$s->{after} = "B='$bases' t='$t' v='$out/volume.$$'; $command" },
	careless => sub { careless($_[0]) },
	sums => sub { my ($s, $c) = @_;
		my $sums = edit($c, slurp(release_directory($s) . '/SHA256SUMS'));
		name_sums($s, $sums, release_body($s)) },
	released => sub { my ($s, $specs) = @_; $s->{released} = $specs; sign_release($s, release_body($s)) },
	release => sub { my ($s, $c) = @_; sign_release($s, edit($c, release_body($s))) },
	# blocks
	volume => sub { my ($s, $c) = @_;
		settle($s);
		$volume = substr $s->{volume}, 0, $s->{iso};
		edit($c, '');
		take_volume($s, $volume) },
	parity => sub { my ($s, $c) = @_; settle($s); $s->{parity} = edit($c, $s->{parity}); image_lay($s) },
	recovery => sub { my ($s, $text) = @_; settle($s); $s->{recovery} = "\"recovery\": $text"; image_lay($s) },
	# trust
	by => sub { my ($s, $specs) = @_; $s->{by} = $specs },
	next => sub { my ($s, $filter) = @_;
		push @{ $s->{docs} }, next_document($s, $filter);
		name_trust($s);
		take_docs($s, @{ $s->{docs} }) },
	hold => sub { my ($s) = @_; hold($s, @{ $s->{docs} }) },
	held => sub { my ($s, $filter) = @_; hold($s, @{ $s->{docs} }, next_document($s, $filter)) },
	docs => sub { my ($s, $c) = @_; @docs = @{ $s->{docs} }; edit($c, ''); take_docs($s, @docs) },
	named => sub { name_trust($_[0]); image_seal($_[0], 1) },
	chain => sub { my ($s, $c) = @_;
		$s->{chain} = edit($c, $s->{chain});
		return unless $s->{volume};
		settle($s);
		image_lay($s) },
	# seal, or document
	seal => sub { my ($s, $filter) = @_; settle($s); reseal($s, jq($s, $s->{body}, $filter)) },
	body => sub { my ($s, $c) = @_; settle($s); $s->{body} = edit($c, $s->{body}); reseal_document($s) },
	sign => sub { my ($s, $specs) = @_; settle($s); $s->{signers} = $specs; reseal_document($s) },
	document => sub { my ($s, $c) = @_;
		settle($s);
		$s->{document} = edit($c, $s->{document});
		image_close($s) if $s->{volume} },
	stolen => sub { my ($s) = @_; settle($s); $s->{code} = '' },
	header => sub { my ($s, $c) = @_; settle($s); image_close($s, edit($c, $s->{line})) },
	# the file
	bytes => sub { my ($s, $c) = @_; settle($s); $s->{image} = edit($c, $s->{image} // '') },
	stretch => sub { my ($s, $size) = @_; settle($s); $s->{size} = $size },
	# what the reader holds
	lettered => sub { my ($s, $name) = @_;
		settle($s);
		$s->{code_file} = "$bases/$name.code";
		chomp($s->{code} = slurp($s->{code_file}));
		image_seal($s, 1) },
	code => sub { my ($s, $name) = @_; $s->{code_file} = $name eq '-' ? '-' : "$bases/$name.code" },
	mistype => sub { my ($s, $c) = @_;
		my $file = "$out/$s->{id}.code";
		spew($file, edit($c, slurp($s->{code_file})));
		$s->{code_file} = $file },
	trust => sub { my ($s, $name) = @_; $s->{trust} = $base{$name}{trust} },
	customer => sub { my ($s, $id) = @_; $s->{customer} = $id },
);

# ---- bases and cases ----

# An image of bases.sh: NAME.iso, NAME.code, NAME.tree.
sub base_image {
	my ($file) = @_;
	my ($stem) = $file =~ /^(.*)\.iso$/;
	chomp(my $code = slurp("$stem.code"));
	my $s = image_open(slurp($file), $code);
	$s->{docs} = [split_chain($s->{chain})];
	$s->{tree} = "$stem.tree";
	$s->{code_file} = "$stem.code";
	image_lay($s);
	return $s;
}

# A document of bases.sh: NAME.document.
sub base_document {
	my ($file) = @_;
	my $document = slurp($file);
	my ($type) = $document =~ m{^\{\s*"waxseal": "([a-z]+)/};
	my %signer = (receipt => 'site', enrolment => 'site');
	return { type => $type, body => body_of($document), document => $document, signers => $signer{$type} // $type,
		code_file => '-' };
}

sub load_bases {
	@keys = keys_load($signer, "$bases/keys");
	for my $file (glob "$bases/*.iso $bases/*.document") {
		my ($name) = $file =~ m{([^/]+)\.};
		$base{$name} = $file =~ /iso$/ ? base_image($file) : base_document($file);
	}
	my $chain = slurp("$bases/etl.trust");
	$base{chain} = { chain => $chain, docs => [split_chain($chain)], code_file => '-' };
	$base{nothing} = { image => '', code_file => '-' };
	for my $s (values %base) {
		$s->{docs} //= [split_chain($chain)];
		$s->{trust} = "$bases/etl.trust";
		$s->{customer} = 'acme-plant7';
	}
}

# The digest of the release that the seal names, or that this is.
sub named_release {
	my ($s) = @_;
	my $body = $s->{body} // '';
	return sha256_hex($body) if ($s->{type} // '') eq 'release';
	return $body =~ /"releases": \[\s*\{\s*"id": "[^"]*",\s*"digest": "([0-9a-f]*)/ ? $1 : '';
}

sub make {
	my ($id, $from, $how) = @_;
	my $start = $base{$from} or die "no base $from\n";
	my $s = { %$start, id => $id, docs => [@{ $start->{docs} // [] }] };
	$release = named_release($s);
	for my $step (split / ;; /, $how) {
		my ($op, $argument) = split / /, $step, 2;
		$op{$op} or die "$op: no such step\n";
		$op{$op}->($s, $argument);
	}
	settle($s);
	return $s;
}

sub file_of {
	my ($s, $id) = @_;
	my ($file, $bytes) = $s->{volume} || exists $s->{image} ? ("$out/$id.iso", $s->{image}) :
	    ("$out/$id.document", $s->{document} // $s->{chain});
	spew($file, $bytes, $s->{size});
	return $file;
}

sub rows {
	my @rows;
	open my $f, '<', $table or die "$table: $!\n";
	while (<$f>) {
		chomp;
		next if /^\s*(#|$)/;
		my ($id, $base, $step, $status, $reason, $how) = split ' ', $_, 6;
		die "$table:$.: not a row\n" unless defined $reason && $id =~ /^[a-z0-9-]+$/;
		push @rows, { id => $id, base => $base, step => $step, status => $status, reason => $reason,
			how => $how // '', line => $. };
	}
	return @rows;
}

# A row with the status "base" is no case, but what later rows begin with.
sub keep_base {
	my ($r) = @_;
	my $s = make($r->{id}, $r->{base}, $r->{how});
	if (($s->{tree} // '') eq "$out/tree.$$") {
		my $kept = "$out/$r->{id}.tree.$$";
		rename $s->{tree}, $kept or die "$kept: $!\n";
		$s->{tree} = $kept;
	}
	$base{ $r->{id} } = $s;
}

sub work {
	my ($share, @rows) = @_;
	load_bases();
	open my $list, '>', "$out/cases.$share" or die "cases: $!\n";
	for my $n (0 .. $#rows) {
		my $r = $rows[$n];
		eval {
			if ($r->{status} eq 'base') {
				keep_base($r);
			} elsif ($n % $jobs == $share) {
				my $s = make($r->{id}, $r->{base}, $r->{how});
				my $path = file_of($s, $r->{id});
				print $list join("\t", $n, $r->{id}, $path, @$s{qw(code_file trust customer)},
				    @$r{qw(step status reason)}), "\n";
			}
			1;
		} or die "$table:$r->{line}: $r->{id}: $@";
	}
	close $list or die "cases: $!\n";
	run("rm -rf '$out'/*tree.$$ '$out'/volume.$$ '$out'/jq.$$");
}

sub main {
	my @rows = rows();
	my @workers;
	($bases, $out) = (abs_path($bases), abs_path($out));
	for my $share (0 .. $jobs - 1) {
		my $pid = fork // die "fork: $!\n";
		if ($pid == 0) {
			eval { work($share, @rows); 1 } or do { print STDERR $@; exit 1 };
			exit 0;
		}
		push @workers, $pid;
	}
	my $bad = 0;
	for (@workers) {
		waitpid $_, 0;
		$bad ||= $?;
	}
	exit 1 if $bad;
	run("sort -n '$out'/cases.[0-9]* | cut -f 2- >'$out/cases' && rm '$out'/cases.[0-9]*");
}

main();
