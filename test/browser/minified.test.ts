/** Kernels whose text a bundler has shortened: gpu.js reads it, so every name and form must survive. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, launch, serve } from "./chromium.ts";

const root = join(import.meta.dirname, "../..");
const made = join(root, ".cache/browser-minified");

/** A layer of the page on gpu.js beside the reference; the largest share that an activation is off. */
const MAIN = `
import { gpujsBackend } from "./kernels/gpujs/index.ts";
import { reference } from "./src/reference/index.ts";
import { block } from "./src/model.ts";
import { host } from "./src/tensor.ts";
const draw = (seed, ...shape) => host(shape, Float32Array.from({ length: shape.reduce((a, b) => a * b) },
  (_, i) => Math.sin(i * seed)));
const [T, C, H, K, D, F] = [5, 40, 4, 2, 10, 72];
const W = { g1: draw(0.3, C), g2: draw(0.7, C), Wq: draw(1.1, H * D, C), bq: draw(1.3, H * D), Wk: draw(1.7, K * D, C),
  bk: draw(1.9, K * D), Wv: draw(2.3, K * D, C), bv: draw(2.9, K * D), Wo: draw(3.1, C, H * D), Wgate: draw(3.7, F, C),
  Wup: draw(4.1, F, C), Wdown: draw(4.3, C, F) };
const config = { layers: 1, channels: C, heads: H, keyHeads: K, headSize: D, feedForward: F, vocabulary: 8 };
const rope = { D, theta: 1e4, yarn: undefined };
async function acts(ops) {
  const on = Object.fromEntries(Object.entries(W).map(([name, x]) => [name, x.shape.length > 1 ? ops.upload(x) : x]));
  const made = block(ops, on, ops.upload(draw(5.3, T, C)), ops.cache(config, 8)[0], rope, 1e-5);
  return Promise.all(Object.values(made).map(async (x) => (await ops.download(x)).data));
}
const exact = await acts(reference);
const seen = {};
for (const mode of new URLSearchParams(location.search).get("modes").split(",")) {
  const ops = await gpujsBackend({ mode, threads: 1 });
  const ours = await acts(ops);
  seen[ops.report.mode] = Math.max(...exact.map((x, i) =>
    Math.max(...x.map((v, at) => Math.abs(v - ours[i][at]))) / Math.max(...x.map(Math.abs))));
}
document.title = JSON.stringify(seen);
`;

/** A matrix of QwQ-32B, as int8, in textures: what is said of it. */
const LARGE = `
import { openDevice } from "./kernels/gpujs/adapter.ts";
const device = await openDevice(new URLSearchParams(location.search).get("mode"), 1);
try {
  device.upload("mlp.gate_proj.weight", (27648 * 5120) / 3, () => undefined);
  document.title = "brought";
} catch ({ code, message }) {
  document.title = code + " " + message;
}
`;

/** A kernel on one version of WebGL where the other was asked for: gpu.js itself calls both "gpu". */
const OTHER = `
import gpujs from "gpu.js";
import { Compiled } from "./kernels/gpujs/compiled.ts";
function twice(x) { return 2 * x[this.thread.x]; }
const seen = [];
for (const [asked, had] of [["webgl", "webgl2"], ["webgl2", "webgl"], ["webgl", "webgl"], ["webgl2", "webgl2"]]) {
  class Other extends gpujs.GPU { constructor() { super({ mode: had }); } }
  const on = new Compiled({ GPU: Other }, asked, 1);
  const kernel = { text: twice, output: [3], constants: {} };
  try {
    const result = on.now(kernel, [new gpujs.Input(Float32Array.of(1, 2, 3), [3])]);
    seen.push([...result.toArray()].join(" ") + " " + result.internalFormat);
  } catch ({ message }) {
    seen.push(message);
  }
}
document.title = JSON.stringify(seen);
`;

/** Kernels of more sizes than Chromium gives memories, on WebAssembly. */
const MANY = `
import { openDevice } from "./kernels/gpujs/adapter.ts";
import { slice } from "./kernels/gpujs/elementwise.ts";
const device = await openDevice("webasm", Number(new URLSearchParams(location.search).get("threads")));
let right = 0;
try {
  for (let i = 0; i < 200; i++) {
    const cells = (i % 2 === 0 ? 5000 : 10) + i; // threads share large ones
    const x = device.upload("x", cells, (into) => into.fill(i));
    const y = await device.read(await device.run({ text: slice, output: [cells], constants: {} }, x, 0));
    if (y.length === cells && y.every((value) => value === i)) right++;
  }
  document.title = right + " right";
} catch ({ message }) {
  document.title = right + " right, then " + message;
}
`;

