import { expect, it } from "vitest";
import { annotations, MOST_SUMMARY, summary } from "../../../src/oracle/formats/github.ts";
import { HOSTILE } from "../../support/reports.ts";

const finding = (i: number, message = `m${i}`) => ({ code: `c${i}`, level: "error" as const, place: "p", message });

it("is one command a line, with line breaks and percent signs escaped", () => {
  expect(annotations([finding(0, "100 %\nnext: a,b:c")], "FAIL")).toBe(
    "::error title=qwq oracle%3A c0::100 %25%0Anext: a,b:c\n",
  );
  expect(annotations([finding(0, HOSTILE)], "FAIL").split("\n")).toHaveLength(2);
  expect(annotations([], "PASS  fine")).toBe("::notice title=qwq oracle::PASS  fine\n");
});

it("has at most ten, the last of which counts what is left out", () => {
  const many = Array.from({ length: 25 }, (_, i) => finding(i));
  const lines = annotations(many, "FAIL").trimEnd().split("\n");
  expect(lines).toHaveLength(10);
  expect(lines[9]).toBe("::warning title=qwq oracle::16 more in the summary of this step");
  expect(annotations(many.slice(0, 10), "FAIL").trimEnd().split("\n").at(-1)).toContain("c9");
  expect(annotations(many, "FAIL", 3).trimEnd().split("\n")).toHaveLength(3);
});

it("a summary has at most 1 MiB, in whole lines", () => {
  expect(summary("short\n")).toBe("short\n");
  const long = summary("ä".repeat(99).concat("\n").repeat(10_000));
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(MOST_SUMMARY);
  expect(long).toMatch(/ä{99}\n\n\(cut: a summary has at most 1 MiB\)\n$/);
  expect(long).not.toContain("\ufffd");
});
