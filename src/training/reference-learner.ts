/** The learner of the equations: the page, its backward pass, AdamW, one sequence after another. Slow, and the truth. */
import { forward } from "../model.ts";
import { reference } from "../reference/index.ts";
import { unwrap } from "../reference/unwrap.ts";
import { host, type Tensor, zeros } from "../tensor.ts";
import type { LayerCache } from "../ops.ts";
import type { Weights } from "../weights.ts";
import { adamW } from "./adamw.ts";
import { crossEntropy } from "./backward/cross-entropy.ts";
import { checkIds, checkLessons, checkReward, checkSame } from "./checks.ts";
import { clip } from "./clip.ts";
import { descent } from "./gradients.ts";
import type { Drawing, Drawn, Learner, LearnerState, Lesson, Outcome, Preference, Update } from "./learner.ts";
import { configOf, mapParameters, named, type Parameters, weightsOf } from "./parameters.ts";
import { clippedObjective } from "./policy.ts";
import { preference } from "./preference.ts";
import { Reply } from "./reply.ts";

/**
 * Learns with the equations of src/reference and backward/ alone. It works on a copy of the parameters.
 *
 * numbers  float64 within each equation, one rounding between; gradients are added up in float32, lesson by lesson
 * throws   (its methods) UsageError E_ARG_TOKEN_ID, E_ARG_EMPTY, E_ARG_SAMPLING, E_ARG_SEED; ShapeError
 */
export function referenceLearner(parameters: Parameters, model: Pick<Weights, "rope" | "eps">): Learner {
  return new ReferenceLearner(parameters, model);
}

const copied = (p: Parameters) => mapParameters(p, (x) => host(x.shape, x.data.slice()));
const empty = (p: Parameters) => mapParameters(p, (x) => zeros(...x.shape));

class ReferenceLearner implements Learner {
  private current: LearnerState;
  private gathered: Parameters;
  private readonly model: Pick<Weights, "rope" | "eps">;

  constructor(parameters: Parameters, model: Pick<Weights, "rope" | "eps">) {
    this.model = model;
    this.gathered = empty(parameters);
    const [mean, square] = [empty(parameters), empty(parameters)];
    this.current = { parameters: copied(parameters), mean, square, step: 0 };
  }

  private get weights(): Weights {
    return weightsOf(this.current.parameters, this.model);
  }

  async learn(batch: readonly Lesson[]): Promise<Outcome> {
    checkLessons(batch, this.current.parameters);
    const all = batch.map((lesson) => {
      const made = descent(reference, this.weights, lesson.ids, (logits) => objective(logits, lesson));
      this.gather(made.gradients);
      return made;
    });
    const sum = (name: "loss" | "clipped" | "counted") => all.reduce((total, made) => total + made[name], 0);
    const nll = all.map((made) => Float32Array.from(made.nll));
    return { loss: sum("loss"), nll, clipped: sum("clipped") / Math.max(1, sum("counted")) };
  }

  async prefer(pairs: readonly Preference[]): Promise<Outcome> {
    const above = await this.rewards(pairs.map((pair) => pair.chosen));
    const below = await this.rewards(pairs.map((pair) => pair.rejected));
    const made = pairs.map(({ chosen, rejected, weight = 1 }, n) => {
      const { loss, slope } = preference(above[n]!, below[n]!);
      this.push(chosen, -weight * slope);
      this.push(rejected, weight * slope);
      return { loss: weight * loss, nll: Float32Array.of(loss) };
    });
    return { loss: made.reduce((sum, { loss }) => sum + loss, 0), nll: made.map(({ nll }) => nll), clipped: 0 };
  }

  async rewards(sequences: readonly Uint32Array[]): Promise<Float64Array> {
    checkReward(this.current.parameters);
    return Float64Array.from(sequences, (ids, n) => {
      checkIds(ids, this.current.parameters.E.shape[0]!, `sequence ${n}`);
      return this.logits(ids, this.caches(ids.length)).at(-1)!;
    });
  }

  async update({ norm = Infinity, ...options }: Update): Promise<number> {
    const { parameters, mean, square, step } = this.current;
    const length = clip(this.gathered, norm);
    const [w, g, m, v] = [parameters, this.gathered, mean, square].map((p) => [...named(p)].map(([, x]) => x.data));
    w!.forEach((x, n) => adamW(x, g![n]!, { m: m![n]!, v: v![n]! }, step + 1, options));
    this.current = { ...this.current, step: step + 1 };
    for (const x of g!) x.fill(0);
    return length;
  }

  async score(batch: readonly Pick<Lesson, "ids" | "targets">[]): Promise<readonly Float32Array[]> {
    checkLessons(batch, this.current.parameters);
    return batch
      .map(({ ids, targets }) => {
        const logits = forward(reference, this.weights, ids, this.caches(ids.length));
        return crossEntropy(logits, targets, new Float32Array(ids.length)).nll.map((x) => -x);
      })
      .map((x) => Float32Array.from(x));
  }

  async draw(prompts: readonly Uint32Array[], drawing: Drawing): Promise<readonly Drawn[]> {
    return prompts.map((prompt, place) => {
      checkIds(prompt, this.current.parameters.E.shape[0]!, `prompt ${place}`);
      const reply = new Reply(drawing, place);
      const caches = this.caches(prompt.length + drawing.limit);
      for (let ids = prompt; !reply.done;) ids = Uint32Array.of(reply.next(this.logits(ids, caches)));
      return reply.drawn();
    });
  }

  async state(): Promise<LearnerState> {
    return copyOf(this.current);
  }

  async restore(state: LearnerState): Promise<void> {
    for (const p of [state.parameters, state.mean, state.square]) checkSame(p, this.gathered, named);
    this.current = copyOf(state);
    this.gathered = empty(this.gathered);
  }

  async close(): Promise<void> {}

  /** The last token's logits. */
  private logits(ids: Uint32Array, caches: readonly LayerCache[]): Float32Array {
    const { data, shape } = unwrap(forward(reference, this.weights, ids, caches), "learner");
    return data.subarray(data.length - shape[1]!);
  }

  private caches(capacity: number): LayerCache[] {
    return reference.cache(configOf(this.current.parameters, this.model, capacity), capacity);
  }

  /** Adds the gradient of `slope` times a sequence's reward. */
  private push(ids: Uint32Array, slope: number): void {
    const dlogits = zeros<"T V">(ids.length, 1);
    dlogits.data[ids.length - 1] = slope;
    this.gather(descent(reference, this.weights, ids, () => ({ loss: 0, dlogits })).gradients);
  }

  private gather(gradients: Parameters): void {
    const [into, from] = [this.gathered, gradients].map((p) => [...named(p)].map(([, x]) => x.data));
    into!.forEach((x, n) => x.forEach((_, i) => (x[i]! += from![n]![i]!)));
  }
}

/** A lesson's loss by its logits: the likelihood's, or the clipped objective. */
function objective(logits: Tensor<"T V">, { targets, weights, policy }: Lesson) {
  if (policy === undefined) return { ...crossEntropy(logits, targets, weights), counted: 0, clipped: 0 };
  const { nll } = crossEntropy(logits, targets, weights);
  const { each, ...said } = clippedObjective(nll, weights, policy);
  return { ...crossEntropy(logits, targets, each), ...said };
}

const copyOf = ({ parameters, mean, square, step }: LearnerState): LearnerState => ({
  parameters: copied(parameters),
  mean: copied(mean),
  square: copied(square),
  step,
});
