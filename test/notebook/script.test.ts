import { expect, it } from "vitest";
import { SyntaxFault, toScript } from "../../src/notebook/script.ts";

it("types become blanks on the same lines and columns", () => {
  expect(toScript("interface A {\n  b: number;\n}\nconst a: A = { b: 1 } as A;")).toBe(
    "             \n            \n \nconst a    = { b: 1 }     ;",
  );
});

it.each([
  ["import a from 'm';", "const { default: a } = await __import('m');"],
  ["import * as a from 'm';", "const a = await __import('m');"],
  ["import a, { b as c, d } from 'm';", "const { default: a, b: c, d } = await __import('m');"],
  ["import {\n  a,\n} from 'm';\na;", "const { a } = await __import('m');\n\n\na;"],
  ["import 'm';", "await __import('m');"],
  ["const a = await import('m');", "const a = await __import('m');"],
  ["'import x from y';", "'import x from y';"],
])("%s", (cell, script) => expect(toScript(cell)).toBe(script));

it("imports of types alone are gone", () => {
  expect(toScript("import type { A } from 'm';\n1;").trim()).toBe("1;");
});

it("what cannot be erased, and what is no TypeScript, is refused with its line", () => {
  const line = (cell: string) => {
    try {
      return toScript(cell);
    } catch (error) {
      return error instanceof SyntaxFault ? error.line : error;
    }
  };
  expect(line("1;\nenum E { A }")).toBe(2);
  expect(line("1;\n2;\nconst = 3;")).toBe(3);
  expect(line("let a: ( = 1;")).toBe(1);
});
