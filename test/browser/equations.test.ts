/** The suite of the page's equations, which Node runs on cpu, webasm and webgpu, in the modes of a browser. */
import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WORKERS } from "../../src/browser/bundle.ts";
import { CHROMIUM, launch, serve, type WITH } from "./chromium.ts";
import type { Asked, Row } from "./suite.ts";

const root = join(import.meta.dirname, "../..");
const FOLDER = ".cache/browser-suite";
const made = join(root, FOLDER);

/** Of golden/ops and golden/model. */
function goldenFiles(): string[] {
  const all = ["golden/manifest.json"];
  for (const folder of ["golden/ops", "golden/model"]) {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
    all.push(...names.map((name) => join(folder, name)).filter((path) => statSync(join(root, path)).isFile()));
  }
  return all.map((path) => `/${path}`);
}

describe.runIf(CHROMIUM !== undefined)("Chromium", () => {
  let [server, address]: [Server?, string?] = [];
  beforeAll(async () => {
    rmSync(made, { recursive: true, force: true });
    await build({
      ...WORKERS,
      entryPoints: [join(import.meta.dirname, "suite.ts")],
      outdir: made,
      define: { ...WORKERS.define, "import.meta.dirname": '"/test/support"' },
      alias: { ...WORKERS.alias, "node:fs": join(import.meta.dirname, "suite-fs.ts") },
    });
    writeFileSync(join(made, "index.html"), `<!doctype html><link rel="icon" href="data:," />`);
    ({ server, address } = await serve(true, root, true));
  });
  afterAll(() => server?.close());

  /** What is found in these modes, in a browser of its own. */
  async function found(having: keyof typeof WITH, modes: Asked["modes"]): Promise<Row[]> {
    const browser = await launch(having);
    const page = await browser.newPage();
    await page.goto(`${address!}/${FOLDER}/index.html`);
    const said = await page.evaluate(
      (asked) =>
        new Promise<{ rows?: Row[]; error?: string }>((resolve) => {
          const worker = new Worker("suite.js", { type: "module" });
          worker.onmessage = ({ data }) => resolve(data as { rows: Row[] });
          worker.onerror = ({ message }) => resolve({ error: message });
          worker.postMessage(asked);
        }),
      { modes, files: goldenFiles() },
    );
    await browser.close();
    expect(said.error).toBeUndefined();
    return said.rows!;
  }

  it.each([
    ["webgl2", ["webgl2", "webgl", "webasm"]],
    ["webgpu", ["webgpu", "webgl2", "webgl"]],
  ] as const)("with %s: every claim of the suite holds on %s", { timeout: 300_000 }, async (having, modes) => {
    const rows = await found(having, modes);
    expect(rows.map(({ report }) => report.mode)).toEqual(modes);
    for (const { report, claims } of rows) {
      expect(claims.length).toBeGreaterThan(60);
      for (const { name, far, most, where } of claims) {
        expect(far, `${report.mode}: ${name} (${where})`).toBeLessThanOrEqual(most);
      }
    }
  });
});
