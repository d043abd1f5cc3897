/** The page's equations in every mode of gpujs that Node has; test/browser/equations.test.ts has the others. */
import { afterAll, describe, expect, it } from "vitest";
import { opened, REQUIRED, titled } from "../../support/gpu.ts";
import { SUITE } from "../../support/suite.ts";

for (const mode of ["cpu", "webasm", "webgpu"] as const) {
  const backend = await opened(mode, { weights: "f32" });
  const missing = typeof backend === "string";
  describe.skipIf(missing && !REQUIRED)(titled(`gpujs:${mode}`, backend), () => {
    const ops = backend as Exclude<typeof backend, string>;
    afterAll(() => ops.close());

    it.each(SUITE)("$name", async ({ most, run }) => {
      expect(ops).not.toBeTypeOf("string");
      const { far, where } = await run(ops);
      expect(far, where).toBeLessThanOrEqual(most);
    });
  });
}
