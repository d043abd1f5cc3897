/**
 * Bytes to text, refusing what other readers mend in silence: Node's own decoders drop a byte order mark and turn
 * invalid bytes into U+FFFD, after which two different files hold the same text.
 */
import { FormatError } from "../errors.ts";

/**
 * The text of UTF-8 bytes that begin at `start` of the file `path`. `family` begins the codes: "E_JSON" gives
 * E_JSON_UTF8 and E_JSON_BOM.
 *
 * throws   FormatError with the offset of the first byte that is not UTF-8, or for a byte order mark
 */
export function decodeUtf8(bytes: Uint8Array, path: string, family = "E_JSON", start = 0): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw new FormatError(`${family}_BOM`, path, {
      path,
      offset: start,
      expected: "UTF-8 without a byte order mark",
      actual: "the bytes ef bb bf",
      hint: "Save the file without it.",
    });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const offset = firstInvalid(bytes);
    const actual = offset < bytes.length ? `0x${bytes[offset]!.toString(16).padStart(2, "0")}` : "half a character";
    throw new FormatError(`${family}_UTF8`, path, {
      path,
      offset: start + offset,
      expected: "UTF-8",
      actual,
      hint: "The file is damaged, or in another encoding.",
      cause,
    });
  }
}

/** Where the first byte stands that no UTF-8 text has there; the length, where the last character is cut short. */
function firstInvalid(bytes: Uint8Array): number {
  let [low, high] = [0, bytes.length + 1]; // the first `low` bytes begin a UTF-8 text, the first `high` do not
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (middle <= bytes.length && beginsUtf8(bytes.subarray(0, middle))) low = middle;
    else high = middle;
  }
  return low;
}

function beginsUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
