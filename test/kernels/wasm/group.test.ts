/** The inside of attention: chosen by trying, the same bits in both shapes, and the engine's flags are as they were. */
import { afterEach, expect, it, vi } from "vitest";
import { built, relaxing } from "../../../kernels/wasm/built.ts";
import { type Group, group, inside } from "../../../kernels/wasm/group.ts";
import { drawn } from "../../support/small.ts";

const BUILT = "../../../kernels/wasm/built.ts";

afterEach(() => {
  vi.doUnmock(BUILT);
  vi.resetModules();
});

const [DEPTH, COLUMNS, ROW] = [40, 24, 272];
const [A, B, C] = [1 << 17, 1 << 18, 1 << 19];

/** So many heads by a block of random numbers; with `more`, twice. */
function product({ module, shape }: Group, heads: number, more: boolean): Float32Array {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true });
  new Float32Array(memory.buffer, A, heads * ROW).set(drawn(heads * ROW, 1));
  new Float32Array(memory.buffer, B, DEPTH * COLUMNS).set(drawn(DEPTH * COLUMNS, 2));
  const { multiply } = inside({ module, shape }, memory);
  multiply(heads, A, B, DEPTH * 32, DEPTH, COLUMNS / 8, C, 0);
  if (more) multiply(heads, A, B, DEPTH * 32, DEPTH, COLUMNS / 8, C, 1);
  return new Float32Array(memory.buffer, C, 8 * ROW).slice();
}

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "%i heads have the same bits alone, in either shape, and near the exact sum",
  (heads) => {
    const [narrow, found] = [group(true, false), group(true)];
    for (const more of [false, true]) {
      const c = product(narrow, heads, more);
      expect(product({ ...narrow, shape: "wide" }, heads, more)).toEqual(c);
      expect(product(found, heads, more)).toEqual(c);
      expect(product(narrow, 1, more).subarray(0, COLUMNS)).toEqual(c.subarray(0, COLUMNS));
      const [a, b] = [drawn(heads * ROW, 1), drawn(DEPTH * COLUMNS, 2)];
      for (let h = 0; h < heads; h++) {
        for (let i = 0; i < COLUMNS; i++) {
          let [sum, norm] = [0, 0];
          for (let r = 0; r < DEPTH; r++) {
            const term = a[h * ROW + r]! * b[(i >> 3) * DEPTH * 8 + r * 8 + (i & 7)]! * (more ? 2 : 1);
            [sum, norm] = [sum + term, norm + Math.abs(term)];
          }
          expect(Math.abs(c[h * ROW + i]! - sum)).toBeLessThanOrEqual(4 * 2 ** -24 * norm); // c = 4: errors of the steps seldom add up
        }
      }
    }
  },
);

it("V8's flags are left as they were: what they allow is refused again", () => {
  const relaxed = built("group-shared-relaxed") as Uint8Array<ArrayBuffer>;
  const before = WebAssembly.validate(relaxed);
  group(false);
  expect(group(true, false).shape).toBe("narrow");
  // On Node 20, which has relaxed SIMD behind a flag, this is false both times.
  expect(WebAssembly.validate(relaxed)).toBe(before);
  if (process.versions.v8.startsWith("11.3."))
    expect([before, relaxing(() => WebAssembly.validate(relaxed))]).toEqual([false, true]);
});

/** The bytes with one instruction of SIMD in the place of another. */
function exchanged(bytes: Uint8Array<ArrayBuffer>, from: readonly number[], to: readonly number[]) {
  const all = Uint8Array.from(bytes);
  for (let at = 0; at + 2 < all.length; at++) {
    if (all[at] === 0xfd && all[at + 1] === from[0] && all[at + 2] === from[1]) all.set(to, at + 1);
  }
  return all;
}

it("a compiler that joins lanes wrongly is not used, nor is one that multiplies and adds wrongly", async () => {
  const real = await vi.importActual<typeof import("../../../kernels/wasm/built.ts")>(BUILT);
  const right = product(group(true, false), 7, true);
  let tried = 0;
  vi.resetModules();
  vi.doMock(BUILT, () => ({
    ...real,
    built: (name: string) => {
      const bytes = real.built(name) as Uint8Array<ArrayBuffer>;
      return name.endsWith("relaxed") ? exchanged(bytes, [0x85, 0x02], [0x86, 0x02]) : bytes; // madd, nmadd
    },
    widest: () => {
      tried++;
      return new WebAssembly.Module(exchanged(real.built("group-shared"), [0xe6, 0x01], [0xe4, 0x01])); // mul, add
    },
  }));
  const mocked = await import("../../../kernels/wasm/group.ts");
  const chosen = mocked.group(true);
  expect(tried).toBe(1);
  expect(chosen.shape).toBe("narrow");
  const c = product(chosen, 7, true);
  c.forEach((value, i) => expect(Math.abs(value - right[i]!)).toBeLessThan(1e-4));
});
