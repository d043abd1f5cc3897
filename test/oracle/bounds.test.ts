/** Bounds of one's own in place of noise: `atol` and `rtol` of compare, replay and diagnose. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { compareBundles, type CompareOptions } from "../../src/oracle/compare.ts";
import { diagnose } from "../../src/oracle/diagnose.ts";
import { reportJson } from "../../src/oracle/formats/json.ts";
import { reportText } from "../../src/oracle/formats/text.ts";
import { record } from "../../src/oracle/record.ts";
import { replay, type ReplayOptions } from "../../src/oracle/replay.ts";
import { SKETCH } from "../../src/oracle/sketch.ts";
import { writeBundle } from "../../src/oracle/bundle.ts";
import { reference } from "../../src/reference/index.ts";
import { host } from "../../src/tensor.ts";
import { codeOf } from "../support/codes.ts";
import { PLANTED } from "../support/bugs.ts";
import { bundleOf, recorded, run, type Values } from "../support/engine.ts";
import { temporaryFolder } from "../support/folder.ts";
import { model } from "../support/models.ts";

const { checkpoint, ids } = model("tiny");
const plain = run("tiny", 0, {});
const wrong = run("tiny", 1, PLANTED.find(({ name }) => name === "bias-k")!.bug);

/** A reference without noise: bounds need none. */
const unmeasured = () => bundleOf("tiny", plain, { role: "reference" });

function compared(values: Values, options: CompareOptions, path = unmeasured()) {
  const [x, y] = [openBundle(path), openBundle(bundleOf("tiny", values))];
  try {
    return compareBundles(x, y, options);
  } finally {
    x.close();
    y.close();
  }
}

function judged(make: typeof replay | typeof diagnose, values: Values, options: ReplayOptions) {
  const bundle = openBundle(bundleOf("tiny", values));
  try {
    return make(bundle, checkpoint, options);
  } finally {
    bundle.close();
  }
}

/** The run with one value of 1.q moved by 2^-9 or so; and by how much it then is off, exactly. */
function moved() {
  const { shape, data } = plain.get("1.q")!;
  const at = 3 * shape[1]! + 5;
  const other = Float32Array.from(data, (x, i) => (i === at ? x + 2 ** -9 : x));
  return { values: new Map(plain).set("1.q", host(shape, other)), off: other[at]! - data[at]!, expected: data[at]! };
}

describe("compare by atol and rtol", () => {
  it("passes an error of exactly the bound, and fails one that is larger by a float64", () => {
    const { values, off, expected } = moved();
    const [part, less] = [off / 2, off * (1 - 2 ** -52)];
    expect(compared(values, { atol: off })).toMatchObject({ verdict: "pass", first: null });
    expect(compared(values, { atol: less })).toMatchObject({
      verdict: "fail",
      first: { tap: "1.q", row: 3, column: 5, inputs: [{ tap: "1.n1", excess: 0 }], missing: [] },
    });
    const rtol = (off - part) / Math.abs(expected);
    expect(compared(values, { atol: part * 1.0001, rtol }).verdict).toBe("pass");
    expect(compared(values, { atol: part * 0.9999, rtol }).verdict).toBe("fail");
  });

  it("needs no noise, passes Hugging Face's own float32, and names where a bug begins and not what inherits it", () => {
    const bounds = { atol: 1e-5, rtol: 1e-3 };
    expect(compared(recorded("tiny"), bounds)).toMatchObject({ verdict: "pass", measure: { by: "bounds", ...bounds } });
    const report = compared(wrong, bounds);
    expect(report).toMatchObject({ verdict: "fail", first: { tap: "1.k", inputs: [{ tap: "1.n1" }] } });
    expect(report.taps.find(({ tap }) => tap === "1.kr")!.excess).toBeGreaterThan(1);
  });

  it("says by what it judged, in text and JSON, where z is null since no noise is known", () => {
    const report = compared(wrong, { atol: 1e-5, rtol: 1e-3 });
    expect(reportText(report)).toContain("      judged by |got - expected| <= 0.00001 + 0.001 |expected|\n");
    expect(reportText(report)).toMatch(/^FAIL {2}first divergence 1\.k \(inputs clean: 1\.n1 0\.00 of its bounds\)\n/);
    const json = JSON.parse(reportJson(report)) as { first: object; taps: object[]; measure: object };
    expect(json.measure).toEqual({ by: "bounds", atol: 1e-5, rtol: 1e-3 });
    expect(json.first).toMatchObject({ tap: "1.k", noise: null, z: null, excess: expect.any(Number) as unknown });
    expect(json.taps[0]).toMatchObject({ tap: "embed", excess: 0, column: 0 });
  });

  it("refuses sketches, of which no single value is known, and bounds that are none", async () => {
    const sketched = join(temporaryFolder(), "sketch.oracle");
    const head = { role: "reference", model: {}, producer: {}, policy: "f32", input: { ids: [...ids] } } as const;
    writeBundle(sketched, { ...head, sketch: SKETCH }, await record(reference, checkpoint, ids, { tier: "sketch" }));
    expect(codeOf(() => compared(plain, { atol: 1 }, sketched))).toBe("E_CMP_SKETCH");
    expect(codeOf(() => compared(plain, { atol: NaN }))).toBe("E_ARG_BOUND");
    expect(codeOf(() => compared(plain, { atol: 1, kappa: 3 }))).toBe("E_ARG_BOUND");
  });
});

describe("replay and diagnose by atol and rtol", () => {
  const bounds = { atol: 1e-5, rtol: 1e-4 };
  it("blame k for its missing bias and nothing else, and name the bug", () => {
    const report = judged(diagnose, wrong, bounds);
    expect(report).toMatchObject({ verdict: "fail", none: false, first: { tap: "1.k" }, measure: { by: "bounds" } });
    expect(report.diagnosis[0]).toMatchObject({ code: "bias-k" });
    expect(report.taps.filter(({ excess }) => excess! > 1).map(({ tap }) => tap)).toEqual(["1.k"]);
    expect(report.taps.find(({ tap }) => tap === "1.k")!.values).toHaveLength(8);
  });

  it("pass what noise would fail where the bounds are wide, and fail what it would pass where they are narrow", () => {
    expect(judged(replay, wrong, { atol: 1e3 }).verdict).toBe("pass");
    expect(judged(replay, plain, { rtol: 1e-9 }).verdict).toBe("fail");
    expect(codeOf(() => judged(replay, plain, { rtol: -1 }))).toBe("E_ARG_BOUND");
  });
});
