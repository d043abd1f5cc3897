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

/** V8 has relaxed SIMD by itself from 11.4 on; that of Node 20 has it behind a flag, and one before it is not known. */
const RELAXES = "11.3.";

type Flags = readonly (readonly [flag: string, usual: boolean, changed: boolean])[];

/** To compile at once, by the optimising compiler, lanes joined: V8's flag, how it is usually, and how it has to be. */
const FLAGS: Flags = [
  ["experimental-wasm-revectorize", false, true],
  ["liftoff", true, false],
  ["wasm-lazy-compilation", true, false],
];
/** The same with relaxed SIMD in the place of joined lanes. */
const RELAXED: Flags = [["experimental-wasm-relaxed-simd", false, true], ...FLAGS.slice(1)];

const spelt = (flag: string, on: boolean) => `--${on ? "" : "no-"}${flag}`;

/** The flags that are changed, as this process was started with them, the last word counting. NODE_OPTIONS may not name them. */
export function given(options: readonly string[] = process.execArgv, flags = FLAGS): readonly string[] {
  return flags.map(([flag, usual]) => {
    const plain = options.map((option) => option.replaceAll("_", "-"));
    const [on, off] = [[spelt(flag, true)], [spelt(flag, false), `--no${flag}`]].map((words) =>
      Math.max(...words.map((word) => plain.lastIndexOf(word))),
    ) as [number, number];
    return spelt(flag, on === off ? usual : on > off);
  });
}

/**
 * Runs `compile` with V8 told to join pairs of 128-bit lanes to 256 bits, an experiment of V8's: for nothing but what is
 * compiled there and then. Undefined where the engine cannot be told. Afterwards the flags are what the process was started
 * with; what it has told V8 since then is not known to anybody.
 */
export function widest<T>(compile: () => T): T | undefined {
  if (!(Number.parseInt(process.versions.v8, 10) >= JOINS)) return undefined;
  return under(FLAGS, compile);
}

/** Runs `compile` with V8 told to take relaxed SIMD, where it has it behind a flag: again for nothing else. */
export function relaxing<T>(compile: () => T): T {
  return process.versions.v8.startsWith(RELAXES) ? under(RELAXED, compile) : compile();
}

function under<T>(flags: Flags, compile: () => T): T {
  for (const [flag, , on] of flags) setFlagsFromString(spelt(flag, on));
  try {
    return compile();
  } finally {
    for (const flag of given(undefined, flags)) setFlagsFromString(flag);
  }
}
