/**
 * A matrix that lies in several tensors, as the page sees it: one `Stored` whose rows are widened as they are used, or
 * lent as blocks.
 */
import { UsageError } from "../errors.ts";
import { type GroupedRow, widenGrouped } from "../quant/grouped.ts";
import { widenLlmInt8 } from "../quant/llm-int8.ts";
import { type GroupBlocks, stored, type Stored } from "../tensor.ts";
import type { ExpectedWeight } from "./names.ts";
import { blockBytes, type Row, writeBlocks } from "./packed-blocks.ts";
import { columnBlocks, type Columns, eachColumn, type Slot } from "./packed-columns.ts";
import {
  checkLayout,
  checkStoredShape,
  type Compressed,
  eachCompressed,
  eachInt8,
  int8Blocks,
  type LlmInt8,
  rowBlocks,
} from "./packed-rows.ts";
import { stem } from "./packed-tensors.ts";
import type { Packing } from "./quantization.ts";
import type { TensorInfo, WeightSource } from "./source.ts";

/** How the rows of a packing are read. */
interface Reader {
  /** Shows `use` rows [first, first + rows) as integers, scales and zero points. */
  each(first: number, rows: number, use: (row: Row, done: number) => void): void;
  /** Writes them as float32. */
  widen(first: number, rows: number, into: Float32Array): void;
  /** The form in which their bytes are lent, if there is one. */
  blocks(): GroupBlocks | undefined;
}

/**
 * The matrix `weight` of a checkpoint whose tensors have been checked (packed-tensors.ts). `slot` is the model's.
 *
 * throws   when it is read: what packed-columns.ts and packed-rows.ts say; UsageError E_ARG_ROWS; E_ARG_WINDOW for its
 *          bytes where its groups are no blocks: not all of one size, a multiple of 32
 */
export function packedMatrix<A extends string>(
  source: WeightSource,
  { name, shape }: ExpectedWeight,
  packing: Packing,
  slot: Slot,
): Stored<A> {
  const part = (suffix: string) => source.tensors.get(`${stem(name)}.${suffix}`)!;
  const reader = readerOf(source, shape, packing, slot, part);
  let known: { readonly blocks: GroupBlocks | undefined } | undefined;
  const blocksOnce = () => (known ??= { blocks: reader.blocks() }).blocks;
  return stored<A>({
    shape,
    format: formatName(packing),
    name,
    get blocks() {
      return blocksOnce();
    },
    widen(first, rows, into) {
      checkRange(name, shape, first, rows, into.length);
      reader.widen(first, rows, into);
    },
    window(first, rows, use) {
      const blocks = blocksOnce();
      if (blocks === undefined) throw noBlocks(name);
      checkRange(name, shape, first, rows);
      return inBlocks(reader, slot, blocks, shape[1]!, first, rows, use);
    },
  });
}

/** Lends rows as blocks. The model's one buffer is used again, unless somebody has it. */
function inBlocks<R>(
  reader: Reader,
  slot: Slot,
  of: GroupBlocks,
  inputs: number,
  first: number,
  rows: number,
  use: (bytes: Uint8Array) => R,
): R {
  const rowBytes = (inputs / of.group) * blockBytes(of);
  const length = rows * rowBytes;
  const buffer = slot.lent !== undefined && slot.lent.length >= length ? slot.lent : new Uint8Array(length);
  slot.lent = undefined;
  const bytes = buffer.subarray(0, length);
  reader.each(first, rows, (row, done) => writeBlocks(of, row, bytes, done * rowBytes));
  const result = use(bytes);
  slot.lent = buffer;
  return result;
}

function noBlocks(name: string): UsageError {
  return new UsageError("E_ARG_WINDOW", name, {
    expected: "values to be asked for (widen)",
    actual: "a request for bytes",
    hint: "A packed matrix lies in several tensors, and this one has groups that are no blocks of 32 inputs; read those.",
  });
}

function readerOf(
  source: WeightSource,
  [outputs = 0, inputs = 0]: readonly number[],
  packing: Packing,
  slot: Slot,
  part: (suffix: string) => TensorInfo,
): Reader {
  switch (packing.kind) {
    case "awq":
    case "gptq": {
      const of: Columns = {
        ...packing,
        outputs,
        inputs,
        qweight: part("qweight"),
        qzeros: part("qzeros"),
        scales: part("scales"),
        groups: packing.kind === "gptq" ? part("g_idx") : undefined,
      };
      return grouped(
        inputs,
        () => columnBlocks(source, of),
        (first, rows, use) => eachColumn(source, slot, of, first, rows, use),
      );
    }
    case "llm-int8":
      return llmInt8(source, { inputs, weight: part("weight"), scb: part("SCB"), layout: part("weight_format") });
    case "compressed": {
      const { bits, group, packed } = packing;
      const weight = part(packed ? "weight_packed" : "weight");
      const shape = packed ? part("weight_shape") : undefined;
      return compressed(source, { outputs, inputs, bits, group, weight, scales: part("weight_scale"), shape });
    }
  }
}

function compressed(source: WeightSource, of: Compressed): Reader {
  const check = once(() => checkStoredShape(source, of));
  return grouped(
    of.inputs,
    () => rowBlocks(of),
    (first, rows, use) => {
      check();
      eachCompressed(source, of, first, rows, use);
    },
  );
}

/** A reader of rows whose inputs share scales in groups. */
function grouped(
  inputs: number,
  blocks: () => GroupBlocks | undefined,
  each: (first: number, rows: number, use: (row: GroupedRow, done: number) => void) => void,
): Reader {
  const widen: Reader["widen"] = (first, rows, into) =>
    each(first, rows, (row, done) => widenGrouped(row, into, done * inputs));
  return { each, widen, blocks };
}

function llmInt8(source: WeightSource, of: LlmInt8): Reader {
  const { inputs } = of;
  const check = once(() => checkLayout(source, of));
  const zeros = new Int16Array(1);
  const each = (first: number, rows: number, use: (q: Int8Array, scb: number, done: number) => void) => {
    check();
    eachInt8(source, of, first, rows, use);
  };
  return {
    each: (first, rows, use) =>
      each(first, rows, (q, scb, done) => use({ q, scales: Float32Array.of(scb), zeros, at: 0 }, done)),
    widen: (first, rows, into) => each(first, rows, (q, scb, done) => widenLlmInt8(q, scb, into, done * inputs)),
    blocks: () => int8Blocks(of),
  };
}

/** A check that is made at the first use, so that opening a model reads nothing of its matrices. */
function once(check: () => void): () => void {
  let checked = false;
  return () => {
    if (!checked) check();
    checked = true;
  };
}

/** "AWQ_INT4", "GPTQ_INT8", "LLM_INT8", "CT_INT4". */
function formatName(packing: Packing): string {
  switch (packing.kind) {
    case "awq":
      return "AWQ_INT4";
    case "gptq":
      return `GPTQ_INT${packing.bits}`;
    case "llm-int8":
      return "LLM_INT8";
    case "compressed":
      return `CT_INT${packing.bits}`;
  }
}

function checkRange(name: string, shape: readonly number[], first: number, rows: number, room = Infinity): void {
  const [O = 0, I = 0] = shape;
  const whole = Number.isInteger(first) && Number.isInteger(rows);
  if (whole && first >= 0 && rows >= 0 && first + rows <= O && room >= rows * I) return;
  throw new UsageError("E_ARG_ROWS", name, {
    expected: `rows within [0, ${O}) and room for ${I} values each`,
    actual: `${rows} from ${first}, and room for ${room} values`,
  });
}
