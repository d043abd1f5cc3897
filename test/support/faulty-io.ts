/** Calls that fail at a chosen place: the N-th of a kind, once, or that one and every later one. */
import type { BigIntStats } from "node:fs";
import { type Io, type MapCalls, SYSTEM } from "../../src/files/io.ts";
import { mapCalls } from "../../src/files/mmap.ts";
import { mappable } from "./mapping.ts";
import { systemError } from "./io.ts";

/** A call of the system's: one of Io's, or one of those that map files. */
export type Call = Exclude<keyof Io, "mapCalls"> | Exclude<keyof MapCalls, "pageSize" | "errno">;

/** What goes wrong with one call. `real` makes the call itself. */
export interface Fault {
  readonly call: Call;
  readonly name: string;
  readonly strike: (real: (...given: unknown[]) => unknown, given: unknown[]) => unknown;
  /** What errno says afterwards, of calls that return instead of throwing. */
  readonly errno?: number;
}

/**
 * Strikes the `at`-th call and, with `forever`, every later one. `then` are faults in cleaning up after it: they strike
 * whenever it has struck. Nothing is put on the disk by fsync, which would take most of the time.
 */
export class FaultyIo {
  /** Calls of the fault's kind so far. */
  calls = 0;
  /** How many of them were struck. */
  struck = 0;
  readonly io: Io;
  /** Addresses that are mapped, and whether memory there was shown as an ArrayBuffer. */
  readonly mapped = new Map<bigint, { readonly bytes: number; viewed: boolean }>();
  private readonly fault: Fault | undefined;
  private readonly then: readonly Fault[];
  private readonly at: number;
  private readonly forever: boolean;
  private errno = 0;

  constructor(fault: Fault | undefined, at: number, forever: boolean, then: readonly Fault[] = []) {
    this.fault = fault;
    this.then = then;
    this.at = at;
    this.forever = forever;
    const wrapped = Object.entries({ ...SYSTEM, fsyncSync: () => undefined }).map(([name, real]) => [
      name,
      this.wrap(name as Call, real as AnyCall),
    ]);
    this.io = { ...(Object.fromEntries(wrapped) as unknown as Io), mapCalls: () => this.mapCalls() };
  }

  private wrap(name: Call, real: AnyCall): AnyCall {
    const { fault } = this;
    const after = this.then.find(({ call }) => call === name);
    if (after !== undefined && fault?.call !== name)
      return (...given) => (this.struck > 0 ? after.strike(real, given) : real(...given));
    if (fault?.call !== name) return real;
    return (...given) => {
      this.calls++;
      if (this.forever ? this.calls < this.at : this.calls !== this.at) return real(...given);
      this.struck++;
      this.errno = fault.errno ?? 0;
      return fault.strike(real, given);
    };
  }

  private mapCalls(): MapCalls {
    const real = realMapCalls();
    const mmap = this.wrap("mmap", real.mmap as AnyCall);
    const munmap = this.wrap("munmap", real.munmap as AnyCall);
    const view = this.wrap("view", real.view as AnyCall);
    return {
      pageSize: real.pageSize,
      errno: () => this.errno || real.errno(),
      madvise: this.wrap("madvise", real.madvise as AnyCall) as MapCalls["madvise"],
      madviseLater: real.madviseLater,
      mmap: (fd, bytes) => {
        const address = mmap(fd, bytes);
        if (typeof address === "bigint" && address > 0n && address < FAILED) {
          this.mapped.set(address, { bytes, viewed: false });
        }
        return address;
      },
      munmap: (address, bytes) => {
        const result = munmap(address, bytes) as number;
        if (result === 0) this.mapped.delete(address);
        return result;
      },
      view: (address, bytes) => {
        const shown = view(address, bytes) as ArrayBuffer;
        for (const [start, place] of this.mapped) {
          if (address >= start && address < start + BigInt(place.bytes)) place.viewed = true;
        }
        return shown;
      },
    };
  }
}

type AnyCall = (...given: unknown[]) => unknown;

