/**
 * Another engine's bundle beside a model: its taps as rows by position, of the width that the model says.
 */
import type { Config } from "../config.ts";
import { FormatError } from "../errors.ts";
import { sizes } from "../files/names.ts";
import type { Bundle } from "./bundle-read.ts";
import type { TapEntry } from "./bundle.ts";
import { parts } from "./graph.ts";
import { isKept, type KeptRows } from "./numbers/kv.ts";
import type { Policy } from "./numbers/policies.ts";
import type { NotFinite } from "./report.ts";
import { dimsOf, tapNames } from "./taps.ts";

/** Some rows of a tap. */
export interface Given {
  readonly width: number;
  readonly data: Float32Array | Float64Array;
  /** The absolute position of each row, ascending. */
  readonly rows: readonly number[];
  /** Of keys and values that were read from a cache: its format, in which they are. */
  readonly kept?: KeptRows | undefined;
  /** Where in `data` the row of a position begins; -1 where there is none. */
  at(position: number): number;
}

/** Taps by name. */
export type Taps = (name: string) => Given | undefined;

/** Rows with their positions. */
export function rowsGiven(width: number, data: Float32Array | Float64Array, rows: readonly number[]): Given {
  const places = new Map(rows.map((row, i) => [row, i * width]));
  return { width, data, rows, at: (position) => places.get(position) ?? -1 };
}

/** The same, of which only these positions are looked at. */
export function within(given: Given, wanted: ReadonlySet<number> | undefined): Given {
  return wanted === undefined ? given : { ...given, rows: given.rows.filter((row) => wanted.has(row)) };
}

/**
 * The whole taps of a bundle, read when they are asked for, and kept until another layer's are. Sketches are none.
 *
 * throws   FormatError E_CMP_SHAPE, E_CMP_ROWS where a tap does not fit the model or the prompt; as Bundle's `read`
 */
export function tapsOf(bundle: Bundle, config: Config, policy?: Policy): Taps {
  const kept = new Map<string, Given>();
  const { length } = bundle.manifest.input.ids;
  return (name) => {
    const entry = bundle.entry(name);
    if (entry === undefined || entry.width !== undefined) return undefined;
    const known = kept.get(name);
    if (known !== undefined) return known;
    checkFits(entry, bundle.path, config, length);
    const { layer } = parts(name);
    for (const other of kept.keys()) {
      const theirs = parts(other).layer;
      if (layer !== undefined && theirs !== undefined && theirs < layer - 1) kept.delete(other);
    }
    const given = withKept(
      name,
      rowsGiven(entry.shape[1], bundle.read(name)!.data, entry.rows),
      config.headSize,
      policy,
    );
    kept.set(name, given);
    return given;
  };
}

/** Keys and values may be told as they were computed, or as they stand in the cache: then every row is of its format. */
function withKept(name: string, given: Given, D: number, policy: Policy | undefined): Given {
  if (policy?.kv === undefined || !["kr", "v"].includes(parts(name).short)) return given;
  const format: KeptRows = { format: policy.kv, D };
  const row = (at: number) => Float64Array.from(given.data.subarray(at, at + given.width));
  const all = given.rows.every((position) => isKept(row(given.at(position)), format, policy.store.u));
  return all ? { ...given, kept: format } : given;
}

/** Throws unless a tap has the model's width and the prompt's positions. */
export function checkFits(entry: TapEntry, path: string, config: Config, length: number): void {
  const { name, rows, shape } = entry;
  const axis = dimsOf(name).split(" ")[1] as "C" | "F" | "V" | "HD" | "KD";
  const width = sizes(config)[axis];
  const { layer } = parts(name);
  if (layer !== undefined && layer >= config.layers) {
    throw unfit("E_CMP_SHAPE", path, `a model of ${layer + 1} layers or more`, `${config.layers}`, name);
  }
  if ((entry.width ?? shape[1]) !== width) {
    throw unfit("E_CMP_SHAPE", path, `rows of ${width}`, `${entry.width ?? shape[1]}`, name);
  }
  if (rows.length > 0 && rows.at(-1)! >= length) {
    throw unfit("E_CMP_ROWS", path, `positions below ${length}, as many as ids`, `${rows.at(-1)!}`, name);
  }
}

function unfit(code: string, path: string, expected: string, actual: string, tensor: string): FormatError {
  const hint = "Give the bundle and the model of one run.";
  return new FormatError(code, path, { path, expected, actual, tensor, hint });
}

/** The first value that is not finite, in the order in which taps are computed. */
export function firstNotFinite(bundle: Bundle): NotFinite | undefined {
  const names = bundle.manifest.taps.map(({ name }) => name);
  const layers = Math.max(0, ...names.map((name) => 1 + (parts(name).layer ?? -1)));
  for (const tap of tapNames(layers)) {
    const entry = bundle.entry(tap);
    if (entry === undefined) continue;
    const { data } = bundle.read(tap)!;
    const at = data.findIndex((x) => !Number.isFinite(x));
    if (at < 0) continue;
    const width = entry.shape[1];
    const value = `${data[at]!}` as NotFinite["value"];
    return { tap, row: entry.rows[Math.floor(at / width)]!, column: at % width, value };
  }
  return undefined;
}
