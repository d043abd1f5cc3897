/**
 * What holds of a bundle's taps whatever the weights are: sums, gates, lengths and angles of RoPE, weights of attention that
 * sum to 1. No reference and no weights are needed, only the taps themselves and the model's config.
 */
import type { Config } from "../../config.ts";
import type { Bundle } from "../bundle-read.ts";
import { type Given, type Taps, tapsOf } from "../candidate.ts";
import type { Check } from "../checks.ts";
import { inputOf } from "../graph.ts";
import { exp } from "../numbers/math.ts";
import { policyOf } from "../numbers/policies.ts";
import { angleCheck, lengthCheck, startCheck } from "./rotation.ts";
import { type Found, shared, verdict } from "./verdict.ts";

/** How much of a rounding each kind of operation may add up to. */
const SUM = 4;
const PRODUCT = 16;

/** Checks every layer's taps; those that are not there are no check. */
export function tapChecks(bundle: Bundle, config: Config): Check[] {
  const taps = tapsOf(bundle, config);
  const { store } = policyOf(bundle.manifest.policy);
  const u = Math.max(store.u, 2 ** -24);
  const scene = { taps, config, u };
  return Array.from({ length: config.layers }, (_, l) => layerChecks(scene, l)).flat();
}

interface Scene {
  readonly taps: Taps;
  readonly config: Config;
  readonly u: number;
}

function layerChecks({ taps, config, u }: Scene, l: number): Check[] {
  const tap = (short: string) => taps(`${l}.${short}`);
  const x = taps(inputOf(l));
  const checks = [
    ...rowwise("invariant-rope", [tap("q"), tap("qr")], ([q, qr]) => lengthCheck(`${l}.qr`, q!, qr!, config, u)),
    ...rowwise("invariant-rope", [tap("k"), tap("kr")], ([k, kr]) => lengthCheck(`${l}.kr`, k!, kr!, config, u)),
    ...rowwise("invariant-rope", [tap("k"), tap("kr")], ([k, kr]) => startCheck(`${l}.kr`, k!, kr!, config, u)),
    ...rowwise("invariant-rope", [tap("k"), tap("kr")], ([k, kr]) => angleCheck(`${l}.kr`, k!, kr!, config, u)),
    ...rowwise("invariant-softmax", [tap("v"), tap("a")], ([v, a]) => firstRow(`${l}.a`, v!, a!, config, u)),
    ...rowwise("invariant-softmax", [tap("v"), tap("a")], ([v, a]) => hull(`${l}.a`, v!, a!, config, u)),
    ...rowwise("invariant-residual", [x, tap("o"), tap("mid")], (all) => sum(`${l}.mid`, all, u)),
    ...rowwise("invariant-gate", [tap("gate"), tap("up"), tap("act")], (all) => gate(`${l}.act`, all, u)),
    ...rowwise("invariant-residual", [tap("mid"), tap("down"), tap("out")], (all) => sum(`${l}.out`, all, u)),
  ];
  return checks;
}

/** The check, where every tap that it needs is there and one row is in all of them. */
function rowwise(
  code: string,
  taps: readonly (Given | undefined)[],
  check: (taps: readonly Given[]) => Found | undefined,
): Check[] {
  if (taps.some((tap) => tap === undefined)) return [];
  const found = check(taps as Given[]);
  return found === undefined ? [] : [{ code, ...found }];
}

/** z = x + y, within some roundings of |x| + |y|. */
function sum(where: string, [x, y, z]: readonly Given[], u: number): Found | undefined {
  return elementwise(where, [x!, y!, z!], (a, b) => [a + b, Math.abs(a) + Math.abs(b)], SUM * u);
}

/** act = silu(gate) up. */
function gate(where: string, all: readonly Given[], u: number): Found | undefined {
  return elementwise(
    where,
    all,
    (g, up) => [(g / (1 + exp(-g))) * up, Math.abs((g / (1 + exp(-g))) * up)],
    PRODUCT * u,
  );
}

/** The largest error of an element-wise rule, relative to the size of what goes into it, row by row. */
function elementwise(
  where: string,
  [x, y, z]: readonly Given[],
  rule: (a: number, b: number) => readonly [value: number, size: number],
  limit: number,
): Found | undefined {
  const rows = shared(x!, y!, z!);
  if (rows.length === 0) return undefined;
  const { width } = z!;
  let [worst, position] = [0, rows[0]!];
  for (const row of rows) {
    let [error, size] = [0, 0];
    for (let c = 0; c < width; c++) {
      const [value, own] = rule(x!.data[x!.at(row) + c]!, y!.data[y!.at(row) + c]!);
      error += (z!.data[z!.at(row) + c]! - value) ** 2;
      size += own * own;
    }
    const r = error === 0 ? 0 : Math.sqrt(error / size);
    if (!(r <= worst)) [worst, position] = [r, row];
  }
  return verdict(where, worst, position, limit);
}

/** The first token sees itself alone: its weights are 1, and every head has the value of its own key. */
function firstRow(where: string, v: Given, a: Given, config: Config, u: number): Found | undefined {
  if (v.at(0) < 0 || a.at(0) < 0) return undefined;
  const { headSize: D, heads, keyHeads } = config;
  let [error, size] = [0, 0];
  for (let c = 0; c < a.width; c++) {
    const key = Math.floor(Math.floor(c / D) / (heads / keyHeads));
    const value = v.data[v.at(0) + key * D + (c % D)]!;
    error += (a.data[a.at(0) + c]! - value) ** 2;
    size += value * value;
  }
  return verdict(`${where}, the first token`, error === 0 ? 0 : Math.sqrt(error / size), 0, SUM * u);
}

/** Weights are not negative and sum to 1: each number lies between the smallest and the largest that its head can see. */
function hull(where: string, v: Given, a: Given, config: Config, u: number): Found | undefined {
  const { headSize: D, heads, keyHeads } = config;
  let seen = 0;
  while (v.at(seen) >= 0) seen++;
  const rows = a.rows.filter((row) => row < seen && row > 0);
  if (rows.length === 0) return undefined;
  const [low, high] = [new Float64Array(v.width).fill(Infinity), new Float64Array(v.width).fill(-Infinity)];
  let [done, worst, position] = [0, 0, rows[0]!];
  for (const row of rows) {
    for (; done <= row; done++) {
      for (let c = 0; c < v.width; c++) {
        const value = v.data[v.at(done) + c]!;
        low[c] = Math.min(low[c]!, value);
        high[c] = Math.max(high[c]!, value);
      }
    }
    for (let c = 0; c < a.width; c++) {
      const key = Math.floor(Math.floor(c / D) / (heads / keyHeads)) * D + (c % D);
      const value = a.data[a.at(row) + c]!;
      const over = Math.max(value - high[key]!, low[key]! - value) / Math.max(-low[key]!, high[key]!, 1e-30);
      if (!(over <= worst)) [worst, position] = [over, row];
    }
  }
  return verdict(`${where}, between its values`, worst, position, PRODUCT * u);
}
