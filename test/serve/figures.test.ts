import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readServe, withServe } from "../../kernels/bench/serve-table.ts";

it("docs/serve.md has the figures of the committed results", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/serve.md"), "utf8");
  expect(withServe(page, ...readServe())).toBe(page);
});
