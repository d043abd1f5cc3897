/** Asks what has not been answered yet, some at a time, and keeps every reply. */
import { setMaxListeners } from "node:events";
import PQueue from "p-queue";
import type { Question, Responder, Said } from "../ask/responder.ts";
import { LimitError } from "../errors.ts";
import type { Problem, Sample } from "./problem.ts";
import { seedOf } from "./settings.ts";
import type { Store } from "./store.ts";

/** What is asked of whom, and who hears of it. */
export interface Asking {
  readonly store: Store;
  readonly problems: readonly Problem[];
  readonly responder: Responder;
  /** Questions a minute at most. */
  readonly perMinute?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told after each reply, with how many are there, and of how many. */
  readonly onSample?: ((sample: Sample, done: number, of: number) => void) | undefined;
}

/** A sample that is to be had. */
interface Wanted {
  readonly problem: Problem;
  readonly sample: number;
}

/**
 * All that is wanted, the first sample of every problem before the second of any: so a run that is cut short has asked
 * every problem equally often, or once more.
 */
export function wanted(problems: readonly Problem[], samples: number): Wanted[] {
  return Array.from({ length: samples }, (_, sample) => problems.map((problem) => ({ problem, sample }))).flat();
}

/**
 * Asks. The first error ends the others, and what has been answered by then stays.
 *
 * returns  whether every reply is there; not where the signal came
 * throws   whatever the responder does
 */
export async function askAll(asking: Asking): Promise<boolean> {
  const { store, problems, responder, perMinute, signal } = asking;
  const all = wanted(problems, store.settings.samples);
  const left = all.filter(({ problem, sample }) => !store.has({ problem: problem.id, sample }));
  const pace = perMinute === undefined ? {} : { interval: 60_000 / perMinute, intervalCap: 1 };
  const queue = new PQueue({ concurrency: responder.atOnce, ...pace });
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // every question listens
  stop.signal.addEventListener("abort", () => queue.clear());
  signal?.addEventListener("abort", () => stop.abort(signal.reason), { once: true });
  if (signal?.aborted) stop.abort(signal.reason);
  let fault: unknown;
  for (const one of left) {
    const work = async () => {
      if (stop.signal.aborted) return;
      try {
        await askOne(asking, one, all.length, stop.signal);
      } catch (error) {
        if (!stop.signal.aborted) fault = error;
        stop.abort();
      }
    };
    void queue.add(work);
  }
  await queue.onIdle();
  if (fault !== undefined) throw fault;
  return store.samples.length === all.length;
}

async function askOne(
  { store, responder, onSample }: Asking,
  { problem, sample }: Wanted,
  of: number,
  signal: AbortSignal,
): Promise<void> {
  const seed = seedOf(store.settings.seed, problem.id, sample);
  const { messages, tools } = problem;
  const said = await saidOrNoRoom(responder, { messages, tools, drawing: store.settings.drawing, seed, signal });
  const calls = said.toolCalls.map(({ raw }) => raw);
  const { thinking, answer, reason, promptTokens, tokens, thinkingTokens, seconds } = said;
  const kept: Sample = {
    problem: problem.id,
    sample,
    seed,
    thinking,
    answer,
    calls: calls.length > 0 ? calls : undefined,
    reason,
    promptTokens,
    tokens,
    thinkingTokens,
    seconds,
  };
  store.add(kept);
  onSample?.(kept, store.samples.length, of);
}

/** A prompt that the model has no room for is answered by nothing: it is no reason to leave the others unasked. */
async function saidOrNoRoom(responder: Responder, question: Question): Promise<Said> {
  try {
    return await responder.ask(question);
  } catch (error) {
    if (!(error instanceof LimitError) || error.code !== "E_LIMIT_CONTEXT") throw error;
    return { thinking: "", answer: "", toolCalls: [], reason: "context", seconds: 0 };
  }
}
