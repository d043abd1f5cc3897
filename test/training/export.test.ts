import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseSafetensors } from "../../src/files/safetensors.ts";
import { QwQ } from "../../src/library/qwq.ts";
import { exportModel, importModel, stopIds, type Trained } from "../../src/training/export.ts";
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

function exported(more: Partial<Trained> = {}): string {
  const path = join(temporaryFolder(), "model");
  exportModel(path, { config, parameters, vocabulary, template, limit: 24, ...more });
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

it("as halves it takes half the bytes, each weight the nearest half; exported again it has the same bits", () => {
  const [whole, halves] = [exported(), exported({ weights: "F16" })];
  const bytes = (path: string) => readFileSync(join(path, "model.safetensors"));
  expect(bytes(halves).length / bytes(whole).length).toBeLessThan(0.55);
  expect(new Set([...parseSafetensors(bytes(halves), halves).values()].map(({ dtype }) => dtype))).toEqual(
    new Set(["F16"]),
  );
  expect(readFileSync(join(halves, "config.json"), "utf8")).toContain('"torch_dtype": "float16"');
  const back = importModel(halves);
  expect(back.config).toEqual(config);
  const were = new Map(named(parameters));
  for (const [name, { data }] of named(back.parameters)) {
    const was = were.get(name)!.data;
    // Half a unit in the last of 11 bits, and below 2^-14 of a fixed 2^-24.
    const far = data.filter((value, i) => Math.abs(value - was[i]!) > Math.max(Math.abs(was[i]!) * 2 ** -11, 2 ** -25));
    expect(far.length, name).toBe(0);
  }
  const again = exported({ parameters: back.parameters, weights: "F16" });
  expect(bytes(again).equals(bytes(halves))).toBe(true);
});

it("a weight that no half reaches is refused by its name", () => {
  const large = initial(config, 1);
  large.g.data[3] = 70_000;
  const error = failure(() => exported({ parameters: large, weights: "F16" }));
  expect([error.code, error.tensor]).toEqual(["E_Q_RANGE", "model.norm.weight"]);
});

it("where asked to, it says that its replies are greedy", async () => {
  const qwq = await QwQ.load(exported({ greedy: true }));
  expect(qwq.sampling().greedy).toBe(true);
  expect(qwq.sampling({ temperature: 0.6 }).greedy).toBe(false);
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
