/**
 * The byte-level alphabet: one printable character for each byte, so that a vocabulary can be written as text.
 *
 * The bytes that are printable in Latin-1 stand for themselves; the other 68 are U+0100, U+0101 ... in order: a space is
 * U+0120 and a newline U+010A.
 *
 * source   GPT-2: encoder.py, bytes_to_unicode; tokenizers: pre_tokenizers/byte_level.rs
 */

/** The character of each byte. */
export const ALPHABET: readonly string[] = alphabet();

/** The byte of each character code of the alphabet; -1 for other characters. */
const BYTES = bytes();

function alphabet(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
    return String.fromCharCode(printable ? byte : next++);
  });
}

function bytes(): Int16Array {
  const table = new Int16Array(0x144).fill(-1);
  ALPHABET.forEach((character, byte) => (table[character.charCodeAt(0)] = byte));
  return table;
}

/**
 * The bytes a token stands for. A token with any character outside the alphabet, as an added token may have, stands for
 * its own UTF-8, as in the reference library.
 */
export function bytesOf(token: string): Uint8Array {
  const found = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTES[token.charCodeAt(i)] ?? -1;
    if (byte < 0) return new TextEncoder().encode(token);
    found[i] = byte;
  }
  return found;
}
