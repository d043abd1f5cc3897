/** Models of golden/model/yarn-<T>, read to the last place of a context of T tokens. */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { feed } from "../../src/generate/feed.ts";
import { generate } from "../../src/generate/generate.ts";
import { QWQ_DEFAULTS } from "../../src/generate/sampling.ts";
import { logSumExp } from "../../src/generate/softmax.ts";
import { type Activations, block } from "../../src/model.ts";
import type { CacheFormat, LayerCache } from "../../src/ops.ts";
import { reference } from "../../src/reference/index.ts";
import { host, type Host, type Tensor } from "../../src/tensor.ts";
import { temporaryFolder } from "./checkpoints.ts";
import { MAIN } from "./cli.ts";
import { goldenJson, goldenPath } from "./golden.ts";

const greedy = { ...QWQ_DEFAULTS, greedy: true };

/** The model, with the ids that golden/make_long.py draws for it. */
export function yarnModel(tokens: number) {
  const name = `model/yarn-${tokens}`;
  const { rows, seed } = goldenJson<{ rows: number[]; seed: number }>(`${name}.json`);
  const { config, weights } = openCheckpoint(goldenPath(name), { pin: 2 ** 20 });
  const ids = new Uint32Array(tokens);
  let state = seed;
  for (let i = 0; i < tokens; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    ids[i] = state >>> 26;
  }
  return { name, tokens, rows, ids, config, weights };
}

export type YarnModel = ReturnType<typeof yarnModel>;

const TAPS = ["qr", "kr", "v", "a", "mid", "out"] as const;

/** What a whole reading leaves: chosen rows of activations, and all keys and values, before any rounding of a cache. */
export interface Reading {
  readonly taps: ReadonlyMap<string, number[]>;
  readonly keys: Float32Array;
  readonly values: Float32Array;
  /** Full to the last place. */
  readonly caches: readonly LayerCache[];
}

/**
 * Reads all ids but the last as a prompt, as `qwq run` does, to one generated token; and then the last, which fills the
 * last place of the context.
 */
export async function readWhole(model: YarnModel, kv: CacheFormat): Promise<Reading> {
  const { tokens, rows, ids, config, weights } = model;
  const caches = reference.cache(config, tokens, kv);
  const width = config.keyHeads * config.headSize;
  const [keys, values] = [new Float32Array(tokens * width), new Float32Array(tokens * width)];
  const taps = new Map<string, number[]>([...TAPS.map((tap) => `0.${tap}`), "logits"].map((tap) => [tap, []]));
  const observe = (_: number, acts: Activations) => {
    const [n] = acts.out.shape as [number];
    const first = caches[0]!.length - n;
    keys.set(here(acts.kr).data, first * width);
    values.set(here(acts.v).data, first * width);
    for (const row of rows.filter((row) => row >= first && row < first + n)) {
      for (const tap of TAPS) taps.get(`0.${tap}`)!.push(...rowOf(acts[tap], row - first));
      taps.get("logits")!.push(...logitsOf(model, reference.rows(acts.out, row - first, 1)));
    }
  };
  const base = { ops: reference, weights, caches, observe };
  const prompt = ids.subarray(0, tokens - 1);
  const run = generate({
    ...base,
    config,
    ids: prompt,
    context: tokens,
    maxTokens: 1,
    sampling: greedy,
    stop: [],
    seed: 1,
  });
  while (!(await run.next()).done);
  await feed(base, ids.subarray(tokens - 1)).next();
  return { taps, keys, values, caches };
}

/** A tensor of the reference's, which keeps all of its own in this computer's memory. */
const here = <A extends string>(x: Tensor<A>): Host<A> => x as Host<A>;

function rowOf(x: Pick<Tensor<string>, "shape">, row: number): Float32Array {
  const width = x.shape[1]!;
  return (x as Host<string>).data.subarray(row * width, (row + 1) * width);
}

function logitsOf({ weights }: YarnModel, out: Tensor<"T C">): Float32Array {
  return here(reference.linear(reference.rmsNorm(out, weights.g, weights.eps), weights.U)).data;
}

/** What a cache of that format must make of the prompt's end: all of it rounded at once, and one call of the page. */
export function nextToken(
  model: YarnModel,
  { keys, values }: Reading,
  kv: CacheFormat,
): { id: number; logprob: number } {
  const { config, weights, tokens, ids } = model;
  const width = config.keyHeads * config.headSize;
  const prompt = (all: Float32Array) => host<"T KD">([tokens - 1, width], all.subarray(0, (tokens - 1) * width));
  const [rounded] = reference.cache(config, tokens, kv);
  const held = rounded!.append(prompt(keys), prompt(values));
  const cache: LayerCache = { length: tokens - 2, append: () => held, truncate: () => undefined };
  const x = reference.embed(weights.E, ids.subarray(tokens - 2, tokens - 1));
  const [, W] = [...weights.layers()][0]!;
  const logits = logitsOf(model, block(reference, W, x, cache, weights.rope, weights.eps).out);
  const id = logits.indexOf(Math.max(...logits));
  return { id, logprob: logits[id]! - logSumExp(logits) };
}

/** `qwq run` over that prompt, in a process of its own; and the most memory that process had, where the system tells. */
export async function runWhole(model: YarnModel, kv: CacheFormat) {
  const prompt = join(temporaryFolder(), "ids.json");
  writeFileSync(prompt, JSON.stringify([...model.ids.subarray(0, model.tokens - 1)]));
  const args = [
    "run",
    "--backend",
    "reference",
    "-m",
    goldenPath(model.name),
    "--ids",
    prompt,
    "--context",
    `${model.tokens}`,
    "--kv",
    kv,
  ];
  const child = spawn(process.execPath, [MAIN, ...args, "--greedy", "--max-tokens", "1", "--json"]);
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on("data", (piece: Buffer) => out.push(piece.toString()));
  child.stderr.on("data", (piece: Buffer) => err.push(piece.toString()));
  let peakBytes: number | undefined;
  const watch = setInterval(() => (peakBytes = peakOf(child.pid!) ?? peakBytes), 250);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(watch);
  const tokens = out
    .join("")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { id: number; logprob: number });
  return { code, stderr: err.join(""), token: { id: tokens[0]!.id, logprob: tokens[0]!.logprob }, peakBytes };
}

/** VmHWM: the largest resident set so far. Linux alone has the file. */
function peakOf(pid: number): number | undefined {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kilobytes === undefined ? undefined : 1024 * Number(kilobytes);
  } catch {
    return undefined;
  }
}
