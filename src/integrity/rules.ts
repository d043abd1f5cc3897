/** What is asked of each tensor's values: of plain weights that they are finite, of packed ones what their format allows. */
import type { Packing } from "../files/quantization.ts";
import { INTEGERS, type Rule } from "../files/scanner.ts";
import type { TensorInfo } from "../files/source.ts";

/**
 * The rule for a tensor of a checkpoint with that packing, by the end of its name.
 *
 * source   the layouts in packed-tensors.ts, and what packed-columns.ts and packed-rows.ts refuse when they widen
 */
export function ruleOf(info: TensorInfo, packing: Packing | undefined, tensors: ReadonlyMap<string, TensorInfo>): Rule {
  const [, stem, part] = /^(.*)\.([^.]+)$/.exec(info.name) ?? [];
  switch (packing === undefined ? undefined : part) {
    case "scales":
    case "weight_scale":
      return { kind: "scales", zero: false };
    case "SCB":
      return { kind: "scales", zero: true };
    case "g_idx":
      return { kind: "groups", groups: tensors.get(`${stem}.scales`)?.shape[0] ?? 0 };
    case "qzeros":
      return packing?.kind === "gptq" ? { kind: "gptq-zeros", bits: packing.bits } : { kind: "other" };
    case "weight":
      if (info.format === "I8") return { kind: packing?.kind === "llm-int8" ? "symmetric" : "integers" };
      break;
    case "qweight":
    case "weight_packed":
      return { kind: "integers" };
  }
  return { kind: INTEGERS.has(info.format) ? "other" : "weights" };
}
