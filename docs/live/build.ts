/** Builds the live page's script into a folder of the site; the worker and the model are those of docs/run, beside it. */
import { join } from "node:path";
import { build } from "esbuild";

/** Writes live/page.js below `folder`. */
export async function buildLive(folder: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, "page.ts")],
    outdir: join(folder, "live"),
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    logLevel: "warning",
  });
}
