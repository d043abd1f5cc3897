/**
 * Feeding tokens to the model: in chunks, so that memory stays small and an interruption is heard between them.
 */
import { allFinite, checkFinite, watch } from "./finite.ts";
import { type Activations, hidden, type Observe } from "../model.ts";
import type { LayerCache, Ops } from "../ops.ts";
import type { Host, Tensor } from "../tensor.ts";
import type { Weights } from "../weights.ts";

/**
 * Tokens fed at once. More would reuse each widened weight more often, and be deaf to Ctrl-C for longer: 16 tokens of
 * SmolLM2 take the reference a second.
 */
export const CHUNK = 16;

/** Thrown where the weights are lent (see CheckpointOptions), it ends the feeding as the signal does. */
export class Halted extends Error {
  override readonly name = "Halted";
}

/** The model that is fed, and what watches it. */
export interface Feed {
  readonly ops: Ops;
  readonly weights: Weights;
  readonly caches: readonly LayerCache[];
  /** At most so many tokens at once; what the backend likes unless told. */
  readonly chunk?: number | undefined;
  /** Shown every layer's activations. */
  readonly observe?: Observe | undefined;
  /** Ends the feeding between two chunks. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Feeds `ids` after what the caches hold, and yields the normed last states of one chunk after another, each valid until the
 * next is asked for. Between chunks timers and signals get their turn; once the signal is aborted, or within a chunk the
 * weights throw Halted, nothing more comes.
 *
 * throws  FormatError E_NUM_NONFINITE, naming the first activation that is not finite
 */
export async function* feed(f: Feed, ids: Uint32Array): AsyncGenerator<Tensor<"T C">, void> {
  const { ops, weights, caches } = f;
  const chunk = evenly(ids.length, f.chunk ?? ops.chunk ?? CHUNK);
  for (let first = 0; first < ids.length; first += chunk) {
    await breathe();
    if (f.signal?.aborted) return;
    const position = caches[0]?.length ?? 0;
    const check = ops.later ? () => {} : watch(ops, position);
    const free = freeing(ops);
    const observe: Observe = (layer, acts) => {
      f.observe?.(layer, acts);
      check(layer, acts);
      free(acts);
    };
    const part = ids.subarray(first, first + chunk);
    let n: Tensor<"T C">;
    try {
      n = ops.scope(() => hidden(ops, weights, part, caches, observe));
      // What failed later is heard of here, so that not all of a long prompt waits; of its end, with the logits.
      if (ops.later && first + chunk < ids.length) checkFinite(await ops.download(n), "norm", position);
    } catch (error) {
      for (const cache of caches) cache.truncate(position); // some layers have seen the part
      return ifHalted(error);
    }
    try {
      yield n;
    } finally {
      ops.free?.(n);
    }
  }
}

/** Frees what a layer made once it is over, but for its end, with which the next one begins. */
function freeing(ops: Ops): (acts: Activations) => void {
  if (ops.free === undefined || ops.later) return () => {};
  let before: Tensor<"T C"> | undefined;
  return ({ out, ...acts }) => {
    for (const x of Object.values(acts)) ops.free!(x);
    if (before !== undefined) ops.free!(before);
    before = out;
  };
}

/** The least size of a part that gives no more parts than `most` does: a few tokens by themselves are read slowly. */
function evenly(length: number, most: number): number {
  return Math.ceil(length / Math.max(1, Math.ceil(length / most)));
}

/** Logits of rows [first, first + rows) of normed states, checked; `position` is that of row `first`. */
export async function logitsOf(
  { ops, weights }: Feed,
  n: Tensor<"T C">,
  first: number,
  rows: number,
  position: number,
): Promise<Host<"T V">> {
  const states = ops.rows(n, first, rows);
  try {
    const logits = await ops.scope(() => ops.download(ops.linear(states, weights.U)));
    if (!allFinite(logits.data)) {
      checkFinite(await ops.download(states), "norm", position);
      checkFinite(logits, "logits", position);
    }
    return logits;
  } finally {
    ops.free?.(states);
  }
}

/** Tells the logits of every row of a chunk, the first of which has place `first`; of none once the signal has come. */
export async function eachRow(
  f: Feed,
  n: Tensor<"T C">,
  first: number,
  tell: (logits: Float32Array, place: number) => void,
): Promise<void> {
  const rows = n.shape[0]!;
  const logits = await logitsOf(f, n, 0, rows, first).catch(ifHalted);
  const V = (logits?.data.length ?? 0) / rows;
  for (let row = 0; logits !== undefined && row < rows; row++) {
    tell(logits.data.subarray(row * V, (row + 1) * V), first + row);
  }
}

/** Takes an interruption for nothing; throws any other error on. */
export function ifHalted(error: unknown): undefined {
  if (!(error instanceof Halted)) throw error;
}

/** Lets timers, signals and other work have their turn. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
