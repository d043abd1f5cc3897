/**
 * The system calls that a program may make: those that Node and Python need. All others fail as if the kernel did not have
 * them (ENOSYS): sockets, namespaces, mounts, tracing, keys, io_uring, bpf, modules, clocks that are set.
 *
 * The filter is a program of classic BPF over the number of a call and its arguments. Perl, which every Debian has, installs
 * it (there is no other common program that can) and becomes the guest.
 *
 * source   linux/seccomp.h, linux/filter.h, linux/audit.h; numbers from the kernel's syscall_64.tbl and asm-generic/unistd.h
 */

/** Ranges of numbers, first and last. */
type Ranges = readonly (readonly [first: number, last: number])[];

interface Machine {
  /** AUDIT_ARCH_*. */
  readonly audit: number;
  /** The numbers of prctl, clone and socket. */
  readonly prctl: number;
  readonly clone: number;
  readonly socket: number;
  readonly allowed: Ranges;
}

const MACHINES: Readonly<Record<string, Machine>> = {
  x64: {
    audit: 0xc000003e,
    prctl: 157,
    clone: 56,
    socket: 41,
    // prettier-ignore
    allowed: [
      [0, 28], [32, 40], [44, 48], [51, 55], [57, 63], [72, 100], [102, 102], [104, 104], [107, 112], [115, 115], [118, 118],
      [120, 121], [124, 125], [127, 128], [130, 132], [137, 138], [140, 141], [143, 143], [145, 147], [157, 158], [160, 160],
      [186, 186], [201, 204], [213, 213], [217, 219], [221, 235], [247, 247], [257, 258], [262, 271], [273, 274], [280, 287],
      [289, 293], [295, 296], [302, 302], [309, 309], [318, 318], [322, 322], [324, 324], [326, 326], [329, 332], [334, 334],
      [436, 437], [439, 439], [441, 441],
    ],
  },
  arm64: {
    audit: 0xc00000b7,
    prctl: 167,
    clone: 220,
    socket: 198,
    // prettier-ignore
    allowed: [
      [17, 17], [19, 25], [29, 29], [32, 32], [34, 38], [43, 50], [52, 53], [56, 57], [59, 59], [61, 74], [78, 80], [82, 83],
      [85, 88], [90, 90], [93, 96], [98, 103], [107, 111], [113, 115], [120, 126], [128, 129], [131, 137], [139, 141],
      [148, 148], [150, 150], [153, 158], [160, 160], [163, 169], [172, 179], [199, 199], [204, 212], [214, 216], [221, 223],
      [226, 227], [232, 233], [260, 261], [278, 278], [281, 281], [283, 283], [285, 285], [288, 291], [293, 293], [436, 437],
      [439, 439], [441, 441],
    ],
  },
};

const [LOAD, EQUAL, GREATER_EQUAL, GREATER, ANY_BIT, RETURN] = [0x20, 0x15, 0x35, 0x25, 0x45, 0x06];
const [ALLOW, KILL, NO_SUCH_CALL] = [0x7fff0000, 0x80000000, 0x00050000 | 38];
/** Flags of clone that make namespaces: CLONE_NEWNS, NEWCGROUP to NEWNET. */
const NEW_NAMESPACES = 0x00020000 | 0x7e000000;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/** The filter of this machine, as the kernel reads it; `undefined` where its numbers are not known. */
export function filterOf(machine: string): Buffer | undefined {
  const known = MACHINES[machine];
  if (known === undefined) return undefined;
  const program: Instruction[] = [
    [LOAD, 0, 0, 4], // the machine that the call was made for
    [EQUAL, 1, 0, known.audit],
    [RETURN, 0, 0, KILL],
    [LOAD, 0, 0, 0], // its number
    [EQUAL, 0, 4, known.clone],
    [LOAD, 0, 0, 16], // its first argument
    [ANY_BIT, 1, 0, NEW_NAMESPACES],
    [RETURN, 0, 0, ALLOW],
    [RETURN, 0, 0, NO_SUCH_CALL],
    ...known.allowed.flatMap(([first, last]): Instruction[] => [
      [GREATER_EQUAL, 0, 2, first],
      [GREATER, 1, 0, last],
      [RETURN, 0, 0, ALLOW],
    ]),
    [RETURN, 0, 0, NO_SUCH_CALL],
  ];
  const bytes = Buffer.alloc(8 * program.length);
  program.forEach(([code, ifTrue, ifFalse, value], i) => {
    bytes.writeUInt16LE(code, 8 * i);
    bytes.writeUInt8(ifTrue, 8 * i + 2);
    bytes.writeUInt8(ifFalse, 8 * i + 3);
    bytes.writeUInt32LE(value, 8 * i + 4);
  });
  return bytes;
}

/** $1 the number of prctl, $2 the filter in hexadecimal, then a command. PR_SET_SECCOMP is 22, SECCOMP_MODE_FILTER 2. */
const INSTALL =
  'my ($n, $f) = (shift, pack("H*", shift)); my $p = pack("S x6 P", length($f) / 8, $f); ' +
  'syscall($n, 22, 2, $p, 0, 0) == 0 or die "seccomp: $!\\n"; exec { $ARGV[0] } @ARGV; die "$ARGV[0]: $!\\n";';

/** The words before a command that has it run under the filter; `undefined` where there is none. */
export function underFilter(perl: string, machine: string = process.arch): string[] | undefined {
  const filter = filterOf(machine);
  if (filter === undefined) return undefined;
  return [perl, "-e", INSTALL, String(MACHINES[machine]!.prctl), filter.toString("hex")];
}
