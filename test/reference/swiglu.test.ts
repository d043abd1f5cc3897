import { expect, it } from "vitest";
import { swiglu } from "../../src/reference/swiglu.ts";
import { zeros } from "../../src/tensor.ts";
import { eachBackend } from "../support/backends.ts";
import { cases, golden } from "../support/golden.ts";
import { ulp, within } from "../support/within.ts";

const file = golden("ops/swiglu");

eachBackend("swiglu is within its ulps of float64, also where the exponential overflows", ({ ops, ulps, flushes }) => {
  it.each(cases(file))("%s", async (name) => {
    const h = await ops.download(ops.swiglu(file.tensor(`${name}.gate`), file.tensor(`${name}.up`)));
    const exact = file.values(`${name}.y.f64`);
    const seen = (_: number, i: number) => !(flushes && Math.abs(exact[i]!) < 2 ** -126);
    expect(h.data.every((value, i) => seen(value, i) || Math.abs(value) < 2 ** -126)).toBe(true);
    within(name, h.data.filter(seen), exact.filter(seen), ulp(ulps));
  });
});

it("swiglu refuses two shapes and names both", () => {
  expect(() => swiglu(zeros(2, 3), zeros(2, 4))).toThrow(
    "swiglu: expected two tensors of one shape, got [2 3] and [2 4].",
  );
});
