import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ServerResponder } from "../../src/ask/server.ts";
import { QWQ_DRAWING } from "../../src/ask/responder.ts";
import { benchOf } from "../../src/eval/benches.ts";
import { jsonOf, type Plan, problemsFor, Run } from "../../src/eval/run.ts";
import { chatServer, type ChatServer } from "../support/chat-server.ts";
import { temporaryFolder } from "../support/folder.ts";

const DATA = join(import.meta.dirname, "../../golden/eval/aime24.jsonl");
const PLAN: Plan = { bench: benchOf("aime24"), limit: 12, samples: 4, drawing: QWQ_DRAWING, seed: 1 };

/** Asks everything; `during` is told how many replies are there. The report but for the address, which is the server's. */
async function ask(server: ChatServer, folder: string, during?: (done: number) => void, signal?: AbortSignal) {
  const who = await ServerResponder.open({ url: server.url, atOnce: 8, backoff: 3, retries: 30 });
  const run = Run.open(PLAN, await problemsFor(PLAN), who.name, "server", folder, true);
  try {
    const complete = await run.ask(who, { signal, onSample: (_, done) => during?.(done) });
    return complete ? jsonOf(await run.report()) : undefined;
  } finally {
    run.close();
    await who.close();
  }
}

const keysIn = (path: string) => readFileSync(path, "utf8").trim().split("\n");

describe("a run against a server", () => {
  it("has every sample once and the same report where one request in five fails and the server is killed and comes back", async () => {
    const calm = await chatServer({ data: DATA });
    const expected = await ask(calm, join(temporaryFolder(), "calm"));

    const folder = join(temporaryFolder(), "stormy");
    let server = await chatServer({ data: DATA, failing: 0.2 });
    const { port } = server;
    const back: Promise<unknown>[] = [];
    const kill = async (salt: number) => {
      await server.kill();
      server = await chatServer({ port, data: DATA, failing: 0.2, salt });
    };
    const report = await ask(server, folder, (done) => {
      if (done === 10 || done === 30) back.push(kill(done));
    });
    await Promise.all(back);
    expect(back.length).toBe(2);
    expect(report).toBe(expected);
    const samples = keysIn(join(folder, "samples.jsonl")).map((line) => JSON.parse(line));
    expect(samples.length).toBe(12 * 4);
    expect(new Set(samples.map(({ problem, sample }) => `${problem}/${sample}`)).size).toBe(12 * 4);
  });

  it("that is cut goes on, and asks nothing again that it was told", async () => {
    const expected = await ask(await chatServer({ data: DATA }), join(temporaryFolder(), "calm"));
    const [folder, log] = [join(temporaryFolder(), "cut"), join(temporaryFolder(), "log")];
    const server = await chatServer({ data: DATA, log });
    const stop = new AbortController();
    expect(await ask(server, folder, (done) => done === 20 && stop.abort(), stop.signal)).toBeUndefined();
    const told = keysIn(join(folder, "samples.jsonl")).map((line) => JSON.parse(line).seed as number);
    expect(await ask(server, folder)).toBe(expected);
    const answered = keysIn(log).map((line) => JSON.parse(line)[1] as number);
    expect(told.filter((seed) => answered.filter((one) => one === seed).length !== 1)).toEqual([]);
    expect(new Set(answered).size).toBe(12 * 4);
  });

  it("refuses a folder in which another run lies, and one that has something else in it", async () => {
    const server = await chatServer({ data: DATA });
    const folder = join(temporaryFolder(), "run");
    const read = await problemsFor({ ...PLAN, limit: 2 });
    Run.open(PLAN, read, "a", "here", folder, false).close();
    expect(() => Run.open(PLAN, read, "a", "here", folder, false)).toThrow(
      `${folder}: expected a folder that is new or empty, got one with a run in it. Go on with that run by --resume, or choose another --out.`,
    );
    expect(() => Run.open({ ...PLAN, seed: 2 }, read, "a", "here", folder, true)).toThrow(
      `${folder}: expected to go on with seed 1, got 2. Give what the run began with, or choose another --out.`,
    );
    await server.kill();
  });
});
