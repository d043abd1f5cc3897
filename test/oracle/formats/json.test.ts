import { expect, it } from "vitest";
import { reportJson } from "../../../src/oracle/formats/json.ts";
import { failing, notFinite, passing } from "../../support/reports.ts";

const parsed = (report: ReturnType<typeof failing>) => JSON.parse(reportJson(report)) as Record<string, unknown>;

it("is one line with the keys of the contract", () => {
  const text = reportJson(failing());
  expect(text.indexOf("\n")).toBe(text.length - 1);
  const { schema, verdict, first, taps, diagnosis, none } = parsed(failing());
  expect([schema, verdict, none]).toEqual(["oracle-report/1", "fail", false]);
  expect(first).toMatchObject({ tap: "1.kr", noise: 3.5e-3, z: 249, row: 3 });
  expect(taps).toHaveLength(48);
  expect((taps as unknown[])[0]).toEqual({ tap: "embed", r: 3.5e-3 * 0.5, noise: 3.5e-3, z: 0.5, row: 3 });
  expect((diagnosis as unknown[])[0]).toEqual({ code: "rope-interleaved", z: 1.1, margin: 229 });
});

it("has null where nothing diverged and no `none` where nothing was diagnosed", () => {
  expect(parsed(passing()).first).toBeNull();
  expect("none" in parsed(passing())).toBe(false);
  expect(parsed(notFinite()).notFinite).toEqual({ tap: "1.k", row: 0, column: 7, value: "NaN" });
});

it("keeps what is infinite above every bound", () => {
  const report = failing();
  const taps = report.taps.map((tap) => ({ ...tap, z: Infinity, r: NaN }));
  const tap = (parsed({ ...report, taps }).taps as { z: number; r: number | null }[])[0]!;
  expect([tap.z > 6, tap.r]).toEqual([true, null]);
});
