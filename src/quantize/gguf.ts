/** The GGUF file that a model becomes. */
import type { Config } from "../config.ts";
import type { GgufMetadata } from "../files/gguf.ts";
import { layOutGguf } from "../files/gguf-write.ts";
import { type Output, placesOf, type Target } from "./target.ts";
import { ggufFormat } from "./types.ts";

/**
 * One file of mostly `format`.
 *
 * throws   as `layOutGguf`
 */
export function ggufOutput(path: string, config: Config, metadata: GgufMetadata, format: string): Output {
  const tensors = placesOf(config, "gguf").map((place) => ({
    ...place,
    format: place.shape.length === 1 ? "F32" : ggufFormat(format, place.ours, place.columns, config),
  }));
  const { head, places, fileBytes } = layOutGguf(path, metadata, tensors);
  const targets = tensors.map((tensor, i): Target => {
    const moved = config.architecture === "llama" && (tensor.ours === "Wq" || tensor.ours === "Wk");
    return {
      ...tensor,
      group: 0,
      interleaved: moved ? config.headSize : 0,
      file: 0,
      at: places[i]!.at,
      scalesFile: 0,
      scalesAt: 0,
    };
  });
  return { files: [{ name: "", bytes: fileBytes, known: [{ at: 0, bytes: head }] }], targets };
}
