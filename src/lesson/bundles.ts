/** Bundles for notebooks: a run's activations in a folder that is gone when the notebook ends. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeBundle } from "../oracle/bundle.ts";
import { type Bundle, openBundle } from "../oracle/bundle-read.ts";
import type { Noise } from "../oracle/noise-file.ts";
import type { Tap } from "../oracle/taps.ts";

let folder: string | undefined;
let count = 0;

/**
 * Writes taps as an engine's bundle and opens it; of every position of `ids`, computed in float32. With noise it is a
 * reference. Throws as `writeBundle` and `openBundle`.
 */
export function bundleOf(engine: string, ids: ArrayLike<number>, taps: readonly Tap[], noise?: Noise): Bundle {
  const path = join((folder ??= newFolder()), `${count++}.oracle`);
  const role = noise === undefined ? "candidate" : "reference";
  const input = { ids: Array.from(ids) };
  const rows = input.ids.map((_, t) => t);
  const whole = taps.map((tap) => ({ ...tap, rows, stats: statsOf(tap.data.data) }));
  writeBundle(path, { role, engine, model: {}, producer: {}, policy: "f32", input }, whole, noise);
  return openBundle(path);
}

function newFolder(): string {
  const made = mkdtempSync(join(tmpdir(), "qwq-lesson-"));
  process.once("exit", () => rmSync(made, { recursive: true, force: true }));
  return made;
}

function statsOf(values: Float32Array) {
  const finite = values.filter(Number.isFinite);
  const squares = finite.reduce((sum, x) => sum + x * x, 0);
  return {
    absmax: finite.reduce((most, x) => Math.max(most, Math.abs(x)), 0),
    rms: Math.sqrt(squares / Math.max(1, finite.length)),
    nonfinite: values.length - finite.length,
  };
}
