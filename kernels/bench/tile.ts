/**
 * The inside of prompts' products (kernels/wasm/tile.ts) against the instruction's own ceiling, by one thread, in 128 bits and,
 * where the engine joins lanes, in 256; and whole products beside them. Into results/tile.json:
 *
 *   npm run bench:tile -- [--nodes NODE,NODE]
 *
 * In giga-operations a second, a multiplication and an addition being two; the best of several runs each. The ceiling is a
 * loop over registers, so is compiled for this alone; the tile runs once with all it reads in the nearest cache, once
 * with activations out of the second.
 */
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import asc from "assemblyscript/asc";
import { host } from "../../src/tensor.ts";
import { widest } from "../wasm/built.ts";
import { wasmBackend } from "../wasm/index.ts";
import { named } from "../wasm/joined.ts";
import { sweep, type Tile, tile } from "../wasm/tile.ts";
import { drawn, matrix } from "./kernels/speeds.ts";
import { NODE24, root } from "./peers/places.ts";
import { FORMATS, type Tiles, type TileSpeeds, tileTable } from "./tile-table.ts";

/** Operations a second in 1e9: the best of half a second or more, of which the engine compiles in the first part. */
function best(operations: number, run: () => void): number {
  let least = Infinity;
  for (const until = performance.now() + 600; performance.now() < until;) {
    const began = performance.now();
    run();
    least = Math.min(least, performance.now() - began);
  }
  return operations / least / 1e6;
}

const SUMS = 12;
const STEPS = 1_000_000;

/** Twelve sums, stored in pairs at the end, which is what lanes are joined from. */
async function registers(): Promise<{ narrow: number; wide?: number }> {
  const sums = Array.from({ length: SUMS }, (_, i) => `s${i}`);
  const source = `export function run(steps: i32, at: usize): void {
    const b = v128.load32_splat(at);
    let ${sums.map((sum) => `${sum} = i32x4.splat(1)`).join(", ")};
    for (; steps > 0; steps--) { ${sums.map((s) => `${s} = i32x4.add(${s}, i32x4.dot_i16x8_s(${s}, b));`).join(" ")} }
    ${sums.map((sum, i) => `v128.store(at, ${sum}, ${16 * i});`).join(" ")}
  }`;
  let bytes = new Uint8Array();
  const { error, stderr } = await asc.main(
    "run.ts -O3 --runtime stub --enable simd --initialMemory 1 --outFile run.wasm".split(" "),
    {
      readFile: (name) => (name === "run.ts" ? source : null),
      writeFile: (_, made) => {
        if (typeof made !== "string") bytes = Uint8Array.from(made);
      },
    },
  );
  if (error) throw new Error(stderr.toString());
  const speed = (module: WebAssembly.Module) => {
    const { run } = new WebAssembly.Instance(module, {}).exports as { run(steps: number, at: number): void };
    return best(16 * SUMS * STEPS, () => run(STEPS, 1024));
  };
  const narrow = speed(new WebAssembly.Module(bytes));
  const joined = widest(() => new WebAssembly.Module(named(bytes)));
  return joined === undefined ? { narrow } : { narrow, wide: speed(joined) };
}

/** The tile over so many tokens and chunks, again and again. */
function tileSpeed(chosen: Tile, T: number, chunks: number): number {
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 64, shared: false });
  const run = sweep(chosen, memory);
  const [w, sw, sx, c, x] = [1 << 17, 1 << 18, 3 << 17, 1 << 19, 1 << 20];
  const turns = Math.ceil(2e8 / (2 * 16 * 256 * T * chunks));
  return best(turns * 2 * 16 * 256 * T * chunks, () => {
    for (let turn = 0; turn < turns; turn++) {
      for (let k = 0; k < chunks; k++) run(w + 8192 * k, sw + 64 * k, x + 512 * T * k, sx + 4 * T * k, 256, T, c);
    }
  });
}

function tileSpeeds(T: number, chunks: number): { narrow: number; wide?: number } {
  const narrow = tileSpeed(tile(false, false), T, chunks);
  const wide = tile(false);
  return wide.wide ? { narrow, wide: tileSpeed(wide, T, chunks) } : { narrow };
}

async function products(): Promise<Record<string, number>> {
  const speeds: Record<string, number> = {};
  for (const format of FORMATS) {
    const ops = await wasmBackend({ threads: 1 });
    const W = matrix(format);
    const [O = 0, I = 0] = W.shape;
    const x = host<"T I">([128, I], drawn(128 * I));
    speeds[format] = best(2 * 128 * I * O, () => ops.linear(x, W));
    ops.close();
  }
  return speeds;
}

async function measured(): Promise<TileSpeeds> {
  const [nearest, second] = [tileSpeeds(18, 1), tileSpeeds(126, 4)];
  return { node: process.version, registers: await registers(), nearest, second, products: await products() };
}

if (process.argv[2] === "measure") console.log(JSON.stringify(await measured()));
else if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { nodes: { type: "string" } } });
  const nodes = values.nodes?.split(",") ?? [process.execPath, NODE24].filter((node) => existsSync(node));
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  const said = (node: string) => execFileSync(node, [tsx, import.meta.filename, "measure"], { encoding: "utf8" });
  const result: Tiles = {
    machine: { processor: cpus()[0]?.model ?? "unknown" },
    nodes: nodes.map((node) => JSON.parse(said(node)) as TileSpeeds),
  };
  writeFileSync(join(root, "kernels/bench/results/tile.json"), `${JSON.stringify(result)}\n`);
  console.log(tileTable(result));
}
