/** The compiled kernels as files; in a browser they are part of the script (src/browser/built.ts). */
import { readFileSync } from "node:fs";
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
