import { expect, it } from "vitest";
import { FILE_NAMES, FORMATS, printableChecks, printableReport } from "../../../src/oracle/formats/index.ts";
import { failing } from "../../support/reports.ts";

it("a report has every form and a file for each; checks have no page", () => {
  const options = { version: "1.0.0", candidate: "c.oracle" };
  const { print } = printableReport(failing(), options);
  for (const format of FORMATS) expect(print[format]!().length, format).toBeGreaterThan(50);
  expect(new Set(Object.values(FILE_NAMES)).size).toBe(FORMATS.length);
  const checks = printableChecks(
    {
      schema: "oracle-checks/1",
      command: "lint",
      subject: "s",
      notes: [],
      checks: [{ code: "c", outcome: "fail", where: "w" }],
    },
    options,
  );
  expect(Object.keys(checks.print)).toEqual(FORMATS.filter((format) => format !== "html"));
  for (const print of Object.values(checks.print)) expect(print().length).toBeGreaterThan(10);
});
