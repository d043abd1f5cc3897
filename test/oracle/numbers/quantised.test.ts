import { describe, expect, it } from "vitest";
import { quantisedTo, weightFormat } from "../../../src/oracle/numbers/quantised.ts";
import { POLICIES } from "../../../src/oracle/numbers/policies.ts";

it.each([
  ["Q8_0", "q8_0"],
  ["float16", "f16"],
  ["bfloat16", "bf16"],
  ["FP32", "f32"],
  ["i8", "int8"],
  ["Q4_K", "q4_k"], // which is none of them, and keeps its name
])("%s is called %s", (said, name) => {
  expect(weightFormat(said)).toBe(name);
});

describe("the format whose error is granted", () => {
  it("is the one that the bundle says, whatever its policy", () => {
    expect(quantisedTo("float16", "q8_0")).toBe("f16");
  });

  it("is the one that the policy is about, where the bundle says none", () => {
    const known = [...POLICIES.keys()].flatMap((policy) => {
      try {
        return [[policy, quantisedTo(undefined, policy)]];
      } catch {
        return [];
      }
    });
    expect(Object.fromEntries(known)).toEqual({
      "bf16-hf-eager": "bf16",
      "f16-hf-eager": "f16",
      "fused-norm": "bf16",
      "fp32-residual": "bf16",
      "f16-inputs": "f16",
      "f16-inputs-flash": "f16",
      int8: "int8",
      q8_0: "q8_0",
      "q8_0-flash": "q8_0",
    });
  });

  it.each([
    [undefined, "f32", "none"],
    ["Q4_K", "f32", "Q4_K"],
  ])("of %s under %s is refused, with what is missing", (said, policy, actual) => {
    expect(() => quantisedTo(said, policy)).toThrow(
      expect.objectContaining({ code: "E_ARG_WEIGHTS", actual }) as Error,
    );
  });
});
