/**
 * The files that engines leave, by format: what is in them, before it has our names.
 */
import { basename, join } from "node:path";
import { FormatError } from "../../errors.ts";
import { InputFile } from "../../files/input.ts";
import { examine, namesIn, openInside, readInside } from "../../files/paths.ts";
import { parseSafetensors } from "../../files/safetensors.ts";
import { as, field, optional } from "../../json/fields.ts";
import { type Json, type JsonObject, readJson } from "../../json/json.ts";
import { FORMATS as CODECS } from "../../quant/index.ts";
import type { Foreign, ForeignTensor } from "./foreign.ts";
import { readNpy } from "./npy.ts";
import { readOnnxTensor } from "./onnx-tensor.ts";
import { readZip } from "./zip.ts";

/** Formats that give a bundle. */
export const IMPORTS = ["npz", "npy-dir", "hf-debug-tree", "onnx", "raw+json"] as const;
export type Import = (typeof IMPORTS)[number];

const MOST_FILE = 2 ** 32;
const MOST_JSON = 2 ** 28;
/** Names under which a prompt's ids stand among the tensors. */
const IDS = /^(?:ids|input_ids|tokens|inp_tokens)$/;

/** Throws as the readers of the formats; IoError E_IO_OPEN; FormatError E_IMPORT_FORMAT for another kind of path. */
export function readForeign(format: Import, path: string): Foreign {
  const read = {
    npz: readNpz,
    "npy-dir": readNpyFolder,
    "hf-debug-tree": readTree,
    onnx: readOnnx,
    "raw+json": readRaw,
  }[format];
  return withIds(read(path));
}

function whole(path: string): Uint8Array {
  const file = new InputFile(path);
  try {
    return file.whole(MOST_FILE, "E_LIMIT_IMPORT");
  } finally {
    file.close();
  }
}

/** Ids that stand among the tensors are the prompt. */
function withIds(foreign: Foreign): Foreign {
  const own = foreign.tensors.find(({ name }) => IDS.test(name));
  const tensors = foreign.tensors.filter((tensor) => tensor !== own);
  return { ...foreign, tensors, ids: foreign.ids ?? (own === undefined ? undefined : Array.from(own.data)) };
}

function readNpz(path: string): Foreign {
  const members = [...readZip(whole(path), path)].filter(([name]) => name.endsWith(".npy"));
  return {
    tensors: members.map(([name, bytes]) => ({ name: name.slice(0, -4), ...readNpy(bytes, `${path}: ${name}`) })),
  };
}

/** NAME.npy each, or NAME/data.npy never: one folder, flat. "/" of a name is written "__" or "%2F". */
function readNpyFolder(path: string): Foreign {
  const names = [...namesIn(path)].filter((name) => name.endsWith(".npy")).sort();
  const tensors = names.map((name) => ({
    name: unescaped(name.slice(0, -4)),
    ...readNpy(readInside(path, name, MOST_FILE, "E_LIMIT_IMPORT"), join(path, name)),
  }));
  return { tensors, ids: idsFile(path) };
}

function unescaped(name: string): string {
  return name.replaceAll("%2F", "/").replaceAll("__", "/");
}

/** ids.json beside the tensors. */
function idsFile(folder: string): number[] | undefined {
  if (!namesIn(folder).has("ids.json")) return undefined;
  const at = join(folder, "ids.json");
  const list = as(readJson(readInside(folder, "ids.json", MOST_JSON, "E_LIMIT_IMPORT"), at), "array", "", at);
  return list.map((id, i) => as(id, "integer", `ids[${i}]`, at));
}

/** An .npz of graph values, a .pb of one tensor, or a folder of .pb files called as the values are. */
function readOnnx(path: string): Foreign {
  if (examine(path)?.isDirectory() !== true) {
    if (path.endsWith(".npz")) return readNpz(path);
    return { tensors: [named(readOnnxTensor(whole(path), path), path)] };
  }
  const names = [...namesIn(path)].filter((name) => name.endsWith(".pb")).sort();
  const tensors = names.map((name) =>
    named(readOnnxTensor(readInside(path, name, MOST_FILE, "E_LIMIT_IMPORT"), join(path, name)), name),
  );
  return { tensors, ids: idsFile(path) };
}

function named(tensor: ForeignTensor, path: string): ForeignTensor {
  return tensor.name === "" ? { ...tensor, name: unescaped(basename(path).replace(/\.pb$/, "")) } : tensor;
}

/**
 * What model_addition_debugger_context(use_repr=False) leaves: a tree of modules as JSON, and each tensor in a
 * safetensors file under the name "data".
 *
 * source   transformers model_debugging_utils.py: _serialize_tensor_like_io, prune_intermediate_layers
 */
function readTree(path: string): Foreign {
  const name = [...namesIn(path)].find((one) => one.endsWith("_debug_tree_FULL_TENSORS.json"));
  if (name === undefined) {
    throw new FormatError("E_IMPORT_FORMAT", path, {
      path,
      expected: "a file that ends _debug_tree_FULL_TENSORS.json",
      actual: "none",
      hint: "Use model_addition_debugger_context(model, debug_path=..., do_prune_layers=False, use_repr=False).",
    });
  }
  const at = join(path, name);
  const tree = as(readJson(readInside(path, name, MOST_JSON, "E_LIMIT_IMPORT"), at), "object", "", at);
  const tensors: ForeignTensor[] = [];
  walk(tree, path, at, tensors);
  return { tensors, engine: "Hugging Face transformers" };
}

