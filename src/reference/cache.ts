import type { Config } from "../config.ts";
import { LimitError } from "../errors.ts";
import type { CacheFormat, LayerCache } from "../ops.ts";
import { host, type Host, type Tensor } from "../tensor.ts";
import { type Kept, kept, Widened } from "./kept.ts";
import { checkRows, unwrap } from "./unwrap.ts";

/**
 * Keys and values of the tokens seen so far, one row a token: keys after RoPE, values as projected, before any sharing
 * between query heads. Memory grows as tokens come, by doubling, up to the capacity: 2 K D values a token and layer.
 */
class HostCache implements LayerCache {
  length = 0;
  private readonly width: number;
  private readonly capacity: number;
  private readonly keys: Kept;
  private readonly values: Kept;

  constructor(format: CacheFormat, width: number, D: number, capacity: number, widened: readonly [Widened, Widened]) {
    this.width = width;
    this.capacity = capacity;
    this.keys = kept(format, width, D, capacity, widened[0]);
    this.values = kept(format, width, D, capacity, widened[1]);
  }

  append(k: Tensor<"T KD">, v: Tensor<"T KD">): { keys: Host<"S KD">; values: Host<"S KD"> } {
    checkRows(k, this.width, "cache", "k");
    checkRows(v, this.width, "cache", "v");
    const S = this.length + k.shape[0]!;
    if (S > this.capacity) throw full(this.capacity, S);
    this.keys.put(this.length, unwrap(k, "cache").data);
    this.values.put(this.length, unwrap(v, "cache").data);
    this.length = S;
    const shape = [S, this.width];
    return { keys: host(shape, this.keys.read(S)), values: host(shape, this.values.read(S)) };
  }

  truncate(length: number): void {
    this.length = Math.min(this.length, length);
  }
}

/** What is said of a token past the capacity. */
export function full(capacity: number, tokens: number): LimitError {
  return new LimitError("E_LIMIT_CONTEXT", "cache", {
    expected: `at most ${capacity} tokens`,
    actual: `${tokens}`,
    hint: "Raise --context or shorten the prompt.",
  });
}

/** One empty cache a layer, for at most `capacity` tokens. */
export function cache(config: Config, capacity: number, format: CacheFormat = "f32"): LayerCache[] {
  const { layers, keyHeads, headSize: D } = config;
  const widened = [new Widened(), new Widened()] as const;
  return Array.from({ length: layers }, () => new HostCache(format, keyHeads * D, D, capacity, widened));
}
