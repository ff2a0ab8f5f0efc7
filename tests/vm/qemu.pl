#!/usr/bin/perl
# qemu.pl DIR SECONDS QEMU...: run a virtual machine for at most SECONDS, and do for its guest what only the
# host can do.  The guest writes lines of JSON to a virtio port and gets a line back for each:
#
#	{"execute": ..., "arguments": ...}		a QMP command; answered with what QMP answers
#	the same with "after": {"drive": ID, "bytes": N}	later, when so many more bytes were read from
#							the drive or written to it; answered at once
#	{"cuts": N, "from": FILE, "to": DIR}		N times from now on, at no particular moment: stop the
#							machine, copy FILE, a drive's, to DIR/cut-1, cut-2, ...,
#							and DIR/claims to DIR/cut-1.claims, and go on
#
# It ends with the status of qemu, or with 124 when time is up.
use strict;
use warnings;
use File::Copy qw(copy);
use IO::Select;
use IO::Socket::UNIX;
use JSON::PP;
use POSIX ();
use Time::HiRes qw(sleep time);

my ($dir, $seconds, @qemu) = @ARGV;
my $end = time + $seconds;
my @armed;
my $cuts;	# what is still to be cut
unlink "$dir/qmp", "$dir/guest";

my $pid = fork // die "fork: $!";
if ($pid == 0) {
	exec @qemu, '-qmp', "unix:$dir/qmp,server=on,wait=off",
	    '-chardev', "socket,id=host,path=$dir/guest,server=on,wait=off",
	    '-device', 'virtio-serial-pci', '-device', 'virtserialport,chardev=host,name=host'
	    or print STDERR "$qemu[0]: $!\n";
	POSIX::_exit(127);
}
$SIG{TERM} = $SIG{INT} = sub { exit 143 };
$SIG{PIPE} = 'IGNORE';

# However this ends, the machine ends.
END {
	my $status = $?;
	kill("KILL", $pid), waitpid($pid, 0) if $pid;
	$? = $status;
}

# qemu has ended, by itself or because its guest asked for it.
sub reap {
	waitpid $pid, 0;
	undef $pid;
	exit($? >> 8 || $? & 127);
}

sub connect_to {
	my ($path) = @_;
	while (time < $end) {
		my $s = IO::Socket::UNIX->new(Peer => $path);
		return $s if $s;
		if (waitpid($pid, POSIX::WNOHANG()) == $pid) {
			undef $pid;
			exit($? >> 8 || 1);
		}
		sleep 0.02;
	}
	exit 124;
}

my %inbox;

# The next line from a socket; waits for it.  Without a line, time is up or the machine is gone.
sub line_of {
	my ($s) = @_;
	while (($inbox{$s} // '') !~ /\n/) {
		my $left = $end - time;
		exit 124 if $left <= 0 || !IO::Select->new($s)->can_read($left);
		reap() unless sysread $s, $inbox{$s}, 65536, length($inbox{$s} // '');
	}
	$inbox{$s} =~ s/^(.*?)\r?\n//;
	return $1;
}

my $qmp = connect_to("$dir/qmp");
my $guest = connect_to("$dir/guest");

sub qmp {
	my ($command) = @_;
	syswrite $qmp, encode_json($command) . "\n";
	while (1) {
		my $answer = decode_json(line_of($qmp));
		return $answer if exists $answer->{return} || exists $answer->{error};
		print "event: ", encode_json($answer), "\n";
	}
}

sub bytes_moved {
	my ($drive) = @_;
	for my $d (@{ qmp({ execute => 'query-blockstats' })->{return} }) {
		return $d->{stats}{rd_bytes} + $d->{stats}{wr_bytes} if $d->{device} eq $drive;
	}
	return;
}

sub obey {
	my ($line) = @_;
	print "guest: $line\n";
	my $command = eval { decode_json($line) } or return { error => { desc => 'not JSON' } };
	if ($command->{cuts}) {
		$cuts = { %$command, next => time, number => 0 };
		return { return => 'later' };
	}
	my $after = delete $command->{after} or return qmp($command);
	my $now = bytes_moved($after->{drive}) // return { error => { desc => "no such drive" } };
	push @armed, { drive => $after->{drive}, command => $command, bytes => $now + $after->{bytes} };
	return { return => 'later' };
}

# What the disk would have if the power went off now.  The name appears when it is complete.
sub cut {
	my $to = "$cuts->{to}/cut-" . ++$cuts->{number};
	qmp({ execute => 'stop' });
	copy("$cuts->{to}/claims", "$to.claims") or die "$to.claims: $!";
	system('cp', '--sparse=always', $cuts->{from}, "$to.new") == 0 or die "cp $to";
	qmp({ execute => 'cont' });
	rename "$to.new", $to or die "$to: $!";
	$cuts->{next} = time + 0.02 + rand 1.5;
	undef $cuts if $cuts->{number} == $cuts->{cuts};
}

line_of($qmp);	# its greeting
qmp({ execute => 'qmp_capabilities' });
$| = 1;
my $both = IO::Select->new($qmp, $guest);
while (time < $end) {
	for my $s ($both->can_read(@armed || $cuts ? 0.01 : 1)) {
		do {
			my $line = line_of($s);
			print "event: $line\n" if $s == $qmp;
			syswrite $guest, encode_json(obey($line)) . "\n" if $s == $guest;
		} while $inbox{$s} =~ /\n/;
	}
	cut() if $cuts && time >= $cuts->{next};
	my @due = grep { bytes_moved($_->{drive}) >= $_->{bytes} } @armed;
	for my $a (@due) {
		@armed = grep { $_ != $a } @armed;
		print "after $a->{bytes} bytes of $a->{drive}: ", encode_json(qmp($a->{command})), "\n";
	}
}
print "time is up\n";
exit 124;
