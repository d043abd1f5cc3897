/**
 * The generator of chance: xoshiro256**, started by splitmix64. The same seed draws the same tokens everywhere.
 *
 *   result = rotl(5 s1, 7) * 9;  t = s1 << 17;  s2 ^= s0;  s3 ^= s1;  s1 ^= s2;  s0 ^= s3;  s2 ^= t;  s3 = rotl(s3, 45)
 *
 * All arithmetic is modulo 2^64, in BigInt: a microsecond a draw, and one draw a token.
 *
 * source  Blackman and Vigna 2021, "Scrambled Linear Pseudorandom Number Generators" (ACM TOMS 47:4); their
 *         xoshiro256starstar.c and splitmix64.c, which recommend this way to start
 */
import { UsageError } from "../errors.ts";
import type { Distribution } from "./sampling.ts";

const BITS = 64;
const u64 = (x: bigint) => BigInt.asUintN(BITS, x);
const rotl = (x: bigint, k: bigint) => u64(x << k) | (x >> (64n - k));

/** Four words of state that are not all zero. */
export type State = readonly [bigint, bigint, bigint, bigint];

/** splitmix64: the `count` words that follow a seed. */
export function splitmix64(seed: bigint, count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => {
    let z = u64(seed + BigInt(i + 1) * 0x9e3779b97f4a7c15n);
    z = u64((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = u64((z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  });
}

/** Words and fractions, one after another. */
export class Random {
  #state: State;

  /**
   * Starts from a seed: a whole number, or a bigint for those beyond 2^53, from 0 to 2^64 - 1. Throws UsageError
   * E_ARG_SEED for any other.
   */
  constructor(seed: number | bigint) {
    const [a, b, c, d] = splitmix64(checkSeed(seed), 4);
    this.#state = [a!, b!, c!, d!];
  }

  /** Starts from the state itself, as published test vectors do. */
  static from(state: State): Random {
    const random = new Random(0);
    random.#state = state;
    return random;
  }

  /** The next 64 random bits. */
  word(): bigint {
    let [a, b, c, d] = this.#state;
    const result = u64(rotl(u64(b * 5n), 7n) * 9n);
    const t = u64(b << 17n);
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotl(d, 45n);
    this.#state = [a, b, c, d];
    return result;
  }

  /** The next number in [0, 1), a multiple of 2^-53. */
  fraction(): number {
    return Number(this.word() >> 11n) * 2 ** -53;
  }
}

/**
 * The id at `u` in [0, 1) of the distribution laid out by ascending id: the first whose cumulative probability exceeds
 * u. An id of probability 0 is never drawn. Whatever rounding does to the sum, it returns one of the ids.
 */
export function draw({ ids, probabilities }: Distribution, u: number): number {
  let rest = u * probabilities.reduce((a, b) => a + b, 0);
  let id = ids[0]!;
  for (let i = 0; i < ids.length; i++) {
    const p = probabilities[i]!;
    if (p > 0) id = ids[i]!;
    rest -= p;
    if (rest < 0) break;
  }
  return id;
}

function checkSeed(seed: number | bigint): bigint {
  const whole = typeof seed === "bigint" || Number.isSafeInteger(seed);
  if (whole && seed >= 0 && seed < 2n ** 64n) return BigInt(seed);
  throw new UsageError("E_ARG_SEED", "seed", {
    expected: "a whole number from 0 to 2^64 - 1 (a bigint above 2^53 - 1)",
    actual: String(seed),
    hint: "Give such a number, or none to have one chosen.",
  });
}
