/** The norm gone wrong: epsilon, gain, mean, place. */
import type { Tensor } from "../../tensor.ts";
import { asRows, asTensor, Rows } from "../numbers/rows.ts";
import type { LayerRun } from "../anchored.ts";
import { atCalls, type Family, type Mutant, ones, paged, type Scene, theirs } from "./mutant.ts";

/** The page's first norm is n1, its second n2. */
const WHICH = [
  { calls: undefined, words: "" },
  { calls: [0], words: "n1 alone" },
  { calls: [1], words: "n2 alone" },
] as const;

const AFTER = (
  [
    ["both norms", [true, true]],
    ["n1", [true, false]],
    ["n2", [false, true]],
  ] as const
).flatMap(([words, chosen]) =>
  (["branch", "sum"] as const).flatMap((where) =>
    (["place", "module"] as const).map((seen) => ({ words, chosen, where, seen })),
  ),
);

export const norm: Family = (scene) => [
  ...WHICH.flatMap(({ calls, words }) => [
    ...epsilons(scene).map((eps) => withEps(eps, calls, words)),
    centred(calls, words),
  ]),
  { code: "gain-n1", edit: (run) => ({ ...run, W: { ...run.W, g1: ones(run.W.g1) } }) },
  { code: "gain-n2", edit: (run) => ({ ...run, W: { ...run.W, g2: ones(run.W.g2) } }) },
  {
    code: "norm-order",
    variant: "gains exchanged",
    edit: (run) => ({ ...run, W: { ...run.W, g1: run.W.g2, g2: run.W.g1 } }),
  },
  { code: "norm-order", variant: "gain of n2 in both", edit: (run) => ({ ...run, W: { ...run.W, g1: run.W.g2 } }) },
  { code: "norm-order", variant: "gain of n1 in both", edit: (run) => ({ ...run, W: { ...run.W, g2: run.W.g1 } }) },
  ...AFTER.map(({ words, chosen, where, seen }) => ({
    code: "norm-order",
    variant: `${words}, after the ${where}`,
    edit: (run: LayerRun) => after(run, chosen, where, seen),
  })),
];

function withEps(eps: number, calls: readonly number[] | undefined, words: string): Mutant {
  return {
    code: "eps",
    variant: words === "" ? `eps ${eps}` : `eps ${eps}, ${words}`,
    edit: (run) => paged(run, (page) => ({ rmsNorm: atCalls(page.rmsNorm, (x, g) => page.rmsNorm(x, g, eps), calls) })),
  };
}

function centred(calls: readonly number[] | undefined, words: string): Mutant {
  return {
    code: "norm-mean",
    variant: words || undefined,
    edit: (run) => {
      const other = run.ops.with({ norm: { centred: true } });
      return paged(run, (page) => ({ rmsNorm: atCalls(page.rmsNorm, other.rmsNorm, calls) }));
    },
  };
}

const USUAL_EPSILONS = [1e-6, 1e-5, 1e-3, 1e-8, 1e-12, 0];

/** Those that models have, and the one that fits the engine's rows, as it is and in one digit. */
function epsilons(scene: Scene): number[] {
  const fitted = ["n1", "n2"].flatMap((short) => fittedEps(scene, short as "n1" | "n2"));
  return [...new Set([...USUAL_EPSILONS, ...fitted])].filter((eps) => eps !== scene.run.eps);
}

/** n = s x g with s = 1 / sqrt(mean x^2 + eps): s by least squares, eps from it, the median over rows. */
function fittedEps(scene: Scene, short: "n1" | "n2"): number[] {
  const given = theirs(scene, short);
  if (given === undefined) return [];
  const x = short === "n1" ? scene.run.x : scene.inputs("mid");
  const clean = scene.clean[short]!.need(given.rows);
  const data = x.need(given.rows);
  const C = given.width;
  const each = given.rows.map((row) => {
    let [dot, square, mean] = [0, 0, 0];
    for (let c = 0; c < C; c++) {
      const expected = clean[row * C + c]!;
      dot += given.data[given.at(row) + c]! * expected;
      square += expected * expected;
      mean += data[row * C + c]! ** 2 / C;
    }
    return (mean + scene.run.eps) / (dot / square) ** 2 - mean;
  });
  const median = each.sort((a, b) => a - b)[each.length >> 1]!;
  return Number.isFinite(median) && median > 0 ? [Number(median.toPrecision(1)), median] : [];
}

/**
 * The norm after instead of before: a branch begins from the stream itself, and what it makes is normed, or the sum.
 *
 * `seen` says what stands at the taps. Places: n1 and n2 are the stream. Modules: n1 and n2 are the norms, which are now
 * at the ends of their branches, and mid, the input of the second, is what that branch made.
 */
function after(run: LayerRun, chosen: readonly [boolean, boolean], where: "branch" | "sum", seen: "place" | "module") {
  let [norms, maps, sums] = [0, 0, 0];
  const streams: Tensor<"T C">[] = [];
  const ends: Tensor<"T C">[] = [];
  const [T, C] = run.x.shape;
  const gains = [run.W.g1, run.W.g2];
  /** The n-th linear map begins the first branch (q, k, v), or the second (gate, up), or none. */
  const begins = [0, 0, 0, undefined, 1, 1];
  return paged(run, (page) => ({
    rmsNorm(x, g, eps) {
      const n = norms++;
      if (!chosen[n]) return page.rmsNorm(x, g, eps);
      streams[n] ??= x;
      return seen === "place" ? x : later(T, C, () => page.rmsNorm(ends[n]!, g, eps));
    },
    linear(x, W, b) {
      const n = begins[maps++];
      const stream = n === undefined ? undefined : streams[n];
      return page.linear(stream === undefined ? x : (stream as unknown as typeof x), W, b);
    },
    add(a, b) {
      const n = sums++;
      const [x, y] = [a, b] as unknown as [Tensor<"T C">, Tensor<"T C">];
      const stream = seen === "module" ? (streams[n] ?? x) : x;
      const normed = (z: Tensor<"T C">) => page.rmsNorm(z, gains[n]!, run.eps);
      ends[n] = where === "branch" ? y : page.add(stream, y);
      const plain = () => page.add(stream, y);
      const z = !chosen[n] ? plain() : where === "branch" ? page.add(stream, normed(y)) : normed(ends[n]);
      if (n === 1 || seen === "place" || !chosen[1]) return z as unknown as typeof a;
      streams[1] = z;
      return later(T, C, () => ends[1]!) as unknown as typeof a;
    },
  }));
}

/** A tensor that is made later than it is named. */
function later(T: number, width: number, what: () => Tensor<"T C">): Tensor<"T C"> {
  return asTensor(
    new Rows(T, width, (rows, into) => {
      const data = asRows(what()).need(rows);
      for (const t of rows) into.set(data.subarray(t * width, (t + 1) * width), t * width);
    }),
  );
}
