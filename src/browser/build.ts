/**
 * Bundles the library for browsers, as part of `npm run build`: dist/browser/index.js for pages and model.js for workers.
 * What Node brings is replaced by src/browser/node, and three files by their namesakes here.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

const here = import.meta.dirname;
const root = join(here, "../..");

/** Files with another one for browsers. */
const INSTEAD: readonly (readonly [RegExp, string])[] = [
  [/kernels\/wasm\/built\.ts$/, "built.ts"],
  [/src\/thread\.ts$/, "thread.ts"],
  [/src\/text\/template-process\.ts$/, "template-process.ts"],
];

const instead: Plugin = {
  name: "instead",
  setup({ onLoad }) {
    for (const [filter, name] of INSTEAD) {
      const path = join(here, name);
      const contents = `export * from ${JSON.stringify(path)};`;
      onLoad({ filter }, ({ path: from }) =>
        from === path ? undefined : { contents, loader: "ts", resolveDir: here },
      );
    }
  },
};

const node = (name: string) => join(here, "node", `${name}.ts`);
const small = Object.fromEntries(
  ["buffer", "crypto", "module", "url", "util"].map((name) => [`node:${name}`, node("small")]),
);

const COMMON = {
  outdir: join(root, "dist/browser"),
  bundle: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "linked",
  sourcemap: true,
  logLevel: "warning",
} as const;

rmSync(COMMON.outdir, { recursive: true, force: true }); // chunks have other names each time
await build({ ...COMMON, entryPoints: [join(here, "index.ts")] });
await build({
  ...COMMON,
  entryPoints: [join(here, "model.ts")],
  splitting: true, // gpu.js and its parser are fetched only where they are asked for
  chunkNames: "model-[name]-[hash]",
  loader: { ".wasm": "binary" },
  define: { "process.platform": '"browser"', "process.env": "{}" },
  inject: [node("globals")],
  alias: {
    ...small,
    "node:fs": node("fs"),
    "node:os": node("os"),
    "node:path": "path-browserify",
    "node:worker_threads": node("worker_threads"),
  },
  plugins: [instead],
  external: ["webgpu"], // Node's; a browser has its own
});
