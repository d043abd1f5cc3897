import { expect, it } from "vitest";
import { joined } from "../../../kernels/training/products.ts";

// V8 joins lanes from version 13 on, by a flag that this process may set; before it, and where the trial says no, there are none.
it("there are joined products where the engine has them, and only there", () => {
  const module = joined();
  if (Number.parseInt(process.versions.v8, 10) < 13) expect(module).toBeUndefined();
  else expect(module === undefined || module instanceof WebAssembly.Module).toBe(true);
});
