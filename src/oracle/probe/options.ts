/** What a server is probed with. */
import type { Tokenizer } from "../../text/tokenizer.ts";

/** What the reference expects after a prompt. */
export interface NextToken {
  readonly ids: readonly number[];
  /** Log-probability of every id. */
  readonly logprobs: Float64Array;
  /** The same after the first t + 1 ids, where it was computed. */
  readonly after?: ((t: number) => Float64Array | undefined) | undefined;
}

/** How a server is asked, and what its answers are held against. */
export interface ProbeOptions {
  /** Seconds that an answer may take. */
  readonly timeout: number;
  readonly key?: string | undefined;
  /** The `model` of requests; the server's first unless told. */
  readonly model?: string | undefined;
  readonly tokenizer: Tokenizer;
  readonly template?: string | undefined;
  readonly specialTokens: Readonly<Record<string, string>>;
  readonly strings: readonly string[];
  readonly conversations: readonly string[];
  /** What the reference expects after a prompt, where it was computed. */
  readonly next?: NextToken | undefined;
  /** Difference of log-probabilities that is allowed among the likeliest ten. */
  readonly tolerance: number;
}
