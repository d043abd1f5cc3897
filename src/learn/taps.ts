/** A run of the tiny model in which a learner's part takes part: its activations by name. */
import type { Checkpoint } from "../files/checkpoint.ts";
import type { Activations, forward } from "../model.ts";
import type { BundleTap } from "../oracle/bundle.ts";
import { dimsOf, LAYER_TAPS, recordTaps, type Tap } from "../oracle/taps.ts";
import type { Ops } from "../ops.ts";
import { reference } from "../reference/index.ts";
import { host, type Host } from "../tensor.ts";
import { checked, functionOf, opsWith, Wrong } from "./ops.ts";
import type { Step, Written } from "./steps.ts";

/** Tokens that are fed at once: fewer than there are, so that places do not begin at 0 alone. */
export const CHUNK = 5;

/** Every activation of `ids`, with the learner's part in the reference's place. */
export async function tapsWith(
  step: Step,
  written: Written,
  model: Checkpoint,
  ids: Uint32Array,
): Promise<BundleTap[]> {
  const { weights, config } = model;
  const taps =
    step.exports === "block"
      ? ofPage(written, model, ids)
      : await recordTaps(opsWith(step, written), weights, config, ids, { chunk: CHUNK });
  const rows = Array.from(ids, (_, t) => t);
  return taps.map((tap) => ({ ...tap, rows, stats: statsOf(tap.data) }));
}

/** The learner's own page, over the reference's equations: called for some tokens, then for those that follow. */
function ofPage(written: Written, { weights, config }: Checkpoint, ids: Uint32Array): Tap[] {
  functionOf(written, "block");
  functionOf(written, "hidden");
  const theirs = functionOf(written, "forward") as unknown as typeof forward;
  const pieces = new Map<string, Host<string>[]>();
  const { channels: C, feedForward: F, heads: H, keyHeads: K, headSize: D } = config;
  const widths: Readonly<Record<string, number>> = { "T C": C, "T F": F, "T HD": H * D, "T KD": K * D };
  const caches = reference.cache(config, ids.length);
  for (let at = 0; at < ids.length; at += CHUNK) {
    const some = ids.subarray(at, at + CHUNK);
    const keep = (name: string, data: unknown, width: number) => {
      const piece = checked(name, data, [some.length, width]);
      pieces.set(name, [...(pieces.get(name) ?? []), host(piece.shape, piece.data.slice())]);
    };
    const ops: Ops = {
      ...reference,
      embed(E, tokens) {
        const x = reference.embed(E, tokens);
        keep("embed", x, C);
        return x;
      },
    };
    const seen: number[] = [];
    const logits = theirs(ops, weights, some, caches, (layer: number, acts: Activations) => {
      seen.push(layer);
      for (const [short, dims] of Object.entries(LAYER_TAPS)) {
        keep(`${layer}.${short}`, acts[short as keyof Activations], widths[dims]!);
      }
    });
    keep("logits", logits, config.vocabulary);
    shownAll(seen, config.layers);
  }
  return [...pieces].map(([name, some]) => ({ name, dims: dimsOf(name), data: joined(some) }));
}

/** Throws Wrong unless `observe` was shown every layer once, in order. */
function shownAll(seen: readonly number[], layers: number): void {
  if (seen.length === layers && seen.every((layer, i) => layer === i)) return;
  const [due, got] = [[...Array(layers).keys()].join(", "), seen.length === 0 ? "none" : seen.join(", ")];
  throw new Wrong(`forward must call observe with the layers ${due} and what block returned of each; it showed ${got}`);
}

/** Rows of several calls, one after the other. */
function joined(pieces: readonly Host<string>[]): Host<string> {
  const width = pieces[0]!.shape[1]!;
  const data = Float32Array.from(pieces.flatMap((piece) => [...piece.data]));
  return host([data.length / width, width], data);
}

function statsOf({ data, shape }: Host<string>): BundleTap["stats"] {
  let [absmax, squares, nonfinite] = [0, 0, 0];
  for (const value of data) {
    if (!Number.isFinite(value)) nonfinite++;
    else {
      absmax = Math.max(absmax, Math.abs(value));
      squares += value * value;
    }
  }
  return { absmax, rms: Math.sqrt(squares / Math.max(1, shape[0]! * shape[1]! - nonfinite)), nonfinite };
}
