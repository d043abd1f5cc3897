/**
 * From another engine's tensors to a candidate bundle: names, axes and rows become the page's.
 *
 * - A leading axis of 1 is the batch and is dropped. [heads T D], of caches and rotations, becomes [T heads * D].
 * - Fewer rows than ids are the last ones, unless the engine says which: llama.cpp keeps only the rows whose logits were
 *   asked for from the last layer's attention on.
 * - q, k and v (gate and up) beside each other in one matrix are taken apart; that needs the model's sizes.
 * - llama.cpp's files of architecture `llama` hold q and k permuted within each head; that is undone.
 */
import type { Config } from "../../config.ts";
import { FormatError, UsageError } from "../../errors.ts";
import { foreignTap, LAST_OUT } from "../../files/foreign-names.ts";
import { LAYER_TAPS, MODEL_TAPS, sizes } from "../../files/names.ts";
import { host, type Host } from "../../tensor.ts";
import type { BundleTap } from "../bundle.ts";
import { dimsOf, tapNames } from "../taps.ts";
import type { ForeignTensor } from "./foreign.ts";
import { statsOf } from "./stats.ts";

export interface AssembleOptions {
  readonly ids: readonly number[];
  /** The file or folder, for errors. */
  readonly path: string;
  /** Of the model, where it is known: widths are then checked, and fused matrices taken apart. */
  readonly config?: Config | undefined;
  /** How q and k lie within a head: in halves, or as neighbours. */
  readonly layout: "neox" | "interleaved";
  /** Names of the engine that the table has not, and the page's. */
  readonly map?: ReadonlyMap<string, string> | undefined;
}

export interface Assembled {
  /** In the order of computation. */
  readonly taps: readonly BundleTap[];
  readonly notes: readonly string[];
}

interface Piece {
  readonly tap: string;
  readonly data: Host<string>;
  readonly rows: readonly number[];
}

/**
 * The taps of these tensors.
 *
 * throws   FormatError E_IMPORT_NONE where no name is known, E_IMPORT_TWICE, E_IMPORT_SHAPE; UsageError E_ARG_MODEL where
 *          the model's sizes are needed
 */
export function assemble(tensors: readonly ForeignTensor[], options: AssembleOptions): Assembled {
  const pieces = new Map<string, Piece>();
  const unknown: string[] = [];
  for (const tensor of resolved(tensors, options)) {
    if (tensor.taps === undefined) unknown.push(tensor.name);
    for (const piece of split(tensor, options)) {
      const before = pieces.get(piece.tap);
      if (before !== undefined && !sameValues(before.data.data, piece.data.data)) {
        throw bad("E_IMPORT_TWICE", options, `${piece.tap} once`, `other values for it from ${tensor.name}`);
      }
      pieces.set(piece.tap, piece);
    }
  }
  if (pieces.size === 0) {
    throw bad(
      "E_IMPORT_NONE",
      options,
      "names that the table of names has",
      unknown.slice(0, 3).join(", ") || "no tensors",
    );
  }
  const order = tapNames(layersOf(pieces));
  const taps = [...pieces.values()].sort((a, b) => order.indexOf(a.tap) - order.indexOf(b.tap)).map(toTap);
  return { taps, notes: notes(taps, unknown, options) };
}

/** A cache holds what a projection made: the same tap twice. */
function sameValues(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((x, i) => Object.is(x, b[i]) || x === b[i]);
}

interface Resolved extends ForeignTensor {
  /** Empty where another tensor is the same tap, nearer to it. */
  readonly taps: readonly string[] | undefined;
  readonly alias: boolean;
}

/** Names by the table. Where llama.cpp adds no bias, q, k and v are the products themselves. */
function resolved(tensors: readonly ForeignTensor[], { map }: AssembleOptions): Resolved[] {
  const first = tensors.map((tensor): Resolved => {
    const mapped = map?.get(tensor.name);
    const found = mapped === undefined ? foreignTap(tensor.name, tensor.op) : { taps: [mapped], alias: false };
    return { ...tensor, taps: found?.taps, alias: found?.alias === true };
  });
  const have = new Set(first.flatMap(({ taps, alias }) => (alias ? [] : (taps ?? []))));
  const last = `${layersOf(new Map([...have].map((name) => [name, 0]))) - 1}.out`;
  return first.map((tensor) => {
    if (tensor.alias) {
      const taps = tensor.taps!.map((tap) => (tap === LAST_OUT ? last : tap));
      return { ...tensor, taps: taps.some((tap) => have.has(tap)) ? [] : taps };
    }
    if (tensor.taps !== undefined || tensor.op !== "MUL_MAT") return tensor;
    const taps = foreignTap(tensor.name, "ADD")?.taps;
    return taps === undefined || taps.some((tap) => have.has(tap)) ? tensor : { ...tensor, taps };
  });
}

function layersOf(pieces: ReadonlyMap<string, unknown>): number {
  return Math.max(0, ...[...pieces.keys()].map((name) => Number(/^(\d+)\./.exec(name)?.[1] ?? -1) + 1));
}

