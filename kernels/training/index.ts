/** The learner by kernels: packed sequences, a batch's shards on several threads, replies drawn many at a time. */
import { availableParallelism } from "node:os";
import type { Rope } from "../../src/config.ts";
import { LimitError, UsageError } from "../../src/errors.ts";
import type { Learner } from "../../src/training/learner.ts";
import type { Parameters } from "../../src/training/parameters.ts";
import { Arena, compile, shared } from "./kernels.ts";
import { KernelLearner } from "./learner.ts";
import { planOf } from "./plan.ts";
import { Pool } from "./pool.ts";

/** How to open one. */
export interface LearnerOptions {
  /** As many as the machine has cores unless told. No result depends on it. */
  readonly threads?: number | undefined;
}

/**
 * A learner on threads of its own, from a copy of the parameters. Close it: its threads end then.
 *
 * numbers  float32 throughout: products one sum an element, k ascending; a batch's gradients in at most eight shards, which its
 *          sizes alone decide, added in order. AdamW and clipping have the bits of src/training/adamw.ts and clip.ts. A reply is
 *          the same whatever is drawn beside it, and its likelihoods have the bits of `score`.
 * throws   UsageError E_ARG_LIMIT for no threads, E_ARG_BACKEND where sizes or engine do not suit; LimitError E_LIMIT_MEMORY;
 *          its methods as the reference learner, and QwqError E_INTERNAL where a thread failed
 */
export async function openLearner(
  parameters: Parameters,
  model: { readonly rope: Rope; readonly eps: number },
  { threads = availableParallelism() }: LearnerOptions = {},
): Promise<Learner> {
  if (!Number.isSafeInteger(threads) || threads < 1) {
    const hint = "Give one for each core.";
    throw new UsageError("E_ARG_LIMIT", "threads", {
      expected: "a whole number from 1",
      actual: String(threads),
      hint,
    });
  }
  const compiled = compile();
  const memory = reserved();
  const arena = new Arena(memory);
  const plan = planOf(parameters, model, arena);
  const learner = new KernelLearner(parameters, plan, arena, await Pool.start(threads, { compiled, memory, plan }));
  try {
    await learner.begin();
    return learner;
  } catch (error) {
    await learner.close();
    throw error;
  }
}

function reserved(): WebAssembly.Memory {
  try {
    return shared();
  } catch (cause) {
    throw new LimitError("E_LIMIT_MEMORY", "training", {
      expected: "addresses for 2 GiB",
      actual: "none that the system would give",
      hint: "Raise the limit (ulimit -v), or use the reference learner.",
      cause,
    });
  }
}
