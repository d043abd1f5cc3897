/** How far the reference is from float64, in units of Hugging Face's own noise, and whether its tokens are the same. */
import { goldenJson, golden } from "../../test/support/golden.ts";
import { worst } from "../../test/support/divergence.ts";
import { model } from "../../test/support/models.ts";
import { perplexity } from "../../src/generate/perplexity.ts";
import { QwQ } from "../../src/library/qwq.ts";
import { recordTaps } from "../../src/oracle/taps.ts";
import { reference } from "../../src/reference/index.ts";

interface Accuracy {
  readonly taps: number;
  /** Taps on which the reference is nearer to float64 than Hugging Face's float32, or as near. */
  readonly nearer: number;
  /** The largest error of a tap, over the tap's floor. */
  readonly worstFloors: number;
}

class Tally {
  taps = 0;
  nearer = 0;
  worstFloors = 0;

  add(ours: ArrayLike<number>, theirs: ArrayLike<number>, truth: ArrayLike<number>): void {
    const [error, noise] = [worst(ours, truth), worst(theirs, truth)];
    this.taps++;
    if (error <= noise) this.nearer++;
    if (error > 0) this.worstFloors = Math.max(this.worstFloors, error / noise);
  }
}

export async function tinyAccuracy(): Promise<Accuracy> {
  const { taps, f32, f64 } = model("tiny");
  const tally = new Tally();
  for (const { name, data } of await taps(reference)) tally.add(data.data, f32.values(name), f64.values(name));
  return { ...tally };
}

export async function smollm2Accuracy(path: string) {
  const qwq = await QwQ.load(path, { memory: 2 ** 30 });
  const { ids, rows } = goldenJson<{ ids: number[]; rows: number[] }>("smollm2/taps.json");
  const [f32, f64] = [golden("smollm2/taps.f32"), golden("smollm2/taps.f64")];
  const { weights, checkpoint } = qwq;
  const tally = new Tally();
  const want = { want: (name: string) => f64.has(name) };
  for (const { name, data } of await recordTaps(reference, weights, checkpoint.config, Uint32Array.from(ids), want)) {
    const width = data.shape[1]!;
    rows.forEach((row, r) => {
      const at = (x: Float32Array | Float64Array, i: number) => x.subarray(i * width, (i + 1) * width);
      tally.add(at(data.data, row), at(f32.values(name), r), at(f64.values(name), r));
    });
  }
  const { question, greedy } = goldenJson<{ question: string; greedy: number[] }>("smollm2/greedy.json");
  const answer = await qwq.answer(question, { greedy: true, maxTokens: greedy.length });
  const same = greedy.findIndex((id, i) => id !== answer.ids[i]);
  return {
    ...tally,
    answer: answer.text,
    greedyTokens: greedy.length,
    greedySame: same < 0 ? greedy.length : same,
    perplexity: await scores(qwq),
  };
}

interface Recorded {
  readonly ids: number[];
  readonly results: {
    readonly window: number;
    readonly stride: number;
    readonly tokens: number;
    readonly perplexity: number;
  }[];
}

/** Perplexities beside Hugging Face's, of the windows that a slow reference can follow. */
async function scores(qwq: QwQ) {
  const { ids, results: recorded } = goldenJson<Recorded>("smollm2/perplexity.json");
  const results = [];
  for (const { window, stride, tokens, perplexity: theirs } of recorded.filter((run) => run.tokens <= 1024)) {
    const { ops, weights, checkpoint } = qwq;
    const windows = perplexity({ ops, weights, config: checkpoint.config, ids: ids.slice(0, tokens), window, stride });
    let last = await windows.next();
    while (!last.done) last = await windows.next();
    const ours = last.value.perplexity;
    results.push({ window, stride, tokens, ours, huggingFace: theirs, relative: Math.abs(ours / theirs - 1) });
  }
  return results;
}
