/**
 * Chance for tasks: everything drawn follows from a seed and the names given with it, and from nothing else.
 */
import { Random } from "../../generate/random.ts";

/**
 * 32 bits of a text: FNV-1a over its UTF-16 units, then stirred so that its low bits are as good as its high ones.
 *
 *   h = (h ^ unit) * 16777619;  at the end h ^= h >> 16, h *= 0x85ebca6b, h ^= h >> 13, h *= 0xc2b2ae35, h ^= h >> 16
 *
 * source   Fowler, Noll, Vo: FNV-1a; Appleby: MurmurHash3, fmix32
 */
export function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A stream of draws. */
export class Dice {
  private readonly random: Random;

  /** The stream of these names: a seed, a kind, a split. */
  constructor(...names: readonly (string | number)[]) {
    const name = names.join("/");
    this.random = new Random((BigInt(hash(`0/${name}`)) << 32n) | BigInt(hash(`1/${name}`)));
  }

  /** A whole number from 0 to n - 1. */
  below(n: number): number {
    return Math.floor(this.random.fraction() * n);
  }

  /** A whole number from low to high, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with this probability. */
  chance(p: number): boolean {
    return this.random.fraction() < p;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** `count` different ones of a list, in the order drawn. */
  some<T>(list: readonly T[], count: number): T[] {
    const left = [...list];
    return Array.from({ length: Math.min(count, list.length) }, () => left.splice(this.below(left.length), 1)[0]!);
  }
}
