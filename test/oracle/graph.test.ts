import { expect, it } from "vitest";
import { inputOf, inputsOf, nearest } from "../../src/oracle/graph.ts";
import { tapNames } from "../../src/oracle/taps.ts";

it("each tap's inputs come before it, and only embed has none", () => {
  const names = tapNames(3);
  for (const [at, name] of names.entries()) {
    const inputs = inputsOf(name, 3);
    expect(inputs.length === 0, name).toBe(name === "embed");
    for (const input of inputs) expect(names.indexOf(input), `${input} of ${name}`).toBeLessThan(at);
  }
  expect([inputOf(0), inputOf(3), inputsOf("norm", 3)]).toEqual(["embed", "2.out", ["2.out"]]);
});

it("the nearest taps that are there, and what is missing between", () => {
  expect(nearest("1.a", 3, () => true)).toEqual({ inputs: ["1.v", "1.qr", "1.kr"], missing: [] });
  const some = ["0.out", "1.qr", "1.v"];
  expect(nearest("1.a", 3, (name) => some.includes(name))).toEqual({
    inputs: ["0.out", "1.v", "1.qr"],
    missing: ["1.n1", "1.k", "1.kr"],
  });
  expect(nearest("0.n1", 3, () => false)).toEqual({ inputs: [], missing: [] });
});
