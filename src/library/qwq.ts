/**
 * The library: a model that is loaded once and asked often.
 */
import { freemem, totalmem } from "node:os";
import { FormatError, inFile } from "../errors.ts";
import { type Checkpoint, openCheckpoint } from "../files/checkpoint.ts";
import { EMBEDDED } from "../files/embedded.ts";
import { keptBytes } from "../files/packed-tensors.ts";
import { type EndReason, generate, type Token } from "../generate/generate.ts";
import { QWQ_DEFAULTS, type Sampling } from "../generate/sampling.ts";
import { forward, type Observe } from "../model.ts";
import type { CacheFormat, LayerCache, Ops } from "../ops.ts";
import { reference } from "../reference/index.ts";
import type { Tensor } from "../tensor.ts";
import type { Content, Message } from "../text/messages.ts";
import { ReplyParser } from "../text/reply.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { Weights } from "../weights.ts";
import { type Answer, type AnswerEvent, Arriving, PlainReply } from "./answer.ts";
import { budget, type Budget, type BudgetOptions } from "./budget.ts";
import { type Memory, recall } from "./memory.ts";
import { PromptScores } from "./prompt-scores.ts";
import type { AskOptions, Encoded, LoadOptions, Prompt } from "./options.ts";
import { type PromptOptions, Prompts } from "./prompts.ts";
import { thoughtLimit } from "./thoughts.ts";

export type { AskOptions, Encoded, LoadOptions, Prompt } from "./options.ts";

/** A model with its tokenizer and its chat template. Without a tokenizer, it answers ids with ids. */
export class QwQ {
  /** The files, and what they say: config, generation settings, template. */
  readonly checkpoint: Checkpoint;
  /** The parameters, for the page. */
  readonly weights: Weights;
  /** The backend. */
  readonly ops: Ops;
  /** Tokens there is room for. */
  readonly context: number;
  /** How keys and values are kept. */
  readonly kv: CacheFormat;
  /** What it takes in memory, part by part. */
  readonly budget: Budget;
  private readonly prompts: Prompts;

  private constructor(checkpoint: Checkpoint, options: LoadOptions) {
    this.checkpoint = checkpoint;
    this.budget = within(checkpoint, options, options.backend);
    this.context = this.budget.context;
    this.kv = this.budget.kv;
    this.ops = options.backend ?? reference;
    if (this.ops.keep !== undefined) {
      this.ops.keep(this.budget.pin, this.budget.room);
      checkpoint.source.elsewhere = this.budget.pin;
      checkpoint.source.pin = 0; // not twice
    }
    this.weights = checkpoint.weights;
    this.prompts = new Prompts(checkpoint);
  }

  /** Text to ids and back. Throws FormatError E_TOK_VOCAB where the model has no tokenizer. */
  get tokenizer(): Tokenizer {
    return this.prompts.tokenizer;
  }

  /** Whether it has a tokenizer; without one, prompts are ids, and the texts of answers empty. */
  get hasTokenizer(): boolean {
    return this.prompts.hasTokenizer;
  }

  /**
   * Opens a model: a Hugging Face folder, a .gguf file, a hub id that is on disk, or an embedded one by its name: "reasoner",
   * which is also meant where none is named, or "toolcaller".
   *
   * throws   QwqError, with the file's name, for whatever is wrong with it
   */
  static async load(model: string = EMBEDDED, options: LoadOptions = {}): Promise<QwQ> {
    const checkpoint = openCheckpoint(model, { io: options.io, onWindow: options.onWindow });
    try {
      return await Promise.resolve(new QwQ(checkpoint, options));
    } catch (error) {
      checkpoint.close();
      throw error;
    }
  }

  /** The whole answer to a prompt. */
  async answer(prompt: Prompt | Encoded, options: AskOptions = {}): Promise<Answer> {
    for await (const event of this.generate(prompt, options)) if (event.type === "end") return event;
    throw new FormatError("E_INTERNAL", "answer", { expected: "an end", actual: "none" });
  }

  /**
   * Answers while you watch: each token, and what it makes certain of thinking, answer and tool calls; at last the end.
   *
   * throws   UsageError for wrong options; FormatError E_TOK_VOCAB for text without a tokenizer, E_TPL_* or E_MSG_SCHEMA
   *          for a conversation that the template refuses, E_NUM_NONFINITE where the weights give no finite logits
   */
  async *generate(prompt: Prompt | Encoded, options: AskOptions = {}): AsyncGenerator<AnswerEvent, void> {
    const { ids, reply } = isEncoded(prompt) ? prompt : await this.encode(prompt, options);
    const parser = reply === undefined ? new PlainReply() : new ReplyParser(reply);
    const arriving = new Arriving(this.hasTokenizer ? this.tokenizer : undefined, parser, ids.length);
    const scores = options.scorePrompt ? new PromptScores(ids, options.top) : undefined;
    const tokens = this.tokens(ids, options, arriving, scores);
    for (let first = true; ; first = false) {
      const { value, done } = await tokens.next().catch((error: unknown) => {
        throw isNonFinite(error) ? inFile(error, this.checkpoint.path) : error;
      });
      if (first && scores !== undefined) yield { type: "prompt", tokens: scores.tokens };
      if (done) return yield* arriving.end(value.reason);
      yield* arriving.token(value, options.top);
    }
  }

