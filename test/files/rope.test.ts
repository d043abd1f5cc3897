import { describe, expect, it } from "vitest";
import { type JsonObject, readJson } from "../../src/json/json.ts";
import { readRope } from "../../src/files/rope.ts";
import { codeOf } from "../support/codes.ts";
import { golden } from "../support/golden.ts";
import { ropeCases } from "../support/rope-cases.ts";

const read = (fields: Record<string, unknown>, context = 40_960) =>
  readRope(readJson(JSON.stringify(fields), "config.json") as JsonObject, 128, context, "config.json");

/** What QwQ-32B's README tells its users to add. */
const README = { type: "yarn", factor: 4.0, original_max_position_embeddings: 32768 };
const YARN = { factor: 4, original: 32_768, attention: 0.1 * Math.log(4) + 1, fast: 32, slow: 1, truncate: true };

describe("readRope", () => {
  it.each(ropeCases)("$name: the attention factor is Hugging Face's to the last bit of float32", ({ name, rope }) => {
    const [expected] = golden("ops/rope").values(`${name}.attention`);
    expect(Math.fround(rope.yarn?.attention ?? 1)).toBe(Math.fround(expected!));
  });

  it("reads YaRN in every spelling to the same record", () => {
    const rope_theta = 1_000_000.5;
    const expected = { D: 128, theta: rope_theta, yarn: YARN };
    const { type, ...rest } = README;
    expect(read({ rope_theta, rope_scaling: README })).toEqual(expected);
    expect(read({ rope_theta, rope_scaling: { rope_type: type, ...rest } })).toEqual(expected);
    expect(read({ rope_theta, rope_scaling: null, rope_parameters: { rope_type: type, ...rest } })).toEqual(expected);
    expect(read({ rope_parameters: { rope_type: type, ...rest, rope_theta } })).toEqual(expected);
    expect(read({ rope_scaling: { ...README, rope_type: type, rope_theta }, rope_theta: 5 })).toEqual(expected);
  });

  it("an explicit factor wins over the ratio of the contexts, which stands in where it is null", () => {
    expect(read({ rope_scaling: README }).yarn!.factor).toBe(4);
    expect(read({ rope_scaling: { ...README, factor: null } }).yarn!.factor).toBe(1.25);
  });

  it("the trained context is the outer key, else the inner one, else the whole context", () => {
    const { original_max_position_embeddings, ...rest } = README;
    expect(read({ rope_scaling: rest }).yarn!.original).toBe(40_960);
    expect(read({ rope_scaling: rest }, 131_072).yarn!.original).toBe(131_072);
    expect(read({ rope_scaling: rest, original_max_position_embeddings }).yarn!.original).toBe(32_768);
    expect(read({ rope_scaling: README, original_max_position_embeddings: 16_384 }).yarn!.original).toBe(16_384);
  });

  it("takes the attention factor as given, else from both mscales, else from the factor", () => {
    const attention = (more: object) => read({ rope_scaling: { ...README, ...more } }).yarn!.attention;
    expect(attention({ attention_factor: 0.7 })).toBe(0.7);
    expect(attention({ mscale: 0.707 })).toBe(YARN.attention);
    expect(attention({ mscale: 1, mscale_all_dim: 1 })).toBe(1);
    expect(attention({ factor: 0.5 })).toBe(1);
  });

  it("no scaling, and Hugging Face's base where there is none", () => {
    const plain = { D: 128, theta: 10_000, yarn: undefined };
    expect(read({})).toEqual(plain);
    expect(read({ rope_scaling: {}, rope_parameters: null })).toEqual(plain);
    expect(read({ rope_scaling: { type: "default" } })).toEqual(plain);
  });
});

it.each<[string, Record<string, unknown>]>([
  ["theta 0", { rope_theta: 0 }],
  ["theta below 0", { rope_theta: -1 }],
  ["theta so small that a frequency is infinite", { rope_theta: 1e-300 }],
  ["theta beyond float32", { rope_theta: 1e300 }],
  ["YaRN over a theta of 1, whose logarithm is 0", { rope_theta: 1, rope_scaling: README }],
  ["a factor beyond float32", { rope_scaling: { ...README, factor: 1e300 } }],
  ["an attention factor beyond float32", { rope_scaling: { ...README, attention_factor: 1e300 } }],
  ["mscales that cancel", { rope_scaling: { ...README, mscale: 1, mscale_all_dim: -10 / Math.log(4) } }],
  ["theta as text", { rope_theta: "1e6" }],
  ["an unknown type", { rope_scaling: { type: "longrope" } }],
  ["llama 3's", { rope_scaling: { rope_type: "llama3", factor: 8 } }],
  ["a type that is no text", { rope_scaling: { type: 1 } }],
  ["a scaling that is no object", { rope_scaling: "yarn" }],
  ["no factor", { rope_scaling: { type: "yarn" } }],
  ["factor 0", { rope_scaling: { ...README, factor: 0 } }],
  ["factor below 0", { rope_scaling: { ...README, factor: -4 } }],
  ["a trained context of 0", { rope_scaling: { ...README, original_max_position_embeddings: 0 } }],
  ["an attention factor of 0", { rope_scaling: { ...README, attention_factor: 0 } }],
  ["truncate null", { rope_scaling: { ...README, truncate: null } }],
  ["half of the head", { partial_rotary_factor: 0.5 }],
  ["half of the head, inside", { rope_parameters: { rope_type: "default", partial_rotary_factor: 0.5 } }],
])("%s is refused with E_CFG_ROPE", (_, fields) => expect(codeOf(() => read(fields))).toBe("E_CFG_ROPE"));

it("1e400 is no number", () => {
  const fields = readJson('{"rope_theta": 1e400}', "config.json") as JsonObject;
  expect(codeOf(() => readRope(fields, 128, 1, "config.json"))).toBe("E_CFG_ROPE");
});
