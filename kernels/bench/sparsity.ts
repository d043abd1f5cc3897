/**
 * How much of a dense model a token runs: what it touches, how its SwiGLU activations are spread, and what leaving out the
 * smallest of them would cost.
 *
 *   npm run bench:sparsity [NAME...]      (npm run setup fetches SmolLM2; ten minutes)
 *
 * Writes kernels/bench/results/sparsity.json, model by model, and docs/sparsity.svg.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { perplexity } from "../../src/generate/perplexity.ts";
import { logSumExp } from "../../src/generate/softmax.ts";
import { forward } from "../../src/model.ts";
import type { Ops } from "../../src/ops.ts";
import { openText } from "../../src/files/text-files.ts";
import { distinct } from "../../src/training/tasks/problems.ts";
import { type Encoded, TaskTokenizer } from "../../src/training/tokenizer.ts";
import { Tokenizer } from "../../src/text/tokenizer.ts";
import { wasmBackend } from "../wasm/index.ts";
import { counting, type Rule, skipping, Spread, type Touched } from "./sparse.ts";
import { type Skipped, type Sparsity, sparsityPicture, type SparsityResult } from "./sparsity-picture.ts";

const root = join(import.meta.dirname, "../..");
const OUT = join(root, "kernels/bench/results/sparsity.json");
const WINDOW = 256;
/** Tokens of text: the first window shows which activations are small on the whole, the others are scored. */
const TOKENS = 768;
const SHARES = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
const FEWER = [0.5, 0.8, 0.9];
/** Worked sums of the reasoner's: so many for the first part, and to be scored. */
const [FIRST, SUMS] = [20, 100];
const PROMPTS = ["2 + 2 =", "The integral of x * exp(x) over the real line from 0 to 1 is"];

/** A text cut in two: by the first part is seen which activations are small on the whole, the second is scored. */
type Part = "first" | "rest";

/** How well a model says a text. */
interface Score {
  readonly perplexity: number;
  /** Of worked solutions: how many are right to the last token, each token the likeliest after those before it. */
  readonly right?: number;
  readonly tokens: number;
}

/** A model, a text that it should know, and what is asked where one token is looked at. */
interface Measured {
  readonly path: string;
  readonly what: string;
  readonly prompts: readonly string[];
  readonly score: (ops: Ops, loaded: Loaded, part: Part) => Promise<Score>;
}

const MODELS: Readonly<Record<string, Measured>> = {
  smollm2: {
    path: ".cache/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    what: "SmolLM2-135M-Instruct, Q4_1",
    prompts: PROMPTS,
    score(ops, loaded, part) {
      const { ids } = read("golden/smollm2/perplexity.json") as { ids: number[] };
      return scoreText(ops, loaded, part === "first" ? ids.slice(0, WINDOW) : ids.slice(WINDOW, TOKENS));
    },
  },
  reasoner: {
    path: "golden/reasoner",
    what: "the embedded reasoner, 1.2 million parameters",
    prompts: ["What is 2 + 2?", "What is 786 - 897?"],
    score(ops, loaded, part) {
      const worked = workedOut();
      return scoreReplies(ops, loaded, part === "first" ? worked.slice(0, FIRST) : worked.slice(FIRST));
    },
  },
};

type Loaded = ReturnType<typeof openCheckpoint>;

function read(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}

/** Held-out sums with their worked solutions, as the reasoner's chat template writes them. */
function workedOut(): Encoded[] {
  const { vocabulary, template } = openText(join(root, "golden/reasoner"));
  const chat = new TaskTokenizer(vocabulary!, template!);
  return distinct("arithmetic", "test", 1, FIRST + SUMS).map((problem) => chat.solved(problem));
}

/** Of ids, in windows that do not overlap. */
async function scoreText(ops: Ops, { weights, config }: Loaded, ids: readonly number[]): Promise<Score> {
  const scores = perplexity({ ops, weights, config, ids, window: WINDOW, stride: WINDOW });
  for (;;) {
    const { value, done } = await scores.next();
    if (done) return { perplexity: value.perplexity, tokens: ids.length };
  }
}

