/** Compiles assembly/ for `npm run build`: with memory that threads share and without, with relaxed SIMD and without, and the
 * insides of a prompt's products (tile/) and of attention (group/) apart; and the kernels of training. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import asc from "assemblyscript/asc";

const here = import.meta.dirname;
const out = join(here, "build");
const COMMON =
  "-O3 --noAssert --converge --runtime stub --enable simd --importMemory --memoryBase 65536 --disableWarning 201";
const SHARED = "--enable threads --sharedMemory --initialMemory 16 --maximumMemory 65536";

const RELAXED = "--enable relaxed-simd";

mkdirSync(out, { recursive: true });
for (const [name, entry, flags] of [
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
] as const) {
  const args = [join(here, "assembly", entry), ...flags.split(" "), "--outFile", `${name}.wasm`, "--baseDir", here];
  const { error, stderr } = await asc.main(args, {
    writeFile: (path, bytes) => writeFileSync(join(out, path), bytes),
  });
  if (error) {
    process.stderr.write(stderr.toString());
    process.exit(1);
  }
}
const dist = join(here, "../../dist/kernels/wasm/build");
cpSync(out, dist, { recursive: true });
