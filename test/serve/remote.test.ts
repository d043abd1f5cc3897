import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import type { ServeData } from "../../src/cli/serve-worker.ts";
import type { AnswerEvent } from "../../src/library/answer.ts";
import { QwQ } from "../../src/library/qwq.ts";
import type { Asked } from "../../src/serve/engine.ts";
import { RemoteEngine } from "../../src/serve/remote.ts";
import { startThread } from "../../src/thread.ts";

const CLI = pathToFileURL(join(import.meta.dirname, "../../src/cli/serve.ts")).href;

/** An engine in a thread, and the thread. */
async function open(options: Partial<ServeData["options"]> = {}) {
  const stops = new Int32Array(new SharedArrayBuffer(4));
  const given = { backend: "reference", io: "pread", kv: "f32", quiet: true, ...options } as const;
  const data: ServeData = { options: given, parallel: 1, stops };
  const worker = startThread("./serve-worker", CLI, data);
  return { worker, engine: await RemoteEngine.open(worker, stops, true) };
}

const { worker, engine } = await open();
const qwq = await QwQ.load();
const prompt = await qwq.encode("What is 347 + 586?");
const steered: Asked["steered"] = { penalties: { presence: 0, frequency: 0, bias: new Map() }, shape: undefined };
const ask = (options: Asked["options"]): Asked => ({ prompt, options, steered });

async function all(asked: Asked, signal = new AbortController().signal): Promise<AnswerEvent[]> {
  const events: AnswerEvent[] = [];
  for await (const event of engine.generate(asked, signal)) events.push(event);
  return events;
}

afterAll(() => qwq.close());

describe("an engine in a thread", () => {
  it("answers as the model does here, with probabilities where they are asked for", async () => {
    const here = await qwq.answer("What is 347 + 586?", { seed: 5 });
    expect(engine.context).toBe(qwq.context);
    const events = await all(ask({ seed: 5, top: 1 }));
    expect(events.at(-1)).toMatchObject({ type: "end", ids: here.ids, answer: here.answer, reason: "stop" });
    for (const event of events) {
      if (event.type === "token") expect(event.top![0]!.logprob).toBeGreaterThanOrEqual(event.logprob);
    }
  });

  it("ends when it is told to, and answers the next", async () => {
    const stop = new AbortController();
    const seen: AnswerEvent[] = [];
    for await (const event of engine.generate(ask({ seed: 5 }), stop.signal)) {
      seen.push(event);
      if (seen.length === 6) stop.abort();
    }
    expect(seen.at(-1)).toMatchObject({ type: "end", reason: "interrupted" });
    for await (const event of engine.generate(ask({ seed: 5 }), new AbortController().signal)) {
      if (event.type === "token") break; // leaving the loop ends it too
    }
    expect((await all(ask({ seed: 5 }))).at(-1)).toMatchObject({ type: "end", reason: "stop" });
  });

  it("throws what the model throws", async () => {
    await expect(all(ask({ maxTokens: 1e6 }))).rejects.toMatchObject({ name: "UsageError", code: "E_ARG_CONTEXT" });
    await expect(open({ model: "no/such/model" })).rejects.toMatchObject({ name: "IoError", code: "E_IO_OPEN" });
  });

  it("fails what waits when its thread ends, and says so", async () => {
    const waiting = all(ask({ seed: 5 }));
    await worker.terminate();
    await expect(waiting).rejects.toMatchObject({ code: "E_INTERNAL" });
    expect(await engine.ended).toMatchObject({ code: "E_INTERNAL" });
    await expect(all(ask({}))).rejects.toMatchObject({ code: "E_INTERNAL" });
  });
});
