/** `qwq bench`: how fast a model loads, reads a prompt and writes, beside what the machine's memory could do. */
import { Command } from "commander";
import { generate } from "../generate/generate.ts";
import { QWQ_DEFAULTS } from "../generate/sampling.ts";
import type { QwQ } from "../library/qwq.ts";
import { load } from "./load.ts";
import { integer, type ModelOptions, withModelOptions } from "./options.ts";
import { note, print, printJson } from "./terminal.ts";
import { byteSize, rate } from "./units.ts";

interface BenchOptions extends ModelOptions {
  readonly prompt: number;
  readonly generate: number;
  readonly repeat: number;
  readonly json?: boolean;
}

/** Tokens and seconds of one part of a run. */
interface Speed {
  readonly tokens: number;
  readonly seconds: number;
  readonly tokensPerSecond: number;
  /** Bytes of weights read in a second, each token reading all of them. */
  readonly bytesPerSecond: number;
}

const EXAMPLES = `
Examples:
  qwq bench
  qwq bench -m SmolLM2-135M-Instruct.Q4_1.gguf --prompt 128 --generate 48
  qwq bench -m MODEL --repeat 5 --json

Medians over the repetitions. Loading lasts until weights that stay in memory
are there. The limit is this machine's plain reading of
memory, by one thread, measured in the same run: a token cannot be decoded
faster than the weights can be read.`;

export function bench(): Command {
  const command = new Command("bench")
    .description("Measures loading, reading and writing, in tokens a second.")
    .option("--prompt <n>", "tokens of the prompt", integer(1), 128)
    .option("--generate <n>", "tokens to generate", integer(1), 48)
    .option("--repeat <n>", "times to do so", integer(1), 3)
    .option("--json", "one JSON object")
    .addHelpText("after", EXAMPLES);
  return withModelOptions(command).action(act);
}

async function act(options: BenchOptions): Promise<void> {
  const began = performance.now();
  const qwq = await load({ ...options, quiet: true });
  if (qwq.ops.keep !== undefined) await once(qwq, { prompt: 1, generate: 1 }); // weights that stay come in now
  const seconds = (performance.now() - began) / 1000;
  const bytes = weightBytes(qwq);
  const runs = [];
  for (let i = 0; i < options.repeat; i++) {
    if (!options.quiet && process.stderr.isTTY) note(`run ${i + 1} of ${options.repeat} ...`);
    runs.push(await once(qwq, options));
  }
  const result = {
    load: { seconds },
    prefill: speed(options.prompt, median(runs.map((run) => run.prefill)), bytes / options.prompt),
    decode: speed(options.generate, median(runs.map((run) => run.decode)), bytes),
    peakBytes: process.resourceUsage().maxRSS * 1024,
    weightBytes: bytes,
    limit: { bytesPerSecond: readBandwidth() },
    backend: qwq.ops.name,
    threads: qwq.ops.threads ?? 1,
    repeat: options.repeat,
  };
  qwq.close();
  if (options.json) printJson(result);
  else print(table(result));
}

/** Seconds of prefill, to the first new token, and of the tokens after it. */
async function once(
  qwq: QwQ,
  options: Pick<BenchOptions, "prompt" | "generate">,
): Promise<{ prefill: number; decode: number }> {
  const { vocabulary } = qwq.checkpoint.config;
  const ids = Uint32Array.from(
    { length: options.prompt },
    (_, t) => (t * 7919) % (qwq.hasTokenizer ? Math.min(vocabulary, qwq.tokenizer.size) : vocabulary),
  );
  const tokens = generate({
    ops: qwq.ops,
    weights: qwq.weights,
    config: qwq.checkpoint.config,
    kv: qwq.kv,
    ids,
    sampling: { ...QWQ_DEFAULTS, greedy: true },
    stop: [],
    maxTokens: options.generate + 1,
    context: Math.max(qwq.context, options.prompt + options.generate + 1),
    seed: 0,
    onLoop: "ignore",
  });
  const began = performance.now();
  await tokens.next();
  const first = performance.now();
  while (!(await tokens.next()).done);
  return { prefill: (first - began) / 1000, decode: (performance.now() - first) / 1000 };
}

/** Bytes of weights that one token reads: all but the embedding, of which it takes a row, unless it is the head too. */
function weightBytes(qwq: QwQ): number {
  const { tensors } = qwq.checkpoint.source;
  const all = [...tensors.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const embedding = tensors.get("model.embed_tokens.weight") ?? tensors.get("token_embd.weight");
  return qwq.checkpoint.config.tied ? all : all - (embedding?.bytes ?? 0);
}

function speed(tokens: number, seconds: number, bytes: number): Speed {
  return { tokens, seconds, tokensPerSecond: tokens / seconds, bytesPerSecond: (tokens * bytes) / seconds };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** Bytes a second of plain reading: two arrays too large for any cache compared, the best of five. */
function readBandwidth(): number {
  const size = 1 << 27;
  const [a, b] = [Buffer.alloc(size, 1), Buffer.alloc(size, 1)];
  const rates = Array.from({ length: 5 }, () => {
    const began = performance.now();
    a.equals(b);
    return (2 * size) / ((performance.now() - began) / 1000);
  });
  return Math.max(...rates);
}

interface Result {
  readonly load: { readonly seconds: number };
  readonly prefill: Speed;
  readonly decode: Speed;
  readonly peakBytes: number;
  readonly weightBytes: number;
  readonly limit: { readonly bytesPerSecond: number };
  readonly backend: string;
  readonly threads: number;
}

function table({ load, prefill, decode, peakBytes, weightBytes, limit, backend, threads }: Result): string {
  const row = (name: string, { tokens, seconds, tokensPerSecond }: Speed) =>
    `${name.padEnd(8)}${`${tokens} tokens`.padStart(12)}${`${seconds.toFixed(2)} s`.padStart(11)}${`${rate(tokensPerSecond)} tokens/s`.padStart(18)}\n`;
  const share = ((100 * decode.bytesPerSecond) / limit.bytesPerSecond).toPrecision(2);
  return (
    `load    ${"".padStart(12)}${`${load.seconds.toFixed(2)} s`.padStart(11)}\n` +
    row("prefill", prefill) +
    row("decode", decode) +
    `decode reads ${byteSize(decode.bytesPerSecond)}/s of weights (${byteSize(weightBytes)} a token), ${share} % of what\n` +
    `one thread can read here (${byteSize(limit.bytesPerSecond)}/s).\n` +
    `Peak memory ${byteSize(peakBytes)}; backend ${backend}, ${threads} thread${threads === 1 ? "" : "s"}.\n`
  );
}
