/**
 * The members of a ZIP archive, stored or deflated: what numpy.savez writes, with ZIP64 where it is large.
 *
 * source   PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.16, 4.5.3
 */
import { inflateRawSync } from "node:zlib";
import { FormatError, LimitError } from "../../errors.ts";

const MOST_MEMBERS = 65_536;
const MOST_BYTES = 2 ** 32;
const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

/**
 * Each member's name and bytes, in the order of the archive.
 *
 * throws   FormatError E_ZIP for what is no whole archive, or a member of another kind; LimitError E_LIMIT_ZIP
 */
export function readZip(bytes: Uint8Array, path: string): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const bad = (expected: string, actual: string) =>
    new FormatError("E_ZIP", path, {
      path,
      expected,
      actual,
      hint: "The file was cut off, or is no .npz; write it again.",
    });
  const end = findEnd(view);
  if (end < 0) throw bad("a ZIP archive with its directory at the end", "none");
  const count = view.getUint16(end + 10, true);
  if (count > MOST_MEMBERS)
    throw new LimitError("E_LIMIT_ZIP", path, { path, expected: `${MOST_MEMBERS} members`, actual: `${count}` });
  const members = new Map<string, Uint8Array>();
  let at = view.getUint32(end + 16, true);
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL)
      throw bad(`${count} entries in the directory`, `${i}`);
    const entry = readEntry(view, at);
    const { name, offset, packed, size, method } = entry;
    total += size;
    if (total > MOST_BYTES)
      throw new LimitError("E_LIMIT_ZIP", path, { path, expected: `at most ${MOST_BYTES} bytes`, actual: "more" });
    if (offset + 30 > bytes.length || view.getUint32(offset, true) !== LOCAL)
      throw bad(`the member ${name}`, "nothing there");
    const from = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
    if (from + packed > bytes.length || (method !== 0 && method !== 8))
      throw bad(`the member ${name}, stored or deflated`, "another");
    members.set(
      name,
      method === 0 ? bytes.subarray(from, from + packed) : inflate(bytes.subarray(from, from + packed), size, bad),
    );
    at = entry.next;
  }
  return members;
}

function findEnd(view: DataView): number {
  const least = Math.max(0, view.byteLength - 22 - 0xffff);
  for (let at = view.byteLength - 22; at >= least; at--) if (view.getUint32(at, true) === END) return at;
  return -1;
}

/** An entry of the directory; sizes of 2^32 - 1 stand in its ZIP64 field. */
function readEntry(view: DataView, at: number) {
  const short = (place: number) => view.getUint16(at + place, true);
  const long = (place: number) => view.getUint32(at + place, true);
  const [nameLength, extra, comment] = [short(28), short(30), short(32)];
  const bytes = Buffer.from(view.buffer, view.byteOffset + at + 46, Math.min(nameLength, view.byteLength - at - 46));
  const [size, packed, offset] = large(view, at + 46 + nameLength, extra, [long(24), long(20), long(42)]);
  const next = at + 46 + nameLength + extra + comment;
  return { name: bytes.toString("utf8"), size, packed, offset, method: short(10), next };
}

type Sizes = readonly [size: number, packed: number, offset: number];

/** Field 1 of the extra fields has, in this order, those that are 2^32 - 1 in the entry. */
function large(view: DataView, from: number, length: number, sizes: Sizes): Sizes {
  const last = Math.min(from + length, view.byteLength);
  for (let field = from; field + 4 <= last; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) !== 1) continue;
    let place = field + 4;
    const value = (short: number) => {
      if (short !== 0xffffffff || place + 8 > last) return short;
      place += 8;
      return Number(view.getBigUint64(place - 8, true));
    };
    return [value(sizes[0]), value(sizes[1]), value(sizes[2])];
  }
  return sizes;
}

function inflate(packed: Uint8Array, size: number, bad: (expected: string, actual: string) => FormatError): Uint8Array {
  try {
    const out = inflateRawSync(packed, { maxOutputLength: size + 1 });
    if (out.length === size) return out;
    throw bad(`${size} bytes of a member`, `${out.length}`);
  } catch (error) {
    throw error instanceof FormatError ? error : bad("a member that can be inflated", "damaged data");
  }
}
