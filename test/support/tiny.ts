/** Greedy tokens of the tiny model on any backend. */
import type { Ops } from "../../src/ops.ts";
import { generate } from "../../src/generate/generate.ts";
import { QWQ_DEFAULTS } from "../../src/generate/sampling.ts";
import { model } from "./models.ts";

export async function greedy(ops: Ops, maxTokens: number, onToken: () => void = () => undefined): Promise<number[]> {
  const { weights, config, ids } = model("tiny");
  const sampling = { ...QWQ_DEFAULTS, greedy: true };
  const tokens: number[] = [];
  for await (const { id } of generate({
    ...{ ops, weights, config: { ...config, context: 4096 }, ids, sampling, maxTokens },
    ...{ stop: [], seed: 1, onLoop: "ignore" },
  })) {
    tokens.push(id);
    onToken();
  }
  return tokens;
}
