/** NumPy files and archives, written for tests as numpy writes them. */
import { deflateRawSync } from "node:zlib";

export function npy(shape: readonly number[], values: readonly number[], descr = "<f4", fortran = false): Buffer {
  const dict = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${shape.join(", ")}${shape.length === 1 ? "," : ""}), }`;
  const length = Math.ceil((10 + dict.length + 1) / 64) * 64 - 10;
  const head = Buffer.alloc(10);
  head.write("\x93NUMPY\x01\x00", "latin1");
  head.writeUInt16LE(length, 8);
  const array =
    descr === "<f8"
      ? Float64Array.from(values)
      : descr === "<i8"
        ? BigInt64Array.from(values.map(BigInt))
        : descr === "<f2"
          ? Uint16Array.from(values)
          : Float32Array.from(values);
  return Buffer.concat([head, Buffer.from(`${dict.padEnd(length - 1)}\n`), Buffer.from(array.buffer)]);
}

/** Members of an archive, every second one deflated. */
export function zip(members: Readonly<Record<string, Uint8Array>>): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  Object.entries(members).forEach(([name, bytes], i) => {
    const method = i % 2 === 0 ? 0 : 8;
    const data = method === 0 ? Buffer.from(bytes) : deflateRawSync(bytes);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(data.length, 18);
    local.writeUInt32LE(bytes.length, 22);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt32LE(bytes.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name), data);
    entries.push(entry, Buffer.from(name));
    offset += 30 + name.length + data.length;
  });
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(members).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
