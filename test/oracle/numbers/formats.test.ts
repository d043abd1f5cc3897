import { expect, it } from "vitest";
import { BF16, F16, F32, roundAll, truncating, ulp } from "../../../src/oracle/numbers/formats.ts";
import { FORMATS } from "../../../src/quant/index.ts";

/** Every finite value of a format of 16 bits, as the readers of files widen it. */
function values(name: "BF16" | "F16"): number[] {
  const bytes = new Uint8Array(Uint16Array.from({ length: 65536 }, (_, i) => i).buffer);
  const all = new Float32Array(65536);
  FORMATS.get(name)!.widen(bytes, 0, 65536, all, 0);
  return [...all].filter(Number.isFinite).sort((a, b) => a - b);
}

it.each([
  ["BF16", BF16],
  ["F16", F16],
] as const)(
  "%s: its own values stay, and what lies between two goes to the nearer, or the even one",
  (name, format) => {
    const all = values(name);
    for (let i = 1; i < all.length; i += 7) {
      const [a, b] = [all[i - 1]!, all[i]!];
      if (a === b) continue;
      const middle = (a + b) / 2;
      expect(format.round(a)).toBe(a);
      if (Math.fround(middle) !== middle || Math.abs(a) < 2 ** -100) continue;
      const even = format.round(middle);
      expect([a, b]).toContain(even);
      const inside = (towards: number) => Math.fround(middle + (towards - middle) * 2 ** -10);
      if (inside(a) !== middle) expect([format.round(inside(a)), format.round(inside(b))]).toEqual([a, b]);
    }
  },
);

it("float16 overflows from 65520 on; NaN and infinity stay what they are", () => {
  expect([F16.round(65519.9), F16.round(65520), F16.round(-1e6)]).toEqual([65504, Infinity, -Infinity]);
  for (const format of [F32, F16, BF16]) expect([format.round(NaN), format.round(-Infinity)]).toEqual([NaN, -Infinity]);
});

it("cutting off goes to the next value towards zero, and never further", () => {
  const x = 1.2345678901;
  for (const format of [F32, BF16, F16]) {
    const cut = truncating(format).round;
    expect(cut(x)).toBeLessThanOrEqual(x);
    expect(x - cut(x)).toBeLessThan(ulp(x, format.u));
    expect(cut(-x)).toBe(-cut(x));
    expect(cut(cut(x))).toBe(cut(x));
  }
  expect(truncating(BF16).round(1 + 2 ** -7 - 2 ** -20)).toBe(1);
});

it("an ulp is the distance of neighbours", () => {
  expect([ulp(1, F32.u), ulp(1.99, F32.u), ulp(-2, F32.u)]).toEqual([2 ** -23, 2 ** -23, 2 ** -22]);
  expect([ulp(1, BF16.u), ulp(1, F16.u)]).toEqual([2 ** -7, 2 ** -10]);
  expect([ulp(0, F32.u), ulp(1e-45, F32.u), ulp(-1.5e-38, F32.u)]).toEqual([2 ** -149, 2 ** -149, 2 ** -149]);
  expect([ulp(3.4e38, F32.u), ulp(-Infinity, F32.u)]).toEqual([2 ** 104, 2 ** 104]);
});

it("many at once are rounded as one by one, to the bit", () => {
  const edges = [
    0,
    -0,
    65519.9,
    65520,
    -65520,
    2 ** -14,
    2 ** -14 * 0.9999,
    2 ** -24,
    2 ** -25,
    1e-45,
    3.4e38,
    -3.4e38,
  ];
  const bits = new Uint32Array(1 << 16);
  for (let i = 0; i < bits.length; i++) bits[i] = Math.imul(i, 0x9e3779b1);
  const x = Float32Array.from([...edges, NaN, Infinity, -Infinity, ...new Float32Array(bits.buffer)]);
  for (const format of [F32, BF16, F16]) {
    const into = new Float32Array(x.length);
    roundAll(format, x, into);
    expect(x.findIndex((value, i) => !Object.is(into[i], Math.fround(format.round(value))))).toBe(-1);
  }
});
