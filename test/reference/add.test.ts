import { it } from "vitest";
import { eachBackend } from "../support/backends.ts";
import { golden } from "../support/golden.ts";
import { exact, within } from "../support/within.ts";

const file = golden("ops/add");

eachBackend("add gives Hugging Face's bits", ({ ops }) => {
  it("residual", async () => {
    const z = await ops.download(ops.add(file.tensor<"T C">("residual.x"), file.tensor<"T C">("residual.y")));
    within("residual", z.data, file.values("residual.z"), exact, z.shape);
  });
});