/** Of the replies alone: what is asked was never learnt. */
async function scoreReplies(ops: Ops, { weights, config }: Loaded, worked: readonly Encoded[]): Promise<Score> {
  let [loss, tokens, right] = [0, 0, 0];
  for (const { prompt, reply } of worked) {
    const ids = Uint32Array.of(...prompt, ...reply.subarray(0, -1));
    const caches = ops.cache(config, ids.length);
    const { data } = await ops.download(ops.scope(() => forward(ops, weights, ids, caches)));
    const V = data.length / ids.length;
    const rows = [...reply].map((id, t) => ({ id, z: data.subarray((prompt.length - 1 + t) * V).subarray(0, V) }));
    loss += rows.reduce((sum, { id, z }) => sum + logSumExp(z) - z[id]!, 0);
    tokens += reply.length;
    if (rows.every(({ id, z }) => z.every((x) => x <= z[id]!))) right++;
  }
  return { perplexity: Math.exp(loss / tokens), right: right / worked.length, tokens };
}

/** What the last token of each prompt touches. */
function touchedBy(ops: Ops, { weights, config, vocabulary, path }: Loaded, prompts: readonly string[]) {
  const tokenizer = new Tokenizer(vocabulary!, path);
  return prompts.map((prompt) => {
    const ids = Uint32Array.from(tokenizer.encode(prompt));
    const caches = ops.cache(config, ids.length);
    const [begin, last] = [ids.subarray(0, -1), ids.subarray(-1)];
    ops.scope(() => forward(ops, weights, begin, caches));
    const touched: Touched = { parameters: 0, feedForward: 0, bytes: 0 };
    const counted = counting(ops, touched, config.feedForward);
    ops.scope(() => forward(counted, weights, last, caches));
    return { prompt, ...touched };
  });
}

/** What there is of a model's results; a run that was cut goes on from them. */
type Begun = Partial<Sparsity>;

async function measure(ops: Ops, name: string, done: Begun, save: (model: Begun) => void): Promise<Sparsity> {
  const { path, what, prompts, score } = MODELS[name]!;
  const loaded = openCheckpoint(join(root, path), { pin: 2 ** 30 });
  const { config } = loaded;
  const { layers, feedForward } = config;
  const touched = done.touched ?? touchedBy(ops, loaded, prompts);
  const [spread, half] = [new Spread(), new Spread()];
  await score(half.watching(ops, layers), loaded, "first");
  const seen = done.layers === undefined ? await score(spread.watching(ops, layers), loaded, "rest") : undefined;
  const means = spread.layers.map(({ rows, below, energy, zeros }) => ({
    below: below.map((x) => x / rows),
    energy: energy.map((x) => x / rows),
    zeros: zeros / rows,
  }));
  const skipped: Skipped[] = [...(done.skipped ?? [])];
  const tokens = done.tokens ?? seen!.tokens;
  const whole = { what, feedForward, tokens, touched, layers: done.layers ?? means, skipped };
  save(whole);
  for (const rule of rules(half)) {
    if (skipped.some(({ by, share }) => by === rule.by && share === rule.share)) continue;
    const { perplexity: value, right } = await score(skipping(ops, rule, layers), loaded, "rest");
    skipped.push({ by: rule.by, share: rule.share, perplexity: value, ...(right === undefined ? {} : { right }) });
    process.stderr.write(`${name}: ${rule.by} ${rule.share}: ${value.toFixed(3)} ${right ?? ""}\n`);
    save(whole);
  }
  loaded.close();
  return whole;
}

/** The rules, those of 80 % first. */
function rules(half: Spread): Rule[] {
  return [0, 0.8, 0.5, 0.9, ...SHARES.filter((share) => !FEWER.includes(share))].flatMap((share): Rule[] => {
    const exact: Rule = { by: "activation", share };
    if (!FEWER.includes(share)) return [exact];
    return [exact, { by: "gate", share }, { by: "layer", share, keep: half.keep(share) }, { by: "chance", share }];
  });
}

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(MODELS);
const ops = await wasmBackend({ threads: 1 });
const machine = { processor: cpus()[0]?.model, cores: cpus().length, node: process.version };
const before = existsSync(OUT) ? (JSON.parse(readFileSync(OUT, "utf8")) as SparsityResult) : undefined;
const models: Record<string, Sparsity> = { ...before?.models };
const result = { machine, below: Spread.BELOW, largest: Spread.LARGEST, models };
for (const name of names) {
  const save = (model: Begun) => {
    models[name] = model as Sparsity;
    writeFileSync(OUT, `${JSON.stringify(result, undefined, 2)}\n`);
  };
  await measure(ops, name, models[name] ?? {}, save);
}
ops.close();
writeFileSync(join(root, "docs/sparsity.svg"), await sparsityPicture(result));
