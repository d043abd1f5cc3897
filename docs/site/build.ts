/**
 * Builds the site into dist/site: documents, notebooks, sources and the reference of every exported name, in one
 * navigation, with a search that needs no server. `npm run docs`. An exported name without a comment, a broken link or a
 * page that does not compile ends it.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "vitepress";
import { buildLive } from "../live/build.ts";
import { brokenLinks } from "./check.ts";
import { pages, root, site } from "./places.ts";
import { stage } from "./stage.ts";

const began = performance.now();
const say = (what: string) => process.stdout.write(`${((performance.now() - began) / 1000).toFixed(1)} s  ${what}\n`);

function run(script: string, ...args: string[]): void {
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

// With --keep the reference is left as it was last built: for those who write documents.
const keep = process.argv.includes("--keep");
for (const name of existsSync(pages) ? readdirSync(pages) : []) {
  if (!(keep && name === "reference")) rmSync(join(pages, name), { recursive: true });
}
rmSync(site, { recursive: true, force: true });
if (!keep) run("node_modules/typedoc/bin/typedoc");
say("the reference of every exported name");
stage();
say("pages");
const scripts = join(pages, "public");
if (!existsSync(join(root, "kernels/wasm/build"))) run("node_modules/tsx/dist/cli.mjs", "kernels/wasm/build.ts");
run("node_modules/tsx/dist/cli.mjs", "src/browser/build.ts");
run("node_modules/tsx/dist/cli.mjs", "docs/run/build.ts");
cpSync(join(root, "dist/run"), join(scripts, "run"), { recursive: true, filter: (name) => !name.endsWith(".map") });
await buildLive(scripts);
say("the pages that run a model");
await build(import.meta.dirname);
say("HTML");
const broken = brokenLinks(site);
if (broken.length > 0) {
  process.stderr.write(`${broken.join("\n")}\n${broken.length} broken links\n`);
  process.exit(1);
}
say("every link leads somewhere");
