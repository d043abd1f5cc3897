/**
 * The one script that runs in workers. The page's worker holds the model; those it starts itself are the kernels' threads,
 * and the place where unknown chat templates are rendered.
 */
import { wasmBackend } from "../../kernels/wasm/index.ts";
import { UsageError } from "../errors.ts";
import type { Memory } from "../library/memory.ts";
import { QwQ } from "../library/qwq.ts";
import { type Call, type Described, type Event, type Loaded, type Order, type Said, sent } from "./messages.ts";
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
    const onPrompt = (done: number, total: number) => say({ type: "prompt", done, total });
    const kept = memory === undefined ? undefined : memories[memory];
    const events = loaded().generate(prompt, { ...options, onPrompt, memory: kept, signal: stop.signal });
    for await (const event of events) say(event);
  } finally {
    stops.delete(number);
  }
}

async function load({ files, backend = "wasm", threads, activations, relaxed, ...rest }: Loaded): Promise<Described> {
  for (const { name, blob } of files) mount(`${FOLDER}/${name}`, blob);
  const gguf = files.map(({ name }) => name).filter((name) => name.endsWith(".gguf"));
  const wasm = backend === "wasm" ? await wasmBackend({ threads, activations, relaxed }) : undefined;
  model = await QwQ.load(gguf.length > 0 ? `${FOLDER}/${gguf[0]!}` : FOLDER, { ...rest, backend: wasm });
  const { config, warnings } = model.checkpoint;
  return (about = {
    backend: model.ops.name,
    threads: wasm?.threads ?? 1,
    relaxed: wasm?.relaxed ?? false,
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
