/** What a thread is asked to do, and how it does it. Tasks are data; each thread has the whole model before it. */
import type { Factors } from "../../src/training/adamw.ts";
import type { Lesson, Preference } from "../../src/training/learner.ts";
import { clippedObjective } from "../../src/training/policy.ts";
import { preference } from "../../src/training/preference.ts";
import { drawAll, type DrawResult, type DrawTask } from "./draw.ts";
import { pack } from "./packing.ts";
import type { Pass } from "./pass.ts";
import type { Room } from "./room.ts";
import { matrices, type Packed } from "./plan.ts";

/** Lessons of a shard, packed a chunk at a time. */
export interface LearnTask {
  readonly kind: "learn";
  readonly shard: number;
  readonly chunks: readonly (readonly Lesson[])[];
}
/** Pairs of a shard. */
export interface PreferTask {
  readonly kind: "prefer";
  readonly shard: number;
  readonly chunks: readonly (readonly Preference[])[];
}
/** What lessons or pairs said, in order. */
export interface Said {
  readonly losses: readonly number[];
  readonly nll: readonly Float32Array[];
  readonly counted: number;
  readonly clipped: number;
}
export interface ScoreTask {
  readonly kind: "score";
  readonly lessons: readonly Pick<Lesson, "ids" | "targets">[];
}
export interface RewardTask {
  readonly kind: "reward";
  readonly sequences: readonly Uint32Array[];
}
/** A range of all parameters, in values. */
interface Range {
  readonly from: number;
  readonly values: number;
}
/** Adds the first `shards` shards to what was gathered. */
export interface GatherTask extends Range {
  readonly kind: "gather";
  readonly shards: number;
}
export interface SquaresTask {
  readonly kind: "squares";
}
/** A step of AdamW, of gradients shortened by a factor first, where there is one; then they are forgotten. */
export interface AdamWTask extends Range {
  readonly kind: "adamw";
  readonly shorten: number | undefined;
  readonly factors: Factors;
}
/** Puts the matrices of these numbers in the order of products. */
export interface PackTask {
  readonly kind: "pack";
  readonly numbers: readonly number[];
}

/** Anything a thread may be asked. */
export type Task =
  LearnTask | PreferTask | ScoreTask | RewardTask | DrawTask | GatherTask | SquaresTask | AdamWTask | PackTask;

/** What it answers. */
export interface Results {
  learn: Said;
  prefer: Said;
  score: readonly Float32Array[];
  reward: readonly number[];
  draw: DrawResult;
  gather: undefined;
  squares: number;
  adamw: undefined;
  pack: undefined;
}

/** Does it. */
export function perform(pass: Pass, task: Task): Results[Task["kind"]] {
  const { kernels, plan } = pass;
  switch (task.kind) {
    case "learn":
      return said(pass, task, learn);
    case "prefer":
      return said(pass, task, prefer);
    case "score":
      return score(pass, task);
    case "reward":
      return reward(pass, pass.forward(pack(task.sequences)), task.sequences);
    case "draw":
      return drawAll(pass, task);
    case "gather": {
      const at = 4 * task.from;
      kernels.gather(plan.gathered + at, plan.shards + at, 4 * plan.values, task.shards, task.values);
      return undefined;
    }
    case "squares":
      return kernels.squares(plan.gathered, plan.values);
    case "adamw":
      adamw(pass, task);
      return undefined;
    case "pack":
      for (const n of task.numbers) packMatrix(pass, matrices(plan)[n]!);
      return undefined;
  }
}

/** A shard's chunks, one after another, each by `f`, which leaves the gradient of the logits in their place. */
function said<X>(
  pass: Pass,
  { shard, chunks }: { readonly shard: number; readonly chunks: readonly (readonly X[])[] },
  f: (pass: Pass, chunk: readonly X[]) => Said & { readonly room: Room },
): Said {
  const { kernels, plan } = pass;
  const at = plan.shards + 4 * shard * plan.values;
  kernels.clear(at, plan.values);
  const all = chunks.map((chunk) => {
    const { room, ...made } = f(pass, chunk);
    pass.backward(room, at);
    return made;
  });
  return {
    losses: all.flatMap(({ losses }) => losses),
    nll: all.flatMap(({ nll }) => nll),
    counted: all.reduce((sum, { counted }) => sum + counted, 0),
    clipped: all.reduce((sum, { clipped }) => sum + clipped, 0),
  };
}

