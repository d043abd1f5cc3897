/** What a learner is given, checked before anything is computed. */
import { ShapeError, UsageError } from "../errors.ts";
import type { Lesson } from "./learner.ts";
import type { Parameters } from "./parameters.ts";

/** Refuses lessons whose parts differ in length, that are empty, or whose ids the model does not have. */
export function checkLessons(
  batch: readonly (Pick<Lesson, "ids" | "targets"> & Partial<Lesson>)[],
  p: Parameters,
): void {
  for (const [n, { ids, targets, weights, policy }] of batch.entries()) {
    checkIds(ids, p.E.shape[0]!, `lesson ${n}`);
    const all = [targets, weights, policy?.advantages, policy?.before, policy?.near?.logprobs];
    const lengths = all.map((x) => x?.length ?? ids.length);
    if (lengths.some((length) => length !== ids.length)) {
      throw new ShapeError("E_SHAPE", `lesson ${n}`, {
        expected: `a target, a weight, an advantage and likelihoods for each of ${ids.length} ids`,
        actual: lengths.join(", "),
        hint: "Targets are the ids, one place on, with the end's.",
      });
    }
    checkIds(targets, p.U.shape[0]!, `lesson ${n}`);
  }
}

/** Refuses an empty sequence, or an id that is not below `V`. Throws UsageError E_ARG_EMPTY or E_ARG_TOKEN_ID. */
export function checkIds(ids: Uint32Array, V: number, where: string): void {
  const hint = "Use the ids of this model's own tokenizer.";
  if (ids.length === 0)
    throw new UsageError("E_ARG_EMPTY", where, { expected: "at least one id", actual: "none", hint });
  const wrong = ids.findIndex((id) => id >= V);
  if (wrong < 0) return;
  const actual = `${ids[wrong]!} at position ${wrong}`;
  throw new UsageError("E_ARG_TOKEN_ID", where, { expected: `ids below ${V}`, actual, hint });
}

/** Refuses a model that has more than one logit: there is no reward in it. Throws ShapeError. */
export function checkReward({ U }: Parameters): void {
  if (U.shape[0] === 1) return;
  throw new ShapeError("E_SHAPE", "rewards", {
    expected: "a model whose U has one row",
    actual: `[${U.shape.join(" ")}]`,
    hint: "Give the model a head of one row in the place of its unembedding.",
  });
}

/** Refuses parameters of another shape. Throws ShapeError. */
export function checkSame(
  given: Parameters,
  own: Parameters,
  all: (p: Parameters) => Iterable<readonly [string, Sized]>,
) {
  const shapes = (p: Parameters) => [...all(p)].map(([name, { shape }]) => `${name} [${shape.join(" ")}]`);
  const [theirs, ours] = [shapes(given), shapes(own)];
  const at = ours.findIndex((shape, i) => shape !== theirs[i]);
  if (at < 0 && theirs.length === ours.length) return;
  throw new ShapeError("E_SHAPE", "restore", {
    expected: ours[at] ?? `${ours.length} tensors`,
    actual: theirs[at] ?? `${theirs.length}`,
    hint: "Restore a state of the same model.",
  });
}

type Sized = { readonly shape: readonly number[] };
