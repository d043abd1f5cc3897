/** Lessons and readings that tests of learners share. */
import { Random } from "../../src/generate/random.ts";
import type { Learner, Lesson } from "../../src/training/learner.ts";
import { named, type Parameters } from "../../src/training/parameters.ts";

/** Drawn lessons of those lengths, each token of the weight `share`. */
export function lessons(V: number, lengths: readonly number[], share = 1 / 50, seed = 3): Lesson[] {
  const random = new Random(seed);
  return lengths.map((T) => {
    const ids = Uint32Array.from({ length: T + 1 }, () => Math.floor(random.fraction() * V));
    return { ids: ids.slice(0, -1), targets: ids.slice(1), weights: new Float32Array(T).fill(share) };
  });
}

/** Each tensor by its name. */
export const tensors = (p: Parameters) => new Map([...named(p)].map(([name, x]) => [name, x.data]));

/** The gradients that a learner has gathered, exactly: the mean of a step that forgets at once. It takes that step, by rate 0. */
export async function gathered(learner: Learner): Promise<Map<string, Float32Array>> {
  await learner.update({ rate: 0, decay: 0, mean: 0 });
  return tensors((await learner.state()).mean);
}

/** How far `x` is from `y`, as a share of the length of `y`. */
export function offBy(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let [error, length] = [0, 0];
  for (let i = 0; i < y.length; i++) {
    error += (x[i]! - y[i]!) ** 2;
    length += y[i]! ** 2;
  }
  return Math.sqrt(error / length);
}
