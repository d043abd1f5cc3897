/**
 * One pass over the bytes of a file: its hashes, its tensors' checksums and the scan of their values, all from the same
 * read, so that what was hashed is what was looked at.
 */
import { createHash, type Hash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { InputFile } from "../files/input.ts";
import type { Digest } from "../files/manifest.ts";
import { windowsOf } from "../files/scan.ts";
import { canScan, type Rule, type Scan, Scanner } from "../files/scanner.ts";
import type { TensorInfo } from "../files/source.ts";

/** A tensor and what is asked of it. */
export interface Asked {
  readonly info: TensorInfo;
  readonly rule: Rule;
}

/** What is wanted of a file. */
export interface Wanted {
  /** Its tensors, in the order of their data; none of a file without weights. */
  readonly tensors: readonly Asked[];
  /** Hashes of the whole file; without them only the tensors are read. */
  readonly hashes: boolean;
}

/** What a tensor's bytes told. */
export interface TensorFound {
  readonly name: string;
  /** Eight hexadecimal digits; undefined without hashes. */
  readonly crc32: string | undefined;
  /** Undefined for a number format that cannot be widened. */
  readonly scan: Scan | undefined;
}

/** What a file's bytes told. */
export interface FileFound extends Digest {
  /** The hash by which git names such a file; of a file without tensors. */
  readonly gitSha1: string | undefined;
  /** What stands before the tensors; undefined of a file without. */
  readonly header: Digest | undefined;
  readonly tensors: readonly TensorFound[];
}

const GAP = 1 << 20;

/**
 * Reads the open file from its beginning to its end. `onBytes` is told after each piece how many bytes it had; what it
 * throws ends the pass.
 *
 * throws   as InputFile's `readInto` and `checkUnchanged`
 */
export function passOver(file: InputFile, { tensors, hashes }: Wanted, onBytes: (bytes: number) => void): FileFound {
  const buffer = new Uint8Array(GAP);
  const sha256 = createHash("sha256");
  // Git, and Hugging Face's cache with it, names small files by this one.
  const sha1 = tensors.length === 0 ? createHash("sha1").update(`blob ${file.bytes}\0`) : undefined;
  let at = 0;
  const take = (length: number): Uint8Array => {
    const bytes = buffer.subarray(0, length);
    file.readInto(bytes, at);
    at += length;
    if (hashes) update(bytes, sha256, sha1);
    onBytes(length);
    return bytes;
  };
  const skipTo = (end: number) => {
    if (!hashes) at = end;
    while (at < end) take(Math.min(GAP, end - at));
  };
  let header: Digest | undefined;
  const found = tensors.map((asked) => {
    skipTo(asked.info.offset);
    header ??= { bytes: at, sha256: sha256.copy().digest("hex") };
    return read(asked, hashes, take);
  });
  skipTo(file.bytes);
  file.checkUnchanged();
  return {
    bytes: file.bytes,
    sha256: sha256.digest("hex"),
    gitSha1: sha1?.digest("hex"),
    header,
    tensors: found,
  };
}

function update(bytes: Uint8Array, sha256: Hash, sha1: Hash | undefined): void {
  sha256.update(bytes);
  sha1?.update(bytes);
}

function read(asked: Asked, hashes: boolean, take: (length: number) => Uint8Array): TensorFound {
  const { info, rule } = asked;
  const scanner = canScan(info) ? new Scanner(info, rule) : undefined;
  let sum = 0;
  for (const [, length] of windowsOf(info)) {
    const bytes = take(length);
    if (hashes) sum = crc32(bytes, sum);
    scanner?.feed(bytes);
  }
  return { name: info.name, crc32: hashes ? hex8(sum) : undefined, scan: scanner?.end() };
}

function hex8(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}
