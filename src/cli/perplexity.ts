/** `qwq perplexity`: how well a model predicts a text, and how far from another that it was made of. */
import { Command } from "commander";
import { perplexity as score } from "../generate/perplexity.ts";
import { compare, NOTHING_SCORED } from "./against.ts";
import { about, inputName, readText } from "./input.ts";
import { exactly, load } from "./load.ts";
import { integer, type PerplexityOptions, withModelOptions } from "./options.ts";
import { onInterrupt } from "./signals.ts";
import { note, print, printJson, progress } from "./terminal.ts";

const EXAMPLES = `
Examples:
  qwq perplexity README.md
  qwq perplexity -m MODEL.gguf --window 512 --stride 256 text.txt
  qwq perplexity -m MODEL --json text.txt
  qwq perplexity -m MODEL-int8 --against MODEL text.txt
  qwq perplexity -m MODEL --against MODEL --kv int8 text.txt

exp of the mean of -ln p(token | those before it in its window). Windows overlap
by window - stride tokens, which are read again as context and not scored twice.

--against SOURCE reads the text with both models, which must have the same
tokenizer, and adds KL(source || model), in nats a token: mean and its standard
error, median, 99th percentile (nearest rank) and largest; and for how many
tokens both think the same one likeliest. --kv is about the model's cache alone.`;

export function perplexity(): Command {
  const command = new Command("perplexity")
    .description("Scores how well a model predicts a text.")
    .argument("<file>", 'the text, UTF-8; "-" reads standard input')
    .option("--against <source>", "a model to compare with: what was lost against it")
    .option("--window <n>", "tokens in a window (default: the model's context, at most 1024)", integer(2))
    .option("--stride <n>", "tokens from one window to the next (default: half a window)", integer(1))
    .option("--json", "one JSON object")
    .addHelpText("after", EXAMPLES);
  return withModelOptions(command).action((file: string, options: PerplexityOptions) =>
    options.against === undefined ? act(file, options) : compare(file, options.against, options),
  );
}

async function act(file: string, options: PerplexityOptions): Promise<void> {
  const text = await readText(file);
  const qwq = await load({ ...exactly(options), quiet: options.quiet === true || options.json === true });
  const interrupt = onInterrupt();
  const bar = progress("scoring", "tokens", options.quiet === true);
  const began = performance.now();
  try {
    const ids = qwq.tokenizer.encode(text);
    const { window, stride } = options;
    const { ops, weights, checkpoint, kv, context } = qwq;
    const { config } = checkpoint;
    const onProgress = (done: number) => bar.of(done, ids.length);
    const { signal } = interrupt;
    const asked = { ops, weights, config, kv, ids, window, stride, context, onProgress, signal };
    const windows = await about(inputName(file), () => score(asked), ["E_ARG_EMPTY"]);
    for (let count = 0; ; count++) {
      const { value, done } = await windows.next();
      if (!done) continue;
      bar.stop();
      const seconds = (performance.now() - began) / 1000;
      say({ ...value, tokens: ids.length, windows: count, seconds }, options);
      if (signal.aborted) process.exitCode = interrupt.exitCode();
      return;
    }
  } finally {
    bar.stop();
    interrupt.done();
    qwq.close();
  }
}

interface Result {
  readonly perplexity: number;
  readonly scored: number;
  readonly sum: number;
  readonly tokens: number;
  readonly windows: number;
  readonly seconds: number;
}

function say(result: Result, options: PerplexityOptions): void {
  if (options.json) return printJson(result);
  if (result.scored === 0) return note(NOTHING_SCORED);
  const { perplexity, scored, tokens, windows, seconds } = result;
  print(
    `perplexity ${perplexity.toFixed(4)} over ${scored} of ${tokens} tokens in ${windows} windows, ${seconds.toFixed(1)} s\n`,
  );
}
