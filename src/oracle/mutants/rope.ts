/** Rotary position gone wrong. */
import type { Rope, Yarn } from "../../config.ts";
import { frequencies } from "../../reference/frequencies.ts";
import type { Given } from "../candidate.ts";
import { type RopeSettings, ROPE } from "../numbers/elementwise.ts";
import { sinCos } from "../numbers/math.ts";
import type { Rows } from "../numbers/rows.ts";
import { atCalls, type Family, type Mutant, paged, type Scene, theirs } from "./mutant.ts";

/** The page turns q first, then k. */
const WHICH = [
  { calls: undefined, words: "" },
  { calls: [0], words: "q alone" },
  { calls: [1], words: "k alone" },
] as const;

export const rope: Family = (scene) => {
  const { rope: R } = scene.run;
  const list = WHICH.flatMap(({ calls, words }) => [
    turning("rope-interleaved", words, calls, R, { ...ROPE, pairs: "neighbours" }),
    missing(words, calls),
    ...offsets(scene).map((offset) =>
      turning("rope-offset", joined(`positions ${offset > 0 ? "+" : ""}${offset}`, words), calls, R, {
        ...ROPE,
        offset,
      }),
    ),
    ...thetas(scene).map((theta) => turning("rope-theta", joined(`theta ${theta}`, words), calls, { ...R, theta })),
  ]);
  return R.yarn === undefined ? list : [...list, ...yarn(scene, R, R.yarn)];
};

function joined(a: string, b: string): string {
  return b === "" ? a : `${a}, ${b}`;
}

function turning(
  code: string,
  variant: string,
  calls: readonly number[] | undefined,
  R: Rope,
  settings: RopeSettings = ROPE,
): Mutant {
  return {
    code,
    variant: variant || undefined,
    edit: (run) => {
      const other = run.ops.with({ rope: settings });
      return paged(run, (page) => ({
        rope: atCalls(page.rope, (x, pos) => other.rope(x, pos, R), calls) as typeof page.rope,
      }));
    },
  };
}

function missing(words: string, calls: readonly number[] | undefined): Mutant {
  return {
    code: "rope-missing",
    variant: words || undefined,
    edit: (run) => paged(run, (page) => ({ rope: atCalls(page.rope, (x) => x, calls) as typeof page.rope })),
  };
}

/** The attention factor left at 1 or taken from the wrong field; the frequencies as they were, or of another factor. */
function yarn(scene: Scene, R: Rope, own: Yarn): Mutant[] {
  const plain: Rope = { ...R, yarn: undefined };
  const kept = { ...ROPE, attention: frequencies(R).attention };
  const factors = [own.factor, own.attention ** 2, own.attention * own.factor, ...fittedScale(scene)];
  const formula = (factor: number) => (factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1);
  const otherwise = (change: Partial<Yarn>): Rope => ({ ...R, yarn: { ...own, ...change } });
  const longer = scene.context / own.original;
  return [
    turning("yarn-missing", "no YaRN at all", undefined, plain),
    turning("yarn-missing", "frequencies as they are, the attention factor kept", undefined, plain, kept),
    turning("yarn-factor", "attention factor 1", undefined, R, { ...ROPE, attention: 1 }),
    ...factors.map((attention) =>
      turning("yarn-factor", `attention factor ${attention}`, undefined, R, { ...ROPE, attention }),
    ),
    ...[longer, 2, 4, 8, 16, 32]
      .filter((factor) => factor !== own.factor && factor > 0)
      .map((factor) =>
        turning("yarn-factor", `factor ${factor}`, undefined, otherwise({ factor, attention: formula(factor) })),
      ),
    turning("yarn-factor", `trained context ${scene.context}`, undefined, otherwise({ original: scene.context })),
    turning("yarn-factor", "bounds not rounded", undefined, otherwise({ truncate: !own.truncate })),
  ];
}

