/**
 * The learning rate over time: up in a line, then down half a cosine.
 *
 *   rate(step) = peak step / warmup                                                 while step <= warmup
 *              = floor + (peak - floor) (1 + cos(pi (step - warmup) / (steps - warmup))) / 2      after it
 *
 * `step` counts from 1; from the last on the rate is the floor.
 *
 * source   Loshchilov and Hutter 2017 (arXiv 1608.03983) eq. 5; transformers get_cosine_schedule_with_warmup
 */
export function schedule(step: number, { peak, floor = 0, warmup, steps }: Schedule): number {
  if (step <= warmup) return (peak * step) / warmup;
  const done = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return floor + ((peak - floor) * (1 + Math.cos(Math.PI * done))) / 2;
}

export interface Schedule {
  /** The highest rate. */
  readonly peak: number;
  /** The last rate; 0 unless told. */
  readonly floor?: number | undefined;
  /** Steps on the way up. */
  readonly warmup: number;
  /** Steps in all. */
  readonly steps: number;
}
