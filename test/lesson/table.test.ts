import { expect, it } from "vitest";
import { table } from "../../src/lesson/table.ts";

const shown = table(
  ["n", "claim"],
  [
    [1, "a < b"],
    [12, "c"],
  ],
)[Symbol.for("Jupyter.display") as never] as () => Record<string, string>;

it("is HTML in a notebook, its text no HTML", () => {
  const html = shown()["text/html"]!;
  expect(html.match(/<tr>/g)).toHaveLength(3);
  expect(html).toContain('<td align="left">a &lt; b</td>');
});

it("is columns where there is no HTML", () => {
  expect(shown()["text/plain"]).toBe("n   claim\n1   a < b\n12  c");
});
