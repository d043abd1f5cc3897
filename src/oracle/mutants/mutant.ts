/**
 * Mutants: known bugs, each as a change of how a layer is run.
 *
 * A mutant's prediction is the page's own, run with that change on the engine's inputs. Where it agrees with the engine
 * to within rounding, that is the likely bug.
 */
import type { Ops } from "../../ops.ts";
import { host, type Host, type Tensor } from "../../tensor.ts";
import type { LayerRun } from "../anchored.ts";
import type { Given, Taps } from "../candidate.ts";
import type { Rows } from "../numbers/rows.ts";

/** One way in which a layer may be wrong. */
export interface Mutant {
  readonly code: string;
  /** Which of a family, in words. */
  readonly variant?: string | undefined;
  /** The layer with that change. It is applied to the truth and to every noisy run. */
  readonly edit: (run: LayerRun) => LayerRun;
  /** Rows it says nothing about. */
  readonly skipRow?: number | undefined;
  /** Numbers that were fitted to each column: they are paid for. */
  readonly fitted?: number | undefined;
  /** Whether what it changes is itself rounding, which comes out otherwise in each engine: the change is its noise. */
  readonly rounds?: boolean | undefined;
}

/** What a family of mutants is made from: a layer in float64, as it should be, and what the engine gave. */
export interface Scene {
  readonly run: LayerRun;
  readonly clean: Readonly<Record<string, Rows>>;
  readonly taps: Taps;
  /** A tap as the next operation sees it: the engine's rows, and ours where it gave none. */
  readonly inputs: (short: string) => Rows;
  /** The context that config.json allows, which some engines take for YaRN's. */
  readonly context: number;
}

/** Families by what they are about. */
export type Family = (scene: Scene) => readonly Mutant[];

/** The engine's rows of one of the layer's taps. */
export function theirs({ taps, run }: Scene, short: string): Given | undefined {
  return taps(`${run.layer}.${short}`);
}

/** A layer whose page does some operations otherwise. */
export function paged(run: LayerRun, change: (page: Ops, run: LayerRun) => Partial<Ops>): LayerRun {
  const page = run.page ?? run.ops;
  return { ...run, page: { ...page, ...change(page, run) } };
}

/** Which calls of an operation a change is for, counted from 0 within a layer; all unless told. */
export function atCalls<Args extends unknown[], R>(
  plain: (...args: Args) => R,
  other: (...args: Args) => R,
  calls: readonly number[] | undefined,
): (...args: Args) => R {
  let call = 0;
  return (...args) => (calls === undefined || calls.includes(call++) ? other(...args) : plain(...args));
}

const made = new WeakMap<object, Map<string, Tensor<string>>>();

/** A tensor derived from another, made once, so that operations on it are remembered. */
export function derived<A extends string>(from: object, name: string, make: () => Tensor<A>): Tensor<A> {
  const known = made.get(from) ?? new Map<string, Tensor<string>>();
  made.set(from, known);
  const tensor = (known.get(name) as Tensor<A> | undefined) ?? make();
  known.set(name, tensor as unknown as Tensor<string>);
  return tensor;
}

/** Gains that do nothing. */
export function ones(g: Tensor<"C">): Host<"C"> {
  const [C = 0] = g.shape;
  return derived(g, "ones", () => host<"C">([C], new Float32Array(C).fill(1))) as Host<"C">;
}
