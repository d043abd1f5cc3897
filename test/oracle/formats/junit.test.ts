import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { Checks } from "../../../src/oracle/checks.ts";
import { checksJunit, reportJunit } from "../../../src/oracle/formats/junit.ts";
import { failing, HOSTILE, incomparable, notFinite, passing } from "../../support/reports.ts";

interface Node {
  readonly tag: string;
  readonly at: Record<string, string>;
  readonly text: string | null;
  readonly inner: readonly Node[];
}

/** The document as Python's XML parser reads it. */
function parse(xml: string): Node {
  const program = `
import json, sys, xml.etree.ElementTree as tree
def node(e): return {"tag": e.tag, "at": e.attrib, "text": e.text, "inner": [node(c) for c in e]}
print(json.dumps(node(tree.fromstring(sys.stdin.buffer.read()))))`;
  return JSON.parse(execFileSync("python3", ["-c", program], { input: xml, encoding: "utf8" })) as Node;
}

const cases = (root: Node) => root.inner.flatMap(({ inner }) => inner);

describe("reportJunit", () => {
  it("has a suite a layer and a case a tap; the first divergence fails, what inherited it is skipped", () => {
    const root = parse(reportJunit(failing()));
    expect(root.at).toMatchObject({
      name: "qwq oracle compare",
      tests: "48",
      failures: "1",
      errors: "0",
      skipped: "26",
    });
    expect(root.inner.map(({ at }) => at.name)).toEqual(["model", "layer 0", "layer 1", "layer 2"]);
    const bad = cases(root).filter(({ inner }) => inner[0]?.tag === "failure");
    expect(bad.map(({ at }) => at)).toEqual([{ classname: "layer 1", name: "1.kr", time: "0" }]);
    expect(bad[0]!.inner[0]!.at.message).toBe("FAIL  first divergence 1.kr (inputs clean: 1.k z 0.90)");
  });

  it.each([
    ["0", "0", passing()],
    ["0", "1", incomparable()],
    ["0", "1", notFinite()],
    ["27", "0", { ...failing(), command: "replay" as const }],
  ])("has %s failures and %s errors", (failures, errors, report) => {
    expect(parse(reportJunit(report)).at).toMatchObject({ failures, errors });
  });

  it("holds any text", () => {
    const report = { ...incomparable(), incomparable: HOSTILE };
    const [one] = cases(parse(reportJunit(report)));
    expect(one!.inner[0]!.at.message).toContain(`</script><img src=x onerror=alert(1)> & "quotes" '`);
  });
});

it("checks are cases: a warning passes and is told, a check that was not made is skipped", () => {
  const checks: Checks = {
    schema: "oracle-checks/1",
    command: "lint",
    subject: "config.json",
    notes: [],
    checks: [
      { code: "lint-eps", outcome: "fail", where: "rms_norm_eps", expected: "1e-5", actual: "1e-6", next: "Mend it." },
      { code: "lint-dtype", outcome: "warn", where: "torch_dtype", expected: "bfloat16", actual: "float16" },
      { code: "lint-act", outcome: "pass", where: "hidden_act" },
      { code: "lint-bos", outcome: "skip", where: "add_bos_token", next: "No tokenizer is there." },
    ],
  };
  const root = parse(checksJunit(checks));
  expect(root.at).toMatchObject({ tests: "4", failures: "1", skipped: "1" });
  expect(cases(root).map(({ inner }) => inner[0]?.tag)).toEqual(["failure", "system-out", undefined, "skipped"]);
  expect(cases(root)[0]!.inner[0]!.at.message).toBe("expected 1e-5, got 1e-6. Mend it.");
});
