import { expect, it } from "vitest";
import { cell, reportMarkdown } from "../../../src/oracle/formats/markdown.ts";
import { failing, passing } from "../../support/reports.ts";

it("has headline, diagnosis, the picture, the taps and the next command", () => {
  const text = reportMarkdown(failing(), { candidate: "c" });
  expect(text).toMatch(/^### FAIL {2}first divergence 1\.kr/);
  expect(text).toContain("**Diagnosis:** rope-interleaved");
  expect(text).toContain("z by layer, 0 to 2: `▂█▇`");
  expect(text).toContain("| `1.kr` | 249 | 8.7e-1 | 3.5e-3 | 3 | first |");
  expect(text).toContain("| `2.q` | 80.0 | 2.8e-1 | 3.5e-3 | 3 | inherited |");
  expect(text).toContain("| 3 | 5 | 0.125 | -1.5 |");
  expect(text).toMatch(/Next: `qwq oracle explain rope-interleaved`\n$/);
});

it("shows thirty taps at most, and none of a pass", () => {
  const text = reportMarkdown(failing("1.kr", 64));
  expect(text.match(/inherited \|/g)).toHaveLength(29);
  expect(text).toMatch(/\d+ more taps are above 3\./);
  expect(reportMarkdown(passing())).not.toContain("| tap |");
});

it("text stays within its cell", () => {
  expect(cell("a | b\nc <d> \\")).toBe("a \\| b c &lt;d> \\\\");
});
