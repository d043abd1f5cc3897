/** Python's random numbers, as far as the shuffling of a list needs them: the Mersenne Twister, started by a number. */

const [N, M] = [624, 397];

/**
 * `random.Random(seed)`.
 *
 * source   Matsumoto and Nishimura 1998 (mt19937ar.c); CPython Lib/random.py: shuffle, _randbelow_with_getrandbits
 */
export class PythonRandom {
  private readonly state = new Uint32Array(N);
  private next = N;

  /** `seed` is a whole number from 0 to 2^32 - 1. */
  constructor(seed: number) {
    this.begin(19_650_218);
    const { state } = this;
    const mixed = (i: number, by: number) => (state[i]! ^ Math.imul(state[i - 1]! ^ (state[i - 1]! >>> 30), by)) >>> 0;
    let i = 1;
    const step = () => {
      if (++i < N) return;
      state[0] = state[N - 1]!;
      i = 1;
    };
    for (let k = 0; k < N; k++, step()) state[i] = mixed(i, 1_664_525) + seed;
    for (let k = 1; k < N; k++, step()) state[i] = mixed(i, 1_566_083_941) - i;
    state[0] = 0x8000_0000;
  }

  /** Shuffles a list where it stands, as `random.shuffle` does. */
  shuffle(list: unknown[]): void {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [list[i], list[j]] = [list[j], list[i]];
    }
  }

  /** A whole number from 0 to n - 1: as many bits as n has, drawn again where they are too many. */
  private below(n: number): number {
    const bits = 32 - Math.clz32(n);
    for (;;) {
      const drawn = this.word() >>> (32 - bits);
      if (drawn < n) return drawn;
    }
  }

  private begin(seed: number): void {
    const { state } = this;
    state[0] = seed;
    for (let i = 1; i < N; i++) state[i] = Math.imul(state[i - 1]! ^ (state[i - 1]! >>> 30), 1_812_433_253) + i;
  }

  private word(): number {
    if (this.next === N) this.twist();
    let y = this.state[this.next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c_5680;
    y ^= (y << 15) & 0xefc6_0000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  private twist(): void {
    const { state } = this;
    for (let i = 0; i < N; i++) {
      const y = (state[i]! & 0x8000_0000) | (state[(i + 1) % N]! & 0x7fff_ffff);
      state[i] = state[(i + M) % N]! ^ (y >>> 1) ^ (y & 1 ? 0x9908_b0df : 0);
    }
    this.next = 0;
  }
}
