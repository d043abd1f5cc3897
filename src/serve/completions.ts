/** POST /v1/completions: text goes on, without a conversation. */
import type { PromptToken } from "../library/answer.ts";
import type { Likely } from "../generate/steering.ts";
import { describe } from "../json/fields.ts";
import type { Json } from "../json/json.ts";
import { type ChoiceEnd, choiceOf } from "./choice.ts";
import type { Asked } from "./engine.ts";
import { badField } from "./errors.ts";
import { Fields } from "./fields.ts";
import { roomFor, type ServedModel } from "./model.ts";
import { type Chunk, fields, flawsOf, type Turns, usageOf } from "./response.ts";
import { readSettings, type Settings } from "./settings.ts";

/** What is asked for. */
export interface CompletionRequest extends Settings {
  readonly model: string | undefined;
  readonly prompts: readonly (string | Uint32Array)[];
  /** How many of the likeliest tokens are told beside each one; undefined where none at all is. */
  readonly logprobs: number | undefined;
  /** Whether the text begins with the prompt. */
  readonly echo: boolean;
}

/** As many as OpenAI makes where nothing is said. */
const TOKENS = 16;
const MOST_PROMPTS = 128;
const MOST_LOGPROBS = 20;

/** Reads a body. Throws RequestError. */
export function readCompletion(json: Json, vocabulary: number): CompletionRequest {
  const body = new Fields(json);
  body.refuse(["suffix"], "This model goes on with a text; it fills no gaps.");
  const echo = body.boolean("echo") ?? false;
  const settings = readSettings(body, vocabulary, echo ? 0 : 1);
  const best = body.integer("best_of", 1, 128);
  if (best !== undefined && best !== settings.n) throw body.bad("best_of", `n, which is ${settings.n}`);
  const logprobs = body.integer("logprobs", 0, MOST_LOGPROBS);
  return { ...settings, model: body.string("model"), prompts: readPrompts(body, vocabulary), logprobs, echo };
}

/** A text, ids, or several of either. */
function readPrompts(body: Fields, vocabulary: number): (string | Uint32Array)[] {
  const value = body.get("prompt");
  const ids = (list: readonly Json[], where: string) => {
    const wrong = list.findIndex((id) => typeof id !== "number" || id < 0 || id >= vocabulary);
    if (wrong < 0) return Uint32Array.from(list as number[]);
    throw badField(`${where}[${wrong}]`, `an id from 0 to ${vocabulary - 1}`, describe(list[wrong]));
  };
  if (typeof value === "string") return [value];
  if (!Array.isArray(value) || value.length === 0) throw body.bad("prompt", "a text, ids, or an array of either");
  if (typeof value[0] === "number") return [ids(value, "prompt")];
  if (value.length > MOST_PROMPTS) throw body.bad("prompt", `at most ${MOST_PROMPTS} prompts`);
  return value.map((one, i) => {
    if (typeof one === "string") return one;
    if (Array.isArray(one)) return ids(one, `prompt[${i}]`);
    throw badField(`prompt[${i}]`, "a text or ids", describe(one));
  });
}

/** A request that was found good: its sequences, prompt by prompt. */
export interface CompletionWork {
  readonly request: CompletionRequest;
  readonly model: ServedModel;
  readonly promptTokens: number;
  readonly sequences: readonly { readonly asked: Asked; readonly echo: string }[];
}

/** Checks that everything fits. Throws RequestError. */
export function prepareCompletion(model: ServedModel, request: CompletionRequest): CompletionWork {
  const { tokenizer } = model.prompts;
  const { sampling, seed, onLoop, logprobs, penalties, n } = request;
  let promptTokens = 0;
  const sequences = request.prompts.flatMap((prompt) => {
    const ids = typeof prompt === "string" ? tokenizer.encode(prompt) : prompt;
    promptTokens += ids.length;
    const asked = Math.max(1, request.maxTokens ?? Math.min(TOKENS, model.engine.context)); // of 0, the prompt is scored alone
    const maxTokens = roomFor(model, ids.length, asked);
    const echo = !request.echo ? "" : typeof prompt === "string" ? prompt : tokenizer.decode(ids);
    return Array.from({ length: n }, (_, choice) => {
      const options = {
        ...sampling,
        maxTokens,
        onLoop,
        top: logprobs,
        scorePrompt: request.echo && (logprobs !== undefined || request.maxTokens === 0),
        seed: seed === undefined ? undefined : seed + choice,
      };
      return { asked: { prompt: { ids }, options, steered: { penalties, shape: undefined } }, echo };
    });
  });
  return { request, model, promptTokens, sequences };
}

