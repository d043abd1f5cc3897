import { expect, test } from "vitest";
import { render } from "../../../src/text/jinja/render.ts";

const printed = (template: string) => render(template, new Map());

test("a macro's parameters come by place, by name, or from their defaults", () => {
  expect(
    printed("{% macro m(a, b=a ~ '!') %}{{ a }}{{ b }};{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(b=3, a=4) }}"),
  ).toBe("11!;12;43;");
});

test("a macro sees the place where it stands, and prints nothing where it is defined", () => {
  expect(printed("{% set x = 1 %}{% macro m() %}{{ x }}{% endmacro %}{% for x in [2] %}{{ m() }}{% endfor %}")).toBe(
    "1",
  );
});

test("a call block's body is the macro's caller, with parameters of its own", () => {
  expect(printed("{% macro m() %}<{{ caller('x') }}>{% endmacro %}{% call(a) m() %}{{ a }}y{% endcall %}")).toBe(
    "<xy>",
  );
});

test("arguments a macro does not take are refused by name", () => {
  expect(() => printed("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}")).toThrow("2 arguments for the macro m");
  expect(() => printed("{% macro m(a) %}{% endmacro %}{{ m(b=2) }}")).toThrow(
    "the argument 'b', which the macro m does not take",
  );
});
