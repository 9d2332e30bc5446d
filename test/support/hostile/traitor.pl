# A decoder that somebody has taken over, as far as it can be told without one: it speaks the protocol of a render process
# and tries, at every job, what such a one would. Words: the number of setrlimit and of shmget, a port on loopback, the
# number of the server's process, a file in the store of originals, and the folder of the project.
# It calls the kernel itself, so nothing of Node's holds it. Its picture is a list: a line for each try, 1 if it came through.
use constant { AF_INET => 2, WITHOUT_WAITING => 1 | 2048, IN_PROGRESS => 115, KEY => 0x666f7665, F_SETOWN => 8 };
my ($setrlimit, $shmget, $port, $server, $original, $project) = @ARGV;
$SIG{XFSZ} = 'IGNORE';
open my $line, '+<&=', 3 or die "line: $!";
open my $life, '<&=', 4 or die "life: $!";
binmode $line;
sysread $life, my $begin, 1 or exit 0;

sub all { my ($bytes, $text) = (@_, ''); while (length $text < $bytes) { sysread($line, $text, $bytes - length $text, length $text) or exit 0 } return $text }
sub answer { my ($head, $body) = @_; syswrite $line, pack('NN', length $head, length $body) . $head . $body }

# The packet has left, whoever may answer.
sub reaches {
  socket my $out, AF_INET, WITHOUT_WAITING, 0 or return 0;
  return 1 if connect $out, pack('S n C4 x8', AF_INET, $_[1], split /\./, $_[0]);
  return $! + 0 == IN_PROGRESS;
}
sub reads { open my $file, '<', $_[0] or return 0; return sysread($file, my $byte, 1) ? 1 : 0 }
sub makes { sysopen my $file, $_[0], 0101, 0644 or return 0; return 1 }
sub remembers {
  open my $maps, '<', "/proc/$server/maps" or return 0;
  my ($at) = map { /^([0-9a-f]+)-\S+ r/ ? hex $1 : () } <$maps>;
  open my $memory, '<', "/proc/$server/mem" or return 0;
  sysseek $memory, $at, 0;
  return sysread($memory, my $byte, 1) ? 1 : 0;
}
sub multiplies {
  my $child = fork;
  return 0 unless defined $child;
  exec { '/bin/true' } 'true' or kill 'KILL', $$ if $child == 0;
  waitpid $child, 0;
  return 1;
}
# Whatever a parent of the server left open; those below are the standard three, the line and the life line.
sub inherits { return scalar grep { open my $left, '<&=', $_ } 5 .. 1023 }
my @places = map { "$_/fovea-traitor" } '/tmp', '/var/tmp', '/dev/shm', '', '.', $project;

answer('{"outcome":"ready","build":"traitor 1","rssBytes":1}', '');
while (1) {
  my ($head, $body) = unpack 'NN', all(8);
  all($head + $body);
  my ($all, $shared) = (pack('QQ', 4096, 4096), syscall($shmget + 0, KEY, 4096, 0));
  my %tries = (
    'found what an earlier render left' => $shared >= 0 || scalar(grep { -e } @places) ? 1 : 0,
    'connected to another host' => reaches('192.0.2.1', 80),
    'connected to the metadata address' => reaches('169.254.169.254', 80),
    'connected to loopback' => reaches('127.0.0.1', $port),
    'read /etc/passwd' => reads('/etc/passwd'),
    'read an original of the store' => reads($original),
    'read memory of the server' => remembers(),
    'made a file in the store' => makes("$original.planted"),
    'started a process' => multiplies(),
    'could signal the server' => kill(0, $server) || fcntl($line, F_SETOWN, $server + 0) ? 1 : 0,
    'found a descriptor that was left open' => inherits() ? 1 : 0,
    'raised a limit' => syscall($setrlimit + 0, 7, $all) == 0 ? 1 : 0,
  );
  makes($_) for @places;
  syscall($shmget + 0, KEY, 4096, 01666) if $shared < 0;
  my $list = join '', map { "$tries{$_} $_\n" } sort keys %tries;
  answer('{"outcome":"drawn","width":1,"height":1,"frames":1,"rssBytes":1,"holds":[]}', $list);
}
