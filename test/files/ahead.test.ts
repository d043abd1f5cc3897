import fc from "fast-check";
import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Ahead } from "../../src/files/ahead.ts";
import { InputFile } from "../../src/files/input.ts";
import { SYSTEM } from "../../src/files/io.ts";
import type { TensorInfo } from "../../src/files/source.ts";
import { drawn } from "../support/checkpoints.ts";
import { failure, temporaryFolder } from "../support/folder.ts";

const SLOT = 1000;
const SIZES = { a: 2500, b: 10, c: 1000, d: 4999, e: 1 };
type Name = keyof typeof SIZES;
const names = Object.keys(SIZES) as Name[];

const open: Ahead[] = [];
afterEach(() => open.splice(0).forEach((ahead) => ahead.stop()));

/** Tensors one after another in a file, walked in the order of their names; `reads` are those made on this thread. */
function sample(slots = 3) {
  const path = join(temporaryFolder(), "file");
  const all = new Uint8Array(drawn(4000, 1).buffer).slice(0, 9000);
  fs.writeFileSync(path, all);
  const reads: number[] = [];
  const file = new InputFile(path, path, {
    ...SYSTEM,
    readSync(fd, into, at, length, position) {
      reads.push(length);
      return fs.readSync(fd, into, at, length, position);
    },
  });
  reads.length = 0;
  let offset = 100;
  const infos = names.map((name): TensorInfo => {
    const bytes = SIZES[name];
    offset += bytes;
    return { name, format: "U8", shape: [bytes], path, offset: offset - bytes, bytes };
  });
  const ahead = new Ahead(new Map([[path, file]]), infos, { slots, bytes: SLOT });
  open.push(ahead);
  const info = (name: Name) => infos.find((one) => one.name === name)!;
  const data = (name: Name, from: number, length: number) =>
    all.slice(info(name).offset + from, info(name).offset + from + length);
  return { ahead, info, data, reads, path };
}

/** Every window of `step` bytes of a tensor, as it is lent, joined. */
function walked({ ahead, info }: ReturnType<typeof sample>, name: Name, step: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let from = 0; from < SIZES[name]; from += step) {
    parts.push(ahead.lend(info(name), from, Math.min(step, SIZES[name] - from))!.slice());
  }
  return Buffer.concat(parts);
}

describe("Ahead", () => {
  it.each([1, 2, 3, 8, 100])("lends every byte of the course, again and again, with %d slots", (slots) => {
    const s = sample(slots);
    for (let turn = 0; turn < 3; turn++) {
      for (const name of names) {
        for (const step of turn === 0 ? [300] : [1, 7, 999, 1000]) {
          expect(Buffer.compare(walked(s, name, step), s.data(name, 0, SIZES[name]))).toBe(0);
        }
      }
    }
  });

  it("lends the right bytes or none, whatever is asked for in whatever order", () => {
    const s = sample();
    const window = fc.constantFrom(...names).chain((name) => fc.tuple(fc.constant(name), fc.nat(SIZES[name]), fc.nat(SIZES[name]))); // prettier-ignore
    let lent = 0;
    fc.assert(
      fc.property(fc.array(window, { minLength: 5 }), (windows) => {
        for (const [name, x, y] of windows) {
          const [from, length] = [Math.min(x, y), Math.abs(x - y)];
          const bytes = s.ahead.lend(s.info(name), from, length);
          if (bytes === undefined) continue;
          lent++;
          expect(Buffer.compare(bytes, s.data(name, from, length))).toBe(0);
        }
      }),
    );
    expect(lent).toBeGreaterThan(100);
  });

  it("lends nothing that does not go on from the last window or begin a tensor", () => {
    const { ahead, info } = sample();
    expect(ahead.lend(info("d"), 2000, 10)).toBeUndefined();
    ahead.lend(info("a"), 0, 10);
    expect(ahead.lend(info("d"), 2000, 10)).toBeUndefined();
    expect(ahead.lend({ ...info("a"), name: "other" }, 0, 10)).toBeUndefined();
    expect(ahead.lend(info("a"), 0, SLOT + 1)).toBeUndefined();
  });

  it("leaves the reading to its thread, once that runs", async () => {
    const s = sample();
    const deadline = Date.now() + 60_000;
    let own = Infinity;
    while (own > 0 && Date.now() < deadline) {
      s.reads.length = 0;
      for (const name of names) {
        walked(s, name, 500);
        await new Promise((resolve) => setTimeout(resolve, 20)); // computing
      }
      own = s.reads.length;
    }
    expect(own).toBe(0);
  });

  it("reads everything itself where its thread has ended", () => {
    const s = sample();
    s.ahead.stop();
    for (const name of names) expect(Buffer.compare(walked(s, name, 300), s.data(name, 0, SIZES[name]))).toBe(0);
    expect(s.reads.length).toBeGreaterThan(0);
  });

  it("R1, R3: says that the file has changed before it lends what was read after that", () => {
    const cut = sample();
    fs.truncateSync(cut.path, 5000);
    expect(failure(() => walked(cut, "a", 300)).code).toBe("E_IO_CHANGED");
    const end = failure(() => walked(cut, "d", 300)).code;
    expect(["E_IO_EOF", "E_IO_CHANGED"]).toContain(end);
    const touched = sample();
    walked(touched, "a", 300);
    fs.utimesSync(touched.path, 1, 1);
    expect(failure(() => ["b", "c", "d"].map((name) => walked(touched, name as Name, 300))).code).toBe("E_IO_CHANGED");
  });
});