  /** Logits of ids, every row; `observe` is shown each layer's activations. A cold start unless caches are given. */
  forward(ids: ArrayLike<number>, options: { observe?: Observe; caches?: readonly LayerCache[] } = {}): Tensor<"T V"> {
    const caches = options.caches ?? this.ops.cache(this.checkpoint.config, ids.length, this.kv);
    return this.ops.scope(() => forward(this.ops, this.weights, Uint32Array.from(ids), caches, options.observe));
  }

  /** What a prompt becomes: the ids that `generate` reads, and how the reply to them is taken apart. Throws as `generate`. */
  encode(prompt: Prompt, options: PromptOptions = {}): Promise<Encoded> {
    return this.prompts.encode(prompt, options);
  }

  /** The ids that a prompt becomes. */
  async promptIds(prompt: Prompt, options: PromptOptions = {}): Promise<Uint32Array> {
    return (await this.encode(prompt, options)).ids;
  }

  /** A memory for `generate`, empty. */
  remember(): Memory {
    return { caches: this.ops.cache(this.checkpoint.config, this.context, this.kv), ids: [] };
  }

  /** The prompt that the chat template makes of messages, ready for an answer. */
  render(messages: readonly Message[], tools?: readonly Content[]): Promise<string> {
    return this.prompts.render(messages, tools);
  }

  /**
   * What is not told, from generation_config.json, else QwQ's own settings. A model whose file says `do_sample: false` is
   * greedy, unless a temperature is told.
   */
  sampling(options: Partial<Sampling> = {}): Sampling {
    const given = this.checkpoint.generation;
    const pick = <K extends keyof typeof QWQ_DEFAULTS & keyof typeof given>(key: K) =>
      options[key] ?? given[key] ?? QWQ_DEFAULTS[key];
    return {
      temperature: pick("temperature"),
      topK: pick("topK"),
      topP: pick("topP"),
      minP: pick("minP"),
      repetitionPenalty: pick("repetitionPenalty"),
      greedy: options.greedy ?? (given.sample === false && options.temperature === undefined),
    };
  }

  /** Closes the files, and the backend. */
  close(): void {
    this.checkpoint.close();
    this.ops.close?.();
  }

  /** What generation_config.json allows, as far as there is room. */
  private mostTokens(prompt: number): number | undefined {
    const most = this.checkpoint.generation.maxTokens;
    return most === undefined ? undefined : Math.max(1, Math.min(most, this.context - prompt));
  }

  private async *tokens(
    ids: Uint32Array,
    options: AskOptions,
    arriving: Arriving,
    scores?: PromptScores,
  ): AsyncGenerator<Token, { reason: EndReason }> {
    const { memory, seed = randomSeed(), onLoop, signal, thinkTokens } = options;
    const kept = memory === undefined ? 0 : recall(memory, scores === undefined ? ids : ids.subarray(0, 1));
    arriving.cached(kept);
    const tokens = generate({
      ops: this.ops,
      weights: this.weights,
      config: this.checkpoint.config,
      ids: ids.subarray(kept),
      history: ids.subarray(0, kept),
      caches: memory?.caches,
      kv: this.kv,
      sampling: this.sampling(options),
      stop: this.checkpoint.generation.stop,
      maxTokens: options.maxTokens ?? this.mostTokens(ids.length),
      context: this.context,
      seed,
      onLoop,
      signal,
      speculate: options.speculate,
      steering: options.steering,
      thoughts: thinkTokens === undefined ? undefined : thoughtLimit(this.tokenizer, ids, thinkTokens),
      onDraft: (drafted, accepted) => arriving.draft(drafted, accepted),
      onPrompt: (done, total) => {
        arriving.prompt();
        options.onPrompt?.(done, total);
      },
      onPromptLogits: scores && ((logits, place) => scores.push(logits, place)),
    });
    if (memory !== undefined) memory.ids = [...ids];
    return yield* remembered(tokens, memory);
  }
}

/** The same tokens, of which the memory is told as they come. */
async function* remembered<R>(tokens: AsyncGenerator<Token, R>, memory: Memory | undefined): AsyncGenerator<Token, R> {
  for (;;) {
    const { value, done } = await tokens.next();
    if (done) return value;
    memory?.ids.push(value.id);
    yield value;
  }
}

/** Plans the memory of a run, and has the checkpoint keep to it. Throws LimitError E_LIMIT_MEMORY. */
export function within(checkpoint: Checkpoint, options: BudgetOptions, ops: Ops = reference): Budget {
  const { source, config, packing } = checkpoint;
  const bytes = [...source.tensors.values()].reduce((sum, tensor) => sum + tensor.bytes, 0);
  const planned = budget(
    config,
    bytes,
    { ...options, keptBytes: keptBytes(source.tensors, packing), chunk: ops.chunk, workspace: ops.workspace?.(config) },
    { total: totalmem(), free: freemem() },
  );
  source.pin = planned.pin;
  return planned;
}

function randomSeed(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0]!;
}

function isNonFinite(error: unknown): boolean {
  return error instanceof FormatError && error.code === "E_NUM_NONFINITE";
}

function isEncoded(prompt: Prompt | Encoded): prompt is Encoded {
  return typeof prompt === "object" && "ids" in prompt;
}
