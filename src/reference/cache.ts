import type { Config } from "../config.ts";
import { LimitError } from "../errors.ts";
import type { LayerCache } from "../ops.ts";
import { host, type Host, type Tensor } from "../tensor.ts";
import { checkRows, unwrap } from "./unwrap.ts";

/**
 * Keys and values of the tokens seen so far, one row a token: keys after RoPE, values as projected, before any sharing
 * between query heads. Memory grows as tokens come, by doubling, up to the capacity: 2 K D float32 a token and layer.
 */
class HostCache implements LayerCache {
  length = 0;
  readonly #width: number;
  readonly #capacity: number;
  #keys = new Float32Array(0);
  #values = new Float32Array(0);

  constructor(width: number, capacity: number) {
    this.#width = width;
    this.#capacity = capacity;
  }

  append(k: Tensor<"T KD">, v: Tensor<"T KD">): { keys: Host<"S KD">; values: Host<"S KD"> } {
    const [T = 0] = k.shape;
    checkRows(k, this.#width, "cache", "k");
    checkRows(v, this.#width, "cache", "v");
    this.#reserve(this.length + T);
    this.#keys.set(unwrap(k, "cache").data, this.length * this.#width);
    this.#values.set(unwrap(v, "cache").data, this.length * this.#width);
    this.length += T;
    const size = this.length * this.#width;
    const shape = [this.length, this.#width];
    return { keys: host(shape, this.#keys.subarray(0, size)), values: host(shape, this.#values.subarray(0, size)) };
  }

  truncate(length: number): void {
    this.length = Math.min(this.length, length);
  }

  #reserve(tokens: number): void {
    if (tokens > this.#capacity) {
      throw new LimitError("E_LIMIT_CONTEXT", "cache", {
        expected: `at most ${this.#capacity} tokens`,
        actual: `${tokens}`,
        hint: "Raise --context or shorten the prompt.",
      });
    }
    if (tokens * this.#width <= this.#keys.length) return;
    const size = Math.min(Math.max(tokens, (2 * this.#keys.length) / this.#width, 64), this.#capacity) * this.#width;
    this.#keys = grown(this.#keys, size);
    this.#values = grown(this.#values, size);
  }
}

function grown(old: Float32Array, size: number): Float32Array<ArrayBuffer> {
  const next = new Float32Array(size);
  next.set(old);
  return next;
}

/** One empty cache a layer, for at most `capacity` tokens. */
export function cache(config: Config, capacity: number): LayerCache[] {
  const width = config.keyHeads * config.headSize;
  return Array.from({ length: config.layers }, () => new HostCache(width, capacity));
}
