import { describe, expect, test } from "vitest";
import { QwqError } from "../../../src/errors.ts";
import { readJson } from "../../../src/json/json.ts";
import { render } from "../../../src/text/jinja/render.ts";
import type { Value } from "../../../src/text/jinja/value.ts";
import { conversationFromJson, templateVariables } from "../../../src/text/messages.ts";
import { golden } from "../../support/templates.ts";

interface Snippet {
  template: string;
  input: string;
  prompt: string | { error: string };
}
const snippets = golden("snippets.jsonl")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Snippet);

/** What a template prints, or the error's code. */
function outcome(template: string, variables: Map<string, Value> = new Map()): string {
  try {
    return render(template, variables);
  } catch (error) {
    if (error instanceof QwqError) return error.code;
    throw error;
  }
}

describe("render", () => {
  test.each(snippets)("$template is what Hugging Face makes of it", ({ template, input, prompt }) => {
    const got = outcome(template, templateVariables(conversationFromJson(readJson(input, "input"))));
    expect(got).toBe(typeof prompt === "string" ? prompt : "E_TPL_RENDER");
  });

  test.each([
    [
      "strings that double",
      "{% set n = namespace(s='xx') %}{% for i in range(99) %}{% set n.s = n.s + n.s %}{% endfor %}",
      "E_TPL_LIMIT",
    ],
    ["a string of 10^9", "{{ 'x' * 10 ** 9 }}", "E_TPL_LIMIT"],
    ["an integer of 10^9 digits", "{{ 10 ** 1000000000 }}", "E_TPL_LIMIT"],
    ["an indent of 10^8", "{{ [1] | tojson(indent=10 ** 8) }}", "E_TPL_LIMIT"],
    ["output without end", "{% for i in range(99999) %}{{ 'x' * 1000 }}{% endfor %}", "E_TPL_LIMIT"],
    ["a macro that calls itself", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "E_TPL_DEPTH"],
    ["20,000 nested parentheses", `{{ ${"(".repeat(20_000)}1${")".repeat(20_000)} }}`, "E_TPL_DEPTH"],
    ["a statement that does not close", "{% if true %}", "E_TPL_SYNTAX"],
    ["an expression that does not close", "{{ 'a", "E_TPL_SYNTAX"],
    ["an expression that does not begin", "{{", "E_TPL_SYNTAX"],
    ["an unknown filter", "{{ 'a' | urlize }}", "E_TPL_UNSUPPORTED"],
    ["an unknown test", "{{ 'a' is escaped }}", "E_TPL_UNSUPPORTED"],
    ["an unknown method", "{{ 'a'.zfill(3) }}", "E_TPL_UNSUPPORTED"],
    ["a printed function", "{{ range }}", "E_TPL_UNSUPPORTED"],
  ])("refuses %s", (_, template, code) => {
    expect(outcome(template)).toBe(code);
  });

  test("says at which message it failed, and why", () => {
    const template = "{% for m in messages %}{{ 'x' + m.content }}{% endfor %}";
    const messages: Value = [new Map([["content", "a"]]), new Map([["content", 5n]])];
    expect(() => render(template, new Map([["messages", messages]]))).toThrow(
      "chat template, at messages[1]: expected the conversation to be one the template accepts, got str + int. Give the messages the shape that this model's template reads.",
    );
  });
});
