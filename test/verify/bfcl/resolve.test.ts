import { expect, test } from "vitest";
import { callsSomething, decodeCalls } from "../../../src/verify/bfcl/decode.ts";
import { callsInPython } from "../../../src/verify/bfcl/resolve.ts";
import { repr } from "../../../src/verify/python/unparse.ts";

const calls = (text: string) => callsInPython(text).map(repr).join(" ");

test("calls in Python's syntax", () => {
  expect(calls("[a.b(x=1, y=[-2, 'z']), c()]")).toBe("{'a.b': {'x': 1, 'y': [-2, 'z']}} {'c': {}}");
  expect(calls("```\nf(1, a=x, b=g(1), c=h(d=2), e=i[0], j=2 * 3)\n```")).toBe(
    "{'f': {'a': 'x', 'b': 'g(1)', 'c': {'h': {'d': 2}}, 'e': 'i[0]', 'j': 6}}",
  );
  for (const text of ["Sure.", "[f]", "[1]", "f(a=x.y)", "f(a={[1]: 2})", "```python\n[f()]\n```"])
    expect(() => calls(text), text).toThrow();
});

test("calls in QwQ's tags; what is no JSON is left out", () => {
  const reply = '<tool_call>\n{"name": "f", "arguments": {"a": 1.0}}\n</tool_call> <tool_call>\nx\n</tool_call>';
  const decoded = decodeCalls(reply, "tools");
  expect("failed" in decoded ? decoded : decoded.map(repr)).toEqual(["{'f': {'a': 1.0}}"]);
  expect(decodeCalls("No.", "tools")).toEqual([]);
  expect(decodeCalls('<tool_call>\n{"name": "f"}\n</tool_call>', "tools")).toEqual({
    failed: "tool call: expected name and arguments, an object, got another.",
  });
});

test("a reply that cannot be read calls nothing", () => {
  expect(callsSomething(decodeCalls("I cannot.", "python"))).toBe(false);
  expect(callsSomething(decodeCalls("[]", "python"))).toBe(false);
  expect(callsSomething(decodeCalls("[f()]", "python"))).toBe(true);
});
