/** Budgets: a file that says for some taps by what they are judged. */
import { describe, expect, it } from "vitest";
import { budgetText, matches, measuresOf, readBudget } from "../../src/oracle/budget.ts";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { compareBundles } from "../../src/oracle/compare.ts";
import { reportJson } from "../../src/oracle/formats/json.ts";
import { reportText } from "../../src/oracle/formats/text.ts";
import { measureNoise } from "../../src/oracle/noise.ts";
import { policyOf } from "../../src/oracle/numbers/policies.ts";
import { replay } from "../../src/oracle/replay.ts";
import { codeOf } from "../support/codes.ts";
import { PLANTED } from "../support/bugs.ts";
import { bundleOf, run, type Values } from "../support/engine.ts";
import { model } from "../support/models.ts";

const file = (taps: object) => JSON.stringify({ format: "oracle-budget/1", taps });
const budget = (taps: object) => readBudget(file(taps), "budget.json");

describe("a pattern", () => {
  it.each([
    ["0.qr", ["0.qr"]],
    ["*.qr", ["0.qr", "1.qr"]],
    ["1.*", ["1.qr", "1.out"]],
    ["*", ["0.qr", "1.qr", "1.out", "10.act", "norm", "logits"]],
    ["1*.*", ["1.qr", "1.out", "10.act"]],
    ["logits", ["logits"]],
    ["L*.attn.*", ["0.qr", "1.qr"]],
    ["L1.attn.q_rope", ["1.qr"]],
    ["L*.mlp.*", ["10.act"]],
    ["L*", ["0.qr", "1.qr", "1.out", "10.act"]],
    ["*.q", []],
    ["0xqr", []],
    ["L*.norm", []],
  ])("%s is about %o", (pattern, taps) => {
    const all = ["0.qr", "1.qr", "1.out", "10.act", "norm", "logits"];
    expect(all.filter((tap) => matches(pattern, tap))).toEqual(taps);
  });
});

describe("measuresOf", () => {
  const taps = {
    "*": { kappa: 10 },
    "*.q": { noise: 1e-3 },
    "0.*": { atol: 0.5, why: "a table" },
    "0.q": { rtol: 0.25 },
  };
  it("takes the last entry that matches alone, and the options for the rest", () => {
    const { of, usual } = measuresOf({ kappa: 3, budget: budget({ ...taps, "*": undefined }) }, 2);
    expect(of("0.q")).toEqual({ by: "bounds", atol: 0, rtol: 0.25 });
    expect(of("0.k")).toEqual({ by: "bounds", atol: 0.5, rtol: 0 });
    expect(of("1.q")).toEqual({ by: "noise", warnAbove: 1.5, failAbove: 3, noise: 1e-3 });
    expect(of("1.k")).toBe(usual);
    expect(measuresOf({ budget: budget(taps) }, 2).of("1.k")).toMatchObject({ failAbove: 10, warnAbove: 5 });
    const reversed = Object.fromEntries(Object.entries(taps).reverse());
    expect(measuresOf({ budget: budget(reversed) }, 2).of("0.q")).toMatchObject({ by: "noise", failAbove: 10 });
  });

  it("refuses a pattern that no tap of the model matches", () => {
    for (const pattern of ["2.q", "*.query", "L2.attn.q", ""]) {
      expect(codeOf(() => measuresOf({ budget: budget({ [pattern]: { atol: 1 } }) }, 2))).toBe("E_BUDGET_PATTERN");
    }
    expect(() => measuresOf({ budget: budget({ "L*.atn.*": { atol: 1 } }) }, 2)).toThrow(
      'budget.json: expected patterns that match a tap of 2 layers, such as "*.qr", "0.*", "L*.attn.*", "logits", got "L*.atn.*".',
    );
  });
});

