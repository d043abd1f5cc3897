/** The limit on thoughts, as a tokenizer writes it. */
import { UsageError } from "../errors.ts";
import type { ThoughtLimit } from "../generate/thoughts.ts";
import type { Tokenizer } from "../text/tokenizer.ts";

/** What ends thoughts where the model has not ended them itself: as QwQ writes it. */
const END = "\n</think>\n\n";

/**
 * At most `most` tokens of thoughts after the ids of a prompt.
 *
 * throws  UsageError E_ARG_LIMIT where it is no number of tokens, E_ARG_THINK where the tokenizer has no </think>
 */
export function thoughtLimit(tokenizer: Tokenizer, ids: ArrayLike<number>, most: number): ThoughtLimit {
  if (!Number.isInteger(most) || most < 0 || most >= 2 ** 31) {
    throw new UsageError("E_ARG_LIMIT", "think-tokens", {
      expected: "a whole number from 0 to 2^31 - 1",
      actual: String(most),
      hint: "Give such a number.",
    });
  }
  const { opened, begin, end } = thoughtTags(tokenizer, ids);
  if (end === undefined) {
    throw new UsageError("E_ARG_THINK", "think-tokens", {
      expected: "a tokenizer with a token </think>",
      actual: "none",
      hint: "This model does not think; --max-tokens limits its answer.",
    });
  }
  return { most, opened, begin, end, forced: [...tokenizer.encode(END)] };
}

/** The ids of a tokenizer's tags around thoughts, as far as it has them, and whether the ids of a prompt end in thoughts. */
export function thoughtTags(tokenizer: Tokenizer, ids: ArrayLike<number>) {
  const [begin, end] = ["<think>", "</think>"].map((text) => single(tokenizer.encode(text)));
  const last = (tag: number | undefined) => (tag === undefined ? -1 : Array.prototype.lastIndexOf.call(ids, tag));
  return { opened: begin !== undefined && last(begin) > last(end), begin, end };
}

function single(ids: Uint32Array): number | undefined {
  return ids.length === 1 ? ids[0] : undefined;
}
