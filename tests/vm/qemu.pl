#!/usr/bin/perl
# qemu.pl DIR SECONDS QEMU...: run a virtual machine for at most SECONDS, and do for its guest what only the
# host can do.  The guest writes lines of JSON to a virtio port and gets a line back for each:
#
#	{"execute": ..., "arguments": ...}		a QMP command; answered with what QMP answers
#	the same with "after": {"drive": ID, "bytes": N}	later, when so many more bytes were read from
#							the drive or written to it; answered at once
#
# It ends with the status of qemu, or with 124 when time is up.
use strict;
use warnings;
use IO::Select;
use IO::Socket::UNIX;
use JSON::PP;
use POSIX ();
use Time::HiRes qw(sleep time);

my ($dir, $seconds, @qemu) = @ARGV;
my $end = time + $seconds;
my @armed;
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
	my $after = delete $command->{after} or return qmp($command);
	my $now = bytes_moved($after->{drive}) // return { error => { desc => "no such drive" } };
	push @armed, { drive => $after->{drive}, command => $command, bytes => $now + $after->{bytes} };
	return { return => 'later' };
}

line_of($qmp);	# its greeting
qmp({ execute => 'qmp_capabilities' });
$| = 1;
my $both = IO::Select->new($qmp, $guest);
while (time < $end) {
	for my $s ($both->can_read(@armed ? 0.01 : 1)) {
		do {
			my $line = line_of($s);
			print "event: $line\n" if $s == $qmp;
			syswrite $guest, encode_json(obey($line)) . "\n" if $s == $guest;
		} while $inbox{$s} =~ /\n/;
	}
	my @due = grep { bytes_moved($_->{drive}) >= $_->{bytes} } @armed;
	for my $a (@due) {
		@armed = grep { $_ != $a } @armed;
		print "after $a->{bytes} bytes of $a->{drive}: ", encode_json(qmp($a->{command})), "\n";
	}
}
print "time is up\n";
exit 124;