describe("readBudget", () => {
  it.each<[string, string]>([
    ["[]", "E_BUDGET_FORMAT"],
    [`{"taps": {}}`, "E_BUDGET_FORMAT"],
    [`{"format": "oracle-budget/2", "taps": {}}`, "E_BUDGET_FORMAT"],
    [`{"format": "oracle-budget/1"}`, "E_BUDGET_FIELD"],
    [`{"format": "oracle-budget/1", "taps": {}, "tap": {}}`, "E_BUDGET_FIELD"],
    [file({ "*": 1 }), "E_BUDGET_FIELD"],
    [file({ "*": {} }), "E_BUDGET_FIELD"],
    [file({ "*": { why: "none" } }), "E_BUDGET_FIELD"],
    [file({ "*": { tol: 1 } }), "E_BUDGET_FIELD"],
    [file({ "*": { atol: 1, kappa: 6 } }), "E_BUDGET_FIELD"],
    [file({ "*": { atol: 1, why: 2 } }), "E_BUDGET_FIELD"],
    [file({ "*": { atol: -1 } }), "E_BUDGET_BOUND"],
    [file({ "*": { rtol: "1" } }), "E_BUDGET_BOUND"],
    [file({ "*": { rtol: null } }), "E_BUDGET_BOUND"],
    [file({ "*": { noise: -1e-9 } }), "E_BUDGET_BOUND"],
    [file({ "*": { kappa: 0 } }), "E_BUDGET_BOUND"],
    [file({ "*": { atol: 1 } }).replace(":1}", ":1e999}"), "E_BUDGET_BOUND"],
    [file({ "*": { atol: 1 } }).replace('{"atol"', '{"atol":2,"atol"'), "E_JSON_DUP_KEY"],
    [file({ "*": { atol: 1 } }).replace(":1}", ":NaN}"), "E_JSON_SYNTAX"],
  ])("refuses %s with %s", (text, code) => expect(codeOf(() => readBudget(text, "budget.json"))).toBe(code));

  it("names what it refuses", () => {
    expect(() => budget({ "*.q": { tol: 1 } })).toThrow(
      'budget.json: expected taps["*.q"] to have keys of atol, rtol, kappa, noise, why, got "tol". docs/oracle.md describes budgets.',
    );
  });
});

const { checkpoint, ids } = model("tiny");
const plain = run("tiny", 0, {});
const wrong = run("tiny", 1, PLANTED.find(({ name }) => name === "bias-k")!.bug);

function both<R>(values: Values, use: (...bundles: ReturnType<typeof openBundle>[]) => R): R {
  const open = [bundleOf("tiny", plain, { role: "reference" }), bundleOf("tiny", values)].map(openBundle);
  try {
    return use(...open);
  } finally {
    for (const bundle of open) bundle.close();
  }
}

describe("a report by a budget", () => {
  it("judges each tap by its own measure, says so, and finds where those first fail", () => {
    const taps = { "*": { atol: 1e-5, rtol: 1e-3 }, "1.k": { atol: 1e3 }, "1.kr": { noise: 1e-6, kappa: 2 } };
    const report = both(wrong, (x, y) => compareBundles(x!, y!, { budget: budget(taps) }));
    expect(report).toMatchObject({
      verdict: "fail",
      budget: "budget.json",
      first: { tap: "1.kr", noise: 1e-6, measure: { by: "noise", failAbove: 2 }, inputs: [{ tap: "1.k" }] },
    });
    expect(report.taps.find(({ tap }) => tap === "1.k")).toMatchObject({ measure: { atol: 1e3, rtol: 0 } });
    expect(reportText(report)).toContain("48 of 48 taps judged by budget.json, others by noise: warns above");
    const json = JSON.parse(reportJson(report)) as { budget: string; taps: { tap: string; measure: object }[] };
    expect(json.budget).toBe("budget.json");
    expect(json.taps.find(({ tap }) => tap === "1.k")!.measure).toEqual({ by: "bounds", atol: 1e3, rtol: 0 });
  });

  it("passes a replay whose wrong tap is allowed for, and fails one that allows a correct tap too little", () => {
    const judged = (taps: object) => both(wrong, (_, y) => replay(y!, checkpoint, { budget: budget(taps) })).verdict;
    expect(judged({ "1.k": { kappa: 1e12 } })).toBe("pass");
    expect(judged({ "1.k": { noise: 10 } })).toBe("pass");
    expect(judged({ "1.k": { noise: 10 }, "1.q": { atol: 0 } })).toBe("fail");
  });
});

it("budgetText makes a budget of measured noise, by which the noise that was measured passes", () => {
  const noise = measureNoise(checkpoint, ids, { policies: [policyOf("f32")] }).get("f32")!;
  const made = readBudget(budgetText(noise, "cumulative", "x"), "x");
  expect(made.entries).toHaveLength(48);
  for (const { pattern, noise: granted } of made.entries) {
    const most = Math.max(...noise.get(pattern)!.cumulative);
    expect(granted, pattern).toBeGreaterThanOrEqual(most);
    expect(granted, pattern).toBeLessThanOrEqual(most * 1.02);
  }
  expect(both(plain, (x, y) => compareBundles(x!, y!, { budget: made })).verdict).toBe("pass");
  expect(readBudget(budgetText(noise, "local", "x"), "x").entries.map(({ pattern }) => pattern)).not.toContain("embed");
  const whole = new Map([["0.q", { cumulative: [1] }]]);
  expect(codeOf(() => budgetText(whole, "local", "x"))).toBe("E_BUDGET_NOISE");
});
