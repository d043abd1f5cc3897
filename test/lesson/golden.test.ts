import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { golden, goldenJson, goldenPath, measured } from "../../src/lesson/golden.ts";

it("gives what is recorded, as it is and as float32", () => {
  const file = golden("ops/rms-norm");
  expect(file.names).toContain("outlier.y.f64");
  expect(file.values("outlier.y.f64")).toBeInstanceOf(Float64Array);
  expect(file.tensor("outlier.x").shape).toEqual(file.shape("outlier.x"));
  expect(golden("quant/formats").bytes("Q8_0.bytes").length % 34).toBe(0);
  expect(goldenJson<{ ids: number[] }>("model/tiny.json").ids.length).toBeGreaterThan(5);
  expect(existsSync(goldenPath("model/tiny"))).toBe(true);
});

it("names what is not there", () => {
  expect(() => golden("ops/none")).toThrow(
    /ops\/none.safetensors: golden. The recorded values come with the repository/,
  );
  expect(() => golden("ops/embed").values("z")).toThrow(/tensor "z": expected one of rows/);
});

it("gives what was measured", () => {
  expect(measured<{ budgets: unknown[] }>("budget").budgets.length).toBeGreaterThan(5);
  expect(() => measured("none")).toThrow(/results\/none.json/);
});
