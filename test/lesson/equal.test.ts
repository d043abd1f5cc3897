import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { equal, ulpOf } from "../../src/lesson/equal.ts";
import { judge } from "../../src/lesson/judge.ts";
import { show } from "../../src/lesson/show.ts";

let printed = "";
beforeEach(() => {
  printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => (printed += String(text)) !== "");
});
afterEach(() => vi.restoreAllMocks());

it("equal numbers are said to be equal, with their count and bound", () => {
  equal("a", [1, 2], Float32Array.of(1, 2));
  equal("b", [1 + 2 ** -23], [1], { ulps: 1 });
  equal("c", [1.3], [1], { floor: 0.1 });
  equal("d", [1 + 2 ** -22], [1], { roundings: 1, of: [4] });
  expect(printed).toBe(
    "✓ a: 2 values, all the same\n" +
      "✓ b: 1 values, within 1 step of float32\n" +
      "✓ c: 1 values, within 4 × 1.0e-1, Hugging Face's own noise\n" +
      "✓ d: 1 values, within 1 roundings of their largest partial sums\n",
  );
});

it.each([
  [[1], [1, 2], "exact", "claim: expected 2 values, got 1."],
  [[1, 3], [1, 2], "exact", "claim: expected 2 at [1], all the same, got 3."],
  [[1 + 2 ** -22], [1], { ulps: 1 }, "claim: expected 1 at [0], within 1 step of float32, got 1.000000238418579."],
  [[NaN], [1], { floor: 9 }, "claim: expected 1 at [0], within 4 × 9.0e+0, Hugging Face's own noise, got NaN."],
] as const)("%j is not %j", (ours, theirs, near, message) => {
  expect(() => equal("claim", ours, theirs, near)).toThrow(message);
  expect(printed).toBe("");
});

it("a step of float32 is as wide as its number asks", () => {
  expect([1, -1, 1.99, 2, 0, 1e-40].map(ulpOf)).toEqual([2 ** -23, 2 ** -23, 2 ** -23, 2 ** -22, 2 ** -149, 2 ** -149]);
});

it("an exercise is open, right, or not yet", () => {
  const hint = "Think.";
  judge<number>(undefined, () => true, hint);
  judge(4, (n) => n === 4, hint);
  judge(5, (n) => n === 4, hint);
  expect(printed).toBe("Your turn: change the cell above, run it, then run this one.\nRight.\nNot yet. Think.\n");
});

it("show tells the kernel, and prints where there is none", () => {
  const told: unknown[] = [];
  const globals = globalThis as unknown as Record<symbol, unknown>;
  show(1);
  globals[Symbol.for("qwq.show")] = (value: unknown) => told.push(value);
  show(2);
  Reflect.deleteProperty(globals, Symbol.for("qwq.show"));
  expect([printed, told]).toEqual(["1\n", [2]]);
});
