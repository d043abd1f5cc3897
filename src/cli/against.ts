/** `qwq perplexity --against`: what a model lost against its source. */
import { freemem } from "node:os";
import { FormatError } from "../errors.ts";
import { against, type Comparison } from "../generate/against.ts";
import type { QwQ } from "../library/qwq.ts";
import { readText } from "./input.ts";
import { exactly, load } from "./load.ts";
import type { PerplexityOptions } from "./options.ts";
import { onInterrupt } from "./signals.ts";
import { note, print, printJson, progress } from "./terminal.ts";

/** What is said where there is nothing to say. */
export const NOTHING_SCORED = "Interrupted before the first window was done.";

/** Compares the model of the options with `source` on a text. Both are open at once, and share the memory. */
export async function compare(file: string, source: string, options: PerplexityOptions): Promise<void> {
  const text = await readText(file);
  const each = { ...exactly(options), ...shared(options) };
  const model = await load({ ...each, quiet: options.quiet === true || options.json === true });
  try {
    const original = await load({ ...each, model: source, kv: "f32", quiet: true });
    try {
      await run(model, original, sameIds(text, model, original), options);
    } finally {
      original.close();
    }
  } finally {
    model.close();
  }
}

/** Half of what is promised or kept, for each of the two; unless told, together they keep what half of the free memory holds. */
function shared({ memory, pinBytes }: PerplexityOptions): Partial<PerplexityOptions> {
  const pin = pinBytes ?? (memory === undefined ? freemem() / 2 : undefined);
  return {
    ...(memory === undefined ? {} : { memory: Math.floor(memory / 2) }),
    ...(pin === undefined ? {} : { pinBytes: Math.floor(pin / 2) }),
  };
}

/**
 * The ids of the text, which must be the same by both tokenizers, and mean the same.
 *
 * throws   FormatError E_CMP_TOKENIZER, with both names
 */
function sameIds(text: string, model: QwQ, source: QwQ): Uint32Array {
  const [ours, theirs] = [model.tokenizer.encode(text), source.tokenizer.encode(text)];
  const at = ours.findIndex((id, i) => id !== theirs[i] || model.tokenizer.token(id) !== source.tokenizer.token(id));
  if (at < 0 && ours.length === theirs.length) return ours;
  const { path } = source.checkpoint;
  throw new FormatError("E_CMP_TOKENIZER", model.checkpoint.path, {
    expected: `the tokenizer of ${path}`,
    actual: `one that cuts the text otherwise, from token ${at < 0 ? theirs.length : at} on`,
    hint: "Compare a model with the one it was made from.",
  });
}

async function run(model: QwQ, source: QwQ, ids: Uint32Array, options: PerplexityOptions): Promise<void> {
  const interrupt = onInterrupt();
  const bar = progress("comparing", "tokens", options.quiet === true);
  const began = performance.now();
  try {
    const { window, stride } = options;
    const windows = against({
      ops: model.ops,
      weights: model.weights,
      config: model.checkpoint.config,
      kv: model.kv,
      source: { ops: source.ops, weights: source.weights, config: source.checkpoint.config },
      ids,
      window,
      stride,
      context: Math.min(model.context, source.context),
      signal: interrupt.signal,
      onProgress: (done) => bar.of(done, ids.length),
    });
    for (let count = 0; ; count++) {
      const { value, done } = await windows.next();
      if (!done) continue;
      bar.stop();
      const seconds = (performance.now() - began) / 1000;
      say({ ...value, source: source.checkpoint.path, tokens: ids.length, windows: count, seconds }, options);
      if (interrupt.signal.aborted) process.exitCode = interrupt.exitCode();
      return;
    }
  } finally {
    bar.stop();
    interrupt.done();
  }
}

interface Result extends Comparison {
  readonly source: string;
  readonly tokens: number;
  readonly windows: number;
  readonly seconds: number;
}

function say(result: Result, { json }: PerplexityOptions): void {
  if (json) return printJson(result);
  if (result.scored === 0) return note(NOTHING_SCORED);
  const { perplexity, sourcePerplexity, kl, agreement, scored, tokens, windows, seconds } = result;
  const nats = (x: number) => x.toPrecision(4);
  const more = 100 * (perplexity / sourcePerplexity - 1);
  const percent = `${more < 0 ? "" : "+"}${more.toFixed(3)} %`;
  print(`perplexity     ${perplexity.toFixed(4)}; the source's ${sourcePerplexity.toFixed(4)}, ${percent}\n`);
  print(`KL divergence  mean ${nats(kl.mean)} +- ${nats(kl.error)} nats, median ${nats(kl.median)}, `);
  print(`99 % ${nats(kl.p99)}, largest ${nats(kl.max)}\n`);
  print(`same first     ${(100 * agreement).toFixed(2)} %\n`);
  print(`over ${scored} of ${tokens} tokens in ${windows} windows, ${seconds.toFixed(1)} s\n`);
}
