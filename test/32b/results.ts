/** What a full run came to, as kernels/bench/results/full-32b.json has it. */
import { totals, type Watched } from "../support/watched.ts";
import { CONTEXT, type FullRun, MEMORY, NEW } from "./full-run.ts";
import type { RowVerdict, Verdict } from "./judge.ts";
import { machine } from "./machine.ts";

export function summary(model: string, full: FullRun, rows: readonly RowVerdict[], steps: readonly Verdict[]): object {
  const { prompt, end, about, layers } = full;
  return {
    machine: machine(model),
    checkpoint: {
      command: "qwq synth .cache/qwq-32b --config qwq-32b --seed 1",
      tensors: full.tensors,
      weightBytes: full.weightBytes,
    },
    promised: { memory: MEMORY, context: CONTEXT },
    prompt,
    generated: end.ids,
    next: about.next.slice(-NEW).map(({ f32, f64, margin, noise }) => ({ f32: f32[0], f64: f64[0], margin, noise })),
    run: { ...cost(full.run), promptSeconds: end.timings.promptSeconds, replySeconds: end.timings.seconds },
    record: { ...cost(full.record), tokens: about.ids.length, layers, taps: full.ours.manifest.taps.length },
    huggingFace: { versions: about.versions, seconds: about.seconds, peakBytes: about.peakBytes },
    rows: { ...worstOf(rows), nearer: rows.filter(({ nearer }) => nearer).length },
    taps: worstByName(rows),
    steps: { ...worstOf(steps), byOperation: worstByName(steps) },
  };
}

function cost({ seconds, samples }: Watched): object {
  return { seconds, ...totals(samples) };
}

/** How many, and the largest share of a bound that any takes. */
function worstOf(verdicts: readonly Verdict[]): object {
  const worst = verdicts.reduce((a, b) => (b.share > a.share ? b : a));
  return { compared: verdicts.length, worstShare: worst.share, at: worst.what };
}

/** The largest share of a bound by the name of the tap, whatever its layer. */
function worstByName(verdicts: readonly Verdict[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { what, share } of verdicts) {
    const name = what.replace(/^\d+\./, "").replace(/ row \d+$/, "");
    found[name] = Math.max(found[name] ?? 0, share);
  }
  return found;
}
