/** The library in Chromium: the same tokens and the same bits as under Node, and errors that say as much. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wasmBackend } from "../../kernels/wasm/index.ts";
import type * as Library from "../../src/browser/index.ts";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import type { AnswerEvent } from "../../src/library/answer.ts";
import { QwQ } from "../../src/library/qwq.ts";
import { quantize } from "../../src/quantize/quantize.ts";
import { CHROMIUM, launch, open, serve } from "./chromium.ts";

/** In the page. */
declare const qwq: typeof Library;

const root = join(import.meta.dirname, "../..");
const made = join(root, ".cache/browser-test");
const TINY = "/golden/model/tiny/";
const Q8_0 = "/.cache/browser-test/tiny.gguf";
const SMOLLM2 = ".cache/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
const ASKED = { maxTokens: 24, seed: 5 };
const IDS = Array.from({ length: 70 }, (_, i) => (i * 37) % 200);

/** Without the times, which differ. */
const plain = (event: AnswerEvent) => (event.type === "end" ? { ...event, timings: undefined } : event);

describe.runIf(CHROMIUM !== undefined)("Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
    mkdirSync(made, { recursive: true });
    rmSync(join(made, "tiny.gguf"), { force: true });
    const checkpoint = openCheckpoint(join(root, TINY));
    await quantize(checkpoint, join(made, "tiny.gguf"), "q8_0", { threads: 0 });
    checkpoint.close();
  });
  afterAll(() => browser.close());

  describe.each([
    ["isolated", true],
    ["not isolated", false],
  ])("a page that is %s", (_, isolated) => {
    let [server, page]: [Server?, Page?] = [];
    let complaints: string[];
    beforeAll(async () => {
      const served = await serve(isolated);
      server = served.server;
      ({ page, complaints } = await open(browser, served.address));
    });
    afterAll(() => server?.close());

    it.each([TINY, Q8_0])("%s: answers with the tokens, log probabilities and text that Node gives", async (model) => {
      const expected: unknown[] = [];
      const backend = await wasmBackend({ threads: 1, relaxed: false });
      const here = await QwQ.load(join(root, model), { backend });
      for await (const event of here.generate("Hello", ASKED)) expected.push(plain(event));
      here.close();
      const { events, about } = await page!.evaluate(
        async ([address, asked]) => {
          const model = await qwq.QwQ.load(address, { relaxed: false });
          const events = [];
          for await (const event of model.generate("Hello", asked)) events.push(event);
          model.close();
          return { events, about: model.about };
        },
        [model, ASKED] as const,
      );
      expect(about).toMatchObject({ backend: "wasm", layers: 3, warnings: [], relaxed: false });
      expect(about.threads > 1).toBe(isolated);
      expect(events.map(plain)).toEqual(expected);
      expect(complaints).toEqual([]);
    });
  });

  describe("a page", () => {
    let [server, page, address]: [Server?, Page?, string?] = [];
    beforeAll(async () => {
      ({ server, address } = await serve(true));
      ({ page } = await open(browser, address));
    });
    afterAll(() => server?.close());

    it.each([true, false])("has the same bits on 1, 2, 3 and 4 threads (relaxed SIMD: %s)", async (relaxed) => {
      const rows = await page!.evaluate(
        async ([address, ids, relaxed]) => {
          const rows = [];
          for (const threads of [1, 2, 3, 4]) {
            const model = await qwq.QwQ.load(address, { threads, relaxed });
            const logits = await model.forward(ids);
            rows.push({ about: model.about, bits: [...new Uint32Array(logits.buffer, 0, logits.length)] });
            model.close();
          }
          return rows;
        },
        [Q8_0, IDS, relaxed] as const,
      );
      expect(rows.map(({ about }) => [about.threads, about.relaxed])).toEqual([1, 2, 3, 4].map((n) => [n, relaxed]));
      expect(new Set(rows.map(({ bits }) => bits.join())).size).toBe(1);
      const model = await QwQ.load(join(root, Q8_0));
      const exact = (await model.ops.download(model.forward(IDS))).data;
      const far = new Float32Array(Uint32Array.from(rows[0]!.bits).buffer).map((y, i) => Math.abs(y - exact[i]!));
      const scale = Math.max(...exact.map(Math.abs));
      expect(Math.max(...far) / scale).toBeLessThan(relaxed ? 2 / 127 : 2 / 32767); // the step of the activations
      model.close();
    });

    it.runIf(existsSync(join(root, SMOLLM2)))("runs the real SmolLM2 to the tokens that Node gives", async () => {
      const asked = { maxTokens: 20, greedy: true } as const;
      const prompt = "What is the capital of France?";
      const backend = await wasmBackend({ relaxed: false });
      const here = await QwQ.load(join(root, SMOLLM2), { backend });
      const expected = await here.answer(prompt, asked);
      here.close();
      const { ids, text } = await page!.evaluate(
        async ([address, prompt, asked]) => {
          const model = await qwq.QwQ.load(address, { relaxed: false });
          const answer = await model.answer(prompt, asked);
          model.close();
          return answer;
        },
        [`/${SMOLLM2}`, prompt, asked] as const,
      );
      expect(text).toContain("Paris");
      expect(ids).toEqual(expected.ids);
    });

    it("takes files that the user chose, and blobs by name", async () => {
      await page!.evaluate(() => {
        const input = Object.assign(document.createElement("input"), { type: "file", multiple: true, id: "files" });
        document.body.append(input);
      });
      const names = ["config.json", "generation_config.json", "model.safetensors", "tokenizer.json"];
      await page!.setInputFiles(
        "#files",
        [...names, "tokenizer_config.json"].map((name) => join(root, TINY, name)),
      );
      const texts = await page!.evaluate(async (asked) => {
        const { files } = document.querySelector<HTMLInputElement>("#files")!;
        const chosen = await qwq.QwQ.load(files!);
        const named = await qwq.QwQ.load(Object.fromEntries([...files!].map((file) => [file.name, file])));
        const texts = await Promise.all([chosen, named].map(async (model) => (await model.answer("Hi", asked)).text));
        for (const model of [chosen, named]) model.close();
        return texts;
      }, ASKED);
      expect(texts[0]).not.toBe("");
      expect(texts[1]).toBe(texts[0]);
    });

    it("stays alive while the model answers, hears its progress, and can stop it", async () => {
      const { ticks, tokens, reason, parts } = await page!.evaluate(async (address) => {
        const model = await qwq.QwQ.load(address);
        let ticks = 0;
        const timer = setInterval(() => ticks++, 1);
        const stop = new AbortController();
        const parts: number[] = [];
        let [tokens, reason] = [0, ""];
        const onPrompt = (done: number) => parts.push(done);
        for await (const event of model.generate("Tell me. ".repeat(40), { signal: stop.signal, onPrompt, seed: 1 })) {
          if (event.type === "token" && ++tokens === 10) stop.abort();
          if (event.type === "end") reason = event.reason;
        }
        clearInterval(timer);
        model.close();
        return { ticks, tokens, reason, parts };
      }, TINY);
      expect(reason).toBe("interrupted");
      expect(tokens).toBeGreaterThanOrEqual(10);
      expect(ticks).toBeGreaterThan(5);
      expect(parts.length).toBeGreaterThan(1);
      expect(parts).toEqual([...parts].sort((a, b) => a - b));
    });

    it("left in the middle of an answer, the next prompt is answered; a memory saves reading again", async () => {
      const seen = await page!.evaluate(async (address) => {
        const model = await qwq.QwQ.load(address);
        const asked = { maxTokens: 8, seed: 3, raw: true } as const;
        for await (const event of model.generate("Hello", { ...asked, maxTokens: 400 })) {
          if (event.type === "token") break;
        }
        const memory = await model.remember();
        const plain = await model.answer("Hello, my friend, how are you?", asked);
        const first = await model.answer("Hello, my friend, how are you?", { ...asked, memory });
        const parts: number[] = [];
        const onPrompt = (_: number, total: number) => parts.push(total);
        const again = await model.answer("Hello, my friend, how are you today?", { ...asked, memory, onPrompt });
        const fresh = await model.answer("Hello, my friend, how are you today?", asked);
        const ids = await model.encode("Hello, my friend, how are you today?");
        const back = await model.decode(ids);
        model.close();
        return { plain: plain.ids, first: first.ids, again: again.ids, fresh: fresh.ids, parts, ids: ids.length, back };
      }, TINY);
      expect(seen.first).toEqual(seen.plain);
      expect(seen.again).toEqual(seen.fresh);
      expect(Math.max(...seen.parts)).toBeLessThan(seen.ids);
      expect(seen.back).toBe("Hello, my friend, how are you today?");
    });

    it("renders a template that nobody has checked apart, and ends one that does not end", async () => {
      const folder = join(made, "template");
      rmSync(folder, { recursive: true, force: true });
      cpSync(join(root, TINY), folder, { recursive: true });
      const rendered = (template: string) => {
        writeFileSync(join(folder, "chat_template.jinja"), template);
        return page!.evaluate(
          async ([address, asked]) => {
            const model = await qwq.QwQ.load(address);
            const answer = model.answer("Hello", asked).then(
              ({ ids }) => ids.length,
              (error: Library.QwqError) => [error.name, error.code, error.message],
            );
            return answer.finally(() => model.close());
          },
          ["/.cache/browser-test/template/", ASKED] as const,
        );
      };
      expect(await rendered("{{ messages[0].content }}!")).toBeGreaterThan(0);
      const endless = "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}";
      const refused = await rendered(endless);
      expect(refused).toEqual(["LimitError", "E_TPL_LIMIT", expect.stringContaining("at most 1000 ms to render")]);
    });

    it.each([
      ["an address without a file", "/golden/none/", {}, ["IoError", "E_IO_OPEN", /config\.json: .*got 404\. Check/]],
      ["no files", {}, {}, ["FormatError", "E_FORMAT_UNKNOWN", /got none\. Choose config\.json/]],
      ["threads that are none", TINY, { threads: 0 }, ["UsageError", "E_ARG_LIMIT", /threads: expected .*, got 0/]],
      ["too many threads", TINY, { threads: 1000 }, ["UsageError", "E_ARG_LIMIT", /got 1000/]],
      ["a file that is no model", "/README.gguf", {}, ["IoError", "E_IO_OPEN", /got 404/]],
      ["no worker's script", TINY, { worker: "/none.js" }, ["QwqError", "E_INTERNAL", /worker: expected/]],
    ] as const)("%s: a typed error", async (_, model, options, [name, code, message]) => {
      const said = await page!.evaluate(
        async ([model, options]) => {
          try {
            await qwq.QwQ.load(model, options);
          } catch (error) {
            const { name, code, message } = error as Library.QwqError;
            return { name, code, message, typed: error instanceof qwq.QwqError };
          }
          return undefined;
        },
        [model, options] as const,
      );
      expect(said).toEqual({ name, code, message: expect.stringMatching(message), typed: true });
    });

    it("a damaged file is an error with its name and place; the second prompt at once, and any after the end", async () => {
      const bytes = readFileSync(join(root, Q8_0)).subarray(0, 50_000);
      writeFileSync(join(made, "short.gguf"), bytes);
      const said = await page!.evaluate(
        async ([short, address]) => {
          const failure = async (attempt: Promise<unknown>) => {
            const error = await attempt.catch((error: unknown) => error as Library.QwqError);
            const { code, message } = error as Library.QwqError;
            return [code, message];
          };
          const damaged = await failure(qwq.QwQ.load(short));
          const model = await qwq.QwQ.load(address);
          const first = model.answer("Hello", { maxTokens: 50 });
          const second = await failure(model.answer("Hello", { maxTokens: 50 }));
          const tokens = (await first).ids.length;
          model.close();
          return { damaged, second, tokens, closed: await failure(model.answer("Hello")) };
        },
        ["/.cache/browser-test/short.gguf", TINY] as const,
      );
      expect(said.damaged).toEqual(["E_GGUF_TRUNCATED", expect.stringContaining("/model/short.gguf")]);
      expect(said.second).toEqual(["E_ARG_BUSY", expect.stringContaining("one prompt at a time")]);
      expect(said.tokens).toBeGreaterThan(0);
      expect(said.closed).toEqual(["E_INTERNAL", expect.stringContaining("ended with its model")]);
    });
  });
});
