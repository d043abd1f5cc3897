/** What a survey of a model comes to: its manifest, what is suspicious, and the first thing that is wrong. */
import { basename, join } from "node:path";
import { FormatError, IoError, type QwqError } from "../errors.ts";
import { differs, folderOf, type Manifest, type TensorEntry } from "../files/manifest.ts";
import { faultError, nonFiniteError } from "../files/scan.ts";
import type { Scan } from "../files/scanner.ts";
import type { TensorInfo } from "../files/source.ts";
import { quote } from "../json/quote.ts";
import type { Difference } from "./compare.ts";
import type { FileFound } from "./pass.ts";
import type { Verified } from "./verify.ts";

/** A tensor and what was seen in it. */
export interface Scanned {
  readonly info: TensorInfo;
  readonly crc32: string | undefined;
  readonly scan: Scan | undefined;
}

/** The tensors in the order of the files. */
export function scanned(found: readonly FileFound[], tensors: ReadonlyMap<string, TensorInfo>): Scanned[] {
  return found.flatMap((file) => file.tensors.map(({ name, ...rest }) => ({ info: tensors.get(name)!, ...rest })));
}

/** A larger weight is no trained one's. */
const LARGEST = 1e4;

/**
 * What no trained tensor should look like, one sentence each: W_WEIGHT_SUSPECT. Embedding and unembedding have rows that
 * no token uses, which may well be zeros: up to a tenth of them is not suspicious.
 */
export function suspicions(tensors: readonly Scanned[]): string[] {
  return tensors.flatMap(({ info, scan }) => {
    if (scan === undefined) return [];
    const { rows, zeroRows, equalRows, largest } = scan;
    const say = (what: string) => [`${info.path}: W_WEIGHT_SUSPECT: ${quote(info.name)} has ${what}.`];
    const spare = /embed|embd|lm_head|^output\.weight$/.test(info.name) ? rows / 10 : 0;
    if (info.shape.length > 1 && zeroRows > spare) return say(`${zeroRows} of ${rows} rows of nothing but zeros`);
    if (equalRows > 0) return say(`${equalRows} of ${rows} rows of one value over and over`);
    return largest > LARGEST ? say(`a weight of size ${largest.toPrecision(4)}`) : [];
  });
}

/** What is wrong with the values: the first of each tensor that has something. */
export function damages(tensors: readonly Scanned[]): FormatError[] {
  return tensors.flatMap(({ info, scan }) => {
    if (scan?.fault !== undefined) return [faultError(info, scan.fault)];
    return scan?.nonFinite === undefined ? [] : [nonFiniteError(info, scan.nonFinite)];
  });
}

/** What is said of a difference: E_HASH_UNSTABLE where a second reading of the disk gave another result, else E_HASH. */
export function differenceError({ model }: Verified, found: Difference): QwqError {
  const { file, by, kind, expected, actual, tensors, again } = found;
  const path = join(folderOf(model), file);
  if (again !== undefined && again !== actual) {
    return new IoError("E_HASH_UNSTABLE", path, {
      path,
      expected: "the same bytes each time they are read",
      actual: `sha256 ${actual}, and ${again} from the disk itself`,
      hint: "The disk or the memory of this machine is at fault; check both.",
    });
  }
  const what = { missing: "", unlisted: "", size: "", sha256: "sha256 ", "git-sha1": "git sha1 ", tensors: "" }[kind];
  const [first] = tensors;
  const more = tensors.length > 1 ? `${quote(first!)} and ${tensors.length - 1} more tensors` : quote(first ?? "");
  return differs(path, `${what}${expected} (${by})`, actual, first === undefined ? undefined : more);
}

/** The manifest of a model whose every file was read. */
export function manifestOf({ files, checkpoint }: Verified, producer: ReadonlyMap<string, string>): Manifest {
  const tensors = checkpoint?.source.tensors ?? new Map<string, TensorInfo>();
  const entry = ({ info, crc32 = "" }: Scanned): readonly [string, TensorEntry] => [
    info.name,
    { file: basename(info.path), dtype: info.format, shape: info.shape, crc32 },
  ];
  const entries = files.map(({ name, found: { bytes, sha256, header } }) => [name, { bytes, sha256, header }] as const);
  const all = scanned(files.map(({ found }) => found), tensors); // prettier-ignore
  return { producer, files: new Map(entries), tensors: new Map(all.map(entry)) };
}
