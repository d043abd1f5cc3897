/** How much each token looks at each, worked out in the page from turned queries and keys: no tap holds it. */

/** A head's weights, [T T], rows that sum to one. */
export interface Weights {
  readonly head: number;
  readonly tokens: number;
  readonly data: Float32Array;
}

/** softmax(q k' / sqrt D) of every query head, none looking ahead. `qr` is [T HD], `kr` [T KD]. */
export function attentionWeights(qr: Float32Array, kr: Float32Array, tokens: number, D: number): Weights[] {
  const [HD, KD] = [qr.length / tokens, kr.length / tokens];
  const queriesPerKey = HD / KD;
  return Array.from({ length: HD / D }, (_, head) => {
    const data = new Float32Array(tokens * tokens);
    const key = Math.floor(head / queriesPerKey) * D;
    for (let t = 0; t < tokens; t++) {
      const scores = Array.from({ length: t + 1 }, (_, s) => {
        let sum = 0;
        for (let d = 0; d < D; d++) sum += qr[t * HD + head * D + d]! * kr[s * KD + key + d]!;
        return sum / Math.sqrt(D);
      });
      data.set(softmax(scores), t * tokens);
    }
    return { head, tokens, data };
  });
}

/** Shares that sum to one. */
export function softmax(scores: ArrayLike<number>): number[] {
  const all = Array.from(scores);
  const largest = Math.max(...all);
  const parts = all.map((score) => Math.exp(score - largest));
  const total = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => part / total);
}
