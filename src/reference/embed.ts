import { UsageError } from "../errors.ts";
import { type Host, isStored, type Tensor, zeros } from "../tensor.ts";
import { unwrap } from "./unwrap.ts";

/**
 * Embedding: token t's state is its row of E. No scaling.
 *
 *   x[t c] = E[ids[t] c]
 *
 * shapes   E [V C], ids [T] -> [T C]
 * numbers  exact: each weight widened to float32, nothing else
 * throws   UsageError E_ARG_TOKEN_ID if an id is not a row of E
 * source   transformers qwen2: Qwen2Model.embed_tokens (torch.nn.Embedding)
 * golden   ops/embed
 */
export function embed(E: Tensor<"V C">, ids: Uint32Array): Host<"T C"> {
  const [V = 0, C = 0] = E.shape;
  const x = zeros<"T C">(ids.length, C);
  ids.forEach((id, t) => {
    if (id >= V) {
      throw new UsageError("E_ARG_TOKEN_ID", "embed", {
        expected: `ids below ${V}`,
        actual: `${id} at position ${t}`,
        hint: "Use this model's own tokenizer.",
      });
    }
    const row = x.data.subarray(t * C, (t + 1) * C);
    if (isStored(E)) E.widen(id, 1, row);
    else row.set(unwrap(E, "embed").data.subarray(id * C, (id + 1) * C));
  });
  return x;
}
