/**
 * What gpu.js does wrong without a word, and that it does not happen here. Each test fails without its workaround: that was
 * tried by taking it away, or the test does the wrong thing beside the right one.
 */
import { build } from "esbuild";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { openDevice } from "../../../kernels/gpujs/adapter.ts";
import { Compiled } from "../../../kernels/gpujs/compiled.ts";
import type { Device, Flat, Kernel, Matrix, Thread } from "../../../kernels/gpujs/device.ts";
import type { GpuJsModule, Value } from "../../../kernels/gpujs/gpujs.ts";
import type { gpujsBackend } from "../../../kernels/gpujs/index.ts";
import { linearColumns } from "../../../kernels/gpujs/linear.ts";
import { cut } from "../../../kernels/gpujs/pack.ts";
import { reference } from "../../../src/reference/index.ts";
import { EQUATIONS, ofLargest } from "../../support/equations.ts";

function countTo(this: Thread<object>, bound: number): number {
  let n = 0;
  for (let i = 0; i < bound; i++) n += 1;
  return n + this.thread.x * 0;
}

function twice(this: Thread<object>, x: Flat): number {
  return 2 * x[this.thread.x]!;
}

function last(this: Thread<{ readonly row: number }>, m: Matrix): number {
  return m[this.constants.row]![this.thread.x]!;
}

/** linearColumns as one would write it: with a flat index. */
function flatColumns(this: Thread<{ readonly inputs: number; readonly outputs: number }>, w: Flat, x: Flat): number {
  let sum = 0;
  for (let i = 0; i < this.constants.inputs; i++) {
    const at = i * this.constants.outputs + this.thread.x;
    sum += w[at]! * x[i]!;
  }
  return sum;
}

const upload = (device: Device, data: Float32Array) => device.upload("test", data.length, (into) => into.set(data));
const kernel = (text: Kernel["text"], output: number[], constants: Kernel["constants"] = {}): Kernel => ({
  text,
  output,
  constants,
});

for (const mode of ["webasm", "cpu", "webgpu"] as const) {
  const device = await openDevice(mode, 2).catch((error: Error) => error.message);
  const skipped = typeof device === "string" ? ` (skipped: ${device})` : "";
  describe.skipIf(typeof device === "string")(`${mode}${skipped}`, () => {
    const on = device as Device;
    afterAll(() => on.close());

    it("a loop bounded by an argument does not stop at 1,000", async () => {
      // without loopMaxIterations in compiled.ts: 1,000
      const count = await on.read(await on.run(kernel(countTo, [4]), 70_000));
      expect([...count]).toEqual([70_000, 70_000, 70_000, 70_000]);
    });

    it("elements past 2^24 of a matrix are where they are", async () => {
      const [width, rows] = [4099, 4101]; // the last row begins at 16,805,900: no float32, as it is odd past 2^24
      const m = new Float32Array(width * rows);
      for (let i = m.length - width; i < m.length; i++) m[i] = i % 1009;
      const handle = upload(on, m);
      const row = await on.read(await on.run(kernel(last, [width], { row: rows - 1 }), { handle, width }));
      expect(row).toEqual(m.subarray(-width));
      on.free(handle);
    });

    it("the product of a matrix of more than 2^24 weights has every row right", async () => {
      const [I, O] = [4101, 4099];
      const columns = new Float32Array(I * O); // w[i][o] = o + 1 where i is the last
      for (let o = 0; o < O; o++) columns[(I - 1) * O + o] = o + 1;
      const handle = upload(on, columns);
      const x = upload(on, new Float32Array(I).fill(1));
      const of = kernel(linearColumns, [O], { ...cut(I) });
      const y = await on.read(await on.run(of, { handle, width: O }, x));
      const right = Float32Array.from({ length: O }, (_, o) => o + 1);
      expect(y).toEqual(right);
      // The same by a flat index: every second row reads its neighbour's weight, but where numbers are float64.
      const flat = await on.read(await on.run(kernel(flatColumns, [O], { inputs: I, outputs: O }), handle, x));
      const wrong = flat.filter((value, o) => value !== right[o]).length;
      if (mode === "cpu") expect(wrong).toBe(0);
      else expect(wrong).toBeGreaterThan(O / 3);
      on.free(handle);
    });

    it("a result stays when its kernel runs again", async () => {
      // without `immutable` in compiled.ts: 20, 40, 60 both times
      const first = await on.run(kernel(twice, [3]), upload(on, Float32Array.of(1, 2, 3)));
      const second = await on.run(kernel(twice, [3]), upload(on, Float32Array.of(10, 20, 30)));
      expect([...(await on.read(first))]).toEqual([2, 4, 6]);
      expect([...(await on.read(second))]).toEqual([20, 40, 60]);
    });
  });
}

