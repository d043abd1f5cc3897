import { describe, expect, it } from "vitest";
import { openBundle } from "../../../src/oracle/bundle-read.ts";
import { tapChecks } from "../../../src/oracle/invariants/taps.ts";
import { PLANTED } from "../../support/bugs.ts";
import { bundleOf, type BundleOptions, recorded, run, type Values } from "../../support/engine.ts";
import { model } from "../../support/models.ts";

function checked(name: string, values: Values, options?: BundleOptions) {
  const bundle = openBundle(bundleOf(name, values, options));
  try {
    return tapChecks(bundle, model(name).checkpoint.config);
  } finally {
    bundle.close();
  }
}

const failed = (checks: ReturnType<typeof checked>) => checks.filter(({ outcome }) => outcome !== "pass");

describe("what holds of taps whatever the weights", () => {
  it.each([
    ["f32", "f32"],
    ["bf16", "bf16-hf-eager"],
  ] as const)("holds of Hugging Face's own in %s, layer by layer", (column, policy) => {
    const checks = checked("tiny", recorded("tiny", column), { policy });
    expect(failed(checks)).toEqual([]);
    expect(checks).toHaveLength(27);
  });

  it("holds with YaRN, whose factor makes pairs longer", () => {
    expect(failed(checked("yarn", recorded("yarn")))).toEqual([]);
  });

  /** Bugs that no reference is needed for, and what gives them away. */
  it.each([
    ["rope-interleaved", "invariant-rope"],
    ["rope-offset", "invariant-rope"],
    ["act-gelu", "invariant-gate"],
    ["act-swap", "invariant-gate"],
    ["mask-open", "invariant-softmax"],
    ["gqa-tile", "invariant-softmax"],
    ["residual-attn", "invariant-residual"],
    ["residual-mlp", "invariant-residual"],
  ])("finds %s by %s in its layer, and in no other", (code, invariant) => {
    const { bug } = PLANTED.find((one) => one.code === code && (one.model ?? "tiny") === "tiny")!;
    const wrong = failed(checked("tiny", run("tiny", 1, bug)));
    expect(wrong.map((check) => check.code)).toContain(invariant);
    expect(wrong.every(({ where }) => where.startsWith("1."))).toBe(true);
  });

  it("makes only the checks whose taps are there", () => {
    const some = checked("tiny", recorded("tiny"), { want: (tap) => ["0.gate", "0.up", "0.act"].includes(tap) });
    expect(some.map(({ code }) => code)).toEqual(["invariant-gate"]);
    expect(checked("tiny", recorded("tiny"), { want: (tap) => tap === "0.q" })).toEqual([]);
  });
});
