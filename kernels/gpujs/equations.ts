/** The page's equations as kernels: which of them, with which sizes. */
import type { Rope } from "../../src/config.ts";
import { ShapeError } from "../../src/errors.ts";
import { attentionSizes } from "../../src/reference/attention.ts";
import { linearSizes } from "../../src/reference/linear.ts";
import { checkRows } from "../../src/reference/unwrap.ts";
import type { AnyTensor } from "../../src/tensor.ts";
import { exponentials, largest, mix, scores } from "./attention.ts";
import type { Kernel } from "./device.ts";
import { add as addText, slice, swiglu as swigluText } from "./elementwise.ts";
import { addBias, best } from "./linear.ts";
import { PARTS, rmsNorm as rmsNormText, squares } from "./norm.ts";
import { cut } from "./pack.ts";
import type { Resident, Work } from "./resident.ts";
import { rope as ropeText, turns } from "./rope.ts";
import type { Matrices } from "./weights.ts";

/** Output sizes of T rows: one row is a line, for which a GPU has wider groups of threads. */
function rowsOf(width: number, T: number): readonly number[] {
  return T === 1 ? [width] : [width, T];
}

export function linear(work: Work, matrices: Matrices, x: AnyTensor, W: AnyTensor, b?: AnyTensor): Resident {
  const bias = b === undefined ? undefined : work.own(b, "linear");
  const { T, I, O } = linearSizes(x, W, bias === undefined ? undefined : { length: bias.shape[0]! });
  const input = work.own(x, "linear");
  const output = rowsOf(O, T);
  const placed = matrices.place(W);
  const shape = [T, O];
  let y: Resident;
  if (placed === undefined) {
    const kernel: Kernel = { text: best.rows, output, constants: { ...cut(I) } };
    y = work.run(shape, kernel, { of: work.own(W, "linear"), width: I }, input);
  } else if (placed.kind !== "packed") {
    const kernel: Kernel = { text: best[placed.kind], output, constants: { ...placed.cut } };
    const width = placed.kind === "rows" ? I : O;
    y = work.run(shape, kernel, { handle: placed.weights, width }, input);
  } else {
    const text = bias === undefined ? best.integers : best.biased;
    const more = bias === undefined ? [] : [bias];
    const kernel: Kernel = { text, output, constants: { ...placed.cut } };
    const weights = [
      { handle: placed.words, width: O },
      { handle: placed.scales, width: O },
    ];
    return work.run(shape, kernel, ...weights, input, ...more);
  }
  if (bias === undefined) return y;
  return work.run(shape, { text: addBias, output, constants: { outputs: O } }, y, bias);
}

export function rmsNorm(work: Work, x: AnyTensor, g: AnyTensor, eps: number): Resident {
  const gain = work.own(g, "rmsNorm");
  const [channels = 0] = gain.shape;
  checkRows(x, channels, "rmsNorm", "x");
  const input = work.own(x, "rmsNorm");
  const T = x.shape[0]!;
  const rounds = Math.ceil(channels / PARTS);
  const constants = { channels, parts: PARTS };
  const partial = work.run(
    [T, PARTS],
    { text: squares, output: rowsOf(PARTS, T), constants: { ...constants, rounds } },
    input,
  );
  const kernel: Kernel = { text: rmsNormText, output: rowsOf(channels, T), constants: { ...constants, eps } };
  return work.run([T, channels], kernel, input, partial, gain);
}

/** Tables of the angles of the last places that were asked for. */
export class Tables {
  private readonly work: Work;
  private key: string | undefined;
  private of: Rope | undefined;
  private tables: { readonly cos: Resident; readonly sin: Resident } | undefined;

  constructor(work: Work) {
    this.work = work;
  }

  at(R: Rope, pos: number, T: number) {
    const key = `${pos} ${T}`;
    if (this.tables !== undefined && this.key === key && this.of === R) return this.tables;
    const { work, tables: old } = this;
    if (old !== undefined) for (const x of Object.values(old)) work.free(x);
    const { cos, sin } = turns(R, pos, T);
    const stay = (data: Float32Array) => work.outside(() => work.upload({ shape: [T, R.D / 2], data }));
    this.tables = { cos: stay(cos), sin: stay(sin) };
    this.key = key;
    this.of = R;
    return this.tables;
  }
}

export function rope(work: Work, tables: Tables, x: AnyTensor, pos: number, R: Rope): Resident {
  const [T = 0, width = 0] = x.shape;
  const { D } = R;
  if (D % 2 !== 0 || width % D !== 0) {
    throw new ShapeError("E_SHAPE", "rope", {
      expected: `rows of whole heads of ${D}, an even number`,
      actual: `[${x.shape.join(" ")}]`,
      hint: "Check head_dim in config.json.",
    });
  }
  const heads = width / D;
  const { cos, sin } = tables.at(R, pos, T);
  const kernel: Kernel = { text: ropeText, output: [D, heads, T], constants: { size: D, half: D / 2, heads } };
  return work.run(x.shape, kernel, work.own(x, "rope"), cos, sin);
}

export function attention(work: Work, q: AnyTensor, keys: AnyTensor, values: AnyTensor, D: number): Resident {
  const { T, HD, S, KD } = attentionSizes(q, keys, values, D);
  const [k, v] = [work.own(keys, "attention"), work.own(values, "attention")];
  const heads = HD / D;
  const rows = "room" in k ? (k.room as number) : S;
  const constants = { size: D, heads, shared: HD / KD, rows };
  const each: readonly number[] = [rows, heads, T];
  const kernel = (text: Kernel["text"], output: readonly number[], more: object = {}): Kernel => ({
    text,
    output,
    constants: { ...constants, ...more },
  });
  const scale = 1 / Math.sqrt(D);
  const s = work.run(
    [...each].reverse(),
    kernel(scores, each, { scale }),
    work.own(q, "attention"),
    { of: k, width: KD },
    S - T,
  );
  const most = work.run([T, heads], kernel(largest, [heads, T]), { of: s, width: rows });
  const e = work.run(s.shape, kernel(exponentials, each), { of: s, width: rows }, most);
  return work.run([T, HD], kernel(mix, [D, heads, T]), { of: e, width: rows }, { of: v, width: KD });
}

function same(x: AnyTensor, y: AnyTensor, where: string): void {
  if (x.shape.length === y.shape.length && x.shape.every((n, axis) => n === y.shape[axis])) return;
  throw new ShapeError("E_SHAPE", where, {
    expected: "two tensors of one shape",
    actual: `[${x.shape.join(" ")}] and [${y.shape.join(" ")}]`,
    hint: "Check the model's config against its tensors.",
  });
}

function elementwise(work: Work, text: Kernel["text"], x: AnyTensor, y: AnyTensor, where: string): Resident {
  same(x, y, where);
  const output = [x.shape.reduce((product, n) => product * n, 1)];
  return work.run(x.shape, { text, output, constants: {} }, work.own(x, where), work.own(y, where));
}

export function swiglu(work: Work, gate: AnyTensor, up: AnyTensor): Resident {
  return elementwise(work, swigluText, gate, up, "swiglu");
}

export function add(work: Work, x: AnyTensor, y: AnyTensor): Resident {
  return elementwise(work, addText, x, y, "add");
}

export function rows(work: Work, x: AnyTensor, first: number, count: number): Resident {
  const [, width = 0] = x.shape;
  const kernel: Kernel = { text: slice, output: [count * width], constants: {} };
  return work.run([count, width], kernel, work.own(x, "rows"), first * width);
}
