/**
 * The loop over time: from a prompt's ids to one new id after another.
 */
import type { Config } from "../config.ts";
import { UsageError } from "../errors.ts";
import type { CacheFormat } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import { CHUNK, eachRow, type Feed, feed, ifHalted, logitsOf } from "./feed.ts";
import { draw, Random } from "./random.ts";
import { type Loop, LoopDetector } from "./repetition.ts";
import { checkSampling, distribution, type Sampling } from "./sampling.ts";
import { logSumExp } from "./softmax.ts";
import { Drafts } from "./speculate.ts";
import { likeliest, type Likely, type Steering } from "./steering.ts";
import { type ThoughtLimit, Thoughts } from "./thoughts.ts";

/** What to generate from, and how. */
export interface GenerateOptions extends Omit<Feed, "caches"> {
  readonly config: Config;
  /** The prompt's ids; with caches that hold tokens already, what follows them. */
  readonly ids: ArrayLike<number>;
  /** Caches to go on from; new ones unless told. */
  readonly caches?: Feed["caches"] | undefined;
  /** Ids that the caches hold already; only the repetition penalty asks for them. */
  readonly history?: ArrayLike<number> | undefined;
  /** How new caches keep keys and values; "f32" unless told. */
  readonly kv?: CacheFormat | undefined;
  readonly sampling: Sampling;
  /** Ids that end the reply: the model's end tokens. */
  readonly stop: readonly number[];
  /** At most so many new tokens; as many as the context holds unless told. */
  readonly maxTokens?: number | undefined;
  /** Tokens there is room for, prompt included; the model's own context unless told. */
  readonly context?: number | undefined;
  /** Starts the random generator: a whole number from 0 to 2^64 - 1. */
  readonly seed: number | bigint;
  /** What endless repetition does: mark the token where it is certain, end there, or nothing; "warn" unless told. */
  readonly onLoop?: "warn" | "stop" | "ignore" | undefined;
  /** At most so many tokens are drafted at a time (speculate.ts); 0, none, unless told. It changes no token. */
  readonly speculate?: number | undefined;
  /** A limit on thoughts (thoughts.ts); none unless told. */
  readonly thoughts?: ThoughtLimit | undefined;
  /** Changes the logits before a token is drawn (steering.ts); nothing does unless told. */
  readonly steering?: Steering | undefined;
  /** Told of each draft how many tokens it had, and how many of them came. */
  readonly onDraft?: ((drafted: number, accepted: number) => void) | undefined;
  /** Told after each chunk how many of the prompt's tokens are read. */
  readonly onPrompt?: ((done: number, total: number) => void) | undefined;
  /** Told the logits behind each of the prompt's tokens, from the first; they are computed for whoever asks alone. */
  readonly onPromptLogits?: ((logits: Float32Array, place: number) => void) | undefined;
}

/** One new token. */
export interface Token {
  readonly id: number;
  /** ln of its probability by the raw logits, before penalty, temperature and filters. */
  readonly logprob: number;
  /** The likeliest tokens of this place, the first first, by the same logits; to be asked before the next token comes. */
  likeliest(count: number): Likely[];
  /** Its place in the sequence, from 0. */
  readonly position: number;
  /** At the token where endless repetition becomes certain: what repeats. */
  readonly loop: Loop | undefined;
  /** Whether the limit on thoughts put it in the model's place. */
  readonly forced: boolean;
}

export type { Likely, Steering } from "./steering.ts";

/** Why it ended: a stop token, the number of tokens, a loop with `onLoop` "stop", or the signal. */
export type EndReason = "stop" | "length" | "loop" | "interrupted";

/** What the generator returns when it is done. */
export interface End {
  readonly reason: EndReason;
}

/**
 * Generates token after token, as Hugging Face's `generate` does. The stop token is yielded too, as the last; so the ids
 * are those of Hugging Face, and the text has no part of it because stop tokens are special.
 *
 * Arguments are checked at the call, before any weight is read. Afterwards the caches hold every token but the last.
 *
 * throws  at the call, UsageError: E_ARG_EMPTY, E_ARG_TOKEN_ID, E_ARG_CONTEXT (prompt and new tokens together exceed the
 *         context), E_ARG_LIMIT, E_ARG_SAMPLING, E_ARG_SEED; while running, FormatError E_NUM_NONFINITE
 */
