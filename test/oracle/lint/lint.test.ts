import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { QwqError } from "../../../src/errors.ts";
import { type Check, verdictOf } from "../../../src/oracle/checks.ts";
import { lint } from "../../../src/oracle/lint/lint.ts";
import { temporaryFolder } from "../../support/folder.ts";
import type { Pair } from "../../support/gguf.ts";
import { goldenPath } from "../../support/golden.ts";
import { type Fields, type QwqFiles, qwqFiles, qwqFolder, qwqGguf, qwqPairs } from "../../support/qwq-files.ts";

const run = (path: string, options: Partial<Parameters<typeof lint>[1]> = {}) => lint(path, { as: "auto", ...options });
const wrong = (checks: readonly Check[]) => checks.filter(({ outcome }) => outcome === "fail" || outcome === "warn");
const told = (checks: readonly Check[]) => [...new Set(wrong(checks).map(({ code, outcome }) => `${outcome} ${code}`))];

describe("QwQ-32B as published", () => {
  it("passes as a folder, and every check is made", async () => {
    const { checks, notes } = await run(qwqFolder());
    expect(wrong(checks)).toEqual([]);
    expect(checks.filter(({ outcome }) => outcome === "skip")).toEqual([]);
    expect(checks.length).toBeGreaterThan(80);
    expect(notes[0]).toBe("Held against Qwen/QwQ-32B.");
    expect(notes[1]).toMatch(/^Ids 151669 to 152063 have no token/);
  });

  it("passes as config.json alone, of which only the config is judged", async () => {
    const path = join(temporaryFolder(), "config.json");
    writeFileSync(path, JSON.stringify(qwqFiles()["config.json"]));
    const { checks } = await run(path);
    expect(wrong(checks)).toEqual([]);
    expect(checks.filter(({ outcome }) => outcome === "skip").map(({ code }) => code)).toEqual([
      "lint-bias",
      "lint-tokenizer",
      "lint-special-ids",
      "lint-bos",
      "lint-template",
    ]);
  });

  it("passes as a GGUF file, and as its metadata in both spellings", async () => {
    expect(wrong((await run(qwqGguf())).checks)).toEqual([]);
    const values = [...qwqPairs()].map(([key, { value }]) => [key, value] as const);
    for (const [i, json] of [
      Object.fromEntries(values),
      { metadata: Object.fromEntries(values.map(([key, value]) => [key, { index: 1, type: "STRING", value }])) },
    ].entries()) {
      const path = join(temporaryFolder(), `metadata${i}.json`);
      writeFileSync(path, JSON.stringify(json));
      const { checks } = await run(path);
      expect(wrong(checks)).toEqual([]);
      expect(checks.length).toBeGreaterThan(70);
    }
  });
});

/** Names what breaks, which file, and what it becomes; `undefined` removes the key. */
const set =
  (file: keyof QwqFiles, key: string, value: unknown) =>
  (files: QwqFiles): void => {
    files[file][key] = value; // undefined is not written
  };
const token = (id: number, entry: Fields | undefined) => (files: QwqFiles) => {
  const table = files["tokenizer_config.json"]["added_tokens_decoder"] as Fields;
  table[id] = entry;
};
const weight = (name: string, there: boolean) => (files: QwqFiles) => {
  const map = files["model.safetensors.index.json"]["weight_map"] as Fields;
  map[name] = there ? "model-00001-of-00014.safetensors" : undefined;
};
const yarn = (fields: Fields) =>
  set("config.json", "rope_scaling", { type: "yarn", factor: 4, original_max_position_embeddings: 32_768, ...fields });
const template = (change: (text: string) => string) => (files: QwqFiles) => {
  const config = files["tokenizer_config.json"];
  config["chat_template"] = change(config["chat_template"] as string);
};

