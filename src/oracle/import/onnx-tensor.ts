/**
 * ONNX tensors in files of their own (.pb), as onnx.save_tensor and ONNX's backend tests write them: TensorProto.
 *
 *   1 dims (int64), 2 data_type (1 float, 10 float16, 11 double, 16 bfloat16), 4 float_data, 8 name, 9 raw_data
 *
 * source   onnx/onnx.proto: TensorProto; protobuf's encoding
 */
import { FormatError } from "../../errors.ts";
import { FORMATS } from "../../quant/index.ts";
import type { ForeignTensor } from "./foreign.ts";

const FLOATS: ReadonlyMap<number, string> = new Map([
  [1, "F32"],
  [10, "F16"],
  [16, "BF16"],
]);

/** Reads one tensor. Throws FormatError E_ONNX_TENSOR. */
export function readOnnxTensor(bytes: Uint8Array, path: string): ForeignTensor {
  const bad = (expected: string, actual: string) =>
    new FormatError("E_ONNX_TENSOR", path, { path, expected, actual, hint: "Write it with onnx.save_tensor." });
  const shape: number[] = [];
  let [type, name] = [0, ""];
  let raw: Uint8Array | undefined;
  let floats: Uint8Array | undefined;
  for (const { field, wire, value, data } of fields(bytes, bad)) {
    if (field === 1 && wire === 0) shape.push(value);
    else if (field === 1) shape.push(...varints(data, bad));
    else if (field === 2) type = value;
    else if (field === 4 && wire === 2) floats = data;
    else if (field === 8) name = Buffer.from(data).toString("utf8");
    else if (field === 9) raw = data;
  }
  const count = shape.reduce((product, n) => product * n, 1);
  const format = FLOATS.get(type);
  const body = raw ?? floats;
  if (format === undefined || body === undefined) throw bad("a tensor of floats with its data in it", `type ${type}`);
  const size = raw === undefined || format === "F32" ? 4 : 2;
  if (!Number.isSafeInteger(count) || body.length !== count * size)
    throw bad(`${count} values`, `${body.length} bytes`);
  const out = new Float32Array(count);
  FORMATS.get(format)!.widen(body, 0, count, out, 0);
  return { name, shape, data: out };
}

interface Field {
  readonly field: number;
  readonly wire: number;
  readonly value: number;
  readonly data: Uint8Array;
}

type Bad = (expected: string, actual: string) => FormatError;
const NONE = new Uint8Array(0);

function* fields(bytes: Uint8Array, bad: Bad): Generator<Field> {
  let at = 0;
  while (at < bytes.length) {
    const [key, from] = varint(bytes, at, bad);
    const [field, wire] = [Math.floor(key / 8), key % 8];
    if (wire === 0) {
      const [value, next] = varint(bytes, from, bad);
      yield { field, wire, value, data: NONE };
      at = next;
    } else {
      const [length, start] = wire === 2 ? varint(bytes, from, bad) : [wire === 1 ? 8 : wire === 5 ? 4 : NaN, from];
      if (!(start + length <= bytes.length)) throw bad("a whole message", `a field that ends beyond it, at byte ${at}`);
      yield { field, wire, value: 0, data: bytes.subarray(start, start + length) };
      at = start + length;
    }
  }
}

function varint(bytes: Uint8Array, at: number, bad: Bad): [value: number, next: number] {
  let [value, scale] = [0, 1];
  for (let i = at; i < bytes.length && i < at + 10; i++) {
    value += (bytes[i]! & 0x7f) * scale;
    if (bytes[i]! < 0x80) return [value, i + 1];
    scale *= 128;
  }
  throw bad("a protobuf message", `no number at byte ${at}`);
}

function varints(bytes: Uint8Array, bad: Bad): number[] {
  const out: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const [value, next] = varint(bytes, at, bad);
    out.push(value);
    at = next;
  }
  return out;
}
