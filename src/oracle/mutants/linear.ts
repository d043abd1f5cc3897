/** Linear maps gone wrong: biases lost or invented, matrices transposed, zero points off by one. */
import { eachRows } from "../../reference/unwrap.ts";
import { type AnyTensor, host, type Tensor, zeros } from "../../tensor.ts";
import type { Layer } from "../../weights.ts";
import type { LayerRun } from "../anchored.ts";
import type { Given } from "../candidate.ts";
import { asRows, asTensor, Rows } from "../numbers/rows.ts";
import { gridOf, shiftedBy } from "./grid.ts";
import { solve } from "./solve.ts";
import { atCalls, derived, type Family, type Mutant, paged, type Scene, theirs } from "./mutant.ts";

export const linear: Family = (scene) => [
  ...(scene.run.W.bq === undefined ? [] : biases()),
  ...inventedBias(scene),
  ...(["Wq", "Wo"] as const).filter((name) => isSquare(scene.run.W[name])).map(transposed),
  ...MAPS.flatMap((map) => [...knownGrid(scene, map), ...zeroPoint(scene, map)]),
];

function biases(): Mutant[] {
  const without = (...names: readonly ("bq" | "bk" | "bv")[]) => ({
    edit: (run: LayerRun) => ({
      ...run,
      W: { ...run.W, ...Object.fromEntries(names.map((name) => [name, undefined])) } as Layer,
    }),
  });
  return [
    { code: "bias-q", ...without("bq") },
    { code: "bias-k", ...without("bk") },
    { code: "bias-v", ...without("bv") },
    { code: "bias-qkv", ...without("bq", "bk", "bv") },
    { code: "bias-qkv", variant: "q and k", ...without("bq", "bk") },
    { code: "bias-qkv", variant: "q and v", ...without("bq", "bv") },
    { code: "bias-qkv", variant: "k and v", ...without("bk", "bv") },
  ];
}

/** A vector that is the same for every row, where there is none: the mean error. It takes two rows to tell. */
function inventedBias(scene: Scene): Mutant[] {
  const seen = theirs(scene, "o") === undefined ? "mid" : "o"; // what is added to o is added to mid
  const given = theirs(scene, seen);
  if (given === undefined || given.rows.length < 2) return [];
  const errors = errorsOf(given, scene.clean[seen]!);
  const n = given.rows.length;
  const b = host<"C">(
    [given.width],
    Float32Array.from(errors[0]!, (_, c) => errors.reduce((sum, row) => sum + row[c]!, 0) / n),
  );
  const edit = (run: LayerRun) =>
    paged(run, (page) => ({
      linear: atCalls(page.linear, (x, W) => page.linear(x, W, b as never), [3]) as typeof page.linear,
    }));
  return [{ code: "bias-o", edit, fitted: 1 }];
}

function errorsOf(given: Given, clean: Rows): Float64Array[] {
  const x = clean.need(given.rows);
  const { width } = given;
  return given.rows.map((row) =>
    Float64Array.from({ length: width }, (_, c) => given.data[given.at(row) + c]! - x[row * width + c]!),
  );
}

function isSquare({ shape }: AnyTensor): boolean {
  return shape[0] === shape[1];
}

function transposed(name: "Wq" | "Wo"): Mutant {
  const edit = (run: LayerRun) => {
    const W = run.W[name] as Tensor<"HD C">;
    const other = derived(W, "transposed", () => turnedOver(W));
    return { ...run, W: { ...run.W, [name]: other } };
  };
  return { code: "weight-transposed", variant: name === "Wq" ? "q" : "o", edit };
}

function turnedOver(W: Tensor<"HD C">): Tensor<"HD C"> {
  const [rows = 0, columns = 0] = W.shape;
  const turned = zeros<"HD C">(columns, rows);
  eachRows(W, "linear", (data, first, count) => {
    for (let r = 0; r < count; r++) {
      for (let c = 0; c < columns; c++) turned.data[c * rows + first + r] = data[r * columns + c]!;
    }
  });
  return turned;
}

