/** The compiled kernels as files; in a browser they are part of the script (src/browser/built.ts). */
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { QwqError } from "../../src/errors.ts";

/** The bytes of one build. Throws QwqError E_INTERNAL where the package was not built. */
export function built(name: string): Uint8Array<ArrayBuffer> {
  const path = new URL(`./build/${name}.wasm`, import.meta.url);
  try {
    return readFileSync(path);
  } catch {
    throw new QwqError("E_INTERNAL", "wasm", {
      expected: `the kernels at ${path.pathname}`,
      actual: "no such file",
      hint: "Build the package: npm run build.",
    });
  }
}

/** V8 joins two lanes of 128 bits to one of 256 from here on; an earlier one would complain of the flag aloud. */
const JOINS = 13;

/** To compile at once, by the optimising compiler, lanes joined; and what is usual. */
const JOINED = ["--experimental-wasm-revectorize", "--no-liftoff", "--no-wasm-lazy-compilation"];
const USUAL = ["--no-experimental-wasm-revectorize", "--liftoff", "--wasm-lazy-compilation"];

/**
 * Runs `compile` with V8 told to join pairs of 128-bit lanes to 256 bits, an experiment of V8's: for nothing but what is
 * compiled there and then. Undefined where the engine cannot be told.
 */
export function widest<T>(compile: () => T): T | undefined {
  if (!(Number.parseInt(process.versions.v8, 10) >= JOINS)) return undefined;
  for (const flag of JOINED) setFlagsFromString(flag);
  try {
    return compile();
  } finally {
    for (const flag of USUAL) setFlagsFromString(flag);
  }
}
