import { type Host, zeros } from "qwq-ts";

/**
 * Embedding: token t's state is its row of E. No scaling.
 *
 *   x[t c] = E[ids[t] c]
 *
 * shapes   E [V C], ids [T] -> [T C]
 * numbers  exact: each weight widened to float32, nothing else
 * throws   UsageError E_ARG_TOKEN_ID if an id is not a row of E
 * source   transformers qwen2: Qwen2Model.embed_tokens (torch.nn.Embedding)
 */
export function embed(E: Host<"V C">, ids: Uint32Array): Host<"T C"> {
  throw new Error("embed is not written yet");
}
