/**
 * How the library is bundled for browsers: for pages, and for workers, where what Node brings is replaced by
 * src/browser/node, and three files by their namesakes here.
 */
import { join } from "node:path";
import type { BuildOptions, Plugin } from "esbuild";

const here = import.meta.dirname;

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

/** For pages. */
export const PAGES = {
  bundle: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  minifySyntax: true, // names stay as they are: gpu.js reads kernels
  minifyWhitespace: true,
  legalComments: "linked",
  sourcemap: true,
  logLevel: "warning",
} as const satisfies BuildOptions;

/** For workers. */
export const WORKERS = {
  ...PAGES,
  splitting: true, // gpu.js and its parser are fetched only where they are asked for
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
} as const satisfies BuildOptions;
