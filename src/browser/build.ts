/** Bundles the library for browsers, as part of `npm run build`: dist/browser/index.js for pages and model.js for workers. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { PAGES, WORKERS } from "./bundle.ts";

const here = import.meta.dirname;
const outdir = join(here, "../../dist/browser");

rmSync(outdir, { recursive: true, force: true }); // chunks have other names each time
await build({ ...PAGES, outdir, entryPoints: [join(here, "index.ts")] });
await build({ ...WORKERS, outdir, entryPoints: [join(here, "model.ts")], chunkNames: "model-[name]-[hash]" });
