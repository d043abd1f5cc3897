/**
 * The library: a model that is loaded once and asked often.
 */
import { freemem, totalmem } from "node:os";
import { FormatError } from "../errors.ts";
import { type Checkpoint, openCheckpoint } from "../files/checkpoint.ts";
import { EMBEDDED } from "../files/embedded.ts";
import type { Way } from "../files/open-source.ts";
import { keptBytes } from "../files/packed-tensors.ts";
import { type EndReason, generate, type GenerateOptions, type Token } from "../generate/generate.ts";
import { QWQ_DEFAULTS, type Sampling } from "../generate/sampling.ts";
import { forward, type Observe } from "../model.ts";
import type { CacheFormat, LayerCache, Ops } from "../ops.ts";
import { reference } from "../reference/index.ts";
import type { Tensor } from "../tensor.ts";
import type { Content, Message } from "../text/messages.ts";
import { ReplyParser } from "../text/reply.ts";
import { opensThought, renderChat } from "../text/template.ts";
import { Tokenizer } from "../text/tokenizer.ts";
import type { Weights } from "../weights.ts";
import { type Answer, type AnswerEvent, Arriving, PlainReply } from "./answer.ts";
import { budget, type Budget, type BudgetOptions } from "./budget.ts";
import { type Memory, recall } from "./memory.ts";
import { noTemplate, noTokenizer } from "./missing.ts";
import { thoughtLimit } from "./thoughts.ts";

/** How a model is loaded. */
export interface LoadOptions {
  /** Where the equations run; the reference unless told. */
  readonly backend?: Ops | undefined;
  /**
   * The most bytes that the whole process may take. It is a promise: what cannot keep it is refused before any weight is
   * read, a context that was not told is shortened to what fits, and weights stay in memory as far as there is room.
   */
  readonly memory?: number | undefined;
  /** How many bytes of weights stay in memory. Unless told, what `memory` leaves; without it, half of what is free. */
  readonly pinBytes?: number | undefined;
  /**
   * How weights come into memory: read ("pread") unless told. "mmap" maps the files, "auto" where that is safe. A mapped
   * file that another process cuts short while it is in use can end this process by a signal, SIGBUS.
   */
  readonly io?: Way | undefined;
  /** Called before each window of weights is lent. If it throws Halted, an answer ends as by its signal. */
  readonly onWindow?: (() => void) | undefined;
  /** Tokens to make room for; the model's own context unless told, or what fits into `memory`. */
  readonly context?: number | undefined;
  /** How keys and values are kept; "f32" unless told. "bf16" takes half the memory, "int8" a quarter. */
  readonly kv?: CacheFormat | undefined;
}

/** A user's turn, a whole conversation, or ids as they are. */
export type Prompt = string | readonly Message[] | Uint32Array;

