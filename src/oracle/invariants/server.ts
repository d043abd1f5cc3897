/**
 * What must not change a server's answer: the same request again, a full or an empty cache, other requests beside it, and
 * whether a token was generated or given.
 */
import type { Check } from "../checks.ts";
import type { Client } from "../probe/client.ts";
import { topOf } from "../probe/logprobs.ts";

export interface ServerOptions {
  /** Text that is continued. */
  readonly prompts: readonly [string, ...string[]];
  /** Difference of log-probabilities that is allowed among the likeliest ten. */
  readonly tolerance: number;
  readonly model?: string | undefined;
}

/** Log-probabilities of the likeliest tokens, by text or id. */
type Top = ReadonlyMap<string, number>;
type Answered = { readonly top: Top; readonly text: string } | { readonly why: string };

export async function serverChecks(client: Client, options: ServerOptions): Promise<Check[]> {
  const { prompts, tolerance, model } = options;
  const [prompt, ...others] = prompts;
  const once = (text: string, cache: boolean) => asked(client, model, text, cache);
  const base = await once(prompt, false);
  if ("why" in base) {
    const where = "/completion or /v1/completions";
    return [{ code: "invariant-repeat", outcome: "skip", where, next: `Not judged: ${base.why}.` }];
  }
  const against = (code: string, where: string, answer: Answered) => judged(code, where, base.top, answer, tolerance);
  const again = against("invariant-repeat", "the same request again", await once(prompt, false));
  await once(`${prompt}${base.text}`, true); // fills the cache with the prompt, and more
  const cached = against("invariant-cache", "after a request that begins the same", await once(prompt, true));
  const checks = [again, cached];
  for (const count of [2, 7]) {
    const beside = Array.from({ length: count - 1 }, (_, i) =>
      once(others[i % Math.max(1, others.length)] ?? prompt, false),
    );
    const [answer] = await Promise.all([once(prompt, false), ...beside]);
    checks.push(against("invariant-batch", `${count} requests at once`, answer));
  }
  return checks;
}

function judged(code: string, where: string, base: Top, answer: Answered, tolerance: number): Check {
  if ("why" in answer) return { code, outcome: "skip", where, next: `Not judged: ${answer.why}.` };
  const both = [...base].filter(([token]) => answer.top.has(token));
  const worst = Math.max(...both.map(([token, p]) => Math.abs(p - answer.top.get(token)!)));
  const expected = `log-probabilities within ${tolerance}`;
  if (both.length === 0) return { code, outcome: "fail", where, expected, actual: "other tokens" };
  const actual = worst === 0 ? "the same" : `${worst.toExponential(1)} apart`;
  if (worst <= tolerance) return { code, outcome: "pass", where, actual };
  return { code, outcome: "fail", where, expected, actual };
}

async function asked(client: Client, model: string | undefined, prompt: string, cache: boolean): Promise<Answered> {
  const native = { prompt, n_predict: 1, n_probs: 10, temperature: 0, cache_prompt: cache, post_sampling_probs: false };
  const first = topOf(await client.post("/completion", native));
  if (first !== undefined) return first;
  const answer = await client.post("/v1/completions", { model, prompt, max_tokens: 1, temperature: 0, logprobs: 10 });
  const then = topOf(answer);
  if (then !== undefined) return then;
  return { why: "why" in answer ? answer.why : "an answer of no known form" };
}
