/** The page's equations in every mode of gpujs that Node has. */
import { afterAll, describe, expect, it } from "vitest";
import { EQUATIONS, ofLargest } from "../../support/equations.ts";
import { opened, REQUIRED, titled } from "../../support/gpu.ts";
import { golden } from "../../support/golden.ts";
import { model, VARIANTS } from "../../support/models.ts";
import { norm, within } from "../../support/within.ts";

/** Its outputs are nearly nothing beside their terms: they say nothing of a backend's size of error. */
const CANCEL = "linear cancel";

/** sum_i |W x| of each of its outputs. */
function magnitudes(): Float64Array {
  const file = golden("ops/linear");
  const [x, W] = [file.tensor<"T I">("cancel.x"), file.tensor<"O I">("cancel.W")];
  const [O = 0, I = 0] = W.shape;
  return Float64Array.from({ length: x.shape[0]! * O }, (_, to) => {
    const [t, o] = [Math.floor(to / O), to % O];
    let sum = 0;
    for (let i = 0; i < I; i++) sum += Math.abs(W.data[o * I + i]! * x.data[t * I + i]!);
    return sum;
  });
}

for (const mode of ["cpu", "webasm", "webgpu"] as const) {
  const backend = await opened(mode, { weights: "f32" });
  const missing = typeof backend === "string";
  describe.skipIf(missing && !REQUIRED)(titled(`gpujs:${mode}`, backend), () => {
    const ops = backend as Exclude<typeof backend, string>;
    afterAll(() => ops.close());

    // Float32 sums of up to some thousand terms and exponentials of a GPU; measured are 2e-6 at most.
    it.each(EQUATIONS.filter(({ name }) => name !== CANCEL))(
      "$name is within 1e-5 of the largest output",
      async ({ run, golden: truth }) => {
        expect(ops).not.toBeTypeOf("string");
        const y = await run(ops);
        expect(y.length).toBe(truth.length);
        expect(ofLargest(y, truth)).toBeLessThanOrEqual(1e-5);
      },
    );

    it("where all of a sum cancels, what is left is within 8 u sum |w x|", async () => {
      const { run, golden: truth } = EQUATIONS.find(({ name }) => name === CANCEL)!;
      within(CANCEL, await run(ops), truth, norm(8, magnitudes()));
    });

    it.each(VARIANTS)("every activation of a whole model is within 1e-5 of its largest value: %s", async (name) => {
      const { taps, f64 } = model(name);
      for (const tap of await taps(ops, { want: (tap) => f64.has(tap) })) {
        expect(ofLargest(tap.data.data, f64.values(tap.name)), tap.name).toBeLessThanOrEqual(1e-5);
      }
    });
  });
}
