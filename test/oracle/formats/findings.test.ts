import { expect, it } from "vitest";
import { checksFindings, reportFindings } from "../../../src/oracle/formats/findings.ts";
import { failing, incomparable, notFinite, passing, tapResult } from "../../support/reports.ts";

const codes = (report: ReturnType<typeof failing>) =>
  reportFindings(report).map(({ code, level, place }) => `${level} ${code} ${place}`);

it("are the first divergence under its bug's name, and nothing that it left behind", () => {
  expect(codes(failing())).toEqual(["error rope-interleaved 1.kr"]);
  expect(codes({ ...failing(), none: true })).toEqual(["error divergence 1.kr"]);
  expect(codes({ ...failing(), verdict: "warn" })).toEqual(["warning rope-interleaved 1.kr"]);
});

it("are each tap at fault in a replay, warnings among them, and what cannot be judged", () => {
  const taps = [tapResult("0.q", 249), tapResult("1.q", 4), tapResult("2.q", 9)];
  const first = { ...failing().first!, tap: "0.q" };
  const replay = { ...failing(), command: "replay" as const, taps, first, diagnosis: [], none: undefined };
  expect(codes(replay)).toEqual(["error divergence 0.q", "warning divergence 1.q", "error divergence 2.q"]);
  expect(codes(incomparable())).toEqual(["error incomparable candidate"]);
  expect(codes(notFinite())).toEqual(["error not-finite 1.k"]);
  expect(codes(passing())).toEqual([]);
});

it("of checks are failures before warnings", () => {
  const checks = (["warn", "pass", "fail", "skip"] as const).map((outcome, i) => ({
    code: `c${i}`,
    outcome,
    where: "w",
  }));
  const found = checksFindings({ schema: "oracle-checks/1", command: "lint", subject: "s", notes: [], checks });
  expect(found.map(({ code, level }) => [code, level])).toEqual([
    ["c2", "error"],
    ["c0", "warning"],
  ]);
});
