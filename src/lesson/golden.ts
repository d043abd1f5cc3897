/** Hugging Face's recorded values, for notebooks: the files that the tests too compare with. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { IoError } from "../errors.ts";
import { EMBEDDED } from "../files/embedded.ts";
import { parseSafetensors, type TensorBytes } from "../files/safetensors.ts";
import { host, type Host } from "../tensor.ts";

const FOLDER = join(EMBEDDED, "..");

/** Tensors of one golden file. */
export interface Golden {
  readonly names: readonly string[];
  /** The values as they are recorded. */
  values(name: string): Float32Array | Float64Array;
  /** The bytes themselves, as blocks of a number format are recorded. */
  bytes(name: string): Uint8Array;
  shape(name: string): readonly number[];
  /** The same as a tensor of float32, with the axes you say it has. */
  tensor<A extends string>(name: string): Host<A>;
}

/** Where a golden file or model lies: `goldenPath("model/tiny")`. */
export const goldenPath = (name: string): string => join(FOLDER, name);

/** A golden file by its name: `golden("ops/rope")`. Throws IoError E_IO_OPEN. */
export function golden(name: string): Golden {
  const path = goldenPath(`${name}.safetensors`);
  const tensors = parseSafetensors(read(path), path);
  const find = (key: string): TensorBytes => {
    const found = tensors.get(key);
    if (found !== undefined) return found;
    throw new IoError("E_IO_OPEN", `tensor "${key}"`, { path, expected: `one of ${[...tensors.keys()].join(", ")}` });
  };
  const values = (key: string) => numbers(find(key));
  return {
    names: [...tensors.keys()],
    values,
    bytes: (key) => find(key).bytes,
    shape: (key) => find(key).shape,
    tensor: (key) => host(find(key).shape, Float32Array.from(values(key))),
  };
}

/** What a golden file of JSON says: `goldenJson("text/encode.json")`. Throws IoError E_IO_OPEN. */
export function goldenJson<T>(name: string): T {
  return JSON.parse(new TextDecoder().decode(read(goldenPath(name)))) as T;
}

/** What this repository measured, as its benchmark wrote it: `measured("budget")`. Throws IoError E_IO_OPEN. */
export function measured<T>(name: string): T {
  return JSON.parse(new TextDecoder().decode(read(join(FOLDER, "../kernels/bench/results", `${name}.json`)))) as T;
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    const hint = "The recorded values come with the repository, not with the package: clone it and open its notebooks.";
    throw new IoError("E_IO_OPEN", "golden", { path, hint, cause });
  }
}

function numbers({ dtype, bytes }: TensorBytes): Float32Array | Float64Array {
  const { buffer } = new Uint8Array(bytes); // a copy: data may begin at an odd address
  if (dtype === "F64") return new Float64Array(buffer);
  if (dtype === "I64") return Float64Array.from(new BigInt64Array(buffer), Number);
  return new Float32Array(buffer);
}
