import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { type BundleHead, writeBundle } from "../../src/oracle/bundle.ts";
import { compareBundles, type CompareOptions } from "../../src/oracle/compare.ts";
import { SKETCH_ERROR } from "../../src/oracle/metrics.ts";
import { noiseText } from "../../src/oracle/noise-file.ts";
import { measureNoise } from "../../src/oracle/noise.ts";
import { POLICIES } from "../../src/oracle/numbers/policies.ts";
import { record } from "../../src/oracle/record.ts";
import { SKETCH } from "../../src/oracle/sketch.ts";
import { reference } from "../../src/reference/index.ts";
import { host } from "../../src/tensor.ts";
import { codeOf } from "../support/codes.ts";
import { temporaryFolder } from "../support/folder.ts";
import { PLANTED } from "../support/bugs.ts";
import { type BundleOptions, bundleOf, recorded, run, type Values } from "../support/engine.ts";
import { model } from "../support/models.ts";

const { checkpoint, ids } = model("tiny");
const noise = measureNoise(checkpoint, ids, { policies: [...POLICIES.values()] });
const taps = {
  full: await record(reference, checkpoint, ids, { tier: "full" }),
  sketch: await record(reference, checkpoint, ids, { tier: "sketch" }),
};

function ours(tier: "full" | "sketch", head: Partial<BundleHead> = {}, withNoise = true): string {
  const path = join(temporaryFolder(), "reference.oracle");
  const sketch = tier === "sketch" ? SKETCH : undefined;
  writeBundle(
    path,
    { role: "reference", model: {}, producer: {}, policy: "f32", input: { ids: [...ids] }, sketch, ...head },
    taps[tier],
    withNoise ? noise : undefined,
  );
  return path;
}

function compared(a: string, b: string, options?: CompareOptions) {
  const [x, y] = [openBundle(a), openBundle(b)];
  try {
    return compareBundles(x, y, options);
  } finally {
    x.close();
    y.close();
  }
}

const of = (values: Values, head?: BundleOptions) => bundleOf("tiny", values, head);

