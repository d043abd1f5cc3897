/** A loss, a gradient or a weight that is no number: training ends there, since every later number would be none. */
import type { Config } from "../../config.ts";
import { QwqError } from "../../errors.ts";
import { allFinite, watch } from "../../generate/finite.ts";
import { forward } from "../../model.ts";
import { reference } from "../../reference/index.ts";
import type { Lesson } from "../learner.ts";
import { named, type Parameters, weightsOf } from "../parameters.ts";

/** What was found, and the sequence on which it was. */
export class NotFinite extends Error {
  override readonly name = "NotFinite";
  /** "a loss of NaN". */
  readonly what: string;
  readonly ids: Uint32Array | undefined;
  constructor(what: string, ids?: Uint32Array) {
    super(what);
    this.what = what;
    this.ids = ids;
  }
}

/** Throws NotFinite with the first lesson at fault; called before the update, which would spoil the weights. */
export function checkLoss(
  loss: number,
  lessons: readonly Pick<Lesson, "ids">[],
  nll: readonly (readonly number[] | Float32Array)[],
): void {
  if (Number.isFinite(loss)) return;
  const at = nll.findIndex((values) => values.some((value) => !Number.isFinite(value)));
  throw new NotFinite(`a loss of ${loss}`, lessons[Math.max(0, at)]?.ids);
}

/** A gradient's length. Throws NotFinite; the weights have moved by then, so who keeps them goes back to a copy. */
export function checkNorm(norm: number): number {
  if (Number.isFinite(norm)) return norm;
  throw new NotFinite(`a gradient of length ${norm}`);
}

/** The name of the first parameter, in the order of the file, that is not finite. */
export function spoiled(parameters: Parameters): string | undefined {
  for (const [name, { data }] of named(parameters)) if (!allFinite(data)) return name;
  return undefined;
}

/**
 * The name of the first activation that is not finite, in the order in which the page computes them; "logits" where it is
 * none of a layer's, or where only the kernels' roundings lead there.
 */
export function beginning(parameters: Parameters, config: Config, ids: Uint32Array): string {
  try {
    const caches = reference.cache(config, ids.length);
    forward(reference, weightsOf(parameters, config), ids, caches, watch(reference, 0));
  } catch (error) {
    if (error instanceof QwqError && error.tensor !== undefined) return error.tensor;
    throw error;
  }
  return "logits";
}
