/** Many clients, many requests, and how soon the first token comes. Its figures are printed, and written where RESULTS says. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { afterAll, describe, expect, it } from "vitest";
import { MAIN } from "../support/cli.ts";
import { serving } from "../support/serving.ts";

const served = await serving();
const figures: Record<string, number | string> = {
  machine: `${cpus()[0]!.model.trim()}, ${cpus().length} cores, Node ${process.version}`,
};
afterAll(async () => {
  await served.end();
  console.log(figures);
  const path = process.env["RESULTS"];
  if (path !== undefined) writeFileSync(path, `${JSON.stringify(figures, null, 2)}\n`);
});

const messages = (i: number) => [{ role: "user", content: `What is ${i % 1000} + ${(7 * i) % 1000}?` }];
const ask = (i: number, more: object = {}, signal?: AbortSignal) =>
  fetch(`${served.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ messages: messages(i), temperature: 0, ...more }),
    ...(signal && { signal }),
  });
const answerOf = async (response: Response) =>
  ((await response.json()) as { choices: { message: { content: string } }[] }).choices[0]!.message.content;
const median = (all: number[]) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)]!;

describe("qwq serve", () => {
  it("the first token comes as soon as that of qwq run, whose model is loaded too", async () => {
    const run = async (i: number) => {
      const child = spawn(process.execPath, [MAIN, "run", "--quiet", "--json", "--greedy", messages(i)[0]!.content]);
      let text = "";
      for await (const piece of child.stdout as AsyncIterable<Buffer>) text += String(piece);
      const end = JSON.parse(text.trim().split("\n").at(-1)!) as { timings: { promptSeconds: number } };
      return 1000 * end.timings.promptSeconds;
    };
    const serve = async (i: number) => {
      const began = performance.now();
      const response = await ask(i, { stream: true });
      for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
        if (!piece.includes("reasoning_content")) continue;
        const first = performance.now() - began;
        await response.body?.cancel().catch(() => undefined);
        return first;
      }
      return NaN;
    };
    await serve(1);
    const [ran, answered]: [number[], number[]] = [[], []];
    for (let i = 0; i < 9; i++) {
      ran.push(await run(400 + 31 * i));
      answered.push(await serve(400 + 31 * i));
    }
    Object.assign(figures, { firstTokenRunMilliseconds: median(ran), firstTokenServeMilliseconds: median(answered) });
    expect(median(answered)).toBeLessThan(1.2 * median(ran));
  });

  it("100 clients at once: each has its answer, and the line is told of meanwhile", async () => {
    const began = performance.now();
    const all = Array.from({ length: 100 }, async (_, i) => answerOf(await ask(i)));
    const alone = new Map<number, string>();
    await expect
      .poll(async () => ((await (await fetch(`${served.url}/health`)).json()) as { waiting: number }).waiting)
      .toBeGreaterThan(50);
    const answers = await Promise.all(all);
    figures["clients100Seconds"] = (performance.now() - began) / 1000;
    expect(answers.filter((answer) => /^The answer is \d+\.$/.test(answer))).toHaveLength(100);
    for (const i of [3, 50, 97]) alone.set(i, await answerOf(await ask(i)));
    for (const [i, answer] of alone) expect(answers[i]).toBe(answer); // nobody had another's
  });

  it("1,000 requests, a tenth of them left half-way: no growth in memory", async () => {
    const some = async (from: number, count: number) => {
      for (let i = from; i < from + count; i += 10) {
        await Promise.all(
          Array.from({ length: 10 }, async (_, j) => {
            const left = j === 9 ? AbortSignal.timeout(5 + (i % 40)) : undefined;
            const more = {
              max_tokens: 8,
              stream: j % 2 === 0,
              ...(j === 4 && { response_format: { type: "json_object" } }),
            };
            await ask(i + j, more, left)
              .then((response) => response.text())
              .catch((error: Error) => expect(error.name).toMatch(/Timeout|Abort/));
          }),
        );
      }
    };
    await some(0, 300); // until every cache has its size
    const before = served.memory();
    await some(300, 500);
    const middle = served.memory();
    await some(800, 500);
    const after = served.memory();
    Object.assign(figures, { memoryBefore: before, memoryMiddle: middle, memoryAfter: after });
    // A leak of a request's own caches (4 layers of 512 tokens, 0.6 MB) would be 600 MB; the heap itself breathes by some.
    expect(after - before).toBeLessThan(50e6);
    expect(await (await fetch(`${served.url}/health`)).json()).toMatchObject({ running: 0, waiting: 0 });
  }, 300_000);
});