/** The linear maps in the order of the page, with the tap that each reads and the one that it makes. */
const MAPS = [
  { call: 0, weight: "Wq", input: "n1", output: "q" },
  { call: 1, weight: "Wk", input: "n1", output: "k" },
  { call: 2, weight: "Wv", input: "n1", output: "v" },
  { call: 3, weight: "Wo", input: "a", output: "o" },
  { call: 4, weight: "Wgate", input: "n2", output: "gate" },
  { call: 5, weight: "Wup", input: "n2", output: "up" },
  { call: 6, weight: "Wdown", input: "act", output: "down" },
] as const;

/** Zero points off by one, or forgotten, where the weights' own grid is known: one row is enough. */
function knownGrid({ run }: Scene, { weight, output }: (typeof MAPS)[number]): Mutant[] {
  const W = run.W[weight] as Tensor<"HD C">;
  const grid = gridOf(W);
  if (grid === undefined) return [];
  return grid.offsets.map((steps): Mutant => {
    const edit = (other: LayerRun) => {
      const changed = derived(W, `offset ${steps}`, () => shiftedBy(W, grid, steps));
      return { ...other, W: { ...other.W, [weight]: changed } };
    };
    const by = steps > 0 ? `+ ${steps}` : `- ${-steps}`;
    return { code: "dequant-offset", variant: `${output}, ${grid.name} codes ${by}`, edit };
  });
}

/** How many inputs share a scale; 0 means all of a row. */
const GROUPS = [0, 128, 64, 32];

/**
 * Zero points off by one: W' = W + s, where s is the scale of a group of inputs, so that
 *
 *   y'[t o] - y[t o] = sum_groups s[o g] X[t g],   X[t g] = sum of the group's inputs
 *
 * The grid need not be known: s is fitted, if there are more rows than groups, and must have one sign.
 */
function zeroPoint(scene: Scene, { call, input, output }: (typeof MAPS)[number]): Mutant[] {
  const given = theirs(scene, output);
  if (given === undefined) return [];
  const x = scene.inputs(input);
  const [, I] = x.shape;
  return GROUPS.flatMap((size) => {
    const group = size === 0 ? I : size;
    const G = Math.ceil(I / group);
    if ((size !== 0 && (group >= I || I % group !== 0)) || given.rows.length < 2 * G + 1) return [];
    const X = groupSums(x, given.rows, group, G);
    const s = solve(X, errorsOf(given, scene.clean[output]!));
    if (s === undefined || !ofOneSign(s)) return [];
    const edit = (run: LayerRun) =>
      paged(run, (page) => ({
        linear: atCalls(page.linear, (n, W, b) => shifted(page.linear(n, W, b), n, s, group), [
          call,
        ]) as typeof page.linear,
      }));
    return [{ code: "dequant-offset", variant: `${output}, groups of ${group}`, edit, fitted: G }];
  });
}

function groupSums(x: Rows, rows: readonly number[], group: number, G: number): Float64Array[] {
  const [, I] = x.shape;
  const data = x.need(rows);
  return rows.map((row) => {
    const sums = new Float64Array(G);
    for (let i = 0; i < I; i++) sums[Math.floor(i / group)]! += data[row * I + i]!;
    return sums;
  });
}

/** Scales have one sign: at least nine tenths of their sum. */
function ofOneSign(s: readonly Float64Array[]): boolean {
  let [sum, size] = [0, 0];
  for (const row of s) for (const value of row) [sum, size] = [sum + value, size + Math.abs(value)];
  return Math.abs(sum) > 0.9 * size;
}

/** y + X s', X the group sums of the map's own input. */
function shifted<A extends string>(y: Tensor<A>, x: AnyTensor, s: readonly Float64Array[], group: number): Tensor<A> {
  const [from, input] = [asRows(y), asRows(x)];
  const [T, O] = from.shape;
  const G = s.length;
  return asTensor<A>(
    new Rows(T, O, (rows, into) => {
      const data = from.need(rows);
      const X = groupSums(input, rows, group, G);
      rows.forEach((t, n) => {
        for (let o = 0; o < O; o++) {
          let sum = data[t * O + o]!;
          for (let g = 0; g < G; g++) sum += s[g]![o]! * X[n]![g]!;
          into[t * O + o] = sum;
        }
      });
    }),
  );
}
