/** The inside of a prompt's products: chosen by trying, exact in both shapes, and the engine's flags are as they were. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { given } from "../../../kernels/wasm/built.ts";
import { sweep, tile } from "../../../kernels/wasm/tile.ts";

/** Whether a module is the one whose lanes are to be joined. */
const named = (module: WebAssembly.Module) => WebAssembly.Module.customSections(module, "wide").length === 1;

afterEach(() => {
  vi.doUnmock("../../../kernels/wasm/built.ts");
  vi.resetModules();
});

/** The greatest sums there can be: every weight and every activation as large as prompt.ts lets them be, of either sign. */
it.each([true, false])("sums at the very bounds are exact (wide: %s)", (wide) => {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true });
  const run = sweep(tile(true, wide), memory);
  const [w, sw, x, sx, c] = [1 << 17, 1 << 18, 3 << 17, 1 << 19, 5 << 17];
  const sign = (t: number) => (t % 2 === 0 ? 1 : -1);
  new Int16Array(memory.buffer, w, 16 * 256).fill(4092);
  for (let t = 0; t < 6; t++) new Int16Array(memory.buffer, x + t * 512, 256).fill(2044 * sign(t));
  new Float32Array(memory.buffer, sw, 16).fill(1);
  new Float32Array(memory.buffer, sx, 6).fill(1);
  run(w, sw, x, sx, 256, 6, c);
  const sums = new Float32Array(memory.buffer, c, 96);
  expect(256 * 4092 * 2044).toBeLessThan(2 ** 31);
  expect([...sums]).toEqual(Array.from(sums, (_, i) => Math.fround(256 * 4092 * 2044) * sign(Math.floor(i / 16))));
});

it("where V8 joins lanes to 256 bits they are used, and its flags are left as they were", () => {
  const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  const narrow = tile(false, false); // held, so that V8 knows how it has compiled these bytes
  expect([narrow.shape, narrow.wide]).toEqual(["narrow", false]);
  expect([narrow, tile(false), tile(true)].map(({ module }) => named(module))).toEqual(
    [narrow, tile(false), tile(true)].map(({ wide }) => wide),
  );
  expect(new WebAssembly.Module(bytes)).toBeInstanceOf(WebAssembly.Module);
});

const USUAL = ["--no-experimental-wasm-revectorize", "--liftoff", "--wasm-lazy-compilation"];

it.each([
  [[], USUAL],
  [["--max-old-space-size=100", "--import", "tsx"], USUAL],
  [["--no-liftoff"], [USUAL[0], "--no-liftoff", USUAL[2]]],
  [["--noliftoff", "--liftoff"], USUAL],
  [
    ["--liftoff", "--no_liftoff"],
    [USUAL[0], "--no-liftoff", USUAL[2]],
  ],
  [
    ["--no-wasm-lazy-compilation", "--experimental_wasm_revectorize"],
    ["--experimental-wasm-revectorize", "--liftoff", "--no-wasm-lazy-compilation"],
  ],
] as const)("started with %j, V8's flags are to be %j", (options, flags) => {
  expect(given(options)).toEqual(flags);
});

/** Compiles a function after lanes were joined, and says whether the quick compiler did it. */
const AFTERWARDS = `
  import { widest } from ${JSON.stringify(join(import.meta.dirname, "../../../kernels/wasm/built.ts"))};
  widest(() => 0);
  const code = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 4, 1, 2, 0, 11];
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(code))).exports;
  f();
  console.log(%IsLiftoffFunction(f));`;

it.each([
  [[], true],
  [["--no-liftoff"], false],
])("a process started with %j has its own flags afterwards", (options, liftoff) => {
  const args = ["--allow-natives-syntax", ...options, "--import", "tsx", "--input-type=module", "-e", AFTERWARDS];
  const said = execFileSync(process.execPath, args, { encoding: "utf8" });
  expect(said.trim()).toBe(`${liftoff}`);
});

it("a compiler that multiplies wrongly is not used", async () => {
  const built = await vi.importActual<typeof import("../../../kernels/wasm/built.ts")>(
    "../../../kernels/wasm/built.ts",
  );
  /** The tile with every product of pairs taken for a sum of lanes: another number than the right one. */
  const wrong = (bytes: Uint8Array<ArrayBuffer>) => {
    const all = Uint8Array.from(bytes);
    for (let at = 0; at + 2 < all.length; at++) {
      if (all[at] === 0xfd && all[at + 1] === 0xba && all[at + 2] === 0x01) all[at + 1] = 0xae; // i32x4.dot_i16x8_s, i32x4.add
    }
    return all;
  };
  let tried = 0;
  vi.resetModules();
  vi.doMock("../../../kernels/wasm/built.ts", () => ({
    ...built,
    widest: () => {
      tried++;
      return new WebAssembly.Module(wrong(built.built("tile-alone")));
    },
  }));
  const mocked = await import("../../../kernels/wasm/tile.ts");
  expect(mocked.tile(false).wide).toBe(false);
  expect(tried).toBe(1);
});
