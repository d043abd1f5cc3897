import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type AgentEvent, type AgentOptions, runAgent } from "../../src/agent/agent.ts";
import { Toolbox } from "../../src/agent/toolbox.ts";
import { calculator } from "../../src/agent/tools/calculator.ts";
import { callAgain, readTranscript, ReplayResponder } from "../../src/agent/transcript.ts";
import type { Question, Responder } from "../../src/ask/responder.ts";
import { Journal } from "../../src/files/journal.ts";
import { renderKnown } from "../../src/text/template.ts";
import { parseReply } from "../../src/text/reply.ts";
import { model } from "../support/models.ts";
import { temporaryFolder } from "../support/folder.ts";

const TEMPLATE = model("tiny").checkpoint.template!;
const CALL = '<tool_call>\n{"name": "calculator", "arguments": {"expression": "6 * 7"}}\n</tool_call>';

/** One who says these texts in turn, the last for ever, and keeps what was asked. */
function saying(...texts: string[]) {
  const asked: Question[] = [];
  let next = 0;
  const who: Responder = {
    name: "scripted",
    atOnce: 1,
    async ask(question) {
      asked.push({ ...question, messages: [...question.messages] });
      question.signal?.throwIfAborted();
      const text = texts[Math.min(next++, texts.length - 1)]!;
      const { thinking, answer, toolCalls } = parseReply(text, { opened: true, toolCalls: true });
      return { thinking, answer, toolCalls, reason: text.endsWith("...") ? "length" : "stop", tokens: 10, seconds: 0 };
    },
    close: async () => undefined,
  };
  return { who, asked };
}

async function run(texts: string[], options: Partial<AgentOptions> = {}) {
  const { who, asked } = saying(...texts);
  const events: AgentEvent[] = [];
  const toolbox = await Toolbox.of([calculator()]);
  const outcome = await runAgent("What is 6 * 7?", {
    responder: who,
    toolbox,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { ...outcome, asked, events };
}

describe("an agent", () => {
  it("calls a tool, is told the result in QwQ's format, and answers", async () => {
    const { end, answer, steps, tokens, asked, events } = await run([
      `I use it.\n</think>\n\n${CALL}`,
      "So.\n</think>\n\nIt is 42.",
    ]);
    expect([end, answer, steps, tokens]).toEqual(["answer", "It is 42.", 2, 20]);
    const prompt = renderKnown(TEMPLATE, {
      messages: asked[1]!.messages,
      tools: asked[1]!.tools,
      addGenerationPrompt: true,
    });
    expect(prompt).toContain(`<|im_start|>assistant\n${CALL}<|im_end|>`);
    expect(prompt).toContain(
      "<|im_start|>user\n<tool_response>\n42\n</tool_response><|im_end|>\n<|im_start|>assistant\n",
    );
    expect(events.map(({ type }) => type)).toEqual(["start", "reply", "result", "reply", "end"]);
  });

  it("is told every result of calls that it makes together, and each of its errors", async () => {
    const wrong = '<tool_call>\n{"name": "calc", "arguments": {}}\n</tool_call><tool_call>{broken</tool_call>';
    const { end, asked } = await run([`</think>\n\n${CALL}${CALL}`, `</think>\n\n${wrong}`, "</think>\n\n42"]);
    expect(end).toBe("answer");
    const told = asked[2]!.messages.slice(1).map(({ role, content, tool_call_id }) => [role, tool_call_id, content]);
    expect(told[1]).toEqual(["tool", "call_1", "42"]);
    expect(told[2]).toEqual(["tool", "call_2", "42"]);
    expect(told[3]).toEqual(["assistant", undefined, "<tool_call>{broken</tool_call>"]);
    expect(told[4]![2]).toMatch(/There is no tool "calc"/);
    expect(told[5]![0]).toBe("user");
    expect(told[5]![2]).toMatch(/^<tool_response>\nError: This call cannot be read: [^]*\n<\/tool_response>$/);
  });

  it("does not take what stands in its thoughts for a call", async () => {
    expect((await run([`Maybe ${CALL}\n</think>\n\nNo.`])).events.map(({ type }) => type)).toEqual([
      "start",
      "reply",
      "end",
    ]);
  });

  it("hears nothing of results where feedback is off", async () => {
    const { asked } = await run([`</think>\n\n${CALL}`, "</think>\n\n?"], { feedback: false });
    expect(asked[1]!.messages.at(-1)!.content).toBe("The call has arrived.");
  });

  const other = (n: number) => `</think>\n\n${CALL.replace("6 * 7", `${n}`)}`;
  const many = Array.from({ length: 30 }, (_, i) => other(i));

  it("ends at its limits of steps, tokens and time, where it is stuck, and where a reply is cut", async () => {
    expect(await run(many, { limits: { steps: 4 } })).toMatchObject({ end: "steps", steps: 4 });
    expect(await run(many, { limits: { tokens: 25 } })).toMatchObject({ end: "tokens", steps: 3 });
    expect(await run([`</think>\n\n${CALL}`])).toMatchObject({ end: "stuck", steps: 3 });
    expect(await run(["</think>\n\nIt is ..."])).toMatchObject({ end: "length", steps: 1 });
    const { who } = saying(...many);
    const slow: Responder = {
      ...who,
      ask: (question) => new Promise((resolve) => setTimeout(resolve, 15)).then(() => who.ask(question)),
    };
    const toolbox = await Toolbox.of([calculator()]);
    expect((await runAgent("?", { responder: slow, toolbox, limits: { seconds: 0.05 } })).end).toBe("time");
    expect((await runAgent("?", { responder: who, toolbox, signal: AbortSignal.abort() })).end).toBe("interrupted");
  });

  it("asks for no more tokens than are left", async () => {
    const { asked } = await run(many, { limits: { tokens: 25 }, drawing: { maxTokens: 20 } });
    expect(asked.map(({ drawing }) => drawing.maxTokens)).toEqual([20, 15, 5]);
  });
});

describe("a transcript", () => {
  it("says again what was said, without the model", async () => {
    const path = join(temporaryFolder(), "run.jsonl");
    const journal = new Journal(path, "new");
    const first = await run([`hm\n</think>\n\n${CALL}`, "</think>\n\n42"], { onEvent: (event) => journal.add(event) });
    journal.close();
    const events = readTranscript(path);
    const toolbox = await Toolbox.of([calculator()]);
    const again: AgentEvent[] = [];
    const outcome = await runAgent("What is 6 * 7?", {
      responder: new ReplayResponder(events),
      toolbox,
      onEvent: (event) => again.push(event),
    });
    const timeless = (all: readonly AgentEvent[]) =>
      JSON.parse(JSON.stringify(all, (key, value: unknown) => (key === "seconds" ? 0 : value)));
    expect(timeless(again)).toEqual(timeless(events));
    expect(outcome.messages).toEqual(first.messages);
    expect(await callAgain(events, toolbox, new AbortController().signal)).toEqual([]);
  });

  it("says which results are others now", async () => {
    const { events } = await run([`</think>\n\n${CALL}`, "</think>\n\n42"]);
    const changed = await Toolbox.of([{ ...calculator(), run: () => "43" }]);
    expect(await callAgain(events, changed, new AbortController().signal)).toEqual([
      { step: 1, name: "calculator", recorded: "42", now: "43" },
    ]);
  });
});