describe("compare", () => {
  it.each([
    ["f32", "f32"],
    ["bf16", "bf16-hf-eager"],
  ] as const)("passes Hugging Face's own %s in full and as sketches", (column, policy) => {
    for (const tier of ["full", "sketch"] as const) {
      const report = compared(ours(tier), of(recorded("tiny", column), { policy }), { strict: true });
      expect(report).toMatchObject({ verdict: "pass", first: null, coverage: { taps: 48, of: 48, fraction: 1 } });
    }
  });

  it.each(PLANTED.filter(({ model: of, code }) => of === undefined && code !== "round-truncate"))(
    "finds $name in layer 1 at its first tap, in full and as sketches",
    ({ bug, first }) => {
      const tap = first === "norm" || first === "logits" ? first : `1.${first}`;
      for (const tier of ["full", "sketch"] as const) {
        expect(compared(ours(tier), of(run("tiny", 1, bug)))).toMatchObject({ verdict: "fail", first: { tap } });
      }
    },
  );

  it("knows a relative error from sketches within four standard deviations of 10 %", () => {
    const values = run("tiny", 0, PLANTED.find(({ name }) => name === "gain-n2")!.bug);
    const [whole, small] = [compared(ours("full"), of(values)), compared(ours("sketch"), of(values))];
    for (const [i, { tap, rows }] of whole.taps.entries()) {
      for (const [n, { r }] of rows.entries()) {
        const sketched = small.taps[i]!.rows[n]!.r;
        if (r > 1e-3) expect(Math.abs(Math.log(sketched / r)), tap).toBeLessThan(4 * Math.SQRT2 * SKETCH_ERROR); // error and size: 10 % each
      }
    }
  });

  it("walks back to where errors began, if what is above 6 noises got them from what is above 3", () => {
    const values = new Map(recorded("tiny"));
    const shift = (tap: string, by: number) => {
      const { shape, data } = values.get(tap)!;
      values.set(
        tap,
        host(
          shape,
          data.map((x, i) => (i < shape[1]! ? x * (1 + by) : x)),
        ),
      );
    };
    const own = (tap: string) => noise.get("f32")!.get(tap)!.cumulative[0]!;
    shift("1.o", 4.5 * Math.max(own("1.o"), 2 ** -24));
    shift("1.mid", 20 * Math.max(own("1.mid"), 2 ** -24));
    expect(compared(ours("full"), of(values))).toMatchObject({
      verdict: "fail",
      first: { tap: "1.o", inputs: [{ tap: "1.a" }] },
    });
  });

  it("says at or before where the inputs of the first dirty tap are missing", () => {
    const values = run("tiny", 1, PLANTED.find(({ name }) => name === "bias-k")!.bug);
    const { first } = compared(ours("full"), of(values, { want: (name) => !["1.k", "1.kr"].includes(name) }));
    expect(first).toMatchObject({ tap: "1.a", missing: ["1.k", "1.kr"] });
  });

  it("compares the rows that both have; --strict wants all of them", () => {
    const some = of(recorded("tiny"), { rows: [2, 9], want: (name) => name !== "0.q" });
    expect(compared(ours("full"), some)).toMatchObject({
      verdict: "pass",
      rows: [2, 9],
      coverage: { taps: 47, missing: ["0.q"] },
    });
    expect(codeOf(() => compared(ours("full"), some, { strict: true }))).toBe("E_CMP_MISSING");
  });

  it("measures noise where a policy overflows as that of the ways that do not, and writes it as JSON", () => {
    const large = { ...checkpoint.weights, g: host<"C">([80], new Float32Array(80).fill(1e6)) };
    const policies = [POLICIES.get("f16-hf-eager")!];
    const measured = measureNoise({ weights: large, config: checkpoint.config }, ids, { policies });
    for (const x of measured.get("f16-hf-eager")!.get("norm")!.cumulative) expect(x).toBe(0);
    expect(() => JSON.parse(noiseText(measured)) as unknown).not.toThrow();
  });

  it("says where a candidate first is not finite", () => {
    const values = new Map(recorded("tiny"));
    const { shape, data } = values.get("1.act")!;
    values.set(
      "1.act",
      host(
        shape,
        data.map((x, i) => (i === 108 * 3 + 5 ? Infinity : x)),
      ),
    );
    expect(compared(ours("full"), of(values))).toMatchObject({
      verdict: "fail",
      notFinite: { tap: "1.act", row: 3, column: 5, value: "Infinity" },
    });
  });

  it("never gives a verdict on another prompt, model, width or sketch, nor without noise", () => {
    const all = recorded("tiny");
    const code = (a: string, b: string, options?: CompareOptions) => codeOf(() => compared(a, b, options));
    expect(code(ours("full"), of(all, { input: { ids: [...ids].reverse() } }))).toBe("E_PROV_IDS");
    const hashed = (config_sha256: string) => ({ model: { config_sha256 } });
    expect(code(ours("full", hashed("a")), of(all, hashed("b")))).toBe("E_PROV_MODEL");
    expect(compared(ours("full", hashed("a")), of(all)).notes).toHaveLength(1);
    expect(code(ours("full"), of(new Map([["0.q", all.get("0.k")!]])))).toBe("E_CMP_SHAPE");
    expect(code(ours("full"), of(new Map([["7.q", all.get("0.q")!]])))).toBe("E_CMP_MISSING");
    expect(code(ours("sketch", { sketch: { ...SKETCH, seed: 1 } }), of(all))).toBe("E_CMP_SKETCH");
    expect(code(ours("full", {}, false), of(all))).toBe("E_CMP_NOISE");
    const measured = compared(ours("full", {}, false), of(all), {
      noise: (policy, want) => measureNoise(checkpoint, ids, { policies: [policy], want, local: false }),
    });
    expect(measured.taps).toEqual(
      compared(ours("full"), of(all)).taps.map((tap) => expect.objectContaining({ tap: tap.tap, r: tap.r })),
    );
  });
});
