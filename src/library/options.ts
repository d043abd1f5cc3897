/** How a model is loaded, and how it is asked. */
import type { Way } from "../files/open-source.ts";
import type { GenerateOptions } from "../generate/generate.ts";
import type { Sampling } from "../generate/sampling.ts";
import type { CacheFormat, Ops } from "../ops.ts";
import type { Content, Message } from "../text/messages.ts";
import type { ReplyOptions } from "../text/reply.ts";
import type { Memory } from "./memory.ts";

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
  /** How many memories of conversations (`remember`) there will be at the same time; one unless told. */
  readonly caches?: number | undefined;
  /** How keys and values are kept; "f32" unless told. "bf16" takes half the memory, "int8" a quarter. */
  readonly kv?: CacheFormat | undefined;
}

/** A user's turn, a whole conversation, or ids as they are. */
export type Prompt = string | readonly Message[] | Uint32Array;

/** What a prompt has become. */
export interface Encoded {
  readonly ids: Uint32Array;
  /** How the reply is taken apart; all of it is the answer where the prompt was no conversation. */
  readonly reply?: ReplyOptions | undefined;
}

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
  /** How many of the likeliest tokens each "token" event shows beside the one that came; none unless told. */
  readonly top?: number | undefined;
  /** An event "prompt" tells first how likely each of the prompt's tokens was. All of it is read anew: `memory` saves nothing. */
  readonly scorePrompt?: boolean | undefined;
  /** Changes the logits before a token is drawn: a grammar, a penalty. Made for this one reply. */
  readonly steering?: GenerateOptions["steering"];
  /** Ends the reply early, with reason "interrupted". */
  readonly signal?: AbortSignal | undefined;
  /** Told after each part how many of the prompt's tokens are read, and of how many. */
  readonly onPrompt?: GenerateOptions["onPrompt"];
  /** Keeps what the model has read, so that the next prompt that begins alike need not be read again. */
  readonly memory?: Memory | undefined;
}
