import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Answer, AnswerEvent } from "../../src/library/answer.ts";
import { QwQ } from "../../src/library/qwq.ts";
import { logSumExp } from "../../src/generate/softmax.ts";
import { likeliest } from "../../src/generate/steering.ts";
import type { Activations } from "../../src/model.ts";
import type { Host } from "../../src/tensor.ts";
import { temporaryFolder } from "../support/checkpoints.ts";
import { goldenJson, goldenPath } from "../support/golden.ts";
import type { Recorded } from "../support/models.ts";

const tiny = goldenJson<Recorded & { prompt: string }>("model/tiny.json");
const qwq = await QwQ.load(goldenPath("model/tiny"));

/** Every event of an answer. */
async function events(...ask: Parameters<QwQ["generate"]>): Promise<AnswerEvent[]> {
  const all: AnswerEvent[] = [];
  for await (const event of qwq.generate(...ask)) all.push(event);
  return all;
}

describe("generate", () => {
  it("gives Hugging Face's greedy tokens, and texts that join to the end's", async () => {
    const all = await events("Hello", { greedy: true, maxTokens: 32 });
    const text = (type: string) =>
      all.map((event) => (event.type === type && "text" in event ? event.text : "")).join("");
    const end = all.at(-1) as { type: "end" } & Answer;
    expect(end.ids).toEqual(tiny.greedy);
    expect(text("token")).toBe(end.text);
    expect(text("thinking")).toBe(end.thinking);
    expect(text("answer")).toBe(end.answer);
    expect([end.reason, end.answer, end.timings.promptTokens, end.timings.tokens]).toEqual([
      "length",
      "",
      tiny.ids.length,
      32,
    ]);
  });

  it("tells how likely each of the prompt's tokens was, as the logits of the whole prompt say", async () => {
    const ids = Uint32Array.from(tiny.ids);
    const memory = qwq.remember();
    // What is remembered of the prompt must not be left out; and the reference sums alike, however much it reads at once.
    for (const maxTokens of [1, 2]) {
      const all = await events(ids, { greedy: true, maxTokens, scorePrompt: true, top: 2, memory });
      const [first] = all;
      if (first?.type !== "prompt") return expect.unreachable();
      const { data, shape } = qwq.forward(ids) as Host<"T V">;
      const V = shape[1]!;
      expect(first.tokens.map(({ id }) => id)).toEqual(tiny.ids);
      expect(first.tokens[0]).toEqual({ id: tiny.ids[0], logprob: undefined, top: [] });
      for (const [i, { id, logprob, top }] of first.tokens.slice(1).entries()) {
        const row = data.subarray(i * V, (i + 1) * V);
        expect(logprob).toBe(row[id]! - logSumExp(row));
        expect(top).toEqual(likeliest(row, 2));
      }
      const unscored = await events(ids, { greedy: true, maxTokens, top: 2 });
      expect(all.slice(1, -1)).toEqual(unscored.slice(0, -1));
    }
  });

  it("takes ids as they are, and raw text without the template", async () => {
    const options = { greedy: true, maxTokens: 8, raw: true };
    const expected = tiny.greedy.slice(0, 8);
    expect((await qwq.answer(Uint32Array.from(tiny.ids), options)).ids).toEqual(expected);
    expect((await qwq.answer(tiny.prompt, options)).ids).toEqual(expected);
  });

  it("draws the same reply for the same seed, and another for another", async () => {
    const draw = async (seed: number) => (await qwq.answer("Hello", { seed, maxTokens: 16 })).ids;
    expect(await draw(3)).toEqual(await draw(3));
    expect(await draw(3)).not.toEqual(await draw(4));
  });

  it("ends with reason interrupted, and what there is, once the signal is aborted", async () => {
    const controller = new AbortController();
    const all: AnswerEvent[] = [];
    for await (const event of qwq.generate("Hello", { greedy: true, signal: controller.signal })) {
      all.push(event);
      if (all.filter(({ type }) => type === "token").length === 5) controller.abort();
    }
    expect(all.at(-1)).toMatchObject({ type: "end", reason: "interrupted", ids: tiny.greedy.slice(0, 5) });
  });

  it("with a memory, a longer conversation gives the tokens of a cold start, and reads only what is new", async () => {
    const memory = qwq.remember();
    const first = await qwq.answer("Hello", { greedy: true, maxTokens: 6, memory });
    const turns = [
      { role: "user", content: "Hello" },
      { role: "assistant", content: first.answer },
      { role: "user", content: "And now?" },
    ];
    let read = 0;
    const warm = await qwq.answer(turns, { greedy: true, maxTokens: 12, memory, onPrompt: (done) => (read = done) });
    const cold = await qwq.answer(turns, { greedy: true, maxTokens: 12 });
    expect(warm.ids).toEqual(cold.ids);
    expect(read).toBeLessThan(cold.timings.promptTokens);
    expect(read).toBeGreaterThan(0);
  });
});