describe("a folder with one thing broken", () => {
  it.each<[finding: string, (files: QwqFiles, folder: string) => void]>([
    ["fail lint-arch", set("config.json", "model_type", "qwen3")],
    ["fail lint-shape", set("config.json", "intermediate_size", 27_392)],
    ["fail lint-heads", set("config.json", "num_key_value_heads", 40)],
    ["fail lint-heads", set("config.json", "head_dim", 64)],
    ["fail lint-missing", set("config.json", "rms_norm_eps", undefined)],
    ["fail lint-missing", set("config.json", "rope_theta", undefined)],
    ["fail lint-missing", set("config.json", "num_key_value_heads", undefined)],
    ["fail lint-eps", set("config.json", "rms_norm_eps", 1e-6)],
    ["fail lint-theta", set("config.json", "rope_theta", 10_000)],
    ["fail lint-rope-scaling", set("config.json", "rope_scaling", { type: "linear", factor: 4 })],
    ["fail lint-yarn", yarn({ factor: 1.25 })],
    ["fail lint-yarn", yarn({ original_max_position_embeddings: null })],
    ["fail lint-yarn-attention", yarn({ attention_factor: 1 })],
    ["fail lint-context", set("config.json", "max_position_embeddings", 1_000_000)],
    ["warn lint-context", set("config.json", "max_position_embeddings", 32_768)],
    ["fail lint-window", set("config.json", "use_sliding_window", true)],
    ["fail lint-act", set("config.json", "hidden_act", "gelu")],
    ["warn lint-dtype", set("config.json", "torch_dtype", "float16")],
    ["fail lint-bias", weight("model.layers.63.self_attn.k_proj.bias", false)],
    ["fail lint-bias-o", weight("model.layers.3.self_attn.o_proj.bias", true)],
    ["fail lint-tied", set("config.json", "tie_word_embeddings", true)],
    ["fail lint-tied", weight("lm_head.weight", false)],
    ["fail lint-vocab", set("config.json", "vocab_size", 151_936)],
    ["fail lint-vocab-pad", token(152_070, { content: "<new>", special: true })],
    ["fail lint-special-ids", token(151_667, undefined)],
    ["fail lint-special-ids", token(151_645, { content: "<|im_ende|>", special: true })],
    ["fail lint-special-flag", token(151_668, { content: "</think>", special: true })],
    ["fail lint-special-flag", token(151_645, { content: "<|im_end|>", special: false })],
    ["fail lint-bos", set("tokenizer_config.json", "add_bos_token", true)],
    ["fail lint-eos-added", set("tokenizer_config.json", "add_eos_token", true)],
    ["fail lint-prefix-space", set("tokenizer_config.json", "add_prefix_space", true)],
    ["fail lint-eos", set("generation_config.json", "eos_token_id", 151_643)],
    ["warn lint-eos", set("generation_config.json", "eos_token_id", 151_645)],
    ["warn lint-pad", set("generation_config.json", "pad_token_id", 151_645)],
    ["fail lint-sampling", set("generation_config.json", "temperature", 1)],
    ["fail lint-sampling", set("generation_config.json", "top_k", 50)],
    ["fail lint-sampling", set("generation_config.json", "top_p", 0.8)],
    ["fail lint-sampling", set("generation_config.json", "min_p", 0.1)],
    ["fail lint-penalty", set("generation_config.json", "repetition_penalty", 1.05)],
    ["fail lint-greedy", set("generation_config.json", "do_sample", false)],
    ["fail lint-template", template((text) => text.replace(".split('</think>')[-1]", ""))],
    ["fail lint-template", template((text) => text.replace("| tojson", ""))],
    ["warn lint-template", template((text) => `{#- a comment -#}${text}`)],
    ["fail lint-template-missing", set("tokenizer_config.json", "chat_template", undefined)],
    [
      "fail lint-tokenizer",
      (_, folder) => writeFileSync(join(folder, "tokenizer.json"), otherTokenizer("\\p{N}{1,3}")),
    ],
  ])("has %s (%#)", async (finding, change) => {
    const { checks } = await run(qwqFolder(change));
    expect(told(checks)).toEqual([finding]);
    for (const check of wrong(checks)) {
      expect(check.expected, check.code).toMatch(/\S/);
      expect(check.actual, check.code).toMatch(/\S/);
      expect(check.next, check.code).toMatch(/\.$/);
    }
  });

  it.each<[string[], (files: QwqFiles, folder: string) => void]>([
    // a prompt without <think> is a template that prints something else, too
    [["fail lint-template", "fail lint-template-think"], template((text) => text.replace("<think>\\n", ""))],
    [["fail lint-template", "fail lint-template-think"], template((text) => text.slice(0, 100))],
    [["fail lint-bos", "fail lint-template"], template((text) => `{{ bos_token }}x${text}`)],
    [["warn lint-sampling"], (files) => delete (files as Partial<QwqFiles>)["generation_config.json"]],
  ])("has %j", async (findings, change) => {
    const { checks } = await run(qwqFolder(change));
    expect(told(checks).filter((text) => !text.endsWith("lint-eos"))).toEqual(findings);
  });
});

/** The embedded model's tokenizer with another way of cutting digits. */
function otherTokenizer(digits: string): string {
  const text = readFileSync(goldenPath("model/tiny/tokenizer.json"), "utf8");
  return text.replace("\\\\p{N}|", `${digits.replace("\\", "\\\\")}|`);
}