/** The factor by which the engine's turned queries are longer than they should be. */
function fittedScale(scene: Scene): number[] {
  const given = theirs(scene, "qr") ?? theirs(scene, "kr");
  if (given === undefined) return [];
  const clean = scene.clean[theirs(scene, "qr") === undefined ? "kr" : "qr"]!;
  const x = clean.need(given.rows);
  let [dot, square] = [0, 0];
  for (const row of given.rows) {
    for (let c = 0; c < given.width; c++) {
      dot += x[row * given.width + c]! * given.data[given.at(row) + c]!;
      square += x[row * given.width + c]! ** 2;
    }
  }
  const scale = (dot / square) * frequencies(scene.run.rope).attention;
  return Number.isFinite(scale) && scale > 0 ? [Number(scale.toPrecision(3)), scale] : [];
}

/** Offsets: those that bugs have, and the one that fits best of all up to 64. */
function offsets(scene: Scene): number[] {
  const usual = [1, -1];
  const best = searched(
    scene,
    Array.from({ length: 129 }, (_, i) => i - 64),
    (offset) => [scene.run.rope, offset],
  );
  return [...new Set([...usual, ...best])].filter((offset) => offset !== 0);
}

const USUAL_THETAS = [1e4, 1e5, 5e5, 1e6, 5e6, 1e7];

/** Bases: those that models have, and the one that fits best, as it is and in two digits. */
function thetas(scene: Scene): number[] {
  const R = scene.run.rope;
  const of = (exponent: number): [Rope, number] => [{ ...R, theta: 10 ** exponent }, 0];
  const [coarse] = searched(
    scene,
    Array.from({ length: 701 }, (_, i) => 1 + i / 100),
    of,
  );
  if (coarse === undefined) return USUAL_THETAS.filter((theta) => theta !== R.theta);
  const [fine] = searched(
    scene,
    Array.from({ length: 401 }, (_, i) => coarse + (i - 200) / 20_000),
    of,
  );
  const best = 10 ** fine!;
  const round = [1, 2].map((digits) => Number(best.toPrecision(digits)));
  return [...new Set([...USUAL_THETAS, ...round, best])].filter((theta) => theta !== R.theta);
}

/** Rows and pairs looked at while searching. */
const FEW = 6;

/** The value whose rotation comes nearest to the engine's; none where it gave no turned queries or keys. */
function searched<V>(scene: Scene, values: readonly V[], of: (value: V) => [Rope, number]): V[] {
  const tap = theirs(scene, "qr") === undefined ? "kr" : "qr";
  const given = theirs(scene, tap);
  const input = given === undefined ? undefined : inputOf(scene, tap);
  if (given === undefined || input === undefined) return [];
  const rows = given.rows.filter((row) => row > 0).slice(0, FEW);
  if (rows.length === 0) return [];
  let best: V | undefined;
  let least = Infinity;
  for (const value of values) {
    const [R, offset] = of(value);
    const error = distance(input, given, rows, R, offset);
    if (error < least) [best, least] = [value, error];
  }
  return best === undefined ? [] : [best];
}

/** What is turned: the engine's own where it gave it, else ours. */
function inputOf(scene: Scene, tap: "qr" | "kr"): Rows | undefined {
  return scene.inputs(tap === "qr" ? "q" : "k");
}

function distance(input: Rows, given: Given, rows: readonly number[], R: Rope, offset: number): number {
  const { f, attention } = frequencies(R);
  const { D } = R;
  const [half, width] = [D / 2, given.width];
  const x = input.need(rows);
  let sum = 0;
  for (const row of rows) {
    for (let d = 0; d < half; d++) {
      const [sin, cos] = sinCos(Math.fround((row + offset) * f[d]!)).map((value) => value * attention) as [
        number,
        number,
      ];
      for (let c = d; c < Math.min(width, 8 * D); c += D) {
        const [a, b] = [x[row * width + c]!, x[row * width + c + half]!];
        const at = given.at(row) + c;
        sum += (given.data[at]! - (a * cos - b * sin)) ** 2 + (given.data[at + half]! - (b * cos + a * sin)) ** 2;
      }
    }
  }
  return sum;
}