export function generate(options: GenerateOptions): AsyncGenerator<Token, End> {
  const o = { ...options, ...checkedRoom(options) };
  checkSampling(o.sampling);
  const random = new Random(o.seed);
  return steps(o, random);
}

/** The options with what was left open filled in. */
type Filled = GenerateOptions & Room;

async function* steps(o: Filled, random: Random): AsyncGenerator<Token, End> {
  const f: Feed = { ...o, caches: o.caches ?? o.ops.cache(o.config, o.room, o.kv) };
  const ids = [...Array.from(o.history ?? []), ...Array.from(o.ids)];
  const detector = o.onLoop === "ignore" ? undefined : new LoopDetector();
  const thoughts = o.thoughts && new Thoughts(o.thoughts);
  const predicted = new Predicted(f, o, ids);
  let position = o.cached + o.ids.length;
  try {
    await predicted.prompt(Uint32Array.from(o.ids), o.onPrompt);
    for (let made = 1; ; made++) {
      const data = predicted.logits();
      if (data === undefined) return { reason: "interrupted" };
      const due = thoughts?.next();
      const id = due ?? draw(distribution(o.steering?.steer(data) ?? data, ids, o.sampling), random.fraction());
      thoughts?.push(id);
      o.steering?.push(id);
      ids.push(id);
      const loop = detector?.push(id);
      yield {
        id,
        get logprob() {
          return data[id]! - logSumExp(data); // exponentials of the whole vocabulary, for those who ask
        },
        likeliest: (count) => likeliest(data, count),
        position: position++,
        loop,
        forced: due !== undefined,
      };
      if (o.stop.includes(id)) return { reason: "stop" };
      if (loop !== undefined && o.onLoop === "stop") return { reason: "loop" };
      if (made === o.maxTokens) return { reason: "length" };
      await predicted.after(id, o.maxTokens - made - 1);
    }
  } finally {
    predicted.end(position - 1);
  }
}

/** The logits of one place after another. Where there is a draft, those of its tokens are computed in one pass. */
class Predicted {
  private readonly f: Feed;
  private readonly o: Filled;
  private readonly drafts: Drafts | undefined;
  /** Rows of logits not yet used up: that of the last token, and of the draft's. */
  private rows: Float32Array[] = [];
  /** What is left of the draft, and how much of it came. */
  private draft: Uint32Array = new Uint32Array(0);
  private came = 0;
  /** Tokens read so far. */
  private position: number;

  constructor(f: Feed, o: Filled, ids: readonly number[]) {
    this.f = f;
    this.o = o;
    this.position = o.cached;
    this.drafts = (o.speculate ?? 0) > 0 ? new Drafts() : undefined;
    for (const id of ids) this.drafts?.push(id);
  }

  async prompt(ids: Uint32Array, onPrompt: GenerateOptions["onPrompt"]): Promise<void> {
    await this.read(ids, 1, onPrompt);
  }

  /** The next place's; undefined where the signal came first. */
  logits(): Float32Array | undefined {
    return this.rows[0];
  }

  /** `id` was drawn; at most `most` tokens more than it may be read. */
  async after(id: number, most: number): Promise<void> {
    this.drafts?.push(id);
    this.rows.shift();
    if (this.draft[this.came] === id && this.rows.length > 0) {
      this.came++;
      return;
    }
    this.settle();
    const { o, drafts } = this;
    const room = Math.min(o.chunk ?? o.ops.chunk ?? CHUNK, o.ops.steady ?? Infinity) - 1;
    this.draft = drafts?.propose(Math.min(o.speculate ?? 0, most, room)) ?? this.draft;
    const ids = Uint32Array.of(id, ...this.draft);
    await this.read(ids, ids.length);
  }

  /** Takes back what was read of a draft that did not come. */
  private settle(): void {
    const { length } = this.draft;
    if (length === 0) return;
    this.position -= length - this.came;
    for (const cache of this.f.caches) cache.truncate(this.position);
    this.drafts?.came(this.came);
    this.o.onDraft?.(length, this.came);
    this.draft = new Uint32Array(0);
    this.came = 0;
  }

