/**
 * A matrix that lies in several tensors, as the page sees it: one `Stored` whose rows are widened as they are used.
 */
import { UsageError } from "../errors.ts";
import { stored, type Stored } from "../tensor.ts";
import type { ExpectedWeight } from "./names.ts";
import { type Columns, type Slot, widenColumns } from "./packed-columns.ts";
import {
  checkLayout,
  checkStoredShape,
  type Compressed,
  type LlmInt8,
  widenCompressed,
  widenInt8,
} from "./packed-rows.ts";
import { stem } from "./packed-tensors.ts";
import type { Packing } from "./quantization.ts";
import type { TensorInfo, WeightSource } from "./source.ts";

type Widen = Stored<string>["widen"];

/**
 * The matrix `weight` of a checkpoint whose tensors have been checked (packed-tensors.ts). `slot` is the model's.
 *
 * throws   when it is widened: what packed-columns.ts and packed-rows.ts say; UsageError E_ARG_ROWS; E_ARG_WINDOW for
 *          its bytes, since it has none of its own
 */
export function packedMatrix<A extends string>(
  source: WeightSource,
  { name, shape }: ExpectedWeight,
  packing: Packing,
  slot: Slot,
): Stored<A> {
  const part = (suffix: string) => source.tensors.get(`${stem(name)}.${suffix}`)!;
  const widen = reader(source, shape, packing, slot, part);
  return stored<A>({
    shape,
    format: formatName(packing),
    name,
    widen(first, rows, into) {
      checkRange(name, shape, first, rows, into.length);
      widen(first, rows, into);
    },
    window() {
      throw new UsageError("E_ARG_WINDOW", name, {
        expected: "values to be asked for (widen)",
        actual: "a request for bytes",
        hint: "A packed matrix lies in several tensors; read those.",
      });
    },
  });
}

function reader(
  source: WeightSource,
  [outputs = 0, inputs = 0]: readonly number[],
  packing: Packing,
  slot: Slot,
  part: (suffix: string) => TensorInfo,
): Widen {
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
      return (first, rows, into) => widenColumns(source, slot, of, first, rows, into);
    }
    case "llm-int8": {
      const of: LlmInt8 = { inputs, weight: part("weight"), scb: part("SCB"), layout: part("weight_format") };
      return afterOnce(
        () => checkLayout(source, of),
        (first, rows, into) => widenInt8(source, of, first, rows, into),
      );
    }
    case "compressed": {
      const { bits, group, packed } = packing;
      const weight = part(packed ? "weight_packed" : "weight");
      const shape = packed ? part("weight_shape") : undefined;
      const of: Compressed = { outputs, inputs, bits, group, weight, scales: part("weight_scale"), shape };
      return afterOnce(
        () => checkStoredShape(source, of),
        (first, rows, into) => widenCompressed(source, of, first, rows, into),
      );
    }
  }
}

/** `widen` with a check before its first use, so that opening a model reads nothing of its matrices. */
function afterOnce(check: () => void, widen: Widen): Widen {
  let checked = false;
  return (first, rows, into) => {
    if (!checked) check();
    checked = true;
    widen(first, rows, into);
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

function checkRange(name: string, shape: readonly number[], first: number, rows: number, room: number): void {
  const [O = 0, I = 0] = shape;
  const whole = Number.isInteger(first) && Number.isInteger(rows);
  if (whole && first >= 0 && rows >= 0 && first + rows <= O && room >= rows * I) return;
  throw new UsageError("E_ARG_ROWS", name, {
    expected: `rows within [0, ${O}) and room for ${I} values each`,
    actual: `${rows} from ${first}, and room for ${room} values`,
  });
}
