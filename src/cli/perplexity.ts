/** `qwq perplexity`: how well a model predicts a text. */
import { Command } from "commander";
import { perplexity as score } from "../generate/perplexity.ts";
import { readText } from "./input.ts";
import { load } from "./load.ts";
import { integer, type ModelOptions, withModelOptions } from "./options.ts";
import { onInterrupt } from "./signals.ts";
import { note, print, printJson, progress } from "./terminal.ts";

interface PerplexityOptions extends ModelOptions {
  readonly window?: number;
  readonly stride?: number;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  qwq perplexity README.md
  qwq perplexity -m MODEL.gguf --window 512 --stride 256 text.txt
  qwq perplexity -m MODEL --json text.txt

exp of the mean of -ln p(token | those before it in its window). Windows overlap
by window - stride tokens, which are read again as context and not scored twice.`;

export function perplexity(): Command {
  const command = new Command("perplexity")
    .description("Scores how well a model predicts a text.")
    .argument("<file>", 'the text, UTF-8; "-" reads standard input')
    .option("--window <n>", "tokens in a window (default: the model's context, at most 1024)", integer(2))
    .option("--stride <n>", "tokens from one window to the next (default: half a window)", integer(1))
    .option("--json", "one JSON object")
    .addHelpText("after", EXAMPLES);
  return withModelOptions(command).action(act);
}

async function act(file: string, options: PerplexityOptions): Promise<void> {
  const text = await readText(file);
  const qwq = await load({ ...options, quiet: options.quiet === true || options.json === true });
  const interrupt = onInterrupt();
  const bar = progress("scoring", "tokens", options.quiet === true);
  const began = performance.now();
  try {
    const ids = qwq.tokenizer.encode(text);
    const { window, stride } = options;
    const { ops, weights, checkpoint, kv } = qwq;
    const windows = score({
      ops,
      weights,
      config: checkpoint.config,
      kv,
      ids,
      window,
      stride,
      signal: interrupt.signal,
    });
    for (let count = 1; ; count++) {
      const { value, done } = await windows.next();
      if (!done) bar.of(value.end, ids.length);
      else {
        bar.stop();
        const seconds = (performance.now() - began) / 1000;
        say({ ...value, tokens: ids.length, windows: count - 1, seconds }, options);
        if (interrupt.signal.aborted) process.exitCode = interrupt.exitCode();
        return;
      }
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
  if (result.scored === 0) return note("Interrupted before the first window was done.");
  const { perplexity, scored, tokens, windows, seconds } = result;
  print(
    `perplexity ${perplexity.toFixed(4)} over ${scored} of ${tokens} tokens in ${windows} windows, ${seconds.toFixed(1)} s\n`,
  );
}
