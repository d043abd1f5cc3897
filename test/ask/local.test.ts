import { expect, it, onTestFinished } from "vitest";
import { LocalResponder } from "../../src/ask/local.ts";
import { QwQ } from "../../src/library/qwq.ts";
import { wasmBackend } from "../../kernels/wasm/index.ts";

async function local(context?: number) {
  const qwq = await QwQ.load(undefined, { backend: await wasmBackend({ threads: 1 }), context });
  const who = new LocalResponder(qwq, undefined);
  onTestFinished(() => who.close());
  return who;
}

const SUM = { messages: [{ role: "user", content: "What is 347 + 586?" }], drawing: { temperature: 0 } };

it("the embedded model answers, with its tokens counted, one question after another", async () => {
  const who = await local();
  const parts: string[] = [];
  const [first, second] = await Promise.all([
    who.ask({ ...SUM, onText: (text, of) => parts.push(`${of}:${text}`) }),
    who.ask({ ...SUM, drawing: { temperature: 0, maxTokens: 3 } }),
  ]);
  expect(who.name).toBe("embedded");
  expect(first.answer).toContain("933");
  expect(parts.some((part) => part.startsWith("thinking:"))).toBe(true);
  expect(first.thinkingTokens!).toBeGreaterThan(0);
  expect(first.thinkingTokens!).toBeLessThan(first.tokens!);
  expect([second.reason, second.tokens]).toEqual(["length", 3]);
});

it("a prompt that has no room, and a signal, are said", async () => {
  const who = await local(10);
  await expect(who.ask(SUM)).rejects.toMatchObject({ code: "E_LIMIT_CONTEXT" });
  await expect(who.ask({ ...SUM, signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
});