const BUNDLES = {
  whole: { main: MAIN, minify: true },
  spaces: { main: MAIN, minifyWhitespace: true },
  large: { main: LARGE },
  other: { main: OTHER },
  many: { main: MANY },
};

describe.runIf(CHROMIUM !== undefined)("Chromium", () => {
  let [server, address]: [Server?, string?] = [];
  beforeAll(async () => {
    rmSync(made, { recursive: true, force: true });
    mkdirSync(made, { recursive: true });
    for (const [name, { main, ...minify }] of Object.entries(BUNDLES)) {
      await build({
        stdin: { contents: main, resolveDir: root, loader: "ts" },
        outfile: join(made, `${name}.js`),
        bundle: true,
        format: "esm",
        target: "es2022",
        define: { "process.env": "{}" },
        alias: { "node:os": join(root, "src/browser/node/os.ts") },
        external: ["webgpu"],
        logLevel: "error",
        ...minify,
      });
      writeFileSync(join(made, `${name}.html`), `<!doctype html><script type="module" src="${name}.js"></script>`);
    }
    ({ server, address } = await serve(true, made, true));
  });
  afterAll(() => server?.close());

  it.each([
    ["webgl2", "whole", "webgl2,webgl,webasm,cpu"],
    ["webgl2", "spaces", "webgl2,webgl,webasm,cpu"],
    ["webgpu", "whole", "webgpu,webgl2,webgl"],
  ] as const)("with %s, minified (%s): %s are within 1e-5 of the reference", async (having, name, modes) => {
    const browser = await launch(having);
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${address!}/${name}.html?modes=${modes}`);
    await expect.poll(async () => complaints.length > 0 || (await page.title()) !== "", { timeout: 60_000 }).toBe(true);
    expect(complaints).toEqual([]);
    const seen = JSON.parse(await page.title()) as Record<string, number>;
    expect(Object.keys(seen)).toEqual(modes.split(","));
    for (const far of Object.values(seen)) expect(far).toBeLessThan(1e-5);
    await browser.close();
  });

  it.each(["webgl2", "webgl"])(
    "%s refuses a matrix of QwQ-32B before anything is brought, and names the limit",
    async (mode) => {
      const browser = await launch("webgl2");
      const page = await browser.newPage();
      await page.goto(`${address!}/large.html?mode=${mode}`);
      await expect.poll(() => page.title(), { timeout: 60_000 }).not.toBe("");
      expect(await page.title()).toBe(
        `E_LIMIT_GPU gpujs on ${mode}: expected at most 16,777,216 numbers in a texture, got 47,185,920 ` +
          "(mlp.gate_proj.weight). Take the backend wasm.",
      );
      await browser.close();
    },
  );

  it.each([1, 2])(
    "200 kernels on WebAssembly, where Chromium gives 125 memories: all right (%s threads)",
    async (threads) => {
      const browser = await launch("webgl2");
      const page = await browser.newPage();
      await page.goto(`${address!}/many.html?threads=${threads}`);
      await expect.poll(() => page.title(), { timeout: 100_000 }).not.toBe(""); // without MOST_MEMORIES: 125
      expect(await page.title()).toBe("200 right");
      await browser.close();
    },
  );

  it("a kernel that ran on the other version of WebGL is an error; a number takes a dot of one float32, or of four", async () => {
    const browser = await launch("webgl2");
    const page = await browser.newPage();
    await page.goto(`${address!}/other.html`);
    await expect.poll(() => page.title(), { timeout: 60_000 }).not.toBe("");
    const ran = (asked: string, had: string) =>
      `gpujs: kernel twice: expected to run on ${asked}, got ${had}: no reason was given`;
    const [R32F, RGBA] = [0x822e, 0x1908];
    expect(JSON.parse(await page.title())).toEqual([
      expect.stringContaining(ran("webgl", "webgl2")),
      expect.stringContaining(ran("webgl2", "webgl")),
      `2 4 6 ${RGBA}`,
      `2 4 6 ${R32F}`,
    ]);
    await browser.close();
  });
});
