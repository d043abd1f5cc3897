import { describe, expect, it } from "vitest";
import { record } from "../../src/oracle/record.ts";
import { sketch } from "../../src/oracle/sketch.ts";
import { reference } from "../../src/reference/index.ts";
import { model } from "../support/models.ts";
import { worst } from "../support/divergence.ts";

const tiny = model("tiny");

describe("record", () => {
  it("gives every tap within 4 floors of float64, with its own statistics", async () => {
    const taps = await record(reference, tiny.checkpoint, tiny.ids, { tier: "full" });
    expect(taps).toHaveLength(3 * 15 + 3);
    for (const { name, data, stats, rows } of taps) {
      expect(rows).toEqual([...tiny.ids.keys()]);
      expect(worst(data.data, tiny.f64.values(name)), name).toBeLessThanOrEqual(4 * tiny.floors[name]!);
      expect(stats.absmax).toBe(Math.max(...data.data.map(Math.abs)));
      const squares = data.data.reduce((sum, x) => sum + x * x, 0);
      expect(stats.rms).toBe(Math.sqrt(squares / data.data.length));
    }
  });

  it.each([1, 3, 100])("chunks of %i give the same bits and statistics, whole and as sketches", async (chunk) => {
    for (const tier of ["full", "sketch"] as const) {
      const [whole, cut] = await Promise.all([
        record(reference, tiny.checkpoint, tiny.ids, { tier }),
        record(reference, tiny.checkpoint, tiny.ids, { tier, chunk }),
      ]);
      expect(cut).toEqual(whole);
    }
  });

  it("sketches what the full tier has, and tells its width", async () => {
    const [full] = await record(reference, tiny.checkpoint, tiny.ids, { tier: "full", taps: "1.gate" });
    const [small] = await record(reference, tiny.checkpoint, tiny.ids, { tier: "sketch", taps: "1.gate" });
    expect(small).toEqual({ ...full, dims: "T sketch", data: sketch(full!.data), width: 108 });
  });

  it("says how far it is, to the end", async () => {
    const seen: number[] = [];
    const onProgress = (done: number, total: number) => seen.push(done / total);
    await record(reference, tiny.checkpoint, tiny.ids, { tier: "resid", chunk: 4, onProgress });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });

  it.each<[string, number[], object]>([
    ["E_ARG_EMPTY", [], {}],
    ["E_ARG_TOKEN_ID", [1, 544], {}],
    ["E_ARG_CONTEXT", [1, 2, 3], { context: 2 }],
    ["E_ARG_TAPS", [1], { taps: "x" }],
  ])("refuses with %s %o %o before a weight is read", async (code, ids, options) => {
    const unread = new Proxy(tiny.checkpoint, {
      get: (target, key) => (key === "weights" ? expect.fail("read") : Reflect.get(target, key)),
    });
    await expect(record(reference, unread, Uint32Array.from(ids), { tier: "full", ...options })).rejects.toMatchObject({
      code,
    });
  });
});
