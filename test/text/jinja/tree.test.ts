import { expect, test } from "vitest";
import { parseTemplate } from "../../../src/text/jinja/tree.ts";

test("trim_blocks and lstrip_blocks are on, and the newline at the end goes", () => {
  const text = parseTemplate("a\n  {% if x %}\nb\n{% endif %}\nc\n");
  expect(text).toMatchObject([
    { type: "StringLiteral", value: "a\n" },
    { type: "If", body: [{ value: "b\n" }] },
    { type: "StringLiteral", value: "c" },
  ]);
});

test("what does not parse is E_TPL_SYNTAX with the parser's reason, what nests too deep E_TPL_DEPTH", () => {
  expect(() => parseTemplate("{% nonsense %}")).toThrow(
    'chat template: expected a Jinja template, got "Unknown statement type: nonsense". Compare it with the model\'s own template.',
  );
  expect(() => parseTemplate("{{ " + "[".repeat(50_000))).toThrow("deeper than the stack");
});
