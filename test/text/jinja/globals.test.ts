import { expect, test } from "vitest";
import { globals, strftime } from "../../../src/text/jinja/globals.ts";
import { Callable } from "../../../src/text/jinja/value.ts";

const range = (...args: bigint[]) => {
  const callable = globals().get("range");
  return callable instanceof Callable ? callable.call(args, new Map()) : undefined;
};

test("range is Python's, up to the sandbox's 100,000 elements", () => {
  expect([range(3n), range(1n, 6n, 2n), range(3n, 0n, -1n), range(3n, 3n)]).toEqual([
    [0n, 1n, 2n],
    [1n, 3n, 5n],
    [3n, 2n, 1n],
    [],
  ]);
  expect(range(100_000n)).toHaveLength(100_000);
  expect(() => range(100_001n)).toThrow("beyond the sandbox's 100000");
  expect(() => range(1n, 2n, 0n)).toThrow("step 0");
});

test("strftime writes dates as Python's C locale does, and refuses other directives", () => {
  const date = new Date(2025, 2, 6, 13, 4, 5);
  expect(strftime(date, "%d %b %Y, %A %B")).toBe("06 Mar 2025, Thursday March");
  expect(strftime(date, "%Y-%m-%d %H:%M:%S %I%p %y %a 100%%")).toBe("2025-03-06 13:04:05 01PM 25 Thu 100%");
  expect(() => strftime(date, "%Q")).toThrow("strftime_now with %Q");
});
