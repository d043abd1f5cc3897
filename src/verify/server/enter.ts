/**
 * The way of a program into the rooms (jail.ts) as one process of perl: it enters the namespaces, makes a process namespace
 * for the program, gives up every right, sets the limits, installs the filter (seccomp.ts), and becomes the guest.
 *
 * nsenter, unshare, setpriv, prlimit, setpriv again and perl for the filter do the same in six steps, each of which starts a
 * program: half of the time of a processor that is spent before Node begins. They remain the way where perl cannot do it.
 *
 * Three processes, as there: one in the server's process namespace, one in the rooms', and the guest, the first of its own.
 * The first two wait for the one below and end as it ended.
 *
 * source   util-linux: nsenter.c, unshare.c, setpriv.c, prlimit.c; numbers from syscall_64.tbl and asm-generic/unistd.h
 */

/** The system's limits on a process, as setrlimit has them; both the soft and the hard one. */
export interface Rlimits {
  readonly data: number;
  readonly fsize: number;
  readonly core: number;
  readonly nofile: number;
  readonly cpu: number;
  readonly as?: number;
  readonly nproc?: number;
}

/** RLIMIT_*. */
const RESOURCES: Readonly<Record<keyof Rlimits, number>> = {
  cpu: 0,
  fsize: 1,
  data: 2,
  core: 4,
  nproc: 6,
  nofile: 7,
  as: 9,
};

/** The numbers of setns, unshare, prctl, prlimit64, setgroups, setresgid, setresuid and capset. */
const NUMBERS: Readonly<Record<string, string>> = {
  x64: "308 272 157 302 116 119 117 126",
  arm64: "268 97 167 261 159 149 147 91",
};

/**
 * $1 a folder of namespaces, $2 the numbers, $3 the user to become or nothing, $4 limits as resource:value, $5 the filter in
 * hexadecimal; then a command. Strings that go to syscall are addresses, so numbers are made such by adding 0.
 *
 * The order matters: the bounding set falls while there is a right to lower it; a change of user takes the other rights,
 * and forgets the signal that comes when the parent ends, which is therefore asked for after it; the filter is last.
 */
const ENTER = String.raw`
my ($spaces, $numbers, $user, $limits, $filter) = splice @ARGV, 0, 5;
my ($setns, $unshare, $prctl, $prlimit, $setgroups, $setresgid, $setresuid, $capset) = map { $_ + 0 } split / /, $numbers;
sub call { my $what = shift; syscall(shift, @_) == 0 or die "$what: $!\n"; }
sub dies_with_parent { call("prctl PR_SET_PDEATHSIG", $prctl, 1, 9, 0, 0, 0); }
sub below {
  my $child = fork;
  defined $child or die "fork: $!\n";
  return if $child == 0;
  waitpid($child, 0) == $child or die "waitpid: $!\n";
  exit($? >> 8) unless $? & 127;
  kill $? & 127, $$;
  exit 1;
}

my @spaces = map { open(my $file, "<", "$spaces/$_") or die "$spaces/$_: $!\n"; $file } qw(user ipc uts net pid_for_children mnt);
call("setns", $setns, fileno($_), 0) for @spaces;
call("prlimit core", $prlimit, 0, 4, pack("Q2", 0, 0), 0);
below();
dies_with_parent();
call("unshare", $unshare, 0x20000000);
below();

chdir "/empty" or die "/empty: $!\n";
for my $right (0 .. 63) {
  last if syscall($prctl, 23, $right, 0, 0, 0) < 0;
  call("prctl PR_CAPBSET_DROP", $prctl, 24, $right, 0, 0, 0);
}
if ($user ne "") {
  my $id = $user + 0;
  call("setgroups", $setgroups, 0, 0);
  call("setresgid", $setresgid, $id, $id, $id);
  call("setresuid", $setresuid, $id, $id, $id);
}
call("prctl PR_SET_NO_NEW_PRIVS", $prctl, 38, 1, 0, 0, 0);
call("capset", $capset, pack("L2", 0x20080522, 0), pack("L6", (0) x 6));
for (split / /, $limits) {
  my ($resource, $value) = map { $_ + 0 } split /:/;
  call("prlimit $resource", $prlimit, 0, $resource, pack("Q2", $value, $value), 0);
}
dies_with_parent();
my $rules = pack("H*", $filter);
call("seccomp", $prctl, 22, 2, pack("S x6 P", length($rules) / 8, $rules), 0, 0);
exec { $ARGV[0] } @ARGV;
die "$ARGV[0]: $!\n";
`;

/**
 * The words before a command that has it run in the rooms whose namespaces lie in the folder `spaces`, as `user` (its own
 * unless told), under limits and filter; `undefined` where the numbers of this machine's system calls are not known.
 */
export function entering(
  perl: string,
  spaces: string,
  user: number | undefined,
  limits: Rlimits,
  filter: Buffer,
  machine: string = process.arch,
): string[] | undefined {
  const numbers = NUMBERS[machine];
  if (numbers === undefined) return undefined;
  const values = (Object.keys(RESOURCES) as (keyof Rlimits)[])
    .filter((name) => limits[name] !== undefined)
    .map((name) => `${RESOURCES[name]}:${limits[name]}`);
  return [perl, "-e", ENTER, spaces, numbers, String(user ?? ""), values.join(" "), filter.toString("hex")];
}
