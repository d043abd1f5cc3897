/** The site as its readers open it: in Chromium, wide and narrow, light and dark, from static files alone. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, launch, serve } from "./chromium.ts";

const root = join(import.meta.dirname, "../..");
const site = join(root, "dist/site");
const shots = process.env["SITE_SHOTS"];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A page of each kind. */
const PAGES = ["", "readme.html", "ops/rope.html", "live.html", "divergence/mutants.html", "source/src/model.ts.html"];
const MORE = ["zh/", "zh/readme.html", "reference/", "run/"];
const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe-core calls serious or worse. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Finding[] }> } };
    return (await axe.run()).violations;
  });
  return found
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map(({ html }) => html.slice(0, 160))
          .join(" | ")} (${nodes.length})`,
    );
}

describe.runIf(CHROMIUM !== undefined && existsSync(site))("the site", () => {
  let [server, address, browser]: [Server?, string?, Browser?] = [];
  beforeAll(async () => {
    // Without the headers that let a page use threads: any static server must do.
    ({ server, address } = await serve(false, site, true));
    browser = await launch();
    if (shots !== undefined) mkdirSync(shots, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  async function opened(path: string, options = {}): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser!.newPage(options);
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(address!) && !/^(data|blob):/.test(request.url())) complaints.push(request.url());
    });
    await page.goto(`${address}/${path}`, { waitUntil: "networkidle" });
    return { page, complaints };
  }

  for (const path of [...PAGES, ...MORE]) {
    it(`/${path} has no error, nothing from elsewhere, no serious finding; wide and narrow`, async () => {
      for (const [name, viewport, colorScheme] of [
        ["wide", WIDE, "light"],
        ["phone", PHONE, "dark"],
      ] as const) {
        const { page, complaints } = await opened(path, { viewport, colorScheme });
        if (shots !== undefined) {
          await page.screenshot({ path: join(shots, `${path.replace(/\W+/g, "-") || "home"}-${name}.png`) });
        }
        expect(complaints).toEqual([]);
        expect(await findings(page)).toEqual([]);
        const [scrollWidth, clientWidth] = await page.evaluate(() => {
          const { documentElement: all } = document;
          return [all.scrollWidth, all.clientWidth] as const;
        });
        expect(scrollWidth, "nothing sticks out to the right").toBeLessThanOrEqual(clientWidth);
        await page.close();
      }
    });
  }

  it("the first view takes less than a second and 500 kB", async () => {
    const page = await browser!.newPage({ viewport: WIDE });
    let bytes = 0;
    page.on("response", async (response) => {
      bytes += (await response.body().catch(() => Buffer.alloc(0))).length;
    });
    await page.goto(`${address}/`, { waitUntil: "networkidle" });
    const painted = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]!.startTime);
    process.stdout.write(`first view: ${painted.toFixed(0)} ms, ${bytes} bytes uncompressed\n`);
    expect(painted).toBeLessThan(1000);
    expect(bytes).toBeLessThan(500_000);
    await page.close();
  });

  it("the search finds a word of a document, without a network", async () => {
    const { page, complaints } = await opened("readme.html", { viewport: WIDE });
    await page.keyboard.press("Control+k");
    await page.waitForSelector(".VPLocalSearchBox input");
    await page.fill(".VPLocalSearchBox input", "interleaved");
    await page.waitForSelector(".VPLocalSearchBox .result");
    const found = await page.$$eval(".VPLocalSearchBox .result", (all) => all.map((one) => one.getAttribute("href")));
    expect(found.join()).toMatch(/mutants|rope/);
    expect(complaints).toEqual([]);
    await page.close();
  });

  describe("the live page", () => {
    const shownNow = (page: Page) => page.getAttribute("#live", "data-shown");

    it("shows what was typed within two seconds", async () => {
      const { page } = await opened("live.html", { viewport: WIDE });
      await page.waitForSelector("#live[data-shown]");
      const before = await shownNow(page);
      await page.focus("#live-prompt");
      await page.keyboard.press("End");
      const began = Date.now();
      await page.keyboard.type(" 7 8 9");
      await page.waitForFunction((old) => document.querySelector("#live")!.getAttribute("data-shown") !== old, before);
      const took = Date.now() - began;
      process.stdout.write(`typed to shown: ${took} ms\n`);
      expect(took).toBeLessThan(2000);
      await page.close();
    });

    it("every line has a picture and its equation, by keys alone", async () => {
      const { page, complaints } = await opened("live.html", { viewport: WIDE, colorScheme: "dark" });
      await page.waitForSelector("#live[data-shown]");
      await page.waitForFunction(() => /tokens, \d+ ms/.test(document.querySelector("#live-status")!.textContent));
      const names = await page.$$eval("button.line", (all) => all.map((one) => one.dataset["name"]!));
      expect(names.length).toBe(19);
      await page.focus(`button.line[data-name="${names[0]!}"]`);
      await page.keyboard.press("Enter");
      for (const [i, name] of names.entries()) {
        if (i > 0) await page.keyboard.press("ArrowDown");
        expect((await shownNow(page))!.split(" ")[0]).toBe(name);
        expect(await page.getAttribute("#live-heat", "aria-label")).toMatch(new RegExp(`^${name}.*largest value is`));
        expect(await page.isVisible(`[data-about="${name}"] .katex`)).toBe(true);
        expect(await page.$$eval("button.line[aria-pressed=true]", (all) => all.length)).toBe(1);
      }
      await page.focus("#live-heat");
      await page.keyboard.press("ArrowRight");
      expect(await page.innerText("#live-cell")).toMatch(/^token \d+ ".*", channel \d+: -?\d/);
      expect(complaints).toEqual([]);
      await page.close();
    });

    it("draws weights that say where a head looks, and the answer's first token", async () => {
      const { page } = await opened("live.html?line=a", { viewport: WIDE });
      await page.waitForSelector("#live-heads canvas");
      const labels = await page.$$eval("#live-heads canvas", (all) => all.map((one) => one.ariaLabel!));
      expect(labels.length).toBe(10);
      for (const label of labels)
        expect(label).toMatch(/^Head \d+: the last token looks hardest at token \d+ ".*", \d+ %$/);
      await page.waitForFunction(() => /tokens, \d+ ms/.test(document.querySelector("#live-status")!.textContent));
      await page.click('button.line[data-name="logits"]');
      const best = await page.$$eval("#live-next li", (all) => all.map((one) => one.textContent));
      expect(best.length).toBe(5);
      expect(best[0]).toMatch(/^".*" \d+\.\d %/);
      if (shots !== undefined) await page.screenshot({ path: join(shots, "live-logits.png") });
      await page.close();
    });
  });
});
