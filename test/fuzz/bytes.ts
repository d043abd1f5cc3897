/** Damage that knows nothing of a format: bits, bytes, pieces of a file. */
import type { Random } from "./random.ts";

/** Bytes at which readers of text and of numbers turn. */
const BYTES = [
  0x00, 0x01, 0x09, 0x0a, 0x20, 0x22, 0x2c, 0x2d, 0x30, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xc0, 0xed, 0xff,
];
/** Sizes at which arithmetic turns. */
const SIZES = [
  ...[0n, 1n, 2n, 7n, 8n, 31n, 255n, 65_535n, 2n ** 24n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n],
  ...[2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 62n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 2n, 2n ** 64n - 1n],
];
const LONGEST = 64;

/** The seed with one to four changes; `others` lend it pieces. Nothing grows much beyond its seed. */
export function damage(seed: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = seed;
  for (let changes = random.once(2) ? 1 : random.from(2, 4); changes > 0; changes--)
    bytes = change(bytes, others, random);
  return bytes;
}

function change(bytes: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  const at = random.below(bytes.length + 1);
  const length = Math.min(random.from(1, LONGEST), bytes.length - at);
  switch (random.below(9)) {
    case 0:
      return overwrite(bytes, at, Uint8Array.of((bytes[at] ?? 0) ^ (1 << random.below(8))));
    case 1:
      return overwrite(bytes, at, Uint8Array.of(random.pick(BYTES)));
    case 2:
      return overwrite(bytes, at, Uint8Array.of(random.below(256)));
    case 3:
      return overwrite(bytes, at, size(random));
    case 4:
      return replace(bytes, at, length, NOTHING);
    case 5:
      return replace(bytes, at, 0, Uint8Array.of(random.pick(BYTES)));
    case 6:
      return replace(bytes, at, 0, bytes.subarray(at, at + length));
    case 7:
      return bytes.subarray(0, at);
    default: {
      const other = random.pick(others);
      const from = random.below(other.length + 1);
      return replace(bytes, at, length, other.subarray(from, from + random.from(1, LONGEST)));
    }
  }
}

const NOTHING = new Uint8Array(0);

/** 4 or 8 bytes, the least first, or the greatest. */
function size(random: Random): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  const value = random.pick(SIZES);
  view.setBigUint64(0, value, !random.once(8));
  return new Uint8Array(view.buffer, 0, random.once(2) ? 4 : 8);
}

/** A copy with `piece` in the place of what is at `at`, as far as there is room. */
export function overwrite(bytes: Uint8Array, at: number, piece: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes); // a Buffer's own slice would be a view
  copy.set(piece.subarray(0, Math.max(0, bytes.length - at)), at);
  return copy;
}

/** A copy with `piece` in the place of `length` bytes at `at`. */
export function replace(bytes: Uint8Array, at: number, length: number, piece: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes.length - length + piece.length);
  copy.set(bytes.subarray(0, at));
  copy.set(piece, at);
  copy.set(bytes.subarray(at + length), at + piece.length);
  return copy;
}
