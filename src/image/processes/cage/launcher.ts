/**
 * A program for perl, which Debian always has and which can call the kernel directly, as neither a shell nor Node can:
 * takes privileges away from itself and becomes another program, whose process keeps its number.
 *
 * Words: the numbers of prctl and capset, 1 for Landlock (or 0), the user to become (0: stays who it is), paths, `--`,
 * the program and its words. A path begins with `r` (must be there), `o` (may be) or `x` (may be, and be run); what is
 * there must be readable. Descriptor 6 has the filter of system calls.
 *
 * Numbers: linux/prctl.h, linux/landlock.h, linux/capability.h. Whatever fails ends it, with the reason.
 */
export const launcher = String.raw`
sub must { my ($what, $result) = @_; die "$what: $!\n" if $result == -1; return $result }
my ($prctl, $capset, $landlock, $user) = map { $_ + 0 } splice @ARGV, 0, 4;
my @paths;
push @paths, shift @ARGV while $ARGV[0] ne '--';
shift @ARGV;
if ($user) {
  $) = "$user $user";
  $( = $user;
  ($<, $>) = ($user, $user);
  die "user $user: $!\n" unless $< == $user && $> == $user && $) eq "$user $user" && $( + 0 == $user;
}
my ($head, $none) = (pack('LL', 0x20080522, 0), pack('L6', (0) x 6));
must('capset', syscall($capset, $head, $none));
must('PR_SET_PDEATHSIG', syscall($prctl, 1, 9, 0, 0, 0));
must('PR_SET_NO_NEW_PRIVS', syscall($prctl, 38, 1, 0, 0, 0));
if ($landlock) {
  my $version = must('Landlock', syscall(444, 0, 0, 1));
  my $files = (1 << 13) - 1;
  $files |= 1 << 13 if $version >= 2;
  $files |= 1 << 14 if $version >= 3;
  $files |= 1 << 15 if $version >= 5;
  my $handled = pack 'Q', $files;
  $handled .= pack 'Q', 3 if $version >= 4;
  $handled .= pack 'Q', 3 if $version >= 6;
  my $rules = must('landlock_create_ruleset', syscall(444, $handled, length $handled, 0));
  for (@paths) {
    my ($kind, $path) = /^(.)(.*)$/s;
    die "$path: $!\n" if !-r $path && ($kind eq 'r' || $! == 13);
    sysopen my $file, $path, 0x200000 or next;
    my $rule = pack 'Ql', 4 | (-d $path ? 8 : 0) | ($kind eq 'x' ? 1 : 0), fileno $file;
    must("landlock_add_rule $path", syscall(445, $rules, 1, $rule, 0));
  }
  must('landlock_restrict_self', syscall(446, $rules, 0));
}
open my $in, '<&=', 6 or die "filter: $!\n";
my $filter = do { local $/; <$in> };
close $in;
my $program = pack 'Sx6P', length($filter) / 8, $filter;
must('PR_SET_SECCOMP', syscall($prctl, 22, 2, $program, 0, 0));
exec { $ARGV[0] } @ARGV;
die "$ARGV[0]: $!\n";
`;
