import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { QwQ } from "../../src/library/qwq.ts";
import { exportModel, importModel, stopIds } from "../../src/training/export.ts";
import { initial } from "../../src/training/initial.ts";
import { named } from "../../src/training/parameters.ts";
import { configOf } from "../../src/training/settings.ts";
import { trainTokenizer } from "../../src/training/tokenizer.ts";
import { failure, temporaryFolder } from "../support/folder.ts";
import { tinySettings } from "../support/training.ts";

const settings = tinySettings();
const { vocabulary, template, tokenizer } = trainTokenizer({ size: 320, seed: 1, corpus: { arithmetic: 50 } });
const config = configOf(settings, tokenizer.size);
const parameters = initial(config, 1);

function exported(): string {
  const path = join(temporaryFolder(), "model");
  exportModel(path, { config, parameters, vocabulary, template, limit: 24 });
  return path;
}

it("an exported model comes back with every bit, and its config", () => {
  const back = importModel(exported());
  expect(back.config).toEqual(config);
  const bits = (p: typeof parameters) =>
    [...named(p)].map(([name, { data }]) => [name, Buffer.from(data.buffer).toString("hex")]);
  expect(bits(back.parameters)).toEqual(bits(parameters));
});

it("is the folder of a Qwen2 that opens a thought, with QwQ's sampling", async () => {
  const path = exported();
  expect(readdirSync(path).sort()).toEqual([
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
  ]);
  const qwq = await QwQ.load(path);
  expect(await qwq.render([{ role: "user", content: "1 + 1 = ?" }])).toBe(
    "<|im_start|>user\n1 + 1 = ?<|im_end|>\n<|im_start|>assistant\n<think>\n",
  );
  expect(qwq.sampling()).toMatchObject({ temperature: 0.6, topK: 40, topP: 0.95, greedy: false });
  const { ids, reason } = await qwq.answer("1 + 1 = ?", { seed: 1 });
  expect(reason === "stop" || ids.length === 24).toBe(true);
  qwq.close();
});

it("does not write over what is there", () => {
  const path = exported();
  expect(failure(() => exportModel(path, { config, parameters, vocabulary, template, limit: 24 })).code).toBe(
    "E_OUT_EXISTS",
  );
});

it("a vocabulary in which nothing ends a reply is refused", () => {
  expect(failure(() => stopIds({ added: [] })).message).toContain("the token <|im_end|>");
});
