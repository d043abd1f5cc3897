/** The page of docs/run as a visitor uses it: every backend, what goes wrong, keys, a phone. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { quantize } from "../../src/quantize/quantize.ts";
import { CHROMIUM, launch, serve, type WITH } from "./chromium.ts";

const root = join(import.meta.dirname, "../..");
const made = join(root, ".cache/browser-page");
const tiny = join(root, "golden/model/tiny");

interface Opened {
  readonly page: Page;
  readonly complaints: string[];
}

/** Waits until the page has answered and shown what is inside, or says what went wrong. */
async function done(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector("#error")!.textContent !== "" ||
      (document.querySelector<HTMLButtonElement>("#stop")!.disabled &&
        !document.querySelector<HTMLButtonElement>("#go")!.disabled &&
        document.querySelectorAll("#far tbody tr").length === 15),
  );
}

async function opened(browser: Browser, address: string, query = "", options = {}): Promise<Opened> {
  const page = await browser.newPage(options);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.goto(`${address}/${query}`);
  return { page, complaints };
}

/** The largest share that an activation is off, as the table says it. */
function worst(page: Page): Promise<number> {
  return page.$$eval("#far tbody td:nth-child(2)", (cells) => Math.max(...cells.map((x) => Number(x.textContent))));
}

const runs = (page: Page) => page.innerText("#runs");

beforeAll(async () => {
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  const checkpoint = openCheckpoint(tiny);
  await quantize(checkpoint, join(made, "tiny.gguf"), "q8_0", { threads: 0 });
  checkpoint.close();
  writeFileSync(join(made, "holiday.png"), new Uint8Array(5000));
  writeFileSync(join(made, "broken.gguf"), new Uint8Array(5000));
});

