/** Builds the page as a folder that any server can serve: dist/run. After `npm run build`, whose worker it takes. */
import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { EMBEDDED } from "./embedded.ts";

const here = import.meta.dirname;
const root = join(here, "../..");
const to = join(root, "dist/run");

rmSync(to, { recursive: true, force: true });
mkdirSync(to, { recursive: true });
for (const name of ["index.html", "page.css"]) cpSync(join(here, name), join(to, name));
for (const name of readdirSync(join(root, "dist/browser"))) {
  if (name.startsWith("model")) cpSync(join(root, "dist/browser", name), join(to, name));
}
mkdirSync(join(to, "model"));
for (const name of EMBEDDED) cpSync(join(root, "golden/reasoner", name), join(to, "model", name));
await build({
  entryPoints: [join(here, "page.ts")],
  outdir: to,
  bundle: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  logLevel: "warning",
});
