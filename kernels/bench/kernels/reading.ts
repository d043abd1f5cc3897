/**
 * Reading of memory by WebAssembly's own loads: `reading.ts THREADS`. A loop that does nothing but load 16 bytes at a time, from
 * two places half the memory apart as the product of one token does, is run by each thread, a process of its own. Printed as
 * JSON: bytes a second of all threads, added.
 */
import { isOne, one, printBytesPerSecond } from "../peers/together.ts";
import { assembled } from "./assembled.ts";

const SIZE = 1 << 29;
const SECONDS = 2;

const SOURCE = `export function run(p: usize, bytes: usize): i32 {
  let a = i32x4.splat(0), b = a, c = a, d = a;
  let q = p + (bytes >> 1);
  for (const end = q; p < end; p += 32, q += 32) {
    a = v128.xor(a, v128.load(p)); b = v128.xor(b, v128.load(p, 16));
    c = v128.xor(c, v128.load(q)); d = v128.xor(d, v128.load(q, 16));
  }
  return i32x4.extract_lane(v128.xor(v128.xor(a, b), v128.xor(c, d)), 0);
}`;

/** Measures bytes a second of this process. */
async function read(): Promise<() => number> {
  const memory = new WebAssembly.Memory({ initial: SIZE / 65536, maximum: SIZE / 65536, shared: false });
  new Uint8Array(memory.buffer).fill(1);
  const module = new WebAssembly.Module(await assembled(SOURCE));
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports as {
    run(at: number, bytes: number): number;
  };
  run(0, SIZE); // the engine still compiles
  return () => {
    const began = performance.now();
    let bytes = 0;
    while (performance.now() - began < 1000 * SECONDS) {
      run(0, SIZE);
      bytes += SIZE;
    }
    return bytes / ((performance.now() - began) / 1000);
  };
}

if (isOne) one(await read());
else await printBytesPerSecond(import.meta.filename);
