/**
 * Recording: a run of the page whose taps become a bundle.
 */
import { UsageError } from "../errors.ts";
import type { Checkpoint } from "../files/checkpoint.ts";
import { checkFinite } from "../generate/finite.ts";
import { checkIds } from "../generate/generate.ts";
import { oracleOps, SETTINGS } from "./numbers/ops.ts";
import { REFERENCE } from "./numbers/policies.ts";
import type { Rows } from "./numbers/rows.ts";
import type { CacheFormat, Ops } from "../ops.ts";
import type { Host } from "../tensor.ts";
import type { BundleTap, TapStats } from "./bundle.ts";
import { type Selection, selectTaps } from "./select.ts";
import { sketch } from "./sketch.ts";
import { recordTaps } from "./taps.ts";

/** What is recorded, and how the prompt is fed. */
export interface RecordingOptions extends Selection {
  /** Feeds the prompt so many tokens at a time; all at once unless told. The reference gives the same bits. */
  readonly chunk?: number | undefined;
  /** How keys and values are kept; as they are computed unless told. The taps kr and v are what goes into the cache. */
  readonly kv?: CacheFormat | undefined;
  /** Tokens there is room for; the model's own context unless told. */
  readonly context?: number | undefined;
  /** Told how many of all tokens of all layers are done. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Operations that a recording looks back on: more than a layer's, so that what a layer shares is made once. */
const REMEMBERED = 64;

/** Forgets what was put in first. */
class Recent extends Map<string, Rows> {
  override set(name: string, rows: Rows): this {
    super.set(name, rows);
    if (this.size > REMEMBERED) this.delete(this.keys().next().value!);
    return this;
  }
}

/** The reference's equations over the oracle's own exp, sin and cos: the same bytes on every machine. */
export function recordingOps(): Ops {
  return { ...oracleOps({ policy: REFERENCE, order: "exact" }, SETTINGS, new Recent()), name: "reference" };
}

/**
 * Runs `ids` and keeps the chosen taps of every position.
 *
 * throws   before a weight is read, UsageError E_ARG_EMPTY, E_ARG_TOKEN_ID, E_ARG_CONTEXT, E_ARG_LAYERS, E_ARG_TAPS;
 *          FormatError E_NUM_NONFINITE for an activation that is not finite
 */
export async function record(
  ops: Ops,
  checkpoint: Checkpoint,
  ids: Uint32Array,
  options: RecordingOptions,
): Promise<BundleTap[]> {
  const { config } = checkpoint;
  checkPrompt(ids, config.vocabulary, options.context ?? config.context);
  const names = new Set(selectTaps(options, config.layers));
  const tallies = new Map<string, Tally>();
  const taps = await recordTaps(ops, checkpoint.weights, config, ids, {
    chunk: options.chunk,
    kv: options.kv,
    want: (name) => names.has(name),
    shrink(name, rows) {
      const tally = tallies.get(name) ?? new Tally();
      tallies.set(name, tally);
      checkFinite(rows, name, tally.rows);
      tally.add(rows);
      return options.tier === "sketch" ? sketch(rows) : rows;
    },
    onLayer: (done) => options.onProgress?.(done, ids.length * config.layers),
  });
  const rows = Array.from(ids, (_, t) => t);
  return taps.map((tap) => {
    const { stats, width } = tallies.get(tap.name)!;
    return options.tier === "sketch" ? { ...tap, dims: "T sketch", rows, stats, width } : { ...tap, rows, stats };
  });
}

function checkPrompt(ids: Uint32Array, vocabulary: number, context: number): void {
  if (ids.length === 0) {
    const hint = "There is nothing to record.";
    throw new UsageError("E_ARG_EMPTY", "prompt", { expected: "at least one token", actual: "none", hint });
  }
  checkIds(ids, vocabulary, "ids");
  if (ids.length <= context) return;
  throw new UsageError("E_ARG_CONTEXT", "prompt", {
    expected: `at most ${context} tokens`,
    actual: `${ids.length}`,
    hint: "Shorten the prompt or raise --context.",
  });
}

/** Statistics of a tap whose rows come in pieces; how they are cut makes no difference. */
class Tally {
  rows = 0;
  width = 0;
  private absmax = 0;
  private squares = 0;

  add({ shape, data }: Pick<Host<string>, "shape" | "data">): void {
    this.rows += shape[0]!;
    this.width = shape[1]!;
    for (const x of data) {
      this.absmax = Math.max(this.absmax, Math.abs(x));
      this.squares += x * x;
    }
  }

  get stats(): TapStats {
    return { absmax: this.absmax, rms: Math.sqrt(this.squares / (this.rows * this.width)), nonfinite: 0 };
  }
}