describe("a model without a tokenizer", () => {
  it("answers ids with Hugging Face's greedy ids, without text", async () => {
    const { ids, greedy } = goldenJson<Recorded>("model/tied.json");
    const bare = await QwQ.load(goldenPath("model/tied"));
    const answer = await bare.answer(Uint32Array.from(ids), { greedy: true, maxTokens: greedy.length });
    expect([bare.hasTokenizer, answer.ids, answer.text]).toEqual([false, greedy, ""]);
    bare.close();
  });

  it("refuses text with E_TOK_VOCAB", async () => {
    const bare = await QwQ.load(goldenPath("model/tied"));
    await expect(bare.answer("Hello", { raw: true })).rejects.toMatchObject({ code: "E_TOK_VOCAB" });
    expect(() => bare.tokenizer).toThrow("expected tokenizer.json, or vocab.json with merges.txt, got neither");
    bare.close();
  });
});

it("render gives a template the tokens it knows by name, as Hugging Face does", async () => {
  const folder = temporaryFolder();
  cpSync(goldenPath("model/tiny"), folder, { recursive: true });
  writeFileSync(join(folder, "chat_template.jinja"), "{{ bos_token is defined }} {{ eos_token }} {{ pad_token }}");
  const model = await QwQ.load(folder);
  expect(await model.render([{ role: "user", content: "" }])).toBe("False <|im_end|> <|endoftext|>");
  model.close();
});

it("what is the model's fault is said with the model's path: a broken template, weights that give NaN", async () => {
  const folder = temporaryFolder();
  cpSync(goldenPath("model/tiny"), folder, { recursive: true });
  writeFileSync(join(folder, "chat_template.jinja"), "{% for %}");
  const bytes = readFileSync(join(folder, "model.safetensors"));
  bytes.writeUInt16LE(0x7fc0, bytes.length - 2); // the last of the tensors, in bfloat16
  writeFileSync(join(folder, "model.safetensors"), bytes);
  const model = await QwQ.load(folder);
  await expect(model.answer("Hi")).rejects.toMatchObject({ code: "E_TPL_SYNTAX", path: folder });
  const raw = model.answer(Uint32Array.from(tiny.ids), { raw: true });
  await expect(raw).rejects.toMatchObject({ code: "E_NUM_NONFINITE", path: folder });
  model.close();
});

it("sampling takes what is told, then generation_config.json, then QwQ's settings", () => {
  expect(qwq.sampling()).toEqual({
    temperature: 0.6,
    topK: 40,
    topP: 0.95,
    minP: 0,
    repetitionPenalty: 1,
    greedy: false,
  });
  expect(qwq.sampling({ temperature: 0.1, greedy: true })).toMatchObject({ temperature: 0.1, topK: 40, greedy: true });
});

it("a model whose generation_config.json says do_sample: false is greedy, unless a temperature or greedy is told", async () => {
  const folder = join(temporaryFolder(), "model");
  cpSync(goldenPath("model/tiny"), folder, { recursive: true });
  writeFileSync(join(folder, "generation_config.json"), JSON.stringify({ do_sample: false, eos_token_id: 508 }));
  const model = await QwQ.load(folder);
  expect([{}, { temperature: 0.5 }, { greedy: false }].map((told) => model.sampling(told).greedy)).toEqual([
    true,
    false,
    false,
  ]);
  expect((await model.answer("Hello", { maxTokens: 8 })).ids).toEqual(tiny.greedy.slice(0, 8));
  model.close();
});

it("forward shows each layer's activations, and gives logits of every row", () => {
  const seen: [number, (keyof Activations)[]][] = [];
  const logits = qwq.forward(tiny.ids, {
    observe: (layer, acts) => seen.push([layer, Object.keys(acts) as (keyof Activations)[]]),
  });
  expect(logits.shape).toEqual([tiny.ids.length, 544]);
  expect(seen.map(([layer, names]) => [layer, names.length])).toEqual([0, 1, 2].map((layer) => [layer, 15]));
});

it.each(["bf16", "int8"] as const)(
  "kv %s keeps keys and values in that format: logprobs move, and a memory gives the same ones",
  async (kv) => {
    const logprobs = async (model: QwQ, memory?: ReturnType<QwQ["remember"]>) => {
      const all: number[] = [];
      for await (const event of model.generate(Uint32Array.from(tiny.ids), { greedy: true, maxTokens: 6, memory })) {
        if (event.type === "token") all.push(event.logprob);
      }
      return all;
    };
    const rounded = await QwQ.load(goldenPath("model/tiny"), { kv });
    expect(await logprobs(rounded)).not.toEqual(await logprobs(qwq));
    expect(await logprobs(rounded, rounded.remember())).toEqual(await logprobs(rounded));
    rounded.close();
  },
);