const FAILED = 2n ** 64n - 1n;
const realMapCalls: () => MapCalls = mappable
  ? (
      (calls) => () =>
        calls
    )(mapCalls())
  : mapCalls;

/** The call fails with this code. */
const fails = (call: Call, ...codes: readonly string[]): Fault[] =>
  codes.map((code) => ({
    call,
    name: code,
    strike: () => {
      throw systemError(code);
    },
  }));

/** The number is free even where closing fails: so does Linux have it, close(2). */
const closeFails: Fault = {
  call: "closeSync",
  name: "EIO",
  strike: (real, given) => {
    real(...given);
    throw systemError("EIO");
  },
};

/** The call moves fewer bytes than asked for; its fourth argument is how many. */
const moves = (call: "readSync" | "writeSync", name: string, count: (asked: number) => number): Fault => ({
  call,
  name,
  strike: (real, given) => {
    const [fd, bytes, at, length, position] = given as [number, Uint8Array, number, number, number?];
    const fewer = count(length);
    return fewer === 0 ? 0 : real(fd, bytes, at, fewer, position);
  },
});

/** What the system says of an open file is another than before. */
const differs = (name: string, change: (stat: BigIntStats) => Partial<BigIntStats>): Fault => ({
  call: "fstatSync",
  name,
  strike: (real, given) => {
    const stat = real(...given) as BigIntStats;
    return Object.assign(stat, change(stat));
  },
});

/** The call returns what stands for failure. */
const returns = (call: Call, value: unknown, errors: Readonly<Record<string, number>>): Fault[] =>
  Object.entries(errors).map(([name, errno]) => ({ call, name, errno, strike: () => value }));

export const FAULTS: readonly Fault[] = [
  ...fails("openSync", "ENOENT", "EACCES", "ELOOP", "EMFILE", "ENFILE"),
  ...fails("fstatSync", "EIO"),
  differs("shrunk", ({ size }) => ({ size: size - 1n })),
  differs("grown", ({ size }) => ({ size: size + 1n })),
  differs("another inode", ({ ino }) => ({ ino: ino + 1n })),
  differs("mtime", ({ mtimeNs }) => ({ mtimeNs: mtimeNs + 1n })),
  differs("ctime", ({ ctimeNs }) => ({ ctimeNs: ctimeNs + 1n })),
  ...fails("readSync", "EIO", "EINTR", "EAGAIN"),
  moves("readSync", "short by 1", (asked) => Math.max(1, asked - 1)),
  moves("readSync", "1 byte", () => 1),
  moves("readSync", "0 bytes", () => 0),
  closeFails,
  ...fails("writeSync", "ENOSPC", "EIO", "EROFS", "EINTR"),
  moves("writeSync", "half", (asked) => Math.ceil(asked / 2)),
  moves("writeSync", "0 bytes", () => 0),
  ...fails("fsyncSync", "EIO", "ENOSPC", "EROFS"),
  ...fails("renameSync", "ENOSPC", "EIO", "EROFS", "EXDEV"),
  ...fails("unlinkSync", "EIO"),
  ...fails("mkdirSync", "ENOSPC", "EROFS", "EACCES"),
  ...fails("rmSync", "EIO"),
  ...fails("statSync", "EACCES", "EIO"),
  ...fails("lstatSync", "EACCES", "EIO"),
  ...fails("accessSync", "EACCES"),
  ...fails("statfsSync", "EIO"),
  ...fails("realpathSync", "ENOENT", "EACCES", "ELOOP", "EIO"),
  ...fails("readdirSync", "EACCES", "EIO", "EMFILE"),
  {
    call: "allocate",
    name: "RangeError",
    strike: () => {
      throw new RangeError("Array buffer allocation failed");
    },
  },
  ...returns("mmap", FAILED, { ENOMEM: 12, EACCES: 13, EINVAL: 22 }),
  ...returns("mmap", null, { "no address": 0 }),
  ...returns("madvise", -1, { EINVAL: 22, EFAULT: 14, EAGAIN: 11 }),
  ...returns("munmap", -1, { EINVAL: 22 }),
];
