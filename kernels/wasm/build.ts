/** Compiles assembly/ for `npm run build`: once with memory that threads share, once without. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import asc from "assemblyscript/asc";

const here = import.meta.dirname;
const out = join(here, "build");
const COMMON =
  "-O3 --noAssert --converge --runtime stub --enable simd --importMemory --memoryBase 65536 --disableWarning 201";
const SHARED = "--enable threads --sharedMemory --initialMemory 16 --maximumMemory 65536";

mkdirSync(out, { recursive: true });
for (const [name, flags] of [
  ["shared", `${COMMON} ${SHARED}`],
  ["alone", COMMON],
] as const) {
  const args = [join(here, "assembly/index.ts"), ...flags.split(" "), "--outFile", `${name}.wasm`, "--baseDir", here];
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
