/** A look inside gives what the oracle's taps give, of one layer. */
import { describe, expect, it } from "vitest";
import { wasmBackend } from "../../kernels/wasm/index.ts";
import { deviations, ends, look } from "../../src/library/look.ts";
import { reference } from "../../src/reference/index.ts";
import { model } from "../support/models.ts";

const { weights, config, ids, taps } = model("tiny");

describe("look", () => {
  it.each([0, 1, 2])("layer %i has the bits of the taps", async (layer) => {
    const whole = await taps(reference, { want: (name) => name.startsWith(`${layer}.`) });
    const looks = await look(reference, weights, config, ids, layer);
    expect(looks.map(({ tap }) => `${layer}.${tap}`)).toEqual(whole.map(({ name }) => name));
    for (const [i, { shape, data }] of looks.entries()) {
      expect(shape).toEqual(whole[i]!.data.shape);
      expect(data).toEqual(whole[i]!.data.data);
    }
  });

  it("runs no layer above the one that is looked at", async () => {
    const seen: number[] = [];
    const counted = {
      ...weights,
      *layers() {
        for (const each of weights.layers()) {
          seen.push(each[0]);
          yield each;
        }
      },
    };
    await look(reference, counted, config, ids, 1);
    expect(seen).toEqual([0, 1]);
  });
});

it("ends have the bits of the taps before the first layer and after the last", async () => {
  const whole = await taps(reference, { want: (name) => !name.includes(".") });
  const found = await ends(reference, weights, config, ids);
  expect(found.map(({ tap }) => tap)).toEqual(["embed", "norm", "logits"]);
  for (const { tap, shape, data } of found) {
    const same = whole.find(({ name }) => name === tap)!;
    expect(shape).toEqual(same.data.shape);
    expect(data).toEqual(same.data.data);
  }
});

describe("deviations", () => {
  it("of the reference are none; of the kernels they are small, and of the largest value that there is", async () => {
    const exact = await look(reference, weights, config, ids, 2);
    expect((await deviations(exact, weights, config, ids, 2)).map(({ largest }) => largest)).toEqual(
      exact.map(() => 0),
    );
    const wasm = await wasmBackend({ threads: 1 });
    const far = await deviations(await look(wasm, weights, config, ids, 2), weights, config, ids, 2);
    wasm.close();
    expect(far.at(-1)!.largest).toBeGreaterThan(0);
    for (const [i, { tap, largest, scale }] of far.entries()) {
      expect(tap).toBe(exact[i]!.tap);
      expect(scale).toBe(Math.max(...exact[i]!.data.map(Math.abs)));
      expect(largest / scale).toBeLessThan(1e-5);
    }
  });

  it("sees a value that was changed", async () => {
    const exact = await look(reference, weights, config, ids, 0);
    exact[3]!.data[7]! += 0.5;
    const far = await deviations(exact, weights, config, ids, 0);
    expect(far.filter(({ largest }) => largest > 0).map(({ tap }) => tap)).toEqual(["v"]);
    expect(far[3]!.largest).toBeCloseTo(0.5, 6);
  });
});
