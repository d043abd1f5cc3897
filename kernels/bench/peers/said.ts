/** What every engine is given and what it says: the same prompt, and one JSON object as its last line. */

/** Tokens a prompt is made of lie below this, which all vocabularies here have. */
const VOCABULARY = 49152;

/** The tokens of a prompt, as `qwq bench` and huggingface.py make them: no word is repeated. */
export function promptIds(count: number): number[] {
  return Array.from({ length: count }, (_, t) => (t * 7919) % VOCABULARY);
}

/** What an engine says of itself; seconds to the first new token, and of the tokens after it. */
export interface Said {
  readonly version: string;
  readonly load: number;
  readonly runs: readonly { readonly prefill: number; readonly decode: number }[];
  readonly peakBytes?: number;
}