describe("a GGUF file with one thing broken", () => {
  const pair = (key: string, type: Pair["type"], value: Pair["value"]) => (pairs: Map<string, Pair>) =>
    pairs.set(key, { key, type, value });
  it.each<[finding: string, (pairs: Map<string, Pair>, tensors: string[]) => unknown]>([
    ["fail lint-eps", pair("qwen2.attention.layer_norm_rms_epsilon", "float32", 1e-6)],
    ["fail lint-missing", (pairs) => pairs.delete("qwen2.rope.freq_base")],
    ["fail lint-bos", pair("tokenizer.ggml.add_bos_token", "bool", true)],
    ["warn lint-bos", (pairs) => pairs.delete("tokenizer.ggml.add_bos_token")],
    ["fail lint-eos", pair("tokenizer.ggml.eos_token_id", "uint32", 151_643)],
    ["warn lint-pad", pair("tokenizer.ggml.padding_token_id", "uint32", 151_654)],
    ["warn lint-dtype", pair("general.file_type", "uint32", 1)],
    ["fail lint-window", pair("qwen2.attention.sliding_window", "uint32", 32_768)],
    ["fail lint-sampling", pair("general.sampling.min_p", "float32", 0.1)],
    ["fail lint-penalty", pair("general.sampling.penalty_repeat", "float32", 1.1)],
    ["fail lint-bias", (_, tensors) => tensors.splice(tensors.indexOf("blk.7.attn_v.bias"), 1)],
    ["fail lint-tied", (_, tensors) => tensors.splice(tensors.indexOf("output.weight"), 1)],
    ["fail lint-template-missing", (pairs) => pairs.delete("tokenizer.chat_template")],
    ["fail lint-special-flag", kind(151_667, 3)],
    ["fail lint-vocab-pad", kind(152_000, 1)],
    [
      "fail lint-yarn-attention",
      (pairs) => {
        pair("qwen2.rope.scaling.type", "string", "yarn")(pairs);
        pair("qwen2.rope.scaling.factor", "float32", 4)(pairs);
        pair("qwen2.rope.scaling.original_context_length", "uint32", 32_768)(pairs);
        pair("qwen2.rope.scaling.attn_factor", "float32", 1.1386294)(pairs);
      },
    ],
  ])("has %s (%#)", async (finding, change) => {
    const { checks } = await run(qwqGguf((pairs, tensors) => void change(pairs, tensors)));
    expect(told(checks)).toEqual([finding]);
  });
});

function kind(id: number, type: number) {
  return (pairs: Map<string, Pair>) => {
    (pairs.get("tokenizer.ggml.token_type")!.value as number[])[id] = type;
  };
}

it.each(["tiny", "tied", "llama", "head-dim", "sharded"])("the small model %s has no error", async (name) => {
  expect(told((await run(goldenPath(`model/${name}`))).checks).filter((text) => text.startsWith("fail"))).toEqual([]);
});

it("a reference in place of the published model is what the subject is held against", async () => {
  const broken = qwqFolder((files) => {
    files["config.json"]["rms_norm_eps"] = 1e-6;
    files["generation_config.json"]["top_k"] = 20;
  });
  const { checks, notes } = await run(broken, { reference: qwqFolder() });
  expect(told(checks)).toEqual(["fail lint-eps", "fail lint-sampling"]);
  expect(notes[0]).toMatch(/^Held against .*model\.$/);
  expect(told((await run(broken, { reference: broken })).checks)).toEqual([]);
});

it("Qwen2.5 of the same shape is not taken for QwQ", async () => {
  const folder = qwqFolder((files) => {
    files["config.json"]["rms_norm_eps"] = 1e-6;
    files["tokenizer_config.json"]["chat_template"] = readFileSync(goldenPath("text/templates/qwen2.5.jinja"), "utf8");
  });
  const { checks, notes } = await run(folder);
  expect(notes[0]).toBe("Held against what qwen2 needs.");
  expect(told(checks)).toEqual([]);
});

it.each<[code: string, text: string]>([
  ["E_FORMAT_UNKNOWN", "{}"],
  ["E_JSON_SYNTAX", "{"],
  ["E_JSON_FIELD", "[]"],
  ["E_JSON_FIELD", '{"model_type": "qwen2", "rms_norm_eps": "small"}'],
])("refuses with %s the file %s", async (code, text) => {
  const path = join(temporaryFolder(), "metadata.json");
  writeFileSync(path, text);
  const error = await run(path).catch((thrown: unknown) => thrown);
  expect((error as QwqError).code).toBe(code);
});

it("says what is missing in a folder without anything, and that there is no such path", async () => {
  const folder = temporaryFolder();
  expect(verdictOf(await run(folder))).toBe("incomparable");
  rmSync(folder, { recursive: true });
  await expect(run(folder)).rejects.toMatchObject({ code: "E_IO_OPEN" });
});
