/** Tokens and their probabilities as OpenAI writes them. */
import type { TokenEvent } from "../library/answer.ts";
import type { Tokenizer } from "../text/tokenizer.ts";

interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  /** The token's UTF-8, which may be a part of a character. */
  readonly bytes: readonly number[];
}

/** One token of `logprobs.content`. */
export interface ContentLogprob extends TokenLogprob {
  readonly top_logprobs: readonly TokenLogprob[];
}

/** The tokens of a piece of an answer. Probabilities are the model's own, before penalties, temperature and grammar. */
export function contentLogprobs(tokenizer: Tokenizer, tokens: readonly TokenEvent[]): ContentLogprob[] {
  return tokens.map(({ id, logprob, top = [] }) => ({
    ...one(tokenizer, id, logprob),
    top_logprobs: top.map((likely) => one(tokenizer, likely.id, likely.logprob)),
  }));
}

function one(tokenizer: Tokenizer, id: number, logprob: number): TokenLogprob {
  return { token: tokenizer.decode([id]), logprob, bytes: [...tokenizer.bytesOf(id)] };
}