/** Float tensors by module and side; the embedding's whole numbers are the prompt. */
function walk(node: JsonObject, folder: string, at: string, tensors: ForeignTensor[]): void {
  const module = optional(node, "module_path", "string", at) ?? "";
  for (const side of ["inputs", "outputs"] as const) {
    const found = firstTensor(node.get(side));
    if (found === undefined) continue;
    const tensor = dataFile(folder, found, at);
    const ids = module.endsWith("embed_tokens") && side === "inputs";
    if (ids) tensors.push({ name: "input_ids", ...tensor });
    else if (tensor.float) tensors.push({ name: `${module}:${side === "inputs" ? "in" : "out"}`, ...tensor });
  }
  for (const child of optional(node, "children", "array", at) ?? []) {
    walk(as(child, "object", "children", at), folder, at, tensors);
  }
}

/** The first tensor of a module's inputs or outputs: an object whose value names a file. */
function firstTensor(json: Json | undefined): string | undefined {
  if (json instanceof Map) {
    const value = json.get("value");
    if (typeof value === "string" && value.endsWith(".safetensors")) return value;
  }
  const inner = json instanceof Map ? [...json.values()] : Array.isArray(json) ? json : [];
  for (const one of inner) {
    const found = firstTensor(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface TreeTensor extends Pick<ForeignTensor, "shape" | "data"> {
  readonly float: boolean;
}

function dataFile(folder: string, name: string, at: string): TreeTensor {
  const path = join(folder, basename(name));
  const bytes = readInside(folder, basename(name), MOST_FILE, "E_LIMIT_IMPORT");
  const tensor = parseSafetensors(bytes, path).get("data");
  if (tensor === undefined) {
    throw new FormatError("E_IMPORT_FORMAT", at, { path: at, expected: `"data" in ${name}`, actual: "another tensor" });
  }
  const { shape, dtype } = tensor;
  if (dtype !== "I64") return { shape, data: widened(tensor.bytes, dtype, shape, path), float: true };
  const view = new DataView(tensor.bytes.buffer, tensor.bytes.byteOffset, tensor.bytes.length);
  const data = Float32Array.from({ length: tensor.bytes.length / 8 }, (_, i) => Number(view.getBigInt64(8 * i, true)));
  return { shape, data, float: false };
}

function widened(bytes: Uint8Array, dtype: string, shape: readonly number[], path: string): Float32Array {
  const count = shape.reduce((product, n) => product * n, 1);
  const size = { F32: 4, F16: 2, BF16: 2 }[dtype];
  const codec = CODECS.get(dtype);
  if (size === undefined || codec === undefined || bytes.length !== count * size) {
    const details = {
      path,
      expected: `${count} values of F32, F16 or BF16`,
      actual: `${bytes.length} bytes of ${dtype}`,
    };
    throw new FormatError("E_IMPORT_SHAPE", path, { ...details, hint: "Write the tensor again." });
  }
  const out = new Float32Array(count);
  codec.widen(bytes, 0, count, out, 0);
  return out;
}

/**
 * A list of tensors as JSON, and their values as they lie in memory, in files beside it:
 *
 *   {"ids"?, "engine"?, "policy"?, "tensors": [{"name", "file", "shape" or "ne", "dtype"?, "offset"?, "op"?, "rows"?}]}
 *
 * `ne` is ggml's order of sizes, innermost first; `dtype` is F32 unless told.
 */
function readRaw(path: string): Foreign {
  const folder = examine(path)?.isDirectory() === true ? path : join(path, "..");
  const name = folder === path ? "tensors.json" : basename(path);
  const at = join(folder, name);
  const list = as(readJson(readInside(folder, name, MOST_JSON, "E_LIMIT_IMPORT"), at), "object", "", at);
  const numbers = (object: JsonObject, key: string) =>
    optional(object, key, "array", at)?.map((n, i) => as(n, "integer", `${key}[${i}]`, at));
  const tensors = field(list, "tensors", "array", at).map((entry, i) => {
    const fields = as(entry, "object", `tensors[${i}]`, at);
    const ne = numbers(fields, "ne")?.reverse();
    const shape = ne ?? numbers(fields, "shape") ?? field(fields, "shape", "array", at).map(Number);
    const dtype = (optional(fields, "dtype", "string", at) ?? "F32").toUpperCase();
    const file = field(fields, "file", "string", at);
    const data = rawValues(folder, file, optional(fields, "offset", "integer", at) ?? 0, shape, dtype);
    return {
      name: field(fields, "name", "string", at),
      shape,
      data,
      op: optional(fields, "op", "string", at),
      rows: numbers(fields, "rows"),
    };
  });
  const [engine, policy] = ["engine", "policy"].map((key) => optional(list, key, "string", at));
  return { tensors, ids: numbers(list, "ids"), engine, policy };
}

function rawValues(
  folder: string,
  name: string,
  offset: number,
  shape: readonly number[],
  dtype: string,
): Float32Array {
  const file = openInside(folder, name);
  try {
    const count = shape.reduce((product, n) => product * n, 1);
    const bytes = count * (dtype === "F32" ? 4 : 2);
    if (offset < 0 || !(offset + bytes <= file.bytes)) {
      const details = { path: file.path, expected: `${bytes} bytes at ${offset}`, actual: `a file of ${file.bytes}` };
      throw new FormatError("E_IMPORT_SHAPE", file.path, {
        ...details,
        hint: "Are sizes and file those of one tensor?",
      });
    }
    return widened(file.read(offset, bytes), dtype, shape, file.path);
  } finally {
    file.close();
  }
}
