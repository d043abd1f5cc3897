/**
 * The page's weights over a checkpoint's tensors: the matrices stay as they are stored and are widened a few rows at a
 * time, the gains and biases (a few thousand values a layer) are read at once.
 */
import type { Config } from "../config.ts";
import { FormatError, UsageError } from "../errors.ts";
import type { Format } from "../quant/format.ts";
import { FORMATS } from "../quant/index.ts";
import { host, type Host, stored, type Stored } from "../tensor.ts";
import type { Layer, Weights } from "../weights.ts";
import { type ExpectedWeight, LAYER_WEIGHTS, layerName, MODEL_WEIGHTS, type Naming, sizes } from "./names.ts";
import { packedMatrix } from "./packed.ts";
import { absentLayer, absentMatrix } from "./part.ts";
import type { Slot } from "./packed-columns.ts";
import { isPacked } from "./packed-tensors.ts";
import type { Packing } from "./quantization.ts";
import { quote } from "../json/quote.ts";
import type { Course, TensorInfo, WeightSource } from "./source.ts";

/** Bytes lent at a time while rows are widened: enough to make a read worth while, and no matrix is ever in memory whole. */
const WINDOW_BYTES = 1 << 20;

/**
 * The weights of a model whose tensors have been checked against its config (see tensors.ts). Nothing of a matrix is
 * read until it is used. With `packing`, a matrix of a layer may lie in several tensors.
 *
 * throws   FormatError E_ST_DTYPE_UNSUPPORTED or E_GGUF_DTYPE for a number format that cannot be widened; what the
 *          source throws
 */
export function readWeights(source: WeightSource, config: Config, naming: Naming, packing?: Packing): Weights {
  const info = (name: string) => source.tensors.get(name)!;
  const model = (ours: "E" | "g" | "U") => info(MODEL_WEIGHTS.find((row) => row.ours === ours)![naming]);
  const slot: Slot = { block: undefined };
  const matrixOf: MatrixOf = (weight, interleaved) =>
    packing !== undefined && isPacked(weight, packing, source.tensors)
      ? packedMatrix(source, weight, packing, slot)
      : matrix(source, info(weight.name), interleaved);
  const layers = Array.from(
    { length: config.layers },
    (_, l) => [l, readLayer(source, config, naming, l, matrixOf)] as const,
  );
  const E = matrix<"V C">(source, model("E"));
  const weights = {
    E,
    layers: () => layers,
    g: vector<"C">(source, model("g")),
    U: config.tied ? E : matrix<"V C">(source, model("U")),
    rope: config.rope,
    eps: config.eps,
  };
  source.expect(courseOf(source, config, naming, packing));
  return weights;
}

/**
 * The weights of a part of a model (part.ts): every layer has its number, and those that are not there throw when they are
 * used, as embedding and unembedding do.
 */
export function readPart(source: WeightSource, config: Config, part: ReadonlySet<number>, path: string): Weights {
  const gain = source.tensors.get(MODEL_WEIGHTS.find((row) => row.ours === "g")!.safetensors)!;
  const matrixOf: MatrixOf = (weight) => matrix(source, source.tensors.get(weight.name)!);
  const layers = Array.from(
    { length: config.layers },
    (_, l) => [l, part.has(l) ? readLayer(source, config, "safetensors", l, matrixOf) : absentLayer(l, path)] as const,
  );
  const E = absentMatrix<"V C">("the embedding", config, path);
  const U = config.tied ? E : absentMatrix<"V C">("the unembedding", config, path);
  return { E, layers: () => layers, g: vector<"C">(source, gain), U, rope: config.rope, eps: config.eps };
}

/** What a token needs, in the order of the page: every matrix but the embedding, of which it needs a row. */
function courseOf(source: WeightSource, config: Config, naming: Naming, packing: Packing | undefined): Course {
  const unembedding = MODEL_WEIGHTS.find(({ ours }) => ours === (config.tied ? "E" : "U"))!;
  const rows = LAYER_WEIGHTS.filter(({ axes }) => axes.length > 1);
  const names = Array.from({ length: config.layers }, (_, l) => rows.map((row) => layerName(row, l, naming))).flat();
  const walked = [...names, unembedding[naming]].flatMap((name) => source.tensors.get(name) ?? []);
  const seen = new Set([...walked, ...MODEL_WEIGHTS.map((row) => source.tensors.get(row[naming]))]);
  const rest = [...source.tensors.values()].filter((info) => !seen.has(info));
  return { walked, used: packing === undefined ? [] : rest };
}

/** A layer's matrix, in one tensor or several; with the head size where its rows are those of interleaved RoPE. */
type MatrixOf = <A extends string>(weight: ExpectedWeight, interleaved?: number) => Stored<A>;

function readLayer(source: WeightSource, config: Config, naming: Naming, l: number, matrixOf: MatrixOf): Layer {
  const size = sizes(config);
  const expected = (ours: keyof Layer): ExpectedWeight => {
    const row = LAYER_WEIGHTS.find((row) => row.ours === ours)!;
    return { name: layerName(row, l, naming), shape: row.axes.map((axis) => size[axis]) };
  };
  const info = (ours: keyof Layer) => source.tensors.get(expected(ours).name);
  const gain = (ours: "g1" | "g2") => vector<"C">(source, info(ours)!);
  const bias = <A extends "HD" | "KD">(ours: keyof Layer) =>
    config.biases ? vector<A>(source, info(ours)!) : undefined;
  // llama.cpp turns neighbours (2d, 2d + 1), so its converter moves the rows of q and k; for Qwen2 it does not.
  const D = naming === "gguf" && config.architecture === "llama" ? config.headSize : undefined;
  return {
    g1: gain("g1"),
    Wq: matrixOf(expected("Wq"), D),
    bq: bias("bq"),
    Wk: matrixOf(expected("Wk"), D),
    bk: bias("bk"),
    Wv: matrixOf(expected("Wv")),
    bv: bias("bv"),
    Wo: matrixOf(expected("Wo")),
    g2: gain("g2"),
    Wgate: matrixOf(expected("Wgate")),
    Wup: matrixOf(expected("Wup")),
    Wdown: matrixOf(expected("Wdown")),
  };
}

