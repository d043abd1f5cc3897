/**
 * What a backend must do: the seven equations of the page, a cache, and the borders of its memory.
 *
 * Everything is synchronous but `download`. Tensors are opaque outside the backend that made them.
 */
import type { Config, Rope } from "./config.ts";
import type { AnyTensor, Host, Tensor } from "./tensor.ts";

/** One layer's keys and values, kept where the backend lives. */
export interface LayerCache {
  /** Tokens kept so far: the position of the next one. */
  readonly length: number;
  /**
   * Adds the rows of T new tokens; returns those of all S = length + T. Throws LimitError past the
   * capacity. In another format than float32 they are valid until the next layer appends.
   */
  append(k: Tensor<"T KD">, v: Tensor<"T KD">): { keys: Tensor<"S KD">; values: Tensor<"S KD"> };
  /** Forgets every token from position `length` on, so that another continuation can follow. */
  truncate(length: number): void;
}

/** How keys and values are kept: as they are, rounded to bfloat16, or as bytes with a scale a head. */
export type CacheFormat = "f32" | "bf16" | "int8";

/** A backend: the equations, the cache, the borders. */
export interface Ops {
  /** Short name, as in `--backend`. */
  readonly name: string;

  /** x = E[ids] */
  embed(E: Tensor<"V C">, ids: Uint32Array): Tensor<"T C">;
  /** n = x / rms(x) * g */
  rmsNorm(x: Tensor<"T C">, g: Tensor<"C">, eps: number): Tensor<"T C">;
  /** y = W x + b */
  linear<I extends string, O extends string>(
    x: Tensor<`T ${I}`>,
    W: Tensor<`${O} ${NoInfer<I>}`>,
    b?: Tensor<NoInfer<O>>,
  ): Tensor<`T ${O}`>;
  /** Each head's pair (d, d + D/2) turns by p theta^(-2d/D), p = pos + t */
  rope<A extends "T HD" | "T KD">(x: Tensor<A>, pos: number, R: Rope): Tensor<A>;
  /** a = softmax(q k' / sqrt D) v, each token seeing itself and those before it */
  attention(q: Tensor<"T HD">, keys: Tensor<"S KD">, values: Tensor<"S KD">, D: number): Tensor<"T HD">;
  /** h = g sigmoid(g) * u */
  swiglu(gate: Tensor<"T F">, up: Tensor<"T F">): Tensor<"T F">;
  /** z = x + y */
  add<A extends string>(x: Tensor<A>, y: Tensor<NoInfer<A>>): Tensor<A>;

  /** Rows [first, first + rows) of x: no equation, only a choice of tokens. */
  rows<A extends string>(x: Tensor<`T ${A}`>, first: number, rows: number): Tensor<`T ${A}`>;
  /** One empty cache a layer, for at most `capacity` tokens, in that format; "f32" unless told. */
  cache(config: Config, capacity: number, format?: CacheFormat): LayerCache[];
  /** Brings a tensor of this computer's memory to the backend. */
  upload<A extends string>(x: Tensor<A>): Tensor<A>;
  /** Brings a tensor of the backend's into this computer's memory. */
  download<A extends string>(x: Tensor<A>): Host<A> | Promise<Host<A>>;
  /** Runs `f` and frees what it made, except what it returns. */
  scope<R>(f: () => R): R;
  /** Frees a tensor that nobody uses any more. A backend without it has nothing to free. */
  free?(x: AnyTensor): void;

  /** How many tokens it likes to be fed at once; 16 unless told. */
  readonly chunk?: number;
  /** Whether its work is done later than it is asked for, so that a download waits: it is then asked for few. No unless told. */
  readonly later?: boolean;
  /** With at most so many tokens at once each has the same bits as by itself; with any number unless told. */
  readonly steady?: number;
  /** How many threads it runs on; one unless told. */
  readonly threads?: number;
  /** Bytes of memory of its own that a chunk of tokens takes, weights and caches apart; none unless told. */
  workspace?(config: Config): number;
  /**
   * Says how many bytes of weights it may keep in a memory of its own: `bytes` as they are stored, or `room` in another form.
   * A backend without one keeps none.
   */
  keep?(bytes: number, room: number): void;
  /** Frees its memory and ends its threads. */
  close?(): void;
}