/** A token of a prompt or of a reply. */
interface Told {
  readonly id: number;
  readonly text: string;
  /** Undefined for the first of a prompt. */
  readonly logprob: number | undefined;
  readonly top?: readonly Likely[];
}

/** A piece of one sequence, or its end. */
type Piece =
  | { readonly index: number; readonly text: string; readonly tokens: readonly Told[] }
  | { readonly index: number; readonly end: ChoiceEnd };

async function* pieces(work: CompletionWork, turns: Turns): AsyncGenerator<Piece, void> {
  const { request, model, sequences } = work;
  for (const [index, { asked, echo }] of sequences.entries()) {
    const leave = await turns.next();
    try {
      if (echo !== "" && !asked.options.scorePrompt) yield { index, text: echo, tokens: [] };
      const promptOnly = request.maxTokens === 0;
      const options = { stop: request.stop, oneCall: false, everyToken: true, question: "", promptOnly };
      const all = choiceOf(model.engine, asked, options, turns.signal);
      for await (const event of turns.watch(all, asked.prompt.ids.length)) {
        if (event.type === "prompt") yield { index, text: echo, tokens: promptTokens(model, event.tokens) };
        if (event.type === "answer") yield { index, text: event.text, tokens: event.tokens };
        if (event.type === "end") yield { index, end: event };
      }
    } finally {
      leave();
    }
  }
}

/** The whole response. */
export async function completionResponse(work: CompletionWork, turns: Turns): Promise<object> {
  const { request, model, promptTokens, sequences } = work;
  const made = sequences.map(() => ({ text: "", tokens: [] as Told[], end: undefined as ChoiceEnd | undefined }));
  for await (const piece of pieces(work, turns)) {
    const one = made[piece.index]!;
    if ("end" in piece) one.end = piece.end;
    else {
      one.text += piece.text;
      one.tokens.push(...piece.tokens);
    }
  }
  const choices = made.map(({ text, tokens, end }, index) => ({
    text,
    index,
    logprobs: request.logprobs === undefined ? null : logprobsOf(model, tokens, 0),
    finish_reason: end?.reason ?? "stop",
    ...flawsOf(end),
  }));
  const usage = usageOf(
    promptTokens,
    made.flatMap(({ end }) => end ?? []),
  );
  return { ...fields("cmpl", "text_completion", model), choices, usage };
}

/** The chunks of a stream. */
export async function* completionChunks(work: CompletionWork, turns: Turns): AsyncGenerator<Chunk, void> {
  const { request, model, promptTokens } = work;
  const head = fields("cmpl", "text_completion", model);
  const ends: ChoiceEnd[] = [];
  const places = new Map<number, number>();
  for await (const piece of pieces(work, turns)) {
    const { index } = piece;
    const at = places.get(index) ?? 0;
    if ("end" in piece) {
      ends.push(piece.end);
      const finish = { finish_reason: piece.end.reason, ...flawsOf(piece.end) };
      yield { ...head, choices: [{ text: "", index, logprobs: null, ...finish }] };
    } else {
      const { text, tokens } = piece;
      places.set(index, at + text.length);
      const logprobs = request.logprobs === undefined ? null : logprobsOf(model, tokens, at);
      yield { ...head, choices: [{ text, index, logprobs, finish_reason: null }] };
    }
  }
  if (request.usage) yield { ...head, choices: [], usage: usageOf(promptTokens, ends) };
}

/** Tokens of a prompt with the text that each makes certain. */
function promptTokens({ prompts: { tokenizer } }: ServedModel, tokens: readonly PromptToken[]): Told[] {
  const stream = tokenizer.stream({ skipSpecial: false });
  return tokens.map(({ id, logprob, top }) => ({ id, logprob, top, text: stream.push(id) }));
}

/** Probabilities as this older interface has them; `at` is where the first token stands in the text. */
function logprobsOf({ prompts: { tokenizer } }: ServedModel, tokens: readonly Told[], at: number) {
  const text = (id: number) => tokenizer.decode([id]);
  const lengths = tokens.map((token) => token.text.length);
  return {
    tokens: tokens.map(({ id }) => text(id)),
    token_logprobs: tokens.map(({ logprob }) => logprob ?? null),
    top_logprobs: tokens.map((token) => likeliest(token, text)),
    text_offset: lengths.map((_, i) => at + lengths.slice(0, i).reduce((sum, n) => sum + n, 0)),
  };
}

/** The likeliest tokens of a place and, as OpenAI has it, the one that stands there; null where nobody knows. */
function likeliest({ id, logprob, top = [] }: Told, text: (id: number) => string) {
  if (logprob === undefined) return null;
  return Object.fromEntries([...top, { id, logprob }].map((one) => [text(one.id), one.logprob]));
}
