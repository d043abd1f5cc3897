/** The package in a program that a bundler makes, and the example as a visitor uses it. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, launch, serve } from "./chromium.ts";

const root = join(import.meta.dirname, "../..");
const app = join(root, ".cache/browser-app");

const MAIN = `
import { QwQ, UsageError } from "qwq-ts/browser";
const files = {};
for (const name of ["config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]) {
  files[name] = await (await fetch("/model/" + name)).blob();
}
const model = await QwQ.load(files);
const { ids } = await model.answer("Hello", { maxTokens: 8, seed: 5 });
const threads = model.about.threads;
model.close();
const error = await QwQ.load(files, { threads: 0 }).catch((error) => error instanceof UsageError);
document.title = JSON.stringify({ tokens: ids.length, threads, error });
`;

describe.runIf(CHROMIUM !== undefined)("Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  it("runs what vite makes of a program that imports the package", async () => {
    rmSync(app, { recursive: true, force: true });
    mkdirSync(join(app, "node_modules"), { recursive: true });
    mkdirSync(join(app, "public"));
    symlinkSync(root, join(app, "node_modules/qwq-ts"));
    symlinkSync(join(root, "golden/model/tiny"), join(app, "public/model"));
    writeFileSync(join(app, "index.html"), `<!doctype html><script type="module" src="./main.js"></script>`);
    writeFileSync(join(app, "main.js"), MAIN);
    await build({ root: app, logLevel: "error", build: { target: "es2022" }, worker: { format: "es" } });
    const { server, address } = await serve(true, join(app, "dist"));
    const page = await browser.newPage();
    await page.goto(`${address}/index.html`);
    await page.waitForFunction(() => document.title !== "");
    const said = JSON.parse(await page.title()) as { tokens: number; threads: number; error: boolean };
    server.close();
    expect(said).toEqual({ tokens: 8, threads: expect.any(Number), error: true });
    expect(said.threads).toBeGreaterThan(1);
  });

  it("shows the example: a model is loaded, an answer arrives, and can be stopped; a wrong address says so", async () => {
    const { server, address } = await serve(true);
    const page = await browser.newPage({ viewport: { width: 800, height: 900 } });
    await page.goto(`${address}/examples/browser/`);
    await page.click("#load");
    await page.waitForSelector("#ask:enabled");
    expect(await page.textContent("#status")).toMatch(/^3 layers of \d+ channels, \d+ threads/);
    await page.fill("#prompt", "Hello");
    await page.click("#ask");
    // Pressed within the page, at the first token that is shown: from outside, a click may come when the answer is whole.
    await page.waitForFunction(() => {
      if (!document.querySelector("#status")!.textContent!.includes("tokens")) return false;
      document.querySelector<HTMLButtonElement>("#stop")!.click();
      return true;
    });
    await page.waitForFunction(() => document.querySelector("#status")!.textContent!.includes("end:"));
    expect(await page.textContent("#status")).toMatch(/written at .*; end: (interrupted|stop|length|context)\.$/);
    await page.screenshot({ path: join(root, ".cache/browser-example.png") });
    await page.fill("#address", `${address}/none/`);
    await page.click("#load");
    await page.waitForSelector("#status.error");
    expect(await page.textContent("#status")).toContain("got 404");
    server.close();
  });
});
