/**
 * What RoPE leaves as it is: the length of each pair, everything at position 0, and the angle between two positions that
 * are so far apart, wherever they are.
 */
import type { Config } from "../../config.ts";
import type { Given } from "../candidate.ts";
import { type Found, shared, verdict } from "./verdict.ts";

/** Roundings of sine, cosine, two products and a sum. */
const ROTATION = 16;

/** Pairs (d, d + D/2) keep their length, times YaRN's factor. */
export function lengthCheck(where: string, x: Given, y: Given, config: Config, u: number): Found {
  const scale = factor(config);
  let [worst, position] = [0, 0];
  for (const row of shared(x, y)) {
    let [error, size] = [0, 0];
    eachPair(x, config, (a, b) => {
      const [from, to] = [x.at(row), y.at(row)];
      const before = scale * Math.hypot(x.data[from + a]!, x.data[from + b]!);
      const after = Math.hypot(y.data[to + a]!, y.data[to + b]!);
      error += (after - before) ** 2;
      size += before * before;
    });
    const r = error === 0 ? 0 : Math.sqrt(error / size);
    if (!(r <= worst)) [worst, position] = [r, row];
  }
  return verdict(`${where}, lengths of pairs`, worst, position, ROTATION * u);
}

/** Nothing turns at position 0. */
export function startCheck(where: string, x: Given, y: Given, config: Config, u: number) {
  if (x.at(0) < 0 || y.at(0) < 0) return undefined;
  const scale = factor(config);
  let [error, size] = [0, 0];
  for (let c = 0; c < x.width; c++) {
    const value = scale * x.data[x.at(0) + c]!;
    error += (y.data[y.at(0) + c]! - value) ** 2;
    size += value * value;
  }
  return verdict(`${where}, at position 0`, error === 0 ? 0 : Math.sqrt(error / size), 0, 4 * u);
}

/**
 * From one position to the next each pair turns by the same angle, so that a score depends on the distance of two
 * positions alone. The angle of a pair is that of all heads together, the long ones counting more.
 */
export function angleCheck(where: string, x: Given, y: Given, config: Config, u: number) {
  const D = config.headSize;
  const rows = shared(x, y).filter((row, i, all) => i === 0 || row === all[i - 1]! + 1);
  if (rows.length < 3) return undefined;
  const turned = rows.map((row) => turns(x, y, row, config));
  let [worst, position] = [0, rows[0]!];
  for (let d = 0; d < D / 2; d++) {
    const steps = turned.slice(1).map((turn, i) => wrapped(turn[d]! - turned[i]![d]!));
    for (const [i, step] of steps.entries()) {
      const off = Math.abs(wrapped(step - steps[0]!));
      if (off > worst) [worst, position] = [off, rows[i + 1]!];
    }
  }
  // Angles are rounded to float32 before sine and cosine are taken.
  const limit = 4 * ROTATION * u + 4 * rows.at(-1)! * 2 ** -23;
  return verdict(`${where}, angle from one position to the next`, worst, position, limit);
}

/** The angle of each pair at a position. */
function turns(x: Given, y: Given, row: number, config: Config): Float64Array {
  const half = config.headSize / 2;
  const [re, im] = [new Float64Array(half), new Float64Array(half)];
  const [from, to] = [x.at(row), y.at(row)];
  eachPair(x, config, (a, b, d) => {
    const [xa, xb, ya, yb] = [x.data[from + a]!, x.data[from + b]!, y.data[to + a]!, y.data[to + b]!];
    re[d]! += ya * xa + yb * xb;
    im[d]! += yb * xa - ya * xb;
  });
  return re.map((value, d) => Math.atan2(im[d]!, value));
}

function eachPair({ width }: Given, { headSize: D }: Config, use: (a: number, b: number, d: number) => void): void {
  for (let head = 0; head < width; head += D) {
    for (let d = 0; d < D / 2; d++) use(head + d, head + d + D / 2, d);
  }
}

function factor({ rope }: Config): number {
  return rope.yarn?.attention ?? 1;
}

/** Into [-pi, pi). */
function wrapped(angle: number): number {
  return angle - 2 * Math.PI * Math.floor(angle / (2 * Math.PI) + 0.5);
}
