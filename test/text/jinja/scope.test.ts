import { expect, test } from "vitest";
import { FormatError } from "../../../src/errors.ts";
import { Output, Run, Scope } from "../../../src/text/jinja/scope.ts";
import { fail, LARGEST, Undefined } from "../../../src/text/jinja/value.ts";

test("an inner scope sees the outer, hides it, and leaves it as it was", () => {
  const outer = new Scope();
  outer.set("a", null);
  const inner = new Scope(outer);
  expect(inner.get("a")).toBeNull();
  inner.set("a", 1n);
  expect([inner.get("a"), outer.get("a")]).toEqual([1n, null]);
  expect(inner.get("b")).toBeInstanceOf(Undefined);
});

test("a run ends after 20,000,000 steps", () => {
  const run = new Run();
  expect(() => {
    for (;;) run.step();
  }).toThrow("at most 20000000 steps");
});

test("an error of rendering gets the message's number, no other error does", () => {
  const run = new Run();
  run.message = 3;
  expect(run.located(fail("x"))).toMatchObject({ where: "chat template, at messages[3]", code: "E_TPL_RENDER" });
  const other = new FormatError("E_OTHER", "x");
  expect(run.located(other)).toBe(other);
});

test("output ends at 2^24", () => {
  const output = new Output();
  output.print("x".repeat(LARGEST));
  expect(() => output.print("x")).toThrow("lengths of at most");
});
