import { describe, expect, it } from "vitest";
import { isKept, keptRow, kvFormatOf } from "../../../src/oracle/numbers/kv.ts";
import { codeOf } from "../../support/codes.ts";

const format = (name: string) => kvFormatOf(name)!;
const rounded = (name: string, row: readonly number[], ties?: "up" | "down", D = 2) => {
  const made = Float64Array.from(row);
  format(name).round(made, D, ties);
  return [...made];
};

describe("a format of keys and values", () => {
  it("bf16 and f16 round each value to nearest, ties to even", () => {
    expect(rounded("bf16", [1 + 2 ** -8, 1 + 3 * 2 ** -8, -1.004])).toEqual([1, 1 + 2 ** -6, -1.0078125]);
    expect(rounded("f16", [1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25])).toEqual([1, 1 + 2 ** -9, 0]);
  });

  it("int8 has a scale for each head, q8_0 one in float16 for each 32, the last block shorter", () => {
    expect(rounded("int8", [127, 1.4, -254, 3])).toEqual([127, 1, -254, 4]);
    const row = Array.from({ length: 40 }, (_, i) => (i === 0 ? 127 : i === 32 ? 1270 : i));
    const made = rounded("q8_0", row);
    expect([made[0], made[31], made[32], made[33], made[36]]).toEqual([127, 31, 1270, 30, 40]);
    const third = keptRow(Float64Array.of(127 / 3), { format: format("q8_0"), D: 1 })[0]!;
    expect([third, Math.abs(third - 127 / 3) < 127 * 2 ** -13]).toEqual([127 * 0.333251953125, true]);
    expect(rounded("int8", [0, 0])).toEqual([0, 0]);
  });

  it("goes either way within a hair of the middle, and nowhere else", () => {
    const row = [127, 2.5];
    expect([rounded("int8", row), rounded("int8", row, "up"), rounded("int8", row, "down")]).toEqual([
      [127, 2],
      [127, 3],
      [127, 2],
    ]);
    expect(rounded("int8", [127, 2.501], "down")).toEqual([127, 3]);
    expect(rounded("int8", [127, 2.50005], "down")).toEqual([127, 2]);
  });

  it("knows its own rows again, and no others", () => {
    const row = Float64Array.from({ length: 64 }, (_, i) => Math.fround(Math.sin(i) * 3));
    for (const name of ["bf16", "f16", "int8", "q8_0"]) {
      const kept = { format: format(name), D: 8 };
      const made = keptRow(row, kept);
      expect([isKept(made, kept, 2 ** -24), isKept(row, kept, 2 ** -24)], name).toEqual([true, false]);
      expect(isKept(made.map(Math.fround), kept, 2 ** -24), name).toBe(true);
    }
  });

  it("has steps: of each value in bf16 and f16, of its block else", () => {
    const steps = (name: string) => [...format(name).steps(Float64Array.of(1, 4, 254, 1), 2)];
    expect(steps("f16")).toEqual([2 ** -10, 2 ** -8, 2 ** -3, 2 ** -10]);
    expect(steps("int8")).toEqual([4 / 127, 4 / 127, 2, 2]);
    expect(steps("q8_0")).toEqual([2, 2, 2, 2]);
  });

  it("is spelled in several ways; float32 is none", () => {
    expect(["bfloat16", "FP16", "half", "Q8_0", "q8"].map((name) => format(name).name)).toEqual([
      "bf16",
      "f16",
      "f16",
      "q8_0",
      "q8_0",
    ]);
    expect(["f32", "float32", "FP32"].map(kvFormatOf)).toEqual([undefined, undefined, undefined]);
    for (const name of ["q4_0", "", "f8"]) expect(codeOf(() => kvFormatOf(name))).toBe("E_ARG_KV");
  });
});
