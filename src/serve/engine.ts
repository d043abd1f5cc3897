/** What answers: a model in this thread. engine-thread.ts has the same in a thread of its own. */
import type { AnswerEvent } from "../library/answer.ts";
import type { AskOptions, Encoded } from "../library/options.ts";
import type { QwQ } from "../library/qwq.ts";
import { Slots } from "./slots.ts";
import { type Steered, Steerings } from "./steered.ts";

/** One reply, asked for. All of it is data that can be sent to a thread. */
export interface Asked {
  readonly prompt: Encoded;
  readonly options: Omit<AskOptions, "signal" | "memory" | "onPrompt" | "steering">;
  /** What stands between logits and drawing. */
  readonly steered: Steered;
}

/** Answers one prompt after another, or several at a time. */
export interface Engine {
  /** Tokens there is room for, prompt and reply together. */
  readonly context: number;
  /** The events of a reply; it ends early, with reason "interrupted", once the signal is aborted. */
  generate(asked: Asked, signal: AbortSignal): AsyncIterable<AnswerEvent>;
  close(): Promise<void>;
}

/** A loaded model, and what it remembers of the prompts so far. */
export class LocalEngine implements Engine {
  readonly context: number;
  private readonly qwq: QwQ;
  private readonly slots: Slots;
  private readonly steerings: Steerings;

  /** Keeps at most `parallel` conversations, and answers so many at a time. */
  constructor(qwq: QwQ, parallel: number) {
    this.qwq = qwq;
    this.context = qwq.context;
    this.steerings = new Steerings(qwq);
    this.slots = new Slots(parallel, () => qwq.remember());
  }

  async *generate({ prompt, options, steered }: Asked, signal: AbortSignal): AsyncGenerator<AnswerEvent, void> {
    const slot = this.slots.take(prompt.ids);
    try {
      const steering = this.steerings.of(steered, prompt);
      yield* this.qwq.generate(prompt, { ...options, steering, memory: slot.memory, signal });
    } finally {
      slot.leave();
    }
  }

  close(): Promise<void> {
    this.qwq.close();
    return Promise.resolve();
  }
}
