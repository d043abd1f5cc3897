/** Golden files as typed arrays. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSafetensors, type TensorBytes } from "../../src/files/safetensors.ts";
import { host, type Host } from "../../src/tensor.ts";

const folder = join(import.meta.dirname, "../../golden");

export function goldenPath(name: string): string {
  return join(folder, name);
}

export interface Golden {
  readonly names: readonly string[];
  has(name: string): boolean;
  /** The values of a tensor of any float or integer type, as numbers. */
  values(name: string): Float32Array | Float64Array;
  shape(name: string): readonly number[];
  /** A float32 tensor, with the axes the test says it has. */
  tensor<A extends string>(name: string): Host<A>;
}

export function golden(name: string): Golden {
  return tensorFile(goldenPath(`${name}.safetensors`));
}

/** The same of a file anywhere. */
export function tensorFile(path: string): Golden {
  const tensors = parseSafetensors(readFileSync(path), path);
  const find = (key: string): TensorBytes => {
    const found = tensors.get(key);
    if (found === undefined) throw new Error(`${path} has no tensor "${key}"`);
    return found;
  };
  const values = (key: string) => numbers(find(key));
  return {
    names: [...tensors.keys()],
    has: (key) => tensors.has(key),
    values,
    shape: (key) => find(key).shape,
    tensor: (key) => host(find(key).shape, Float32Array.from(values(key))),
  };
}

function numbers({ dtype, bytes }: TensorBytes): Float32Array | Float64Array {
  const { buffer } = new Uint8Array(bytes); // a copy: data may begin at an odd address
  if (dtype === "F32") return new Float32Array(buffer);
  if (dtype === "F64") return new Float64Array(buffer);
  if (dtype === "I64") return Float64Array.from(new BigInt64Array(buffer), Number);
  throw new Error(`golden files hold F32, F64 and I64, not ${dtype}`);
}

/** The cases of a file of operations: what stands before the first dot. */
export function cases(file: Golden): string[] {
  return [...new Set(file.names.filter((name) => name.includes(".")).map((name) => name.split(".")[0]!))];
}

export function goldenJson<T>(name: string): T {
  return JSON.parse(readFileSync(goldenPath(name), "utf8")) as T;
}
