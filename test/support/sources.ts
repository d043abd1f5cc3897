/** Tensors in memory as a WeightSource, which remembers the windows it lent. */
import type { TensorInfo, WeightSource } from "../../src/files/source.ts";

export interface MemoryTensor {
  readonly format: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface MemorySource extends WeightSource {
  readonly windows: { readonly name: string; readonly from: number; readonly length: number }[];
}

export function memorySource(tensors: ReadonlyMap<string, MemoryTensor>, path = "model.safetensors"): MemorySource {
  const infos = [...tensors].map(([name, { format, shape, bytes }]): [string, TensorInfo] => [
    name,
    { name, format, shape, path, offset: 0, bytes: bytes.length },
  ]);
  const windows: MemorySource["windows"] = [];
  return {
    tensors: new Map(infos),
    windows,
    pin: 0,
    expect() {},
    window(info, from, length, use) {
      windows.push({ name: info.name, from, length });
      const lent = tensors.get(info.name)!.bytes.slice(from, from + length);
      const result = use(lent);
      lent.fill(0xff); // what is kept too long turns into NaN
      return result;
    },
    close() {},
  };
}
