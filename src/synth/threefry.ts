/**
 * The generator of synthetic weights: Threefry-2x32 with 20 rounds. It has no state: word i of a tensor is a function of
 * a key and of i alone, so that any part of any tensor can be made anew without the rest.
 *
 *   twenty times  a = a + b;  b = rotl(b, r) ^ a;  after every fourth round the key is added, and the round's number
 *
 * numbers  additions modulo 2^32, rotations and exclusive or: the same bits on every machine
 * cost     some 6 ns for two words (Node 20, x64)
 * source   Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3" (SC11), section 4.2; its
 *          known answers stand in the test
 * golden   synth/values.json
 */
export interface Key {
  readonly low: number;
  readonly high: number;
}

/** Skein's constant, so that no key is all zeros. */
const PARITY = 0x1bd11bda;

/** Writes the words of counters first, first + 1 ... (64 bits), one pair after another; `into` has an even length. */
export function threefry(key: Key, first: number, into: Uint32Array): void {
  for (let i = 0; i < into.length;) {
    const counter = first + i / 2;
    const end = Math.min(into.length, i + 2 * (2 ** 32 - (counter % 2 ** 32))); // to where the upper half changes
    pairs(key, counter | 0, Math.floor(counter / 2 ** 32), into.subarray(i, end));
    i = end;
  }
}

function pairs(key: Key, first: number, upper: number, into: Uint32Array): void {
  const [k0, k1] = [key.low | 0, key.high | 0];
  const k2 = PARITY ^ k0 ^ k1;
  const start = (upper + k1) | 0;
  for (let i = 0, c = (first + k0) | 0; i < into.length; i += 2, c = (c + 1) | 0) {
    let a = c;
    let b = start;
    // prettier-ignore
    {
      a = (a + b) | 0; b = ((b << 13) | (b >>> 19)) ^ a;
      a = (a + b) | 0; b = ((b << 15) | (b >>> 17)) ^ a;
      a = (a + b) | 0; b = ((b << 26) | (b >>> 6)) ^ a;
      a = (a + b) | 0; b = ((b << 6) | (b >>> 26)) ^ a;
      a = (a + k1) | 0; b = (b + k2 + 1) | 0;
      a = (a + b) | 0; b = ((b << 17) | (b >>> 15)) ^ a;
      a = (a + b) | 0; b = ((b << 29) | (b >>> 3)) ^ a;
      a = (a + b) | 0; b = ((b << 16) | (b >>> 16)) ^ a;
      a = (a + b) | 0; b = ((b << 24) | (b >>> 8)) ^ a;
      a = (a + k2) | 0; b = (b + k0 + 2) | 0;
      a = (a + b) | 0; b = ((b << 13) | (b >>> 19)) ^ a;
      a = (a + b) | 0; b = ((b << 15) | (b >>> 17)) ^ a;
      a = (a + b) | 0; b = ((b << 26) | (b >>> 6)) ^ a;
      a = (a + b) | 0; b = ((b << 6) | (b >>> 26)) ^ a;
      a = (a + k0) | 0; b = (b + k1 + 3) | 0;
      a = (a + b) | 0; b = ((b << 17) | (b >>> 15)) ^ a;
      a = (a + b) | 0; b = ((b << 29) | (b >>> 3)) ^ a;
      a = (a + b) | 0; b = ((b << 16) | (b >>> 16)) ^ a;
      a = (a + b) | 0; b = ((b << 24) | (b >>> 8)) ^ a;
      a = (a + k1) | 0; b = (b + k2 + 4) | 0;
      a = (a + b) | 0; b = ((b << 13) | (b >>> 19)) ^ a;
      a = (a + b) | 0; b = ((b << 15) | (b >>> 17)) ^ a;
      a = (a + b) | 0; b = ((b << 26) | (b >>> 6)) ^ a;
      a = (a + b) | 0; b = ((b << 6) | (b >>> 26)) ^ a;
    }
    into[i] = a + k2;
    into[i + 1] = b + k0 + 5;
  }
}
