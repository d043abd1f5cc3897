import { expect, it } from "vitest";
import { extractCode } from "../../../src/verify/livecodebench/extract.ts";

it.each([
  ["```python\nprint(1)\n```", "print(1)"],
  ["First\n```python\nprint(1)\n```\nno, better:\n```python\nprint(2)\nprint(3)\n```\ndone", "print(2)\nprint(3)"],
  ["  ```\n  x\n  ```", "  x"],
  ["print(1)", ""],
  ["```python\nprint(1)", ""],
  ["", ""],
  ["``````", ""],
])("%j: %j", (reply, code) => {
  expect(extractCode(reply)).toBe(code);
});

it("of a block that does not end, what stands before it is taken, as LiveCodeBench does", () => {
  expect(extractCode("```\na\n```\nb\n```\nc")).toBe("b");
});
