/**
 * The one script that runs in workers. The page's worker holds the model; those it starts itself are the kernels' threads,
 * and the place where unknown chat templates are rendered.
 */
import { UsageError } from "../errors.ts";
import { deviations, ends, look } from "../library/look.ts";
import type { Memory } from "../library/memory.ts";
import { QwQ } from "../library/qwq.ts";
import { openBackend } from "./backends.ts";
import {
  type Call,
  type Described,
  type Event,
  type Loaded,
  type Looked,
  type Order,
  type Said,
  sent,
} from "./messages.ts";
import { mount } from "./node/fs.ts";
import { isStart, run } from "./node/worker_threads.ts";

let model: QwQ | undefined;
let about: Described | undefined;
const memories: Memory[] = [];
/** What ends the reply of a call. */
const stops = new Map<number, AbortController>();

/** Where the model's files seem to lie. */
const FOLDER = "/model";

addEventListener("message", ({ data }: MessageEvent<Order>) => {
  if (isStart(data)) return void run(data);
  if ("method" in data) void perform(data);
});

async function perform(order: Order): Promise<void> {
  const { number } = order;
  const say = (said: { event: Event } | { value: unknown }) => postMessage({ number, ...said } satisfies Said);
  try {
    say({ value: await outcome(order, number, (event) => say({ event })) });
  } catch (error) {
    postMessage({ number, error: sent(error) } satisfies Said);
  }
}

async function outcome(call: Call, number: number, say: (event: Event) => void): Promise<unknown> {
  switch (call.method) {
    case "load":
      return load(call.options);
    case "stop":
      return stops.get(call.call)?.abort();
    case "forward":
      return (await loaded().ops.download(loaded().forward(call.ids))).data;
    case "encode":
      return loaded().tokenizer.encode(call.text);
    case "decode":
      return loaded().tokenizer.decode(call.ids);
    case "remember":
      return memories.push(loaded().remember()) - 1;
    case "prompt":
      return loaded().promptIds(call.prompt, call.options);
    case "look":
      return inside(call.ids, call.layer, call.compare);
    case "ends": {
      const { ops, weights, checkpoint } = loaded();
      return ends(ops, weights, checkpoint.config, call.ids);
    }
    case "generate":
      return answer(call, number, say);
  }
}

async function answer(
  { prompt, options, memory }: Call & { method: "generate" },
  number: number,
  say: (event: Event) => void,
): Promise<void> {
  if (stops.size > 0) {
    throw new UsageError("E_ARG_BUSY", "generate", {
      expected: "one prompt at a time",
      actual: "another that is being answered",
      hint: "Wait for its end, or stop it with its signal.",
    });
  }
  const stop = new AbortController();
  stops.set(number, stop);
  try {
    const onPrompt = (done: number, total: number) => say({ type: "reading", done, total });
    const kept = memory === undefined ? undefined : memories[memory];
    const events = loaded().generate(prompt, { ...options, onPrompt, memory: kept, signal: stop.signal });
    for await (const event of events) say(event);
  } finally {
    stops.delete(number);
  }
}

async function inside(ids: Uint32Array, layer: number, compare: boolean): Promise<Looked> {
  const { ops, weights, checkpoint } = loaded();
  const { config } = checkpoint;
  if (!Number.isInteger(layer) || layer < 0 || layer >= config.layers) {
    throw new UsageError("E_ARG_LIMIT", "layer", {
      expected: `a whole number from 0 to ${config.layers - 1}`,
      actual: String(layer),
      hint: "Choose a layer of this model.",
    });
  }
  const looks = await look(ops, weights, config, ids, layer);
  return { looks, deviations: compare ? await deviations(looks, weights, config, ids, layer) : undefined };
}

async function load({ files, backend = "wasm", threads, activations, relaxed, ...rest }: Loaded): Promise<Described> {
  for (const { name, blob } of files) mount(`${FOLDER}/${name}`, blob);
  const gguf = files.map(({ name }) => name).filter((name) => name.endsWith(".gguf"));
  const { ops, report } = await openBackend(backend, { threads, activations, relaxed });
  model = await QwQ.load(gguf.length > 0 ? `${FOLDER}/${gguf[0]!}` : FOLDER, { ...rest, backend: ops });
  const { config, warnings } = model.checkpoint;
  return (about = {
    backend: model.ops.name,
    threads: report.threads,
    relaxed: report.relaxed,
    report,
    context: model.context,
    layers: config.layers,
    channels: config.channels,
    vocabulary: config.vocabulary,
    warnings,
  });
}

function loaded(): QwQ {
  if (model !== undefined && about !== undefined) return model;
  throw new UsageError("E_INTERNAL", "worker", { expected: "a model that is loaded", actual: "none" });
}