  /** Leaves the caches with the first `position` tokens, where a draft has gone further. */
  end(position: number): void {
    if (this.draft.length === 0) return;
    for (const cache of this.f.caches) cache.truncate(Math.min(cache.length, position));
    this.o.onDraft?.(this.draft.length, this.came);
  }

  /** Reads ids, and keeps the logits of the last `count` of them. */
  private async read(ids: Uint32Array, count: number, onPrompt?: GenerateOptions["onPrompt"]): Promise<void> {
    this.rows = [];
    const { f } = this;
    const onLogits = onPrompt === undefined ? undefined : this.o.onPromptLogits;
    const state = await last(f, ids, count, onPrompt, onLogits);
    if (state === undefined) return;
    this.position += ids.length;
    const logits = await logitsOf(f, state, 0, count, this.position - count).catch(ifHalted);
    f.ops.free?.(state);
    if (logits === undefined) {
      // Where work is done later, what was interrupted may be the reading.
      if (f.ops.later) for (const cache of f.caches) cache.truncate(this.position - ids.length);
      return;
    }
    const V = logits.data.length / count;
    this.rows = Array.from({ length: count }, (_, row) => logits.data.subarray(row * V, (row + 1) * V));
  }
}

/**
 * Feeds `ids`; the normed states of the last `count`, which one chunk holds, or undefined where the signal came first. The
 * caller frees them.
 */
async function last(
  f: Feed,
  ids: Uint32Array,
  count: number,
  onPrompt: GenerateOptions["onPrompt"] = () => undefined,
  onLogits?: GenerateOptions["onPromptLogits"],
): Promise<Tensor<"T C"> | undefined> {
  let done = 0;
  let state: Tensor<"T C"> | undefined;
  for await (const n of feed(f, ids)) {
    const rows = n.shape[0]!;
    if (onLogits !== undefined) await eachRow(f, n, done, onLogits);
    done += rows;
    if (done === ids.length) state = f.ops.rows(n, rows - count, count);
    onPrompt(done, ids.length);
  }
  return state;
}

/** Where the tokens go. */
interface Room {
  /** Tokens the caches hold already. */
  readonly cached: number;
  readonly maxTokens: number;
  /** Tokens to make room for. */
  readonly room: number;
}

/** Checks ids and lengths, and fills in what was left open. */
function checkedRoom({ ids, caches, config, stop, chunk, ...o }: GenerateOptions): Room {
  const cached = caches?.[0]?.length ?? 0;
  if (ids.length === 0) {
    throw usage("E_ARG_EMPTY", "prompt", "at least one token", "none", "There is no position to predict from.");
  }
  checkIds(ids, config.vocabulary, "ids");
  checkIds(stop, config.vocabulary, "stop");
  const context = checkCount(o.context ?? config.context, "context");
  checkCount(chunk ?? 1, "chunk");
  checkCount((o.speculate ?? 0) + 1, "speculate");
  const used = cached + ids.length;
  const maxTokens = checkCount(o.maxTokens ?? Math.max(context - used, 1), "max-tokens");
  if (used + maxTokens <= context) return { cached, maxTokens, room: used + maxTokens };
  const actual = `${used} of the prompt and up to ${maxTokens} new ones`;
  const hint = "Shorten the prompt, lower --max-tokens or raise --context.";
  throw usage("E_ARG_CONTEXT", "generate", `at most ${context} tokens`, actual, hint);
}

/** Refuses what is not a row of the embedding. */
export function checkIds(ids: ArrayLike<number>, vocabulary: number, where: string): void {
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (Number.isInteger(id) && id >= 0 && id < vocabulary) continue;
    const hint = "Use the model's own tokenizer.";
    throw usage("E_ARG_TOKEN_ID", `${where}[${i}]`, `an id from 0 to ${vocabulary - 1}`, String(id), hint);
  }
}

/** Refuses what is not a number of tokens. */
export function checkCount(count: number, name: string): number {
  if (Number.isInteger(count) && count >= 1 && count < 2 ** 31) return count;
  throw usage("E_ARG_LIMIT", name, "a whole number from 1 to 2^31 - 1", String(count), "Give such a number.");
}

function usage(code: string, where: string, expected: string, actual: string, hint: string): UsageError {
  return new UsageError(code, where, { expected, actual, hint });
}
