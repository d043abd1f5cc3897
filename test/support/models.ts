/** The small models of golden/model, each with Hugging Face's values. */
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { recordTaps, type RecordOptions, type Tap } from "../../src/oracle/taps.ts";
import type { Ops } from "../../src/ops.ts";
import { golden, goldenJson, goldenPath } from "./golden.ts";

export interface Recorded {
  readonly ids: readonly number[];
  readonly greedy: readonly number[];
  readonly margins: readonly number[];
}

export interface Manifest {
  /** max |f32 - f64| of every recorded activation: the noise of Hugging Face's own float32. */
  readonly floors: Record<string, Record<string, number>>;
}

export const VARIANTS = ["tiny", "tied", "llama", "head-dim", "sharded", "yarn", "yarn-v5"] as const;

export function model(name: string) {
  const checkpoint = openCheckpoint(goldenPath(`model/${name}`), { pin: 2 ** 30 });
  const recorded = goldenJson<Recorded>(`model/${name}.json`);
  return {
    checkpoint,
    config: checkpoint.config,
    weights: checkpoint.weights,
    recorded,
    ids: Uint32Array.from(recorded.ids),
    f32: golden(`model/${name}.f32`),
    f64: golden(`model/${name}.f64`),
    floors: goldenJson<Manifest>("manifest.json").floors[`model/${name}`]!,
    taps: (ops: Ops, options?: RecordOptions): Promise<Tap[]> =>
      recordTaps(ops, checkpoint.weights, checkpoint.config, Uint32Array.from(recorded.ids), options),
  };
}
