/** Compiles assembly/ for `npm run build`: with memory that threads share and without, with relaxed SIMD and without, and the
 * insides of a prompt's products (tile/) and of attention (group/) apart; and the kernels of training. What was compiled of the very
 * same sources, by the same compiler, is not compiled again: `npx` in a clone runs this once more. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;
const out = join(here, "build");
const COMMON =
  "-O3 --noAssert --converge --runtime stub --enable simd --importMemory --memoryBase 65536 --disableWarning 201";
const SHARED = "--enable threads --sharedMemory --initialMemory 16 --maximumMemory 65536";

const RELAXED = "--enable relaxed-simd";

const MODULES = [
  ["shared", "index.ts", `${COMMON} ${SHARED}`],
  ["alone", "index.ts", COMMON],
  ["shared-relaxed", "relaxed/index.ts", `${COMMON} ${SHARED} ${RELAXED}`],
  ["alone-relaxed", "relaxed/index.ts", `${COMMON} ${RELAXED}`],
  ["tile-shared", "tile/index.ts", `${COMMON} ${SHARED}`],
  ["tile-alone", "tile/index.ts", COMMON],
  ["group-shared", "group/index.ts", `${COMMON} ${SHARED}`],
  ["group-alone", "group/index.ts", COMMON],
  ["group-shared-relaxed", "group/index.ts", `${COMMON} ${SHARED} ${RELAXED}`],
  ["group-alone-relaxed", "group/index.ts", `${COMMON} ${RELAXED}`],
  ["training", "training/index.ts", `${COMMON} ${SHARED}`],
  ["training-products", "training/products/index.ts", `${COMMON} ${SHARED}`],
] as const;

/** What the modules follow from: the sources, these flags, and the compiler, whose version the lock file says. */
function fingerprint(): string {
  const hash = createHash("sha256").update(readFileSync(join(here, "../../package-lock.json")));
  const sources = readdirSync(join(here, "assembly"), { recursive: true, encoding: "utf8" });
  const files = sources.filter((name) => name.endsWith(".ts")).sort();
  for (const path of [import.meta.filename, ...files.map((name) => join(here, "assembly", name))]) {
    hash.update(`\0${path.slice(here.length)}\0`).update(readFileSync(path));
  }
  return hash.digest("hex");
}

async function compile(name: string, entry: string, flags: string): Promise<void> {
  const { default: asc } = await import("assemblyscript/asc"); // seconds by itself
  const args = [join(here, "assembly", entry), ...flags.split(" "), "--outFile", `${name}.wasm`, "--baseDir", here];
  const { error, stderr } = await asc.main(args, {
    writeFile: (path, bytes) => writeFileSync(join(out, path), bytes),
  });
  if (error) {
    process.stderr.write(stderr.toString());
    process.exit(1);
  }
}

/** Beside the modules, what they were made of; written last, so that a build cut short is done again. */
const STAMP = join(out, "made-of.sha256");
const now = fingerprint();
const there = existsSync(STAMP) && readFileSync(STAMP, "utf8") === now;
if (!there || !MODULES.every(([name]) => existsSync(join(out, `${name}.wasm`)))) {
  mkdirSync(out, { recursive: true });
  rmSync(STAMP, { force: true });
  for (const [name, entry, flags] of MODULES) await compile(name, entry, flags);
  writeFileSync(STAMP, now);
}
const dist = join(here, "../../dist/kernels/wasm/build");
cpSync(out, dist, { recursive: true, filter: (path) => path !== STAMP });
