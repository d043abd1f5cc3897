/**
 * What the instructions of a product can do when nothing is loaded or stored: `ceilings.ts THREADS`. A loop of each, over
 * registers alone, is assembled here and run by each thread, a process of its own. Printed as JSON: operations a second of
 * all threads, added, by the operands' kind; a multiplication and an addition are two operations. Relaxed SIMD is left
 * out where the engine has none.
 */
import { fork } from "node:child_process";
import { assembled } from "./assembled.ts";

/** The products that the kernels use. */
export type Kind = "f32" | "i16" | "i8";

/** Operations a second, by the operands' kind. */
export type Ceilings = Readonly<Partial<Record<Kind, number>>>;

/** A step of a sum s, and its operations; the vectors b and c stay as they are. */
const STEPS: Readonly<Record<Kind, readonly [string, number]>> = {
  f32: ["f32x4.add(f32x4.mul(s, b), c)", 8],
  i16: ["i32x4.add(s, i32x4.dot_i16x8_s(s, b))", 16],
  i8: ["i32x4.relaxed_dot_i8x16_i7x16_add_s(s, b, s)", 32],
};

/** So many sums that none waits for itself, and so few that all lie in registers. */
const SUMS = 12;
const ROUNDS = 1_000_000;

/** A function that takes so many steps of every sum. */
function sourceOf(step: string): string {
  const sums = Array.from({ length: SUMS }, (_, i) => `s${i}`);
  return `export function run(steps: i32, b0: f32, c0: f32): i32 {
    const b = f32x4.splat(b0), c = f32x4.splat(c0);
    let ${sums.map((sum, i) => `${sum} = f32x4.splat(${i + 1})`).join(", ")};
    for (; steps > 0; steps--) { ${sums.map((sum) => `${sum} = ${step.replace(/\bs\b/g, sum)};`).join(" ")} }
    return i32x4.extract_lane(${sums.reduce((all, sum) => `v128.xor(${all}, ${sum})`)}, 0);
  }`;
}

/** Operations a second of this process: the best of a second, in the first part of which the engine still compiles. */
async function measured([step, operations]: readonly [string, number]): Promise<number | undefined> {
  const bytes = await assembled(sourceOf(step));
  if (!WebAssembly.validate(bytes)) return undefined;
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: { memory: new WebAssembly.Memory({ initial: 1, maximum: 1, shared: false }) },
  }).exports as {
    run(steps: number, b: number, c: number): number;
  };
  let best = 0;
  for (const until = performance.now() + 1000; performance.now() < until;) {
    const began = performance.now();
    run(ROUNDS, 0.5, 1);
    best = Math.max(best, (operations * SUMS * ROUNDS) / ((performance.now() - began) / 1000));
  }
  return best;
}

async function all(): Promise<Ceilings> {
  const rates: Partial<Record<Kind, number>> = {};
  for (const kind of ["f32", "i16", "i8"] as const) {
    const rate = await measured(STEPS[kind]);
    if (rate !== undefined) rates[kind] = rate;
  }
  return rates;
}

async function main(threads: number): Promise<Ceilings> {
  const children = Array.from({ length: threads }, () => fork(import.meta.filename, ["child"]));
  const next = () => Promise.all(children.map((child) => new Promise<Ceilings>((done) => child.once("message", done))));
  const each = await next();
  for (const child of children) if (child.connected) child.disconnect();
  const kinds = Object.keys(each[0]!) as Kind[];
  return Object.fromEntries(kinds.map((kind) => [kind, each.reduce((sum, rates) => sum + rates[kind]!, 0)]));
}

if (process.argv[2] === "child") process.send!(await all());
else if (process.argv[1] === import.meta.filename)
  console.log(JSON.stringify(await main(Number(process.argv[2] ?? 1))));
