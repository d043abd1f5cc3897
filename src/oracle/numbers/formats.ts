/**
 * Number formats in which an engine may keep an activation, and how it rounds to them.
 */

/** A way to round. */
export interface Rounding {
  readonly name: string;
  /** Half the distance of 1 and the next number: the largest relative error of a rounding. 0 where nothing is rounded. */
  readonly u: number;
  /** The nearest number of the format; half goes to even. */
  round(x: number): number;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Nothing is rounded. */
export const F64: Rounding = { name: "f64", u: 0, round: (x) => x };

/** To nearest, ties to even. */
export const F32: Rounding = { name: "f32", u: 2 ** -24, round: Math.fround };

/** Through float32, as engines convert; to nearest, ties to even. */
export const BF16: Rounding = {
  name: "bf16",
  u: 2 ** -8,
  round(x) {
    float[0] = x;
    if (float[0] - float[0] !== 0) return float[0]; // NaN, infinity
    bits[0] = bits[0]! + 0x7fff + ((bits[0]! >>> 16) & 1);
    bits[0] &= 0xffff0000;
    return float[0];
  },
};

/** Through float32; what is 65520 or more is infinite. */
export const F16: Rounding = {
  name: "f16",
  u: 2 ** -11,
  round(x) {
    float[0] = x;
    const size = Math.abs(float[0]);
    if (size >= 65520) return Math.sign(float[0]) * Infinity;
    if (size < 2 ** -14) return (float[0] * 2 ** 24 + STEP - STEP) / 2 ** 24;
    bits[0] = bits[0]! + 0xfff + ((bits[0]! >>> 13) & 1);
    bits[0] &= 0xffffe000;
    return float[0];
  },
};

/** A float64 this large has no place for fractions: adding it rounds to a whole number, ties to even. */
const STEP = 1.5 * 2 ** 52;

/** The same formats with the rest cut off: an engine's bug. */
export function truncating({ name }: Rounding): Rounding {
  const dropped = { f32: 0, bf16: 16, f16: 13 }[name] ?? 0;
  return {
    name: `${name}, cut off`,
    u: 0,
    round(x) {
      float[0] = x;
      if (dropped === 0) return Math.abs(float[0]) > Math.abs(x) ? below(float[0]) : float[0];
      if (Math.abs(float[0]) > Math.abs(x)) float[0] = below(float[0]);
      bits[0] = (bits[0]! >>> dropped) << dropped;
      return float[0];
    },
  };
}

/** The next float32 towards zero. */
function below(x: number): number {
  float[0] = x;
  bits[0] = bits[0]! - 1;
  return float[0];
}

/** The distance of two neighbours near x in a format of that u. */
export function ulp(x: number, u: number): number {
  float[0] = x;
  // The power of two below |x|: of denormals the least normal one, of infinity the largest.
  bits[0] = Math.min(Math.max(bits[0]! & 0x7f800000, 0x00800000), 0x7f000000);
  return float[0] * 2 * u;
}

/** Values of 16-bit formats as bits of float32: bits that are dropped, and between which sizes a value is a normal one. */
const IN_16 = {
  bf16: { dropped: 16, from: 0, to: 0x7f800000 },
  f16: { dropped: 13, from: 0x38800000, to: 0x477ff000 }, // 2^-14, 65520
} as const;

/** Each value of `x` as `format` rounds it, into another array: ten times as fast as one by one, where it has 16 bits. */
export function roundAll(format: Rounding, x: Float32Array, into: Float32Array): void {
  const { dropped, from, to } = IN_16[format.name as keyof typeof IN_16] ?? { dropped: 0, from: 0, to: 0 };
  const [old, made] = [new Int32Array(x.buffer, x.byteOffset, x.length), new Int32Array(into.buffer, into.byteOffset)];
  const [half, mask] = [((1 << dropped) >> 1) - 1, -1 << dropped];
  for (let i = 0; i < x.length; i++) {
    const size = old[i]! & 0x7fffffff;
    if (size >= from && size < to) made[i] = (old[i]! + half + ((old[i]! >>> dropped) & 1)) & mask;
    else into[i] = format.round(x[i]!);
  }
}
