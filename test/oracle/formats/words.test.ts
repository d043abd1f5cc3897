import { describe, expect, it } from "vitest";
import {
  diagnosisText,
  error,
  figure,
  headline,
  inherited,
  layerOf,
  layerZ,
  nextCommand,
  pictured,
  shortName,
  value,
  worstOf,
} from "../../../src/oracle/formats/words.ts";
import { boundsOf } from "../../../src/oracle/measure.ts";
import { failing, incomparable, notFinite, passing, tapResult } from "../../support/reports.ts";

describe("numbers", () => {
  it.each([
    [0.934, "0.93"],
    [12.34, "12.3"],
    [249.4, "249"],
    [123456, "1.2e5"],
    [NaN, "NaN"],
    [Infinity, "infinite"],
    [-Infinity, "-infinite"],
  ])("%d is %s", (x, text) => expect(figure(x)).toBe(text));

  it("errors have two figures, values eight", () => {
    expect([error(0.87), error(0), error(NaN)]).toEqual(["8.7e-1", "0.0e0", "NaN"]);
    expect([value(1 / 3), value(Math.fround(0.1)), value(NaN)]).toEqual(["0.33333333", "0.1", "NaN"]);
  });
});

it("a tap has a layer and a short name", () => {
  expect(["12.kr", "embed"].map(layerOf)).toEqual([12, undefined]);
  expect(["12.kr", "embed"].map(shortName)).toEqual(["kr", "embed"]);
});

describe("headline", () => {
  it.each([
    ["PASS  no divergence: worst 0.kr, z 1.10", passing()],
    ["FAIL  first divergence 1.kr (inputs clean: 1.k z 0.90)", failing()],
    ["NOT FINITE  1.k has NaN at position 0, column 7", notFinite()],
    ["INCOMPARABLE  the prompts differ: 8 ids and 9", incomparable()],
    [
      "WARN  first divergence norm",
      { ...failing("norm"), verdict: "warn" as const, first: { ...failing("norm").first!, inputs: [] } },
    ],
    ["PASS  no divergence: nothing was compared", { ...passing(), taps: [] }],
  ])("%s", (text, report) => expect(headline(report)).toBe(text));

  it("says at or before where an input is missing", () => {
    const report = failing();
    const first = { ...report.first!, inputs: [], missing: ["1.k"] };
    expect(headline({ ...report, first })).toBe("FAIL  first divergence at or before 1.kr (without 1.k: not in both)");
  });
});

describe("nextCommand", () => {
  it("explains the diagnosed bug; else diagnoses the layer; else replays", () => {
    const report = failing();
    const undiagnosed = { ...report, diagnosis: [], none: undefined };
    const where = { candidate: "my engine.oracle", model: "Qwen/QwQ-32B" };
    expect(nextCommand(report, {})).toBe("qwq oracle explain rope-interleaved");
    expect(nextCommand({ ...report, none: true }, {})).toBe("qwq oracle explain none");
    expect(nextCommand(undiagnosed, where)).toBe("qwq oracle diagnose 'my engine.oracle' -m Qwen/QwQ-32B --layer 1");
    expect(nextCommand({ ...undiagnosed, first: failing("norm").first }, {})).toBe(
      "qwq oracle replay CANDIDATE -m MODEL",
    );
    expect(nextCommand(incomparable(), { candidate: "c" })).toBe("qwq oracle show c");
    expect(nextCommand(passing(), {})).toBeUndefined();
  });

  it("leaves no way out of the quotes", () => {
    const report = { ...failing(), diagnosis: [], none: undefined };
    expect(nextCommand(report, { candidate: "a'; rm -rf b" })).toContain(`'a'\\''; rm -rf b'`);
  });
});

it("diagnosisText names the mutant, or that none fits", () => {
  const report = failing();
  expect(diagnosisText(report)).toBe(
    "rope-interleaved: the engine agrees with this mutant, z 1.10, 229 times nearer than the next",
  );
  expect(diagnosisText({ ...report, none: true })).toBe(
    "none of the known bugs fits; nearest is rope-interleaved, z 1.10",
  );
  expect(diagnosisText(passing())).toBeUndefined();
});

it("a picture is named after what judges", () => {
  const bounds = { by: "bounds", atol: 1e-4, rtol: 0 } as const;
  const judged = { ...tapResult("0.q", 1), excess: 2, measure: bounds };
  expect(pictured(passing())).toBe("z");
  expect(pictured({ ...passing(), measure: bounds, taps: [judged] })).toBe("error beside its bounds");
  expect(pictured({ ...passing(), measure: bounds, budget: "b.json", taps: [judged] })).toBe(
    "z, or error beside its bounds,",
  );
});

it("layerZ is the worst of each layer, and undefined where nothing was compared", () => {
  const report = {
    ...boundsOf(),
    layers: 3,
    taps: [tapResult("0.q", 1), tapResult("0.k", 4), tapResult("2.q", 2), tapResult("norm", 9)],
  };
  expect(layerZ(report)).toEqual([4, undefined, 2]);
  expect(worstOf(report.taps)?.tap).toBe("norm");
});

it("what lies after the first divergence is inherited, but never in a replay", () => {
  const report = failing();
  const of = (name: string) => report.taps.find(({ tap }) => tap === name)!;
  expect(["0.q", "1.kr", "2.q", "logits"].map((name) => inherited(report, of(name)))).toEqual([
    false,
    false,
    true,
    true,
  ]);
  expect(inherited({ ...report, command: "replay" }, of("2.q"))).toBe(false);
});