/** How a prompt is answered. Sampling that is not told comes from the model, else from QwQ. */
export interface AskOptions extends Partial<Sampling> {
  /** Put before the conversation, as a system's turn. */
  readonly system?: string | undefined;
  /** JSON schemas of functions that the model may call. */
  readonly tools?: readonly Content[] | undefined;
  /** Whether a text prompt goes to the model as it is, without the chat template. */
  readonly raw?: boolean | undefined;
  /** At most so many new tokens; unless told, what generation_config.json allows, or as many as the context holds. */
  readonly maxTokens?: number | undefined;
  /**
   * At most so many tokens of thoughts; then what ends them, "\n</think>\n\n", is put in the model's place, and the answer
   * follows. 0 is no thoughts; without it there is no limit. It changes nothing where thoughts end before.
   */
  readonly thinkTokens?: number | undefined;
  /** Starts the random generator: the same seed gives the same reply. A new one each time unless told. */
  readonly seed?: bigint | number | undefined;
  /** What endless repetition does: an event "loop", the end, or nothing; "warn" unless told. */
  readonly onLoop?: GenerateOptions["onLoop"];
  /**
   * At most so many tokens are drafted at a time from the text so far; none unless told. It changes no token: it saves
   * time where a reply repeats what was said (code, quotations), and costs some where it does not.
   */
  readonly speculate?: number | undefined;
  /** Ends the reply early, with reason "interrupted". */
  readonly signal?: AbortSignal | undefined;
  /** Told after each part how many of the prompt's tokens are read, and of how many. */
  readonly onPrompt?: GenerateOptions["onPrompt"];
  /** Keeps what the model has read, so that the next prompt that begins alike need not be read again. */
  readonly memory?: Memory | undefined;
}

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
  private readonly text: Tokenizer | undefined;

  private constructor(checkpoint: Checkpoint, options: LoadOptions) {
    this.checkpoint = checkpoint;
    this.budget = within(checkpoint, options, options.backend);
    this.context = this.budget.context;
    this.kv = this.budget.kv;
    const { vocabulary, path } = checkpoint;
    this.ops = options.backend ?? reference;
    if (this.ops.keep !== undefined) {
      this.ops.keep(this.budget.pin, this.budget.room);
      checkpoint.source.elsewhere = this.budget.pin;
      checkpoint.source.pin = 0; // not twice
    }
    this.weights = checkpoint.weights;
    this.text = vocabulary === undefined ? undefined : new Tokenizer(vocabulary, path);
  }

  /** Text to ids and back. Throws FormatError E_TOK_VOCAB where the model has no tokenizer. */
  get tokenizer(): Tokenizer {
    if (this.text === undefined) throw noTokenizer(this.checkpoint.path);
    return this.text;
  }

  /** Whether it has a tokenizer; without one, prompts are ids, and the texts of answers empty. */
  get hasTokenizer(): boolean {
    return this.text !== undefined;
  }

  /**
   * Opens a model: a Hugging Face folder, a .gguf file, a hub id that is on disk, or the embedded one.
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
  async answer(prompt: Prompt, options: AskOptions = {}): Promise<Answer> {
    for await (const event of this.generate(prompt, options)) if (event.type === "end") return event;
    throw new FormatError("E_INTERNAL", "answer", { expected: "an end", actual: "none" });
  }

  /**
   * Answers while you watch: each token, and what it makes certain of thinking, answer and tool calls; at last the end.
   *
   * throws   UsageError for wrong options; FormatError E_TOK_VOCAB for text without a tokenizer, E_TPL_* or E_MSG_SCHEMA
   *          for a conversation that the template refuses, E_NUM_NONFINITE where the weights give no finite logits
   */
  async *generate(prompt: Prompt, options: AskOptions = {}): AsyncGenerator<AnswerEvent, void> {
    const { ids, opened, chat } = await this.encode(prompt, options);
    const parser = chat ? new ReplyParser({ opened, toolCalls: true }) : new PlainReply();
    const arriving = new Arriving(this.text, parser, ids.length);
    const tokens = this.tokens(ids, options, arriving);
    for (;;) {
      const { value, done } = await tokens.next();
      if (done) return yield* arriving.end(value.reason);
      yield* arriving.token(value);
    }
  }

  /** Logits of ids, every row; `observe` is shown each layer's activations. A cold start unless caches are given. */
  forward(ids: ArrayLike<number>, options: { observe?: Observe; caches?: readonly LayerCache[] } = {}): Tensor<"T V"> {
    const caches = options.caches ?? this.ops.cache(this.checkpoint.config, ids.length, this.kv);
    return this.ops.scope(() => forward(this.ops, this.weights, Uint32Array.from(ids), caches, options.observe));
  }

  /** The ids that a prompt becomes: what `generate` reads. */
  async promptIds(prompt: Prompt, options: Pick<AskOptions, "raw" | "system" | "tools"> = {}): Promise<Uint32Array> {
    return (await this.encode(prompt, options)).ids;
  }

  /** A memory for `generate`, empty. */
  remember(): Memory {
    return { caches: this.ops.cache(this.checkpoint.config, this.context, this.kv), ids: [] };
  }

  /** The prompt that the chat template makes of messages, ready for an answer. */
  async render(messages: readonly Message[], tools?: readonly Content[]): Promise<string> {
    const { template, path, specialTokens } = this.checkpoint;
    if (template === undefined) throw noTemplate(path);
    return renderChat(template, { messages, tools, addGenerationPrompt: true, specialTokens });
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

  private async encode(prompt: Prompt, { raw, system, tools }: AskOptions) {
    if (prompt instanceof Uint32Array) return { ids: prompt, opened: false, chat: false };
    if (typeof prompt === "string" && raw) return { ids: this.tokenizer.encode(prompt), opened: false, chat: false };
    const turns = typeof prompt === "string" ? [{ role: "user", content: prompt }] : prompt;
    const text = await this.render(
      system === undefined ? turns : [{ role: "system", content: system }, ...turns],
      tools,
    );
    return { ids: this.tokenizer.encode(text), opened: opensThought(text), chat: true };
  }

  private async *tokens(
    ids: Uint32Array,
    options: AskOptions,
    arriving: Arriving,
  ): AsyncGenerator<Token, { reason: EndReason }> {
    const { memory, seed = randomSeed(), onLoop, signal, thinkTokens } = options;
    const kept = memory === undefined ? 0 : recall(memory, ids);
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
      thoughts: thinkTokens === undefined ? undefined : thoughtLimit(this.tokenizer, ids, thinkTokens),
      onDraft: (drafted, accepted) => arriving.draft(drafted, accepted),
      onPrompt: (done, total) => {
        arriving.prompt();
        options.onPrompt?.(done, total);
      },
    });
    if (memory !== undefined) memory.ids = [...ids];
    for (;;) {
      const { value, done } = await tokens.next();
      if (done) return value;
      memory?.ids.push(value.id);
      yield value;
    }
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
