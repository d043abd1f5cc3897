/** Drawing values that are quantised at once. */
import { FORMATS } from "../quant/index.ts";
import type { Widen } from "../quantize/encode.ts";
import type { Work } from "../quantize/job.ts";
import { takeRuns } from "../quantize/work.ts";
import { type Drawn, Drawer, type Dtype } from "./draw.ts";

/** What a worker is given. */
export interface DrawnJob extends Work {
  readonly seed: bigint;
  /** The dtype in which values are drawn. */
  readonly dtype: Dtype;
  /** How each target is drawn, in their order: under its Hugging Face name. */
  readonly drawn: readonly Drawn[];
}

/** Takes runs until none is left. */
export function takeDrawn(job: DrawnJob): void {
  const drawers = new Map<string, Drawer>();
  const { widen } = FORMATS.get(job.dtype)!;
  const draw: Widen = ({ name, columns }, first, rows, into) => {
    const bytes = drawers.get(name)!.draw(first * columns, rows * columns);
    widen(bytes, 0, rows * columns, into, 0);
  };
  for (const [i, { name }] of job.targets.entries()) drawers.set(name, new Drawer(job.seed, job.drawn[i]!, job.dtype));
  takeRuns(job, draw);
}