/** The whole of a small tensor as float32. */
export function vector<A extends string>(source: WeightSource, info: TensorInfo): Host<A> {
  const format = formatOf(info);
  const data = new Float32Array(info.shape.reduce((product, n) => product * n, 1));
  source.window(info, 0, info.bytes, (bytes) => format.widen(bytes, 0, data.length / format.block, data, 0));
  return host(info.shape, data);
}

/**
 * A matrix that stays where it is. With `interleaved`, its rows are those of heads of that size in the order of
 * interleaved RoPE, and appear in the order of the page: row s D/2 + j of a head is stored as its row 2j + s.
 */
export function matrix<A extends string>(source: WeightSource, info: TensorInfo, interleaved?: number): Stored<A> {
  const format = formatOf(info);
  const [rows = 0, columns = 0] = info.shape;
  const rowBytes = (columns / format.block) * format.bytes;
  const lend = <R>(first: number, count: number, use: (bytes: Uint8Array) => R): R =>
    source.window(info, first * rowBytes, count * rowBytes, use);
  const read = { format, rows, columns, rowBytes, lend, info };
  const { name } = info;
  return stored<A>({
    shape: info.shape,
    format: format.name,
    name,
    ...(interleaved === undefined ? inOrder(read) : untangled(read, interleaved)),
  });
}

interface Read {
  readonly format: Format;
  readonly rows: number;
  readonly columns: number;
  readonly rowBytes: number;
  readonly info: TensorInfo;
  /** The bytes of stored rows [first, first + count). */
  lend<R>(first: number, count: number, use: (bytes: Uint8Array) => R): R;
}

type Access = Pick<Stored<string>, "widen" | "window">;

function inOrder(read: Read): Access {
  const { format, columns, rowBytes, lend } = read;
  const step = Math.max(1, Math.floor(WINDOW_BYTES / rowBytes));
  return {
    widen(first, rows, into) {
      checkRange(read, first, rows, into.length);
      for (let done = 0; done < rows; done += step) {
        const count = Math.min(step, rows - done);
        const blocks = (count * columns) / format.block;
        lend(first + done, count, (bytes) => format.widen(bytes, 0, blocks, into, done * columns));
      }
    },
    window(first, rows, use) {
      checkRange(read, first, rows);
      return lend(first, rows, use);
    },
  };
}

/** Reads whole heads and hands out their rows in the order of the page. */
function untangled(read: Read, D: number): Access {
  const { format, columns, rowBytes, lend } = read;
  /** For each of our rows [first, first + rows): its place among the lent bytes, and its place in the answer. */
  const eachRow = (first: number, rows: number, use: (bytes: Uint8Array, at: number, row: number) => void) => {
    for (let done = 0; done < rows;) {
      const head = Math.floor((first + done) / D) * D;
      const end = Math.min(first + rows, head + D);
      lend(head, D, (bytes) => {
        for (; first + done < end; done++) {
          const d = first + done - head;
          const s = d < D / 2 ? 0 : 1;
          use(bytes, (2 * (d - (s * D) / 2) + s) * rowBytes, done);
        }
      });
    }
  };
  return {
    widen(first, rows, into) {
      checkRange(read, first, rows, into.length);
      const blocks = columns / format.block;
      eachRow(first, rows, (bytes, at, row) => format.widen(bytes, at, blocks, into, row * columns));
    },
    window(first, rows, use) {
      checkRange(read, first, rows);
      const gathered = new Uint8Array(rows * rowBytes);
      eachRow(first, rows, (bytes, at, row) => gathered.set(bytes.subarray(at, at + rowBytes), row * rowBytes));
      return use(gathered);
    },
  };
}

function checkRange(read: Read, first: number, rows: number, room = rows * read.columns): void {
  const whole = Number.isInteger(first) && Number.isInteger(rows);
  if (whole && first >= 0 && rows >= 0 && first + rows <= read.rows && room >= rows * read.columns) return;
  throw new UsageError("E_ARG_ROWS", read.info.path, {
    expected: `rows within [0, ${read.rows}) and room for ${read.columns} values each`,
    actual: `${rows} from ${first}, and room for ${room} values`,
    tensor: read.info.name,
  });
}

/** How the tensor's numbers are stored. Throws FormatError for a format that cannot be widened here. */
export function formatOf(info: TensorInfo): Format {
  const format = FORMATS.get(info.format);
  if (format !== undefined && (info.shape.at(-1) ?? 1) % format.block === 0) return format;
  throw new FormatError(info.path.endsWith(".gguf") ? "E_GGUF_DTYPE" : "E_ST_DTYPE_UNSUPPORTED", info.path, {
    path: info.path,
    tensor: quote(info.name),
    expected: `one of the number formats ${[...FORMATS.keys()].join(", ")}`,
    actual: info.format,
    hint: "Get the model in one of these.",
  });
}
