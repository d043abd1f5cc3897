/**
 * The oracle's own backend: the equations in float64, row by row on demand, rounded where a policy says.
 *
 * The same operation on the same inputs is one tensor, so a mutant of the page shares everything that it does not change.
 */
import type { LayerCache, Ops } from "../../ops.ts";
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
    embed: (E, ids) => once(`embed ${key(E, ids)}`, () => embedded(E, ids, run)),
    rmsNorm(x, g, eps) {
      const { norm } = settings;
      return once(`norm ${key(x, g, eps, norm)}`, () => normed(asRows(x), data(g, "rmsNorm"), eps, run, norm));
    },
    linear(x, W, b) {
      const sums = once(`product ${key(x, W)}`, () => product(asRows(x), W, run));
      const bias = b === undefined ? undefined : data(b, "linear");
      return once(`sum ${key(sums, b)}`, () => finished(asRows(sums), bias, run));
    },
    rope(x, pos, R) {
      const { rope } = settings;
      return once(`rope ${key(x, pos, R, rope)}`, () => rotated(asRows(x), pos, R, run, rope));
    },
    attention(q, keys, values, D) {
      const { attention } = settings;
      return once(`attention ${key(q, keys, values, D, attention)} ${run.fused === true}`, () =>
        attend(asRows(q), asRows(keys), asRows(values), D, run, attention),
      );
    },
    swiglu(gate, up) {
      return once(`gate ${key(gate, up, settings.gate)}`, () => gated(asRows(gate), asRows(up), run, settings.gate));
    },
    add: (x, y) => once(`add ${key(x, y)}`, () => added(asRows(x), asRows(y), run)),
    rows: (x, first, rows) => once(`rows ${key(x, first, rows)}`, () => slice(asRows(x), first, rows)),
    cache: ({ layers }) => range(layers).map(() => new RowsCache()),
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

/** Keys and values one after another. */
class RowsCache implements LayerCache {
  length = 0;
  private keys: Rows | undefined;
  private values: Rows | undefined;

  append(k: Tensor<"T KD">, v: Tensor<"T KD">): { keys: Tensor<"S KD">; values: Tensor<"S KD"> } {
    this.keys = joined(this.keys, asRows(k), this.length);
    this.values = joined(this.values, asRows(v), this.length);
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

function embedded(E: Tensor<"V C">, ids: Uint32Array, { policy }: Run): Rows {
  const [, C = 0] = E.shape;
  return new Rows(ids.length, C, (rows, x) => {
    const { data } = lookUp(
      E,
      Uint32Array.from(rows, (t) => ids[t]!),
    );
    rows.forEach((t, n) => {
      for (let c = 0; c < C; c++) x[t * C + c] = policy.weights.round(data[n * C + c]!);
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
