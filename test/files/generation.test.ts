import { describe, expect, it } from "vitest";
import { readGeneration } from "../../src/files/generation.ts";
import { type JsonObject, readJson } from "../../src/json/json.ts";
import { codeOf } from "../support/codes.ts";

type Fields = Record<string, unknown>;
const CONFIG = { bos_token_id: 151643, eos_token_id: 151645 };

function read(generation: Fields | undefined, config: Fields = CONFIG) {
  const file = generation && { source: JSON.stringify(generation), path: "generation_config.json" };
  const fields = readJson(JSON.stringify(config), "config.json") as JsonObject;
  return readGeneration(file, { fields, path: "config.json" }, 152_064);
}

/** As QwQ-32B's README has it, and the file of its preview in form. */
const QWQ = {
  bos_token_id: 151643,
  pad_token_id: 151643,
  do_sample: true,
  eos_token_id: [151645, 151643],
  repetition_penalty: 1.0,
  temperature: 0.6,
  top_p: 0.95,
  top_k: 40,
  transformers_version: "4.37.0",
};

describe("readGeneration", () => {
  it("reads QwQ's settings", () => {
    expect(read(QWQ)).toEqual({
      stop: [151645, 151643],
      bos: 151643,
      pad: 151643,
      sample: true,
      temperature: 0.6,
      topK: 40,
      topP: 0.95,
      minP: undefined,
      repetitionPenalty: 1,
      maxTokens: undefined,
    });
  });

  it("takes ids that it lacks from config.json, and all of them where there is no file", () => {
    expect(read(undefined)).toMatchObject({ stop: [151645], bos: 151643, pad: undefined, temperature: undefined });
    expect(read({ temperature: 0.6 })).toMatchObject({ stop: [151645], bos: 151643, temperature: 0.6 });
    expect(read({ eos_token_id: 7 }).stop).toEqual([7]);
    expect(read({ eos_token_id: [7, 8] }, {}).stop).toEqual([7, 8]);
  });

  it("null and -1 are no id", () => {
    expect(read({ pad_token_id: -1, eos_token_id: null }, { eos_token_id: null })).toMatchObject({
      stop: [],
      pad: undefined,
    });
  });
});

it.each<[string, Fields | undefined, Fields, string]>([
  ["an id beyond the rows", { eos_token_id: 152_064 }, {}, "E_CFG_TOKEN_ID"],
  ["an id below 0 in a list", { eos_token_id: [1, -1] }, {}, "E_CFG_TOKEN_ID"],
  ["an id twice", { eos_token_id: [1, 1] }, {}, "E_CFG_TOKEN_ID"],
  ["half an id", { bos_token_id: 0.5 }, {}, "E_CFG_TOKEN_ID"],
  ["an id as text", { bos_token_id: "<s>" }, {}, "E_CFG_TOKEN_ID"],
  ["null in a list", { eos_token_id: [null] }, {}, "E_CFG_TOKEN_ID"],
  ["an id beyond the rows in config.json", undefined, { eos_token_id: 152_064 }, "E_CFG_TOKEN_ID"],
  ["temperature below 0", { temperature: -1 }, {}, "E_CFG_RANGE"],
  ["top_p 2", { top_p: 2 }, {}, "E_CFG_RANGE"],
  ["top_k 0.5", { top_k: 0.5 }, {}, "E_CFG_RANGE"],
  ["min_p -1", { min_p: -1 }, {}, "E_CFG_RANGE"],
  ["repetition_penalty 0", { repetition_penalty: 0 }, {}, "E_CFG_RANGE"],
  ["do_sample as text", { do_sample: "true" }, {}, "E_CFG_RANGE"],
])("%s", (_, generation, config, code) => expect(codeOf(() => read(generation, config))).toBe(code));
