/**
 * How a long text is scored: in windows of W tokens that start every S. Each scores only tokens that no window before it
 * has scored: the first all but its first token, the others their last ones, with the rest of the window as context.
 *
 * source  Hugging Face's guide "Perplexity of fixed-length models" (the sliding window)
 */
import type { Config } from "../config.ts";
import { UsageError } from "../errors.ts";
import { type Feed, feed, logitsOf } from "./feed.ts";
import { checkCount, checkIds } from "./generate.ts";

/** Rows of logits held at once: at QwQ's 152,064 columns, 10 MB. */
const ROWS = 16;

/** What is scored, and how it is cut. */
export interface Cut {
  readonly ids: ArrayLike<number>;
  /** W, tokens in a window; the context unless told, at most 1,024. */
  readonly window?: number | undefined;
  /** S, tokens from one window's start to the next; half a window unless told. */
  readonly stride?: number | undefined;
}

/** Told after each part how many of the text's tokens are read. */
export type Told = (done: number) => void;

/** Tokens [begin, end), of which those from `from` on count. */
export interface Window {
  readonly begin: number;
  readonly end: number;
  readonly from: number;
}

/**
 * The windows of a text, for a model of that vocabulary and context.
 *
 * throws  UsageError: E_ARG_EMPTY (fewer than two tokens), E_ARG_TOKEN_ID, E_ARG_CONTEXT, E_ARG_LIMIT (also where the
 *         stride exceeds the window)
 */
export function windowsOf(cut: Cut, { vocabulary, context }: Pick<Config, "vocabulary" | "context">) {
  const window = checkCount(cut.window ?? Math.min(context, 1024), "window");
  const stride = checkCount(cut.stride ?? Math.ceil(window / 2), "stride");
  checkIds(cut.ids, vocabulary, "ids");
  const refuse = (code: string, where: string, expected: string, actual: string, hint: string) =>
    new UsageError(code, where, { expected, actual, hint });
  const { length } = cut.ids;
  if (length < 2) {
    throw refuse(
      "E_ARG_EMPTY",
      "text",
      "at least 2 tokens",
      `${length}`,
      "The first token is not predicted; give a longer text.",
    );
  }
  if (window > context || window < 2) {
    throw refuse("E_ARG_CONTEXT", "window", `2 to ${context} tokens`, `${window}`, "Choose another --window.");
  }
  if (stride > window) {
    const hint = "Tokens between two windows would not be scored.";
    throw refuse("E_ARG_LIMIT", "stride", `at most the window, ${window}`, `${stride}`, hint);
  }
  return { window, windows: cutAt(length, window, stride) };
}

function cutAt(length: number, window: number, stride: number): Window[] {
  const windows: Window[] = [];
  for (let begin = 0, done = 0; done < length; begin += stride) {
    const end = Math.min(begin + window, length);
    windows.push({ begin, end, from: Math.max(done, begin + 1) }); // a window's first token has nothing before it
    done = end;
  }
  return windows;
}

/** A token, and the logits of the one before it, valid until the next is asked for. */
export interface Predicted {
  readonly id: number;
  readonly logits: Float32Array;
}

/**
 * What the model predicts for the tokens that a window scores, in order. The caches are emptied first. Where the signal
 * comes, fewer are yielded than the window scores.
 *
 * throws  FormatError E_NUM_NONFINITE
 */
export async function* predictions(
  f: Feed,
  all: Uint32Array,
  { begin, end, from }: Window,
  told?: Told,
): AsyncGenerator<Predicted, void> {
  for (const cache of f.caches) cache.truncate(0);
  const ids = all.subarray(begin, end);
  let position = 0;
  for await (const n of feed(f, ids)) {
    const rows = n.shape[0]!;
    const last = Math.min(position + rows, ids.length - 1); // the last token predicts none of the window
    for (let first = Math.max(position, from - begin - 1); first < last; first += ROWS) {
      const count = Math.min(ROWS, last - first);
      const { data } = await logitsOf(f, n, first - position, count, first);
      const V = data.length / count;
      for (let row = 0; row < count; row++) {
        yield { id: ids[first + row + 1]!, logits: data.subarray(row * V, (row + 1) * V) };
      }
    }
    position += rows;
    told?.(begin + position);
  }
}
