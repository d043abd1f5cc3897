import { expect, it } from "vitest";
import { reportFindings } from "../../../src/oracle/formats/findings.ts";
import { sarif } from "../../../src/oracle/formats/sarif.ts";
import { failing, HOSTILE, passing } from "../../support/reports.ts";

type Loose = Record<string, unknown>;
const log = (report = failing(), file = "out/my engine.oracle") =>
  JSON.parse(sarif(reportFindings(report), { version: "1.2.3", file })) as Loose & { runs: Loose[] };

/** The `required` of the 2.1.0 schema, for what is written here, and the values that it restricts. */
it("has what the schema of SARIF 2.1.0 requires", () => {
  const { version, runs, $schema } = log();
  expect(version).toBe("2.1.0");
  expect($schema).toMatch(/sarif-schema-2\.1\.0\.json$/);
  expect(runs).toHaveLength(1);
  const [run] = runs as [{ tool: { driver: Loose & { rules: Loose[] } }; results: Loose[] }];
  expect(run.tool.driver).toMatchObject({ name: "qwq oracle", version: "1.2.3" });
  for (const rule of run.tool.driver.rules) expect(typeof rule.id).toBe("string");
  expect(run.results).toHaveLength(1);
  const [result] = run.results as [
    { message: Loose; level: string; ruleId: string; ruleIndex: number; locations: Loose[] },
  ];
  expect(["none", "note", "warning", "error"]).toContain(result.level);
  expect(run.tool.driver.rules[result.ruleIndex]!.id).toBe(result.ruleId);
  expect(result.message.text).toContain("first divergence 1.kr");
  expect(result.locations).toEqual([
    {
      physicalLocation: { artifactLocation: { uri: "out/my%20engine.oracle" }, region: { startLine: 1 } },
      logicalLocations: [{ fullyQualifiedName: "1.kr" }],
    },
  ]);
});

it("of a pass has no results, and any name makes a valid address", () => {
  expect(log(passing()).runs[0]!.results).toEqual([]);
  const text = JSON.stringify(log(failing(), `/a/${HOSTILE.replaceAll("\ud800", "")}`));
  expect(text).toContain('"uri":"file:///a/');
  expect(text).not.toContain("<img");
});
