/**
 * The oracle's own backend: the equations in float64, row by row on demand, rounded where a policy says.
 *
 * The same operation on the same inputs is one tensor, so a mutant of the page shares everything that it does not change.
 */
import type { Config } from "../../config.ts";
import type { CacheFormat, LayerCache, Ops } from "../../ops.ts";
import { host, type Tensor } from "../../tensor.ts";
import { embed as lookUp } from "../../reference/embed.ts";
import { data } from "../../reference/unwrap.ts";
import { ATTENTION, attend, type AttentionSettings } from "./attention.ts";
import {
  added,
  GATE,
  gated,
  type GateSettings,
  normed,
  type NormSettings,
  rotated,
  ROPE,
  type RopeSettings,
} from "./elementwise.ts";
import { F64 } from "./formats.ts";
import { type KvFormat, kvFormatOf } from "./kv.ts";
import { finished, product } from "./linear.ts";
import type { Run } from "./policies.ts";
import { asRows, asTensor, range, Rows } from "./rows.ts";

/** What may be done otherwise, of every operation. */
export interface Settings {
  readonly attention: AttentionSettings;
  readonly rope: RopeSettings;
  readonly gate: GateSettings;
  readonly norm: NormSettings;
}

export const SETTINGS: Settings = { attention: ATTENTION, rope: ROPE, gate: GATE, norm: { centred: false } };

/** A backend with a memory of what it has made, and with settings of its own for any operation. */
export interface OracleOps extends Ops {
  /** The same memory under other settings. */
  with(settings: Partial<Settings>): OracleOps;
  /**
   * Keys or values as the policy keeps them. Of the truth they are rounded only where they are `sure`, an engine's own: what
   * is computed here may lie on the other side of a step.
   */
  cached<A extends string>(x: Tensor<A>, D: number, sure: boolean): Tensor<A>;
  /** Remembers what `make` makes by that name. */
  once<A extends string>(name: string, make: () => Rows): Tensor<A>;
}

/** A backend that computes as `run` says. It remembers all it makes: one for a layer. */
export function oracleOps(run: Run, settings: Settings = SETTINGS, memory = new Map<string, Rows>()): OracleOps {
  const once = remembering(memory);
  return {
    name: `oracle ${run.policy.name} ${run.order}`,
    with: (other) => oracleOps(run, { ...settings, ...other }, memory),
    once,
    cached: (x, D, sure) => cached(x, D, sure, run, once),
    embed: (E, ids) => once(`embed ${key(E, ids)} ${run.weights?.name}`, () => embedded(E, ids, run)),
    rmsNorm(x, g, eps) {
      const { norm } = settings;
      return once(`norm ${key(x, g, eps, norm)}`, () => normed(asRows(x), data(g, "rmsNorm"), eps, run, norm));
    },
    linear(x, W, b) {
      const sums = once(`product ${key(x, W)} ${run.weights?.name}`, () => product(asRows(x), W, run));
      const bias = b === undefined ? undefined : data(b, "linear");
      return once(`sum ${key(sums, b)}`, () => finished(asRows(sums), bias, run));
    },
    rope(x, pos, R) {
      const { rope } = settings;
      return once(`rope ${key(x, pos, R, rope)}`, () => rotated(asRows(x), pos, R, run, rope));
    },
    attention(q, keys, values, D) {
      const { attention } = settings;
      const name = `attention ${key(q, keys, values, D, attention)} ${run.fused === true} ${run.operands === true}`;
      return once(name, () => attend(asRows(q), asRows(keys), asRows(values), D, run, attention));
    },
    swiglu(gate, up) {
      return once(`gate ${key(gate, up, settings.gate)}`, () => gated(asRows(gate), asRows(up), run, settings.gate));
    },
    add: (x, y) => once(`add ${key(x, y)}`, () => added(asRows(x), asRows(y), run)),
    rows: (x, first, rows) => once(`rows ${key(x, first, rows)}`, () => slice(asRows(x), first, rows)),
    cache: (config, _, format) => caches(config, format, run),
    upload: (x) => x,
    download: (x) => host(x.shape, Float32Array.from(asRows(x).all())),
    scope: (f) => f(),
  };
}

/** A backend for each way to compute; those that differ in their attention alone remember together. */
export function oracleOpsOf(runs: readonly Run[]): OracleOps[] {
  const memories = new Map<string, Map<string, Rows>>();
  return runs.map((run) => {
    const name = `${run.policy.name} ${run.order}`;
    const memory = memories.get(name) ?? new Map<string, Rows>();
    memories.set(name, memory);
    return oracleOps(run, SETTINGS, memory);
  });
}

