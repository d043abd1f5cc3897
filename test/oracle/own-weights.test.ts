/** Whose weights an engine is judged by: its own, or those that it quantised. */
import { describe, expect, it } from "vitest";
import type { Checkpoint } from "../../src/files/checkpoint.ts";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import type { WeightsOption } from "../../src/oracle/numbers/quantised.ts";
import { checkWeights } from "../../src/oracle/own-weights.ts";
import { policyFor } from "../../src/oracle/numbers/policies.ts";
import { replay, type ReplayOptions } from "../../src/oracle/replay.ts";
import { host, type Stored, type Tensor } from "../../src/tensor.ts";
import type { Layer } from "../../src/weights.ts";
import { codeOf } from "../support/codes.ts";
import { PLANTED } from "../support/bugs.ts";
import { type Bug, type BundleOptions, bundleOf, run, type Values } from "../support/engine.ts";
import { model } from "../support/models.ts";

const { checkpoint } = model("tiny");

/** Weights as Q8_0 has them, blocks of 32 in a row, with the scale in float32: that is not what is granted, but near. */
function quantised<A extends string>(W: Tensor<A>): Tensor<A> {
  const [O = 0, I = 0] = W.shape;
  const data = new Float32Array(O * I);
  (W as unknown as Stored<string>).widen(0, O, data);
  for (let row = 0; row < O; row++) {
    for (let at = row * I; at < (row + 1) * I; at += 32) {
      const block = data.subarray(at, Math.min(at + 32, (row + 1) * I));
      const s = block.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / 127;
      if (s > 0) block.set(block.map((x) => Math.round(x / s) * s));
    }
  }
  return host<A>(W.shape, data) as unknown as Tensor<A>;
}

const MATRICES = ["Wq", "Wk", "Wv", "Wo", "Wgate", "Wup", "Wdown"] as const;
const q8: Bug = {
  W: (W) =>
    ({ ...W, ...Object.fromEntries(MATRICES.map((name) => [name, quantised(W[name] as Tensor<string>)])) }) as Layer,
};

function judged(values: Values, options: ReplayOptions = {}, head: BundleOptions = {}) {
  const bundle = openBundle(bundleOf("tiny", values, { weights_dtype: "Q8_0", ...head }));
  try {
    return replay(bundle, checkpoint, { layers: "0-2", ...options });
  } finally {
    bundle.close();
  }
}

describe("an engine with weights in Q8_0, judged by the original ones", () => {
  it("fails where that is not said, and passes where it is", () => {
    const right = run("tiny", 0, {}, q8);
    expect(judged(right).first).toMatchObject({ tap: "0.q" });
    expect(judged(right, { weights: "original" })).toMatchObject({ verdict: "pass", policy: "f32+weights-q8_0" });
  });

  it.each(["bias-k", "gqa-tile", "act-gelu"])("and with %s on top is found there", (name) => {
    const { bug, first } = PLANTED.find((planted) => planted.name === name)!;
    expect(judged(run("tiny", 1, bug, q8), { weights: "original" }).first).toMatchObject({ tap: `1.${first}` });
  });
});

describe("--weights", () => {
  const of = (...formats: string[]) =>
    ({
      path: "m",
      source: { tensors: new Map(formats.map((format, i) => [`t${i}`, { format, shape: [2, 2] }])) },
    }) as unknown as Checkpoint;
  const code = (option: WeightsOption | undefined, said: string | undefined, ...formats: string[]) => {
    try {
      checkWeights(option, { weights_dtype: said }, of(...formats));
      return "fine";
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  it("same wants the format that the bundle names among the model's; original wants none that is quantised", () => {
    expect(code("same", "Q8_0", "Q8_0", "F32")).toBe("fine");
    expect(code("same", "float16", "F16")).toBe("fine");
    expect(code("same", undefined, "BF16")).toBe("fine");
    expect(code("same", "Q8_0", "BF16")).toBe("E_ARG_WEIGHTS");
    expect(code("original", "Q8_0", "BF16", "F32")).toBe("fine");
    expect(code("original", "Q8_0", "Q8_0")).toBe("E_ARG_WEIGHTS");
    expect(code(undefined, "Q8_0", "BF16")).toBe("fine");
    expect(codeOf(() => judged(run("tiny", 0, {}), { weights: "same" }))).toBe("E_ARG_WEIGHTS");
  });

  it("original grants the format that the bundle names, or that its policy is about; another is refused", () => {
    const name = (policy: string, weights_dtype?: string) =>
      policyFor({ policy, weights_dtype }, { weights: "original" }).name;
    expect(name("f32", "Q8_0")).toBe("f32+weights-q8_0");
    expect(name("q8_0")).toBe("q8_0+weights-q8_0");
    expect(name("f16-inputs", "float16")).toBe("f16-inputs+weights-f16");
    expect(name("f32", "F32")).toBe("f32");
    expect(policyFor({ policy: "q8_0", weights_dtype: "Q8_0" }, { weights: "same" }).name).toBe("q8_0");
    for (const [policy, said] of [
      ["f32", "Q4_K"],
      ["f32", undefined],
    ] as const) {
      expect(codeOf(() => name(policy, said))).toBe("E_ARG_WEIGHTS");
    }
  });
});
