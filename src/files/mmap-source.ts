/** Weights by mapped files: no copy where they are in the system's cache, and no memory of our own. */
import { allocate, type InputFile } from "./input.ts";
import { Mapping } from "./mapping.ts";
import type { MapCalls } from "./io.ts";
import type { PreadOptions } from "./pread.ts";
import { checkIdle, checkWindow, type Course, type TensorInfo, toKeep, type WeightSource } from "./source.ts";

/** How far ahead of the window in use the system is asked to read. */
const AHEAD = 1 << 26;
/** How many used bytes may gather before they are given back. */
const BEHIND = 1 << 23;
/** Small windows of a tensor that is walked share one check of the file and one call that reads pages in. */
const BLOCK = 1 << 20;
/** Windows begin at a multiple of it in memory, as float32 needs; what lies otherwise in the file is copied. */
const ALIGNMENT = 4;

/** A tensor that is being used from its beginning to its end, as matrices are. */
interface Walk {
  readonly info: TensorInfo;
  /** Bytes used, of these given back, and asked for ahead, each from the tensor's beginning. */
  at: number;
  given: number;
  asked: number;
  /** How far its pages were read in, after the file was checked. */
  ready: number;
  /** The tensor after it, once that has been asked for. */
  next: TensorInfo | undefined;
}

/**
 * A WeightSource whose windows are the file itself. Before a window is lent, the file is compared with what it was when
 * it was opened, and its pages are read in by a call that reports failure; afterwards it is compared again. Where a
 * tensor is walked in small windows, that is done a mebibyte at a time: a comparison takes as long as reading 8 KiB.
 * What remains is a file cut short by another process in between: touching it then ends the process by SIGBUS, which no
 * JavaScript can catch. Files that others may write are better read.
 *
 * Tensors are kept in memory as PreadSource keeps them. The rest is given back behind the window, and read in ahead of
 * it by other threads: the tensor's next bytes, and then those of the tensor that follows in the course.
 */
export class MmapSource implements WeightSource {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** What its files warn of, one sentence each. */
  readonly warnings: readonly string[];
  private readonly files: ReadonlyMap<string, InputFile>;
  private readonly mappings = new Map<string, Mapping>();
  pin: number;
  private keeps: ReadonlySet<TensorInfo> = new Set();
  /** For each tensor of the course the one after it. */
  private followers: ReadonlyMap<TensorInfo, TensorInfo> = new Map();
  private walk: Walk | undefined;
  /** Windows in use now. */
  private depth = 0;

  /**
   * Takes over the open files, which must hold the tensors at the paths that these name; but not where it throws:
   * IoError E_IO_MAP or E_IO_CHANGED, and nothing stays mapped.
   */
  constructor(files: readonly InputFile[], tensors: Iterable<TensorInfo>, { pin = 0 }: PreadOptions, calls: MapCalls) {
    this.files = new Map(files.map((file) => [file.path, file]));
    this.tensors = new Map([...tensors].map((info) => [info.name, info]));
    this.warnings = files.flatMap(({ warnings }) => warnings);
    this.pin = pin;
    try {
      for (const file of files) this.mappings.set(file.path, new Mapping(file, calls));
    } catch (error) {
      for (const mapping of this.mappings.values()) mapping.close();
      throw error;
    }
  }

  expect(course: Course): void {
    const { walked } = course;
    this.keeps = toKeep(course, this.pin);
    this.followers = new Map(walked.map((info, i) => [info, walked[(i + 1) % walked.length]!]));
  }

  window<R>(info: TensorInfo, from: number, length: number, use: (bytes: Uint8Array) => R): R {
    checkWindow(info, from, length, this.files);
    const file = this.files.get(info.path)!;
    const mapping = this.mappings.get(info.path)!;
    this.depth++;
    try {
      const walk = this.follow(info, from, length);
      if (walk === undefined || walk.ready < walk.at) {
        const bytes = walk === undefined ? length : Math.min(info.bytes - from, Math.max(length, BLOCK));
        file.checkUnchanged();
        mapping.populate(info.offset + from, bytes);
        if (walk !== undefined) walk.ready = from + bytes;
      }
      const result = use(aligned(mapping.bytes(info.offset + from, length), info.path));
      if (walk === undefined || walk.ready === walk.at) file.checkUnchanged();
      if (this.depth === 1) this.giveBack(info, from, length, walk);
      return result;
    } finally {
      this.depth--;
    }
  }

  /** Windows after that throw IoError E_IO_CLOSED. Throws QwqError E_INTERNAL inside a window; again is no error. */
  close(): void {
    checkIdle(this.depth);
    for (const mapping of this.mappings.values()) mapping.close();
    for (const file of this.files.values()) file.close();
  }

  /** Asks for what comes after this window, where it goes on from the last one or begins a tensor. */
  private follow(info: TensorInfo, from: number, length: number): Walk | undefined {
    let { walk } = this;
    if (walk?.info !== info || from !== walk.at) {
      if (from !== 0) return undefined;
      walk = this.begin(info);
    }
    walk.at = from + length;
    walk.asked = Math.max(walk.asked, walk.at);
    const target = Math.min(info.bytes, walk.at + AHEAD);
    if (target - walk.asked >= AHEAD / 2 || target === info.bytes) {
      this.mappings.get(info.path)!.prefetch(info.offset + walk.asked, target - walk.asked);
      walk.asked = target;
    }
    if (walk.asked === info.bytes && walk.next === undefined) this.askNext(walk);
    return walk;
  }

  private begin(info: TensorInfo): Walk {
    const before = this.walk;
    const asked = before?.next === info ? Math.min(AHEAD, info.bytes) : 0;
    if (before !== undefined && this.depth === 1) this.release(before, before.at);
    this.walk = { info, at: 0, given: 0, asked, ready: 0, next: undefined };
    return this.walk;
  }

  private askNext(walk: Walk): void {
    const next = this.followers.get(walk.info);
    if (next === undefined || next === walk.info) return;
    this.mappings.get(next.path)!.prefetch(next.offset, Math.min(AHEAD, next.bytes));
    walk.next = next;
  }

  private giveBack(info: TensorInfo, from: number, length: number, walk: Walk | undefined): void {
    if (this.keeps.has(info)) return;
    if (walk === undefined) this.mappings.get(info.path)!.release(info.offset + from, length);
    else if (walk.at - walk.given >= BEHIND || walk.at === info.bytes) this.release(walk, walk.at);
  }

  private release(walk: Walk, to: number): void {
    const { info, given } = walk;
    if (this.keeps.has(info)) return;
    this.mappings.get(info.path)!.release(info.offset + given, to - given);
    walk.given = to;
  }
}

/** The bytes where they are, or a copy at an address that suits every number format. */
function aligned(bytes: Uint8Array, where: string): Uint8Array {
  if (bytes.byteOffset % ALIGNMENT === 0) return bytes;
  const copy = allocate(bytes.length, where);
  copy.set(bytes);
  return copy;
}
