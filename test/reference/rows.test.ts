import { it } from "vitest";
import { eachBackend } from "../support/backends.ts";
import { golden } from "../support/golden.ts";
import { exact, within } from "../support/within.ts";

const x = golden("ops/add").tensor<"T C">("residual.x");

eachBackend("rows are those of x, to the bit", ({ ops }) => {
  it("the third and fourth of five", async () => {
    const y = await ops.download(ops.rows<"C">(ops.upload(x), 2, 2));
    within("rows", y.data, x.data.subarray(160, 320), exact, [2, 80]);
  });
});