describe("webasm", () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([1, 2])(
    "kernels of 150 sizes, more than there is room for: each is right, also again (%s threads)",
    async (threads) => {
      const device = await openDevice("webasm", threads);
      const sizes = Array.from({ length: 150 }, (_, i) => (i % 10 === 0 ? 5000 : 10) + i);
      for (const size of [...sizes, ...sizes.slice(0, 5), ...sizes.slice(-5)]) {
        const y = await device.read(
          await device.run(kernel(twice, [size]), upload(device, new Float32Array(size).fill(size))),
        );
        expect(y).toEqual(new Float32Array(size).fill(2 * size));
      }
      device.close();
    },
  );

  it("a kernel that it cannot have is an error: that it then runs as JavaScript, gpu.js only warns of", async () => {
    const { default: gpujs } = (await import("gpu.js")) as unknown as { default: GpuJsModule };
    const compiled = new Compiled(gpujs, "webasm", 1);
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const texture = { type: "NumberTexture", toArray: () => Float32Array.of(1, 2, 3) } as unknown as Value;
    await expect(compiled.run(kernel(twice, [3]), [texture])).rejects.toThrow(
      'gpujs: kernel twice: expected to run on webasm, got cpu: argument "x" of type NumberTexture is not supported on the webasm backend.',
    );
    expect(warned).toHaveBeenCalledOnce();
    await compiled.close();
  });
});

describe("kernels that a bundler has changed", () => {
  const cache = join(import.meta.dirname, "../../../.cache"); // from there it finds gpu.js
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "gpujs-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ["minified", { minify: true }],
    ["with names kept, as tsx does", { keepNames: true }],
    ["for an older engine", { target: "es2020", minify: true }],
  ] as const)("%s, the equations are right", async (name, options) => {
    const outfile = join(folder, `${name.replaceAll(/\W+/g, "-")}.mjs`);
    const entryPoints = [join(import.meta.dirname, "../../../kernels/gpujs/index.ts")];
    const external = ["gpu.js", "webgpu"];
    await build({ entryPoints, outfile, bundle: true, format: "esm", platform: "node", external, ...options });
    const bundled = (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as {
      gpujsBackend: typeof gpujsBackend;
    };
    // With a function within a kernel, as in the next test, names that are kept break it.
    const ops = await bundled.gpujsBackend({ mode: "webasm", threads: 1 });
    for (const { name, run } of EQUATIONS.filter(({ name }) => name !== "linear cancel")) {
      expect(ofLargest(await run(ops), await run(reference)), name).toBeLessThanOrEqual(1e-5);
    }
    ops.close();
  });

  it("a kernel with a function inside, as none here is, runs until a bundler keeps its name", async () => {
    const contents = `
      function inner(x) { function twice(v) { return 2 * v; } return twice(x[this.thread.x]); }
      export { openDevice } from "./kernels/gpujs/adapter.ts";
      export { inner };`;
    const run = async (keepNames: boolean) => {
      const outfile = join(folder, `inner-${keepNames}.mjs`);
      const stdin = { contents, resolveDir: join(import.meta.dirname, "../../.."), loader: "ts" } as const;
      const external = ["gpu.js", "webgpu"];
      await build({ stdin, outfile, bundle: true, format: "esm", platform: "node", external, keepNames });
      const { openDevice: open, inner } = (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as {
        openDevice: typeof openDevice;
        inner: Kernel["text"];
      };
      const on = await open("webasm", 1);
      const y = on.run(kernel(inner, [3]), upload(on, Float32Array.of(1, 2, 3))).then((handle) => on.read(handle));
      return y.finally(() => on.close());
    };
    expect([...(await run(false))]).toEqual([2, 4, 6]);
    await expect(run(true)).rejects.toThrow("Identifier is not defined");
  });
});