function remembering(memory: Map<string, Rows>) {
  return <A extends string>(name: string, make: () => Rows): Tensor<A> => {
    const made = memory.get(name) ?? make();
    memory.set(name, made);
    return asTensor(made);
  };
}

function cached<A extends string>(
  x: Tensor<A>,
  D: number,
  sure: boolean,
  run: Run,
  once: OracleOps["once"],
): Tensor<A> {
  const { kv, store } = run.policy;
  if (kv === undefined || (store === F64 && !sure)) return x;
  return once(`cached ${key(x, D)} ${run.ties}`, () => kept(asRows(x), D, kv, run));
}

/** One cache a layer, which keeps rows in a format. */
function caches({ layers, headSize }: Config, format: CacheFormat | undefined, run: Run): LayerCache[] {
  const kv = format === undefined ? undefined : kvFormatOf(format);
  const read = (x: Rows) => (kv === undefined ? x : kept(x, headSize, kv, run));
  return range(layers).map(() => new RowsCache(read));
}

/** What a cache gives back: rounded to its format and, where that has scales, widened to that of the activations. */
function kept(x: Rows, D: number, kv: KvFormat, { ties, policy }: Run): Rows {
  const [T, width] = x.shape;
  return new Rows(T, width, (rows, into) => {
    const data = x.need(rows);
    for (const t of rows) {
      const row = data.slice(t * width, (t + 1) * width);
      kv.round(row, D, ties);
      into.set(kv.blocks ? row.map(policy.store.round) : row, t * width);
    }
  });
}

/** Keys and values one after another. */
class RowsCache implements LayerCache {
  length = 0;
  private keys: Rows | undefined;
  private values: Rows | undefined;
  private readonly read: (x: Rows) => Rows;

  /** What is read of rows is what `read` makes of them. */
  constructor(read: (x: Rows) => Rows) {
    this.read = read;
  }

  append(k: Tensor<"T KD">, v: Tensor<"T KD">): { keys: Tensor<"S KD">; values: Tensor<"S KD"> } {
    this.keys = joined(this.keys, this.read(asRows(k)), this.length);
    this.values = joined(this.values, this.read(asRows(v)), this.length);
    this.length = this.keys.shape[0];
    return { keys: asTensor(this.keys), values: asTensor(this.values) };
  }

  truncate(length: number): void {
    this.length = Math.min(this.length, length);
  }
}

/** The first `length` rows of one, then those of the other. */
function joined(before: Rows | undefined, after: Rows, length: number): Rows {
  if (before === undefined || length === 0) return after;
  const [T, width] = after.shape;
  return new Rows(length + T, width, (rows, into) => {
    const [old, fresh] = [rows.filter((t) => t < length), rows.filter((t) => t >= length)];
    const a = before.need(old);
    const b = after.need(fresh.map((t) => t - length));
    for (const t of old) into.set(a.subarray(t * width, (t + 1) * width), t * width);
    for (const t of fresh) into.set(b.subarray((t - length) * width, (t - length + 1) * width), t * width);
  });
}

function slice(x: Rows, first: number, rows: number): Rows {
  const [, width] = x.shape;
  return new Rows(rows, width, (wanted, into) => {
    const data = x.need(wanted.map((t) => t + first));
    for (const t of wanted) into.set(data.subarray((t + first) * width, (t + first + 1) * width), t * width);
  });
}

function embedded(E: Tensor<"V C">, ids: Uint32Array, { policy, weights }: Run): Rows {
  const [, C = 0] = E.shape;
  return new Rows(ids.length, C, (rows, x) => {
    const { data } = lookUp(
      E,
      Uint32Array.from(rows, (t) => ids[t]!),
    );
    rows.forEach((t, n) => {
      const row = Float64Array.from(data.subarray(n * C, (n + 1) * C));
      weights?.round(row, C);
      for (let c = 0; c < C; c++) x[t * C + c] = policy.weights.round(row[c]!);
    });
  });
}

/** What an operation is given, as a text: the same for the same things. */
function key(...parts: readonly (object | number | undefined)[]): string {
  return parts.map(nameOf).join(" ");
}

const numbers = new WeakMap<object, number>();
let next = 0;

/** A name for whatever an operation is given: the same for the same object, or the same number. */
function nameOf(part: object | number | undefined): string {
  if (part === undefined || typeof part === "number") return `${part}`;
  if (part instanceof Rows) return `#${part.id}`;
  const known = numbers.get(part) ?? next++;
  numbers.set(part, known);
  return `@${known}`;
}
