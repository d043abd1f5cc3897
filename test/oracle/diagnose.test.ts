import { describe, expect, it } from "vitest";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { diagnose } from "../../src/oracle/diagnose.ts";
import { parts } from "../../src/oracle/graph.ts";
import { CODES } from "../../src/oracle/mutants/index.ts";
import { host } from "../../src/tensor.ts";
import { PLANTED, UNKNOWN } from "../support/bugs.ts";
import { expectNamed, ONCE } from "../support/cells.ts";
import { bundleOf, recorded, run } from "../support/engine.ts";
import { model } from "../support/models.ts";

describe("diagnose", () => {
  // One for each place. Every way of making each mistake, in both layers: planted.test.ts, of `npm run test:system`.
  it.each(ONCE)("names $name in layer $layer, and no other nearer than twice as far", expectNamed);

  it("knows at least the 33 codes of its contract, each once, and every one but overflow is planted above", () => {
    expect(new Set(CODES).size).toBe(33);
    const planted = new Set(PLANTED.map(({ code }) => code));
    expect(CODES.filter((code) => !planted.has(code))).toEqual(["overflow-f16"]);
  });

  it("says that no mutant fits where the embedding itself is wrong", () => {
    const values = new Map(recorded("tiny"));
    const { shape, data } = values.get("embed")!;
    values.set("embed", host(shape, data.map(Math.abs)));
    const bundle = openBundle(bundleOf("tiny", values));
    const report = diagnose(bundle, model("tiny").checkpoint);
    expect(report).toMatchObject({ verdict: "fail", none: true, first: { tap: "embed" }, diagnosis: [] });
    bundle.close();
  });

  it.each(UNKNOWN)("finds $name, and says that no mutant fits", ({ bug, first }) => {
    const bundle = openBundle(bundleOf("tiny", run("tiny", 1, bug)));
    const report = diagnose(bundle, model("tiny").checkpoint);
    expect(report).toMatchObject({ verdict: "fail", none: true, first: { tap: `1.${first}` } });
    bundle.close();
  });

  it.each([
    ["softmax-low", [10], undefined],
    ["gqa-tile", [3, 7], undefined],
    ["bias-k", [3, 7], undefined],
    ["bias-o", [0, 5, 9], (name: string) => name !== "1.o"],
    ["rope-interleaved", undefined, (name: string) => parts(name).short === "out"],
    ["residual-mlp", undefined, (name: string) => parts(name).short === "out"],
  ] as const)("names %s of rows %o alone, or of few taps", (name, rows, want) => {
    const planted = PLANTED.find((other) => other.name === name)!;
    const bundle = openBundle(
      bundleOf("tiny", run("tiny", 1, planted.bug), { ...(rows && { rows }), ...(want && { want }) }),
    );
    const report = diagnose(bundle, model("tiny").checkpoint);
    expect(report.diagnosis[0]).toMatchObject({ code: planted.code });
    expect(report.none).toBe(false);
    bundle.close();
  });

  it("says of a correct engine that nothing is wrong and no mutant fits", () => {
    const bundle = openBundle(bundleOf("tiny", recorded("tiny")));
    expect(diagnose(bundle, model("tiny").checkpoint)).toMatchObject({
      verdict: "pass",
      first: null,
      diagnosis: [],
      none: true,
    });
    bundle.close();
  });
});