describe.runIf(CHROMIUM !== undefined)("Chromium", () => {
  let [server, address]: [Server?, string?] = [];
  beforeAll(async () => {
    ({ server, address } = await serve(true, join(root, "dist/run"), true));
  });
  afterAll(() => server?.close());

  /** A browser for the tests of a block. */
  const browserWith = (having: keyof typeof WITH): (() => Browser) => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launch(having);
    });
    afterAll(() => browser.close());
    return () => browser;
  };

  /** The GPU's process ends in the middle of an answer: of the tiny model's, whose noise has no end of its own. */
  async function losing(browser: Browser, backend: string): Promise<void> {
    const { page } = await opened(browser, address!, `?backend=${backend}`);
    await done(page);
    await page.setInputFiles("#folder", tiny);
    await page.waitForFunction(() => document.querySelector("#runs")!.textContent!.includes("of 80 channels"));
    await page.waitForSelector("#go:enabled");
    await page.fill("#most", "4000");
    await page.click("#go");
    await page.waitForFunction(() => {
      const text = ["#thinking", "#answer"].map((id) => document.querySelector(id)!.textContent).join("");
      return text.length > 5;
    });
    await (await browser.newBrowserCDPSession()).send("Browser.crashGpuProcess");
    await page.waitForFunction(() => document.querySelector("#error")!.textContent !== "");
    expect(await page.innerText("#error")).toMatch(/^The GPU was lost in the middle of its work.*Load again$/s);
    await page.click("#error button");
    await page.waitForSelector("#go:enabled");
    await page.fill("#most", "8");
    await page.click("#go");
    await page.waitForFunction(() => document.querySelector("#status")!.textContent!.includes("wrote 8"));
    await page.close();
  }

  describe("with WebGL2 alone", () => {
    const browser = browserWith("webgl2");

    it("answers within 3 s of opening, without a word of complaint, and says what runs and why", async () => {
      const { page, complaints } = await opened(browser(), address!, "", { viewport: { width: 1200, height: 900 } });
      const began = await page.evaluate(() => performance.timeOrigin);
      await page.waitForFunction(() => document.querySelector("#thinking")!.textContent !== "");
      expect((await page.evaluate(() => Date.now())) - began).toBeLessThan(3000);
      await done(page);
      expect(await runs(page)).toMatch(
        /asked for\s+auto\s+runs\s+wasm, \d+ thread.*\s+because\s+this browser gives no/s,
      );
      expect(await page.innerText("#rate")).toMatch(/^\d+\.\d tokens\/s$/);
      expect(await page.innerText("#status")).toMatch(/^Read 22 tokens at .*, wrote 58: it came to its end\.$/);
      expect(await page.innerText("#answer")).toBe("The answer is 933.");
      expect(await worst(page)).toBeLessThan(1e-5);
      expect(await page.getAttribute("#heat", "aria-label")).toMatch(
        /^out: .*layer 0: 64 tokens by 160 channels, largest/,
      );
      await page.screenshot({ path: join(made, "light.png"), fullPage: true });
      expect(complaints).toEqual([]);
      await page.close();
    });

    it.each(["gpujs:webgl2", "gpujs:webgl"])("runs %s: the reference's text, within 1e-5 of it", async (backend) => {
      const { page, complaints } = await opened(browser(), address!, `?backend=${backend}`);
      await done(page);
      expect(await runs(page)).toMatch(new RegExp(`runs\\s+${backend}\\s+adapter\\s+\\S+`));
      expect(await worst(page)).toBeLessThan(1e-5);
      const text = await page.innerText("#thinking");
      expect(text).toContain("ones: 7+6=13, carry 1");
      await page.selectOption("#backend", "reference");
      await page.waitForFunction(() => document.querySelector("#runs")!.textContent!.includes("runsreference"));
      await page.click("#go");
      await done(page);
      expect(await page.innerText("#thinking")).toBe(text);
      expect(complaints).toEqual([]);
      await page.close();
    });

    it("asked for WebGPU, which is not there, it says what to do, and goes on with another", async () => {
      const { page } = await opened(browser(), address!, "?backend=wgsl");
      await done(page);
      const said = await page.innerText("#error");
      expect(said).toMatch(/^This browser cannot run that here \(wgsl: .*\)\. Choose auto or wasm\.$/);
      await page.selectOption("#backend", "wasm");
      await page.waitForSelector("#go:enabled");
      await page.click("#go");
      await done(page);
      expect(await page.innerText("#error")).toBe("");
      expect(await page.innerText("#thinking")).not.toBe("");
      await page.close();
    });

    it.each(["gpujs:webgl2", "gpujs:webgl"])(
      "a GPU that is lost in the middle of an answer by %s: a sentence and a button, which loads it again",
      (backend) => losing(browser(), backend),
    );

    it("takes a .gguf file, a folder, and files that are dropped", async () => {
      const { page, complaints } = await opened(browser(), address!);
      await done(page);
      const model = () => page.innerText("#runs");
      await page.setInputFiles("#files", join(made, "tiny.gguf"));
      await page.waitForSelector("#go:enabled");
      await page.fill("#prompt", "Hi");
      await page.click("#go");
      await page.waitForFunction(() => document.querySelector("#status")!.textContent!.includes("wrote"));
      await page.setInputFiles("#folder", tiny);
      await page.waitForFunction(() => document.querySelector("#status")!.textContent === "");
      expect(await model()).toContain("3 layers of 80 channels");
      await page.setInputFiles("#files", join(made, "holiday.png"));
      await page.waitForFunction(() => document.querySelector("#error")!.textContent !== "");
      await page.evaluate(async () => {
        const files = await Promise.all(
          ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"].map(
            async (name) => new File([await (await fetch(`model/${name}`)).blob()], name),
          ),
        );
        const dataTransfer = new DataTransfer();
        for (const file of files) dataTransfer.items.add(file);
        document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
      });
      await page.waitForFunction(() => document.querySelector("#error")!.textContent === "");
      await page.waitForSelector("#go:enabled");
      expect(await page.innerText("#error")).toBe("");
      expect(complaints).toEqual([]);
      await page.close();
    });

    it.each([
      ["holiday.png", /^There is no model in what you chose\. Drop one \.gguf file, or the folder/],
      ["broken.gguf", /^That did not work: .*broken\.gguf/],
    ])("%s is no model: a sentence, and the page stays usable", async (name, sentence) => {
      const { page } = await opened(browser(), address!);
      await done(page);
      await page.setInputFiles("#files", join(made, name));
      await page.waitForFunction(() => document.querySelector("#error")!.textContent !== "");
      expect(await page.innerText("#error")).toMatch(sentence);
      await page.click("#embedded");
      await page.waitForSelector("#go:enabled");
      await page.click("#go");
      await done(page);
      expect(await page.innerText("#error")).toBe("");
      await page.close();
    });

    it("a second tab is told of the first; both work; when the first is closed, the notice goes", async () => {
      const context = await browser().newContext();
      const first = await context.newPage();
      await first.goto(address!);
      await done(first);
      const second = await context.newPage();
      await second.goto(address!);
      await done(second);
      expect(await second.innerText("#notice")).toContain("open in another tab too");
      expect(await second.innerText("#thinking")).toBe(await first.innerText("#thinking"));
      await first.close();
      await second.waitForSelector("#notice", { state: "hidden" });
      await context.close();
    });

    it("is all at hand for keys: prompt, answer, stop, layers, the cells of the picture", async () => {
      const { page } = await opened(browser(), address!);
      await done(page);
      const reached = new Set<string>();
      for (let i = 0; i < 30; i++) {
        await page.keyboard.press("Tab");
        reached.add(await page.evaluate(() => document.activeElement?.id ?? ""));
      }
      for (const id of [
        "files",
        "folder",
        "embedded",
        "backend",
        "prompt",
        "go",
        "most",
        "layer",
        "tap",
        "heat",
        "compare",
      ])
        expect([...reached]).toContain(id);
      await page.focus("#heat");
      for (const key of ["ArrowDown", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
      expect(await page.innerText("#cell")).toMatch(/^Token 1 ".*", channel 2: -?[\d.]+(e-?\d+)?$/);
      await page.selectOption("#layer", "2");
      await page.waitForFunction(() => document.querySelector("#heat")!.ariaLabel!.includes("layer 2"));
      await page.selectOption("#tap", "qr");
      expect(await page.getAttribute("#heat", "aria-label")).toMatch(/^qr: queries, turned, layer 2/);
      await page.close();
    });

    it("names every control, has one of each id, and text that stands out, in light and dark", async () => {
      for (const colorScheme of ["light", "dark"] as const) {
        const { page } = await opened(browser(), address!, "", { colorScheme, viewport: { width: 1200, height: 900 } });
        await done(page);
        const found = await page.evaluate(() => {
          const controls = [...document.querySelectorAll("button, input, select, textarea, canvas, table")];
          const named = (x: Element) =>
            x.textContent!.trim() !== "" && x.tagName === "BUTTON"
              ? true
              : x.hasAttribute("aria-label") ||
                x.hasAttribute("aria-labelledby") ||
                ((x as HTMLInputElement).labels?.length ?? 0) > 0;
          const luminance = (color: string) => {
            const [r = 0, g = 0, b = 0] = color.match(/[\d.]+/g)!.map(Number);
            const part = (v: number) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
            return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
          };
          const ground = (x: Element | null): string => {
            for (; x !== null; x = x.parentElement) {
              const { backgroundColor } = getComputedStyle(x);
              if (!/rgba\(.*, 0\)$/.test(backgroundColor)) return backgroundColor;
            }
            return "rgb(255, 255, 255)";
          };
          const faint = [
            ...document.querySelectorAll("p, h1, h2, h3, label, dt, dd, th, td, button:enabled, select, output"),
          ]
            .filter((x) => x.textContent!.trim() !== "" && getComputedStyle(x).visibility === "visible")
            .filter((x) => {
              const [a, b] = [luminance(getComputedStyle(x).color), luminance(ground(x))];
              return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
            });
          const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
          return {
            unnamed: controls.filter((x) => !named(x)).map(({ id }) => id),
            twice: ids.filter((id, i) => ids.indexOf(id) !== i),
            faint: faint.map((x) => `${x.tagName} ${x.textContent!.slice(0, 40)}`),
            language: document.documentElement.lang,
            titles: document.querySelectorAll("h1").length,
          };
        });
        expect(found).toEqual({ unnamed: [], twice: [], faint: [], language: "en", titles: 1 });
        if (colorScheme === "dark") await page.screenshot({ path: join(made, "dark.png"), fullPage: true });
        await page.close();
      }
    });

    it("fits a phone: nothing is wider than the screen, nor sticks out of its card", async () => {
      const { page } = await opened(browser(), address!, "", { viewport: { width: 360, height: 740 } });
      await done(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      const out = await page.$$eval(".card *", (all) =>
        all
          .filter((x) => x.getBoundingClientRect().right > x.closest(".card")!.getBoundingClientRect().right + 0.5)
          .map(({ id, tagName }) => `${tagName} ${id}`),
      );
      expect(out).toEqual([]);
      await page.screenshot({ path: join(made, "phone.png"), fullPage: true });
      await page.close();
    });
  });

  describe("with neither WebGPU nor WebGL2", () => {
    const browser = browserWith("neither");

    it("runs on WebAssembly, and says of both versions of WebGL that there is none", async () => {
      const { page, complaints } = await opened(browser(), address!);
      await done(page);
      expect(await runs(page)).toMatch(/runs\s+wasm/);
      expect(complaints).toEqual([]);
      for (const [backend, name] of [
        ["gpujs:webgl2", "WebGL2"],
        ["gpujs:webgl", "WebGL"],
      ] as const) {
        await page.selectOption("#backend", backend);
        await page.waitForFunction((name) => {
          return document.querySelector("#error")!.textContent!.includes(`expected ${name}, got none`);
        }, name);
      }
      await page.close();
    });
  });

  describe("with WebGPU", () => {
    const browser = browserWith("webgpu");

    it.each(["wgsl", "gpujs:webgpu"])("runs %s within 1e-5 of the reference", async (backend) => {
      const { page, complaints } = await opened(browser(), address!, `?backend=${backend}`);
      await done(page);
      expect(await page.innerText("#error")).toBe("");
      expect(await runs(page)).toMatch(new RegExp(`runs\\s+${backend}\\s+adapter\\s+\\S+`));
      expect(await worst(page)).toBeLessThan(1e-5);
      expect(complaints).toEqual([]);
      await page.close();
    });

    it("auto does not take a program that plays a GPU, and says so", async () => {
      const { page } = await opened(browser(), address!);
      await done(page);
      expect(await runs(page)).toMatch(/runs\s+wasm.*because\s+the only WebGPU adapter is a program/s);
      await page.close();
    });

    it.each(["wgsl", "gpujs:webgpu"])(
      "a GPU that is lost in the middle of an answer by %s: a sentence and a button, which loads it again",
      (backend) => losing(browser(), backend),
    );

    it("a model of which a part is larger than the GPU takes: a sentence, and wasm runs it", async () => {
      const page = await browser().newPage();
      const small = ["maxBufferSize", "maxStorageBufferBindingSize"]
        .map((name) => `Object.defineProperty(GPUSupportedLimits.prototype, "${name}", { get: () => 4096 });`)
        .join("");
      await page.route("**/model.js", async (route) => {
        const response = await route.fetch();
        await route.fulfill({
          response,
          body: `if ("GPUSupportedLimits" in globalThis) {${small}}${await response.text()}`,
        });
      });
      await page.goto(`${address!}/?backend=wgsl`);
      await done(page);
      expect(await page.innerText("#error")).toMatch(
        /^This model, or a part of it, is larger than .* \(wgsl: expected at most 4,096/,
      );
      await page.selectOption("#backend", "wasm");
      await page.waitForSelector("#go:enabled");
      await page.click("#go");
      await done(page);
      expect(await page.innerText("#error")).toBe("");
      await page.close();
    });
  });
});
