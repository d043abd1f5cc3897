import { describe, expect, it } from "vitest";
import { byteSize, grouped, rate, span } from "../../src/cli/units.ts";

describe("byteSize", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [999_949, "999.9 kB"],
    [999_950, "1.0 MB"],
    [52_428_800, "52.4 MB"],
    [65_527_755_776, "65.5 GB"],
    [3e15, "3000.0 TB"],
  ])("%d is %s", (bytes, text) => {
    expect(byteSize(bytes)).toBe(text);
  });
});

describe("rate", () => {
  it.each([
    [5.516, "5.52"],
    [99.94, "99.9"],
    [99.96, "100"],
    [137.4, "137"],
    [1234.6, "1,235"],
  ])("%d is %s", (perSecond, text) => expect(rate(perSecond)).toBe(text));
});

describe("span", () => {
  it.each([
    [0.4, "0 s"],
    [59.4, "59 s"],
    [59.6, "1 min 0 s"],
    [200, "3 min 20 s"],
    [3599.7, "1 h 0 min"],
    [7499, "2 h 5 min"],
  ])("%d is %s", (seconds, text) => expect(span(seconds)).toBe(text));
});

describe("grouped", () => {
  it("puts a comma before every three digits", () => {
    expect([0, 999, 1000, 134_515_008].map(grouped)).toEqual(["0", "999", "1,000", "134,515,008"]);
  });
});
