/** What makes two runs the same run: what is asked, of whom, and how. */
import { createHash } from "node:crypto";
import { UsageError } from "../errors.ts";
import type { Drawing } from "../ask/responder.ts";

/** What is asked, of whom, and how. */
export interface Settings {
  readonly format: "qwq-eval/1";
  readonly bench: string;
  /** The benchmark's data: where it came from, and its lines' hash. */
  readonly data: { readonly from: string; readonly sha256: string; readonly problems: number };
  /** The model's name, as whoever answers gives it. */
  readonly model: string;
  /** Where it runs: "here", or a server's address. */
  readonly at: string;
  /** Replies to each problem. */
  readonly samples: number;
  readonly drawing: Drawing;
  readonly seed: number;
}

/** The seed of one sample: the same on every attempt, and another for each. 31 bits, which every server takes. */
export function seedOf(seed: number, problem: string, sample: number): number {
  const hash = createHash("sha256")
    .update(JSON.stringify([seed, problem, sample]))
    .digest();
  return hash.readUInt32LE(0) >>> 1;
}

export function hashOf(lines: readonly string[]): string {
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

/** What must not differ where a run is gone on with; the address may, since servers move. */
const SAME = ["bench", "data", "model", "samples", "drawing", "seed"] as const;

/** Throws UsageError E_EVAL_OTHER where `now` would go on with another run than `before`. */
export function checkSame(before: Settings, now: Settings, folder: string): void {
  const plain = (settings: Settings, key: (typeof SAME)[number]) =>
    JSON.stringify(key === "data" ? settings.data.sha256 : settings[key]);
  const key = SAME.find((one) => plain(before, one) !== plain(now, one));
  if (key === undefined) return;
  throw new UsageError("E_EVAL_OTHER", folder, {
    path: folder,
    expected: `to go on with ${key} ${plain(before, key)}`,
    actual: plain(now, key),
    hint: "Give what the run began with, or choose another --out.",
  });
}