/** -ln p of each target, and the probabilities in the place of the logits. */
function likelihood(pass: Pass, lessons: readonly Pick<Lesson, "ids" | "targets">[]) {
  const packing = pack(lessons.map(({ ids }) => ids));
  const room = pass.forward(packing);
  const T = packing.ids.length;
  pass.arena.words(room.targets, T).set(pack(lessons.map(({ targets }) => targets)).ids);
  pass.kernels.likelihood(room.logits, room.targets, room.nll, T, pass.plan.V);
  return { room, nll: pass.arena.doubles(room.nll, T), T };
}

function learn(pass: Pass, lessons: readonly Lesson[]) {
  const { room, nll, T } = likelihood(pass, lessons);
  const each = pass.arena.floats(room.each, T);
  const losses: number[] = [];
  let [at, counted, clipped] = [0, 0, 0];
  for (const { ids, weights, policy } of lessons) {
    const own = nll.subarray(at, at + ids.length);
    if (policy === undefined) {
      losses.push(weights.reduce((sum, w, t) => sum + w * own[t]!, 0));
      each.set(weights, at);
    } else {
      const made = clippedObjective(own, weights, policy);
      losses.push(made.loss);
      each.set(made.each, at);
      counted += made.counted;
      clipped += made.clipped;
    }
    at += ids.length;
  }
  pass.kernels.logitSlopes(room.logits, room.targets, room.each, T, pass.plan.V);
  return { room, losses, nll: cut(nll, lessons), counted, clipped };
}

/** Each lesson's part, as float32. */
function cut(values: Float64Array, lessons: readonly Pick<Lesson, "ids">[]): Float32Array[] {
  let at = 0;
  return lessons.map(({ ids }) => Float32Array.from(values.subarray(at, (at += ids.length))));
}

function prefer(pass: Pass, pairs: readonly Preference[]) {
  const sequences = pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]);
  const room = pass.forward(pack(sequences));
  const rewards = reward(pass, room, sequences);
  const T = sequences.reduce((sum, ids) => sum + ids.length, 0);
  const dlogits = pass.arena.floats(room.logits, T).fill(0);
  const losses: number[] = [];
  const nll: Float32Array[] = [];
  let at = -1;
  pairs.forEach(({ chosen, rejected, weight = 1 }, n) => {
    const { loss, slope } = preference(rewards[2 * n]!, rewards[2 * n + 1]!);
    losses.push(weight * loss);
    nll.push(Float32Array.of(loss));
    dlogits[(at += chosen.length)] = -weight * slope;
    dlogits[(at += rejected.length)] = weight * slope;
  });
  return { room, losses, nll, counted: 0, clipped: 0 };
}

/** The one logit of each sequence's last token. */
function reward(pass: Pass, room: Room, sequences: readonly Uint32Array[]): number[] {
  const logits = pass.arena.floats(
    room.logits,
    sequences.reduce((sum, ids) => sum + ids.length, 0),
  );
  let at = -1;
  return sequences.map((ids) => logits[(at += ids.length)]!);
}

function score(pass: Pass, { lessons }: ScoreTask): Float32Array[] {
  return cut(likelihood(pass, lessons).nll, lessons).map((nll) => nll.map((x) => -x));
}

function adamw({ kernels, plan }: Pass, { from, values, shorten, factors }: AdamWTask): void {
  const at = 4 * from;
  const g = plan.gathered + at;
  if (shorten !== undefined) kernels.shorten(g, values, shorten);
  const { keep, fresh, old, young, size, root, eps } = factors;
  kernels.adamw(plan.w + at, g, plan.m + at, plan.v + at, values, keep, fresh, old, young, size, root, eps);
  kernels.clear(g, values);
}

function packMatrix({ kernels, plan }: Pass, { at, O, I, forward, backward }: Packed): void {
  kernels.transposed(plan.w + at, 4 * I, O, I, forward);
  kernels.panels(plan.w + at, 4 * I, O, I, backward);
}
