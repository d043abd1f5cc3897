/** The model as the server knows it: its name, its text, and what answers. */
import type { Checkpoint } from "../files/checkpoint.ts";
import { Prompts } from "../library/prompts.ts";
import type { Engine } from "./engine.ts";
import { RequestError } from "./errors.ts";

export interface ServedModel {
  /** What clients call it. */
  readonly id: string;
  /** When it was loaded, in seconds since 1970. */
  readonly created: number;
  /** Changes with what replies depend on: the program's version, and when the model was loaded. */
  readonly fingerprint: string;
  readonly checkpoint: Checkpoint;
  readonly prompts: Prompts;
  readonly engine: Engine;
}

export function servedModel(id: string, checkpoint: Checkpoint, engine: Engine, version: string): ServedModel {
  const created = Math.floor(Date.now() / 1000);
  return {
    id,
    created,
    fingerprint: `qwq-${version}-${created}`,
    checkpoint,
    prompts: new Prompts(checkpoint),
    engine,
  };
}

/** Refuses a model that is not served. */
export function checkModel(model: ServedModel, asked: string | undefined): void {
  if (asked === undefined || asked === model.id) return;
  throw new RequestError(404, "model_not_found", "model", {
    param: "model",
    expected: JSON.stringify(model.id),
    actual: JSON.stringify(asked.slice(0, 200)),
    hint: "GET /v1/models lists what is served.",
  });
}

/**
 * The most new tokens for a prompt of so many: what was asked, else what the model's files say, at most what there is
 * room for.
 *
 * throws   RequestError context_length_exceeded
 */
export function roomFor({ engine, checkpoint }: ServedModel, prompt: number, asked: number | undefined): number {
  const { context } = engine;
  const most = asked ?? Math.min(checkpoint.generation.maxTokens ?? context, Math.max(1, context - prompt));
  if (prompt > 0 && prompt + most <= context) return most;
  const hint =
    prompt >= context ? "Shorten the conversation." : `Shorten it, or ask for at most ${context - prompt} new tokens.`;
  throw new RequestError(400, prompt > 0 ? "context_length_exceeded" : "empty_prompt", "prompt", {
    param: asked === undefined || prompt >= context ? "messages" : "max_tokens",
    expected: prompt > 0 ? `at most ${context} tokens` : "at least one token",
    actual: prompt > 0 ? `${prompt} of the prompt and up to ${most} new ones` : "none",
    hint: prompt > 0 ? hint : "Say something.",
  });
}