function split(tensor: Resolved, options: AssembleOptions): Piece[] {
  const { taps } = tensor;
  if (taps === undefined || taps.length === 0) return [];
  const x = matrix(tensor, taps[0]!, options);
  const rows = rowsOf(tensor, x, options);
  if (taps.length === 1) return [piece(taps[0]!, x, rows, options)];
  const widths = taps.map((tap) => widthOf(tap, options));
  if (widths.some((width) => width === undefined)) {
    throw new UsageError("E_ARG_MODEL", "oracle import", {
      expected: "-m MODEL, whose sizes say where each part of it begins",
      actual: `${tensor.name}, which is ${taps.length} activations beside each other`,
      hint: "Name the model, or export the parts by themselves.",
    });
  }
  let from = 0;
  return taps.map((tap, i) => {
    const width = widths[i]!;
    from += width;
    return piece(tap, columns(x, from - width, width), rows, options);
  });
}

/** [T, width] of whatever axes it came in. */
function matrix({ name, shape, data }: ForeignTensor, tap: string, options: AssembleOptions): Host<string> {
  const length = options.ids.length;
  const rotated = ["qr", "kr", "v", "q", "k"].includes(tap.slice(tap.indexOf(".") + 1));
  if (length === 1 && rotated) return host([1, data.length], data); // an axis of 1 may be the token's, and not the batch's
  let axes = shape.filter((n, i) => n !== 1 || i === shape.length - 1 || i === shape.length - 2);
  while (axes.length > 2 && axes[0] === 1) axes = axes.slice(1);
  if (axes.length === 1) axes = [1, ...axes];
  if (axes.length === 2) return host([axes[0]!, axes[1]!], data);
  const [a, b, c] = axes as [number, number, number];
  if (axes.length === 3 && rotated && (a !== length || b === length))
    return host([b, a * c], headsInside(data, a, b, c));
  if (axes.length === 3) return host([a, b * c], data);
  throw bad("E_IMPORT_SHAPE", options, `${name} as [T width], [T heads D] or [heads T D]`, `[${shape.join(" ")}]`);
}

/** [heads T D] -> [T heads D]. */
function headsInside(data: Float32Array, heads: number, length: number, D: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let h = 0; h < heads; h++) {
    for (let t = 0; t < length; t++) {
      const from = (h * length + t) * D;
      out.set(data.subarray(from, from + D), (t * heads + h) * D);
    }
  }
  return out;
}

function rowsOf(tensor: ForeignTensor, { shape }: Host<string>, options: AssembleOptions): number[] {
  const [count = 0] = shape;
  const length = options.ids.length;
  const rows = tensor.rows ?? Array.from({ length: count }, (_, i) => length - count + i);
  const ok =
    rows.length === count && rows.every((row, i) => row >= 0 && row < length && (i === 0 || row > rows[i - 1]!));
  if (ok) return [...rows];
  throw bad("E_IMPORT_SHAPE", options, `at most ${length} rows of ${tensor.name}, one for each id`, `${count}`);
}

function widthOf(tap: string, { config }: AssembleOptions): number | undefined {
  if (config === undefined) return undefined;
  const short = tap.slice(tap.indexOf(".") + 1);
  const row = [...LAYER_TAPS, ...MODEL_TAPS].find(({ ours }) => ours === short)!;
  return row.axes.reduce((product, axis) => product * sizes(config)[axis], 1);
}

function columns({ shape, data }: Host<string>, from: number, width: number): Host<string> {
  const [rows = 0, all = 0] = shape;
  const out = new Float32Array(rows * width);
  for (let t = 0; t < rows; t++) out.set(data.subarray(t * all + from, t * all + from + width), t * width);
  return host([rows, width], out);
}

function piece(tap: string, x: Host<string>, rows: readonly number[], options: AssembleOptions): Piece {
  const width = widthOf(tap, options);
  const actual = x.shape[1]!;
  if (width !== undefined && width !== actual)
    throw bad("E_IMPORT_SHAPE", options, `${tap} with ${width} columns`, `${actual}`);
  const permuted = options.layout === "interleaved" && /\.(q|k|qr|kr)$/.test(tap);
  return { tap, data: permuted ? halves(x, options) : x, rows };
}

/** Within each head: numbers 0 2 4 ... and then 1 3 5 ..., as Hugging Face's weights have them. */
function halves({ shape, data }: Host<string>, { config }: AssembleOptions): Host<string> {
  if (config === undefined) {
    throw new UsageError("E_ARG_MODEL", "--qk-layout", {
      expected: "-m MODEL, which has the size of a head",
      actual: "none",
      hint: "Name the model that the engine ran.",
    });
  }
  const D = config.headSize;
  const out = new Float32Array(data.length);
  for (let from = 0; from < data.length; from += D) {
    for (let i = 0; i < D / 2; i++) {
      out[from + i] = data[from + 2 * i]!;
      out[from + i + D / 2] = data[from + 2 * i + 1]!;
    }
  }
  return host(shape, out);
}

function toTap({ tap, data, rows }: Piece): BundleTap {
  return { name: tap, dims: dimsOf(tap), data, rows, stats: statsOf(data.data) };
}

function notes(taps: readonly BundleTap[], unknown: readonly string[], { ids }: AssembleOptions): string[] {
  const short = taps.filter(({ rows }) => rows.length < ids.length).map(({ name }) => name);
  const lines: string[] = [];
  if (short.length > 0)
    lines.push(`Of ${some(short)} only the last rows are there; they are taken for the last positions.`);
  if (unknown.length > 0) lines.push(`Passed over, since no tap is called so: ${some(unknown)}.`);
  return lines;
}

function some(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
}

function bad(code: string, { path }: AssembleOptions, expected: string, actual: string): FormatError {
  const hint = "Names and axes are described by qwq oracle import --help.";
  return new FormatError(code, path, { path, expected, actual, hint });
}
