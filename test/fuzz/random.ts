/**
 * Random numbers for making hostile input: a case is named by its target, its seed and its number, and can be made again
 * alone.
 *
 * source   Chris Doty-Humphrey, PractRand: sfc32
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private count = 1;

  constructor(target: string, seed: number, number: number) {
    let hash = 0x811c9dc5; // FNV-1a
    for (let i = 0; i < target.length; i++) hash = Math.imul(hash ^ target.charCodeAt(i), 0x01000193);
    [this.a, this.b, this.c] = [hash | 0, seed | 0, number | 0];
    for (let i = 0; i < 12; i++) this.bits();
  }

  /** 32 bits, as an integer from 0. */
  bits(): number {
    const sum = (((this.a + this.b) | 0) + this.count) | 0;
    this.count = (this.count + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** An integer from 0, below `n`. */
  below(n: number): number {
    return this.bits() % n;
  }

  /** An integer in [least, most]. */
  from(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True once in `n`. */
  once(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}
