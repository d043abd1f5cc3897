import { describe, expect, it } from "vitest";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { replay, type ReplayOptions } from "../../src/oracle/replay.ts";
import { planOf } from "../../src/oracle/replay-plan.ts";
import { parts } from "../../src/oracle/graph.ts";
import { host } from "../../src/tensor.ts";
import { codeOf } from "../support/codes.ts";
import { PLANTED } from "../support/bugs.ts";
import { type BundleOptions, bundleOf, recorded, run, type Values } from "../support/engine.ts";
import { model } from "../support/models.ts";

const bug = (name: string) => PLANTED.find((planted) => planted.name === name)!.bug;

function judged(values: Values, head: BundleOptions = {}, options: ReplayOptions = {}) {
  const bundle = openBundle(bundleOf("tiny", values, head));
  try {
    return replay(bundle, model("tiny").checkpoint, options);
  } finally {
    bundle.close();
  }
}

describe("replay", () => {
  it.each([
    ["f32", "f32"],
    ["bf16", "bf16-hf-eager"],
  ] as const)("passes Hugging Face's own %s, every tap below 3 noises", (column, policy) => {
    const report = judged(recorded("tiny", column), { policy });
    expect(report).toMatchObject({ verdict: "pass", first: null, coverage: { taps: 48, of: 48, fraction: 1 } });
    for (const { tap, z } of report.taps) expect(z, tap).toBeLessThan(3);
  });

  it("grants a sigmoid made as 1/2 and a rest where the policy is absolute-sigmoid, and no gelu", () => {
    const near = (g: number) => Math.fround(0.5 + Math.fround(1 / (1 + Math.exp(-g)) - 0.5));
    const gelu = (g: number) => 1 / (1 + Math.exp(-1.702 * g));
    const z = (sigmoid: (g: number) => number, policy: string) => {
      const values = new Map(recorded("tiny"));
      const { shape, data } = values.get("1.gate")!;
      const gate = data.map((_, i) => -7 - (i % 29) / 16);
      values.set("1.gate", host(shape, gate));
      values.set(
        "1.up",
        host(
          shape,
          gate.map(() => 3),
        ),
      );
      values.set(
        "1.act",
        host(
          shape,
          gate.map((g) => g * sigmoid(g) * 3),
        ),
      );
      return judged(values, {}, { policy }).taps.find(({ tap }) => tap === "1.act")!.z;
    };
    expect(z(near, "f32")).toBeGreaterThan(6);
    expect(z(near, "absolute-sigmoid")).toBeLessThan(1);
    expect(z(gelu, "absolute-sigmoid")).toBeGreaterThan(100);
  });

  it("fails bfloat16 that claims to be float32", () => {
    expect(judged(recorded("tiny", "bf16"), { policy: "f32" }).verdict).toBe("fail");
  });

  it.each([0, 1, 2])("blames k of layer %i for its missing bias, and nothing that inherits it", (layer) => {
    const report = judged(run("tiny", layer, bug("bias-k")));
    expect(report.first).toMatchObject({ tap: `${layer}.k`, missing: [] });
    expect(report.first!.inputs.map(({ tap }) => tap)).toEqual([`${layer}.n1`]);
    for (const { tap, z } of report.taps) if (tap !== `${layer}.k`) expect(z, tap).toBeLessThan(3);
  });

  it.each<[string, (name: string) => boolean, string, string[]]>([
    [
      "out alone",
      (name) => parts(name).short === "out",
      "1.out",
      ["1.n1", "1.q", "1.k", "1.v", "1.qr", "1.kr", "1.a", "1.o", "1.mid", "1.n2", "1.gate", "1.up", "1.act", "1.down"],
    ],
    ["no q, k, v", (name) => !["q", "k", "v"].includes(parts(name).short), "1.kr", ["1.k"]],
    ["layer 1 alone", (name) => name.startsWith("1."), "1.k", []],
    ["kr alone", (name) => parts(name).short === "kr", "1.kr", []],
  ])("of %s, says at or before which tap it is, and what is missing", (_, want, tap, missing) => {
    const { first } = judged(run("tiny", 1, bug("bias-k")), { want });
    expect(first?.tap).toBe(tap);
    if (missing.length > 0) expect(first?.missing).toEqual(missing);
  });

  it.each([[[10]], [[0, 3, 7]], [[4, 5]]])(
    "of rows %o alone, finds the same tap, and passes a correct engine",
    (rows) => {
      expect(judged(recorded("tiny"), { rows }).verdict).toBe("pass");
      const report = judged(run("tiny", 1, bug("bias-k")), { rows });
      expect(report).toMatchObject({ first: { tap: "1.k" }, rows });
    },
  );

  it("says that attention may have read keys and values that were not given", () => {
    const report = judged(run("tiny", 1, bug("gqa-tile")), { rows: [4, 10] });
    expect(report.first).toMatchObject({ tap: "1.a", missing: ["1.kr", "1.v"] });
    expect(judged(run("tiny", 1, bug("gqa-tile"))).first).toMatchObject({ tap: "1.a", missing: [] });
  });

  it("reads the weights of the chosen layers and no others", () => {
    const bundle = openBundle(bundleOf("tiny", recorded("tiny")));
    const { checkpoint } = model("tiny");
    const touched = new Set<number>();
    const weights = {
      ...checkpoint.weights,
      layers: () =>
        [...checkpoint.weights.layers()].map(
          ([l, W]) => [l, new Proxy(W, { get: (target, key) => (touched.add(l), Reflect.get(target, key)) })] as const,
        ),
    };
    const seen = new Proxy(checkpoint, {
      get: (target, key) => (key === "weights" ? weights : Reflect.get(target, key)),
    });
    const report = replay(bundle, seen as typeof checkpoint, { layers: "1" });
    expect([report.verdict, report.taps.length, [...touched]]).toEqual(["pass", 15, [1]]);
    expect(planOf(bundle, checkpoint, "1").layers).toEqual([1]);
    expect(planOf(bundle, checkpoint).layers).toEqual([0, 1, 2]);
    bundle.close();
  });

  it("plans the layers that make what was not given", () => {
    const only = openBundle(bundleOf("tiny", recorded("tiny"), { want: (name) => name === "2.qr" }));
    expect(planOf(only, model("tiny").checkpoint).layers).toEqual([0, 1, 2]);
    only.close();
    const anchored = openBundle(
      bundleOf("tiny", recorded("tiny"), { want: (name) => name === "2.qr" || name === "1.out" }),
    );
    expect(planOf(anchored, model("tiny").checkpoint, "2").layers).toEqual([2]);
    anchored.close();
  });

  it("refuses what does not fit the model, and what it has nothing to compute from", () => {
    const code = (values: Values, head: BundleOptions = {}, options: ReplayOptions = {}) =>
      codeOf(() => judged(values, head, options));
    const all = recorded("tiny");
    expect(code(all, { input: { ids: [1, 2, 3] } })).toBe("E_CMP_ROWS");
    expect(code(new Map([["0.q", all.get("0.k")!]]))).toBe("E_CMP_SHAPE");
    expect(code(new Map([["7.q", all.get("0.q")!]]))).toBe("E_CMP_MISSING");
    expect(code(all, { want: (name) => name === "2.qr" }, { layers: "2" })).toBe("E_CMP_MISSING");
    expect(code(all, { policy: "posit" })).toBe("E_ARG_POLICY");
    expect(code(all, {}, { layers: "3" })).toBe("E_ARG_LAYERS");
  });
});
