import { describe, expect, it } from "vitest";
import { Random } from "../../src/generate/random.ts";
import { reference } from "../../src/reference/index.ts";
import { gradients } from "../../src/training/gradients.ts";
import { named, parametersOf, type Values, weightsOf } from "../../src/training/parameters.ts";
import { golden, goldenJson } from "../support/golden.ts";
import { model } from "../support/models.ts";

const recorded = goldenJson<{ ids: number[]; targets: number[]; loss: number; nll: number[] }>("backward/tiny.json");
const [ids, targets] = [Uint32Array.from(recorded.ids), Uint32Array.from(recorded.targets)];

/** Hugging Face's names of what the page calls otherwise, in a layer. */
const NAMES = {
  g1: "input_layernorm.weight",
  Wq: "self_attn.q_proj.weight",
  bq: "self_attn.q_proj.bias",
  Wk: "self_attn.k_proj.weight",
  bk: "self_attn.k_proj.bias",
  Wv: "self_attn.v_proj.weight",
  bv: "self_attn.v_proj.bias",
  Wo: "self_attn.o_proj.weight",
  g2: "post_attention_layernorm.weight",
  Wgate: "mlp.gate_proj.weight",
  Wup: "mlp.up_proj.weight",
  Wdown: "mlp.down_proj.weight",
} as const;

describe("gradients of the tiny model", () => {
  const { weights } = model("tiny").checkpoint;
  const made = gradients(reference, weights, ids, targets);
  const truth = golden("backward/tiny");
  const all: [string, Values][] = [
    ["model.embed_tokens.weight", made.gradients.E],
    ["model.norm.weight", made.gradients.g],
    ["lm_head.weight", made.gradients.U],
    ...made.gradients.layers.flatMap((layer, l) =>
      Object.entries(NAMES).map(([ours, theirs]): [string, Values] => [
        `model.layers.${l}.${theirs}`,
        layer[ours as keyof typeof NAMES]!,
      ]),
    ),
  ];

  it("are of every parameter of the file", () => {
    expect(all.map(([name]) => name).sort()).toEqual([...truth.names].sort());
  });

  it("loss and ln p of each token are torch's in float64", () => {
    expect(Math.abs(made.loss / recorded.loss - 1)).toBeLessThan(1e-6);
    made.nll.forEach((value, t) => expect(Math.abs(value - recorded.nll[t]!)).toBeLessThan(1e-5));
  });

  // The bound of 1e-5 of a tensor's length is what is asked of the reference: some twenty roundings to float32 lie between.
  it.each(all)("%s: within 1e-5 of torch's in float64", (name, { data }) => {
    const exact = Float64Array.from(truth.values(name));
    const length = Math.sqrt(exact.reduce((sum, x) => sum + x * x, 0));
    const error = Math.sqrt(data.reduce((sum, x, i) => sum + (x - exact[i]!) ** 2, 0));
    expect(length).toBeGreaterThan(0);
    expect(error / length).toBeLessThan(1e-5);
  });

  // Torch apart: the loss itself, a step up and a step down a drawn slope of all parameters together. The error of the
  // difference is of the order of the step squared, and of the logits' rounding divided by the step.
  it("are the loss's slope along a drawn direction, by finite differences", () => {
    const random = new Random(11n);
    const [up, down] = [parametersOf(weights), parametersOf(weights)];
    const step = 1e-4;
    let expected = 0;
    const tensors = [up, down, made.gradients].map((p) => [...named(p)].map(([, x]) => x.data));
    tensors[0]!.forEach((values, n) => {
      for (let i = 0; i < values.length; i++) {
        const move = random.fraction() * step * Math.sign(tensors[2]![n]![i]!);
        expected += tensors[2]![n]![i]! * 2 * move;
        values[i]! += move;
        tensors[1]![n]![i]! -= move;
      }
    });
    const [above, below] = [up, down].map((p) => gradients(reference, weightsOf(p, weights), ids, targets).loss);
    expect(Math.abs((above! - below!) / expected - 1)).toBeLessThan(1e-3);
  });
});
