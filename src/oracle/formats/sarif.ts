/**
 * SARIF 2.1.0, which code scanning reads.
 *
 * source   OASIS sarif-v2.1.0: 3.13 sarifLog, 3.14 run, 3.18 tool, 3.27 result, 3.33 logicalLocation
 */
import type { Finding } from "./findings.ts";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** The findings as one log. `file` is what was judged; a relative path is taken from the repository's root. */
export function sarif(
  findings: readonly Finding[],
  { version, file }: { readonly version: string; readonly file: string },
): string {
  const codes = [...new Set(findings.map(({ code }) => code))];
  const log = {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "qwq oracle", version, rules: codes.map(rule) },
        },
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => ({
          ruleId: finding.code,
          ruleIndex: codes.indexOf(finding.code),
          level: finding.level,
          message: { text: finding.message },
          locations: [
            {
              physicalLocation: { artifactLocation: { uri: uri(file) }, region: { startLine: 1 } },
              logicalLocations: [{ fullyQualifiedName: finding.place }],
            },
          ],
          partialFingerprints: { "qwqOracle/v1": `${finding.code}:${finding.place}` },
        })),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function rule(code: string) {
  return {
    id: code,
    shortDescription: { text: code },
    help: { text: `qwq oracle explain ${code}` },
  };
}

/** A path as a URI reference. */
function uri(path: string): string {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return encodeURI(path);
  const encoded = path.split(/[/\\]/).map(encodeURIComponent).join("/");
  return path.startsWith("/") ? `file://${encoded}` : encoded;
}
