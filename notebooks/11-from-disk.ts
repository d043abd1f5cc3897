// %% [markdown]
// # 11 · Sixty-four layers from disk
//
// QwQ-32B has 32.8 billion weights, two bytes each: 65.5 GB. Few machines have that much memory, and fewer graphics cards.
// But look at the page of notebook 09 again. It works on *one* block at a time, and never looks back at the weights of a block that it
// has left. So only one block has to be in memory, and the other 63 may stay on the disk. The model is a book that is read
// aloud: nobody has to know it by heart.
//
// The price is that the book is read from cover to cover for every token. This notebook opens a checkpoint byte by byte, streams it,
// and counts what that costs.

// %%
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { forward, host, type Layer, openCheckpoint, QWQ_32B, reference as ops, type Weights } from "qwq-ts";
import { equal, golden, goldenJson, goldenPath, judge, LAYER_WEIGHTS } from "qwq-ts/lesson";
import { layerName, lines, measured, table, times } from "qwq-ts/lesson";

// %% [markdown]
// ## The picture
//
// This is a real run, which the repository keeps: a model of QwQ's full shape, on a machine with two cores, told to stay below 3 GiB.
// The program's memory is the line below. What it had read from the disk is the line that climbs: after 738 seconds more than three
// and a half times the whole model, for a prompt of five tokens and a reply of four. The model itself is 65.5 GB, and never was in
// memory.

// %%
type Run = Record<"seconds" | "anonymous" | "file" | "read", number[]>;
const { run } = measured<{ run: Run }>("full-32b-memory");
const seconds = run.seconds.slice(1);
const memory = seconds.map((_, i) => (run.anonymous[i + 1]! + run.file[i + 1]!) / 1000);
const modelBytes = measured<{ weights: number }>("streaming").weights;

// %%
const over = { x: "seconds", y: "GB", log: "y" } as const;
const curves = {
  "memory of the program": { x: seconds, y: memory, of: "ink" },
  "read from disk, in all": { x: seconds, y: run.read.slice(1).map((megabytes) => megabytes / 1000), of: "l" },
  "the model": { x: seconds, y: seconds.map(() => modelBytes / 1e9), of: "wrong" },
} as const;
await lines(curves, "Memory stays below one GB while many times the model's 65.5 GB are read", over);

// %% [markdown]
// ## The equation
//
// A token needs each matrix of each of the $L$ layers, and the unembedding. Of the embedding it needs a single row. With $b$ bytes a
// weight and a disk that gives $\beta$ bytes a second:
//
// $$ \text{bytes} = b \Big( L\, (\underbrace{2\,C\,HD + 2\,C\,KD}_{\text{attention}} + \underbrace{3\,C F}_{\text{feed-forward}} +
//    \underbrace{HD + 2\,KD + 2\,C}_{\text{biases, gains}}) + V C + 2\,C \Big), \qquad
//    \text{seconds} \ge \frac{\text{bytes}}{\beta} $$
//
// No cleverness in the program gets below that, for one token at a time, as long as the weights do not fit in memory. What can be
// changed is $b$ (notebook 12), $\beta$ (a faster disk), and how many tokens share one reading (below).
//
// ## Twelve lines
//
// First the arithmetic.

// %%
function bytesOfToken(b: number): number {
  const { channels: C, feedForward: F, heads: H, keyHeads: K, headSize: D, layers: L, vocabulary: V } = QWQ_32B;
  const matrices = 2 * C * H * D + 2 * C * K * D + 3 * C * F;
  const vectors = H * D + 2 * K * D + 2 * C;
  return b * (L * (matrices + vectors) + V * C + 2 * C); // 2 C: the last gain, and a row of the embedding
}

// %% [markdown]
// By hand: attention is $2 \cdot 5120 \cdot 5120 + 2 \cdot 5120 \cdot 1024$, 62.9 million weights; the feed-forward is
// $3 \cdot 5120 \cdot 27648$, 424.7 million. A layer is thus 487.6 million weights or 975 MB, and 64 of them 62.4 GB. The unembedding is
// $152064 \cdot 5120$ weights, 1.6 GB. Together 64.0 GB. The benchmark counted, byte by byte, what one token of the real shape
// read:

// %%
const { rounds } = measured<{ rounds: Record<"plain" | "pread", Record<string, number>>[] }>("streaming");
equal("bytes of one token", [bytesOfToken(2)], [rounds[0]!.pread["bytes"]!]);

// %% [markdown]
// So many seconds a token is that, at the least, from a disk at 1.8 GB/s (the benchmark's), from a fast one at 7, and from memory at
// 50. The second column is for 4.5 bits a weight.

// %%
const gbPerSecond = [1.8, 7, 50];
const lower = gbPerSecond.map((rate) => [rate, ...[2, 4.5 / 8].map((b) => (bytesOfToken(b) / rate / 1e9).toFixed(1))]);
table(["GB/s", "s a token, 16 bits", "s a token, 4.5 bits"], lower);

// %% [markdown]
// The benchmark's own tokens took 69 and 70 s. Its disk alone would have allowed 44 and 35, at what plain reading gave in those two
// rounds: this was the slow reference, and computing took longer than reading.
//
// ## A checkpoint as bytes
//
// Weights come in *safetensors* files, a format so simple that it can be read with bare hands: eight bytes with a number $n$,
// then $n$ bytes of JSON that say what lies where, then the numbers themselves. There is no code in it, so that opening one
// cannot run anything, which could not be said of the pickled files before it. QwQ comes in 14 such files, called *shards*. We
// take a small model in three.

// %%
const folder = goldenPath("model/sharded");
const shards = readdirSync(folder).filter((name) => name.endsWith(".safetensors"));
const first = readFileSync(join(folder, shards[0]!));
[...first.subarray(0, 8)].join(" ");

// %% [markdown]
// The lowest byte comes first: $104 + 3 \cdot 256 = 872$. So the JSON ends at byte 880 and the data begin there. This is how the JSON
// begins.

// %%
new TextDecoder().decode(first.subarray(8, 8 + 99));

// %% [markdown]
// `data_offsets` count from the data's beginning. So the place of a tensor in its file is $8 + n$ and what the header says. Here is the
// reader of headers. It reads the first eight bytes, then the JSON, and not one weight: opening 65.5 GB takes 7 milliseconds.

// %%
type Entry = { dtype: string; shape: number[]; data_offsets: [number, number] };
function readAt(file: number, from: number, bytes: number): Buffer {
  const into = Buffer.alloc(bytes);
  readSync(file, into, 0, bytes, from);
  return into;
}
function header(file: number) {
  const n = Number(readAt(file, 0, 8).readBigUInt64LE());
  const entries = JSON.parse(readAt(file, 8, n).toString()) as Record<string, Entry>;
  return Object.entries(entries).map(([name, entry]) => ({ name, file, base: 8 + n, ...entry }));
}

// %%
const files = shards.map((name) => openSync(join(folder, name), "r"));
const places = new Map(files.flatMap(header).map((place) => [place.name, place]));
[places.size, places.get("model.layers.0.self_attn.q_proj.weight")!.shape.join(" × ")];

// %% [markdown]
// The numbers are *bfloat16*: the upper half of a float32. Putting 16 zero bits behind makes a float32 of it. By hand: the bits `3f80`
// become `3f800000`, and that is how 1 is written; `c040` becomes `c0400000`, which is -3.

// %%
function widen(bytes: Uint8Array): Float32Array {
  const bits = times(bytes.length / 2, (i) => ((bytes[2 * i]! | (bytes[2 * i + 1]! << 8)) << 16) >>> 0);
  return new Float32Array(Uint32Array.from(bits).buffer);
}
[...widen(Uint8Array.from([0x80, 0x3f, 0x40, 0xc0]))];

// %% [markdown]
// ## Equal to `src`
//
// The library's reader is [src/files/safetensors.ts](../src/files/safetensors.ts). It does the same and mistrusts everything: a file
// from a stranger may lie about its lengths. Where each tensor begins, by both:

// %%
const model = openCheckpoint(folder);
const theirs = [...model.source.tensors.values()];
const begin = theirs.map(({ name }) => places.get(name)!.base + places.get(name)!.data_offsets[0]);
equal(
  "where tensors begin",
  begin,
  theirs.map(({ offset }) => offset),
);

// %% [markdown]
// ## One layer at a time
//
// A layer is twelve tensors. To load one is to read them and to widen them; `read` counts the bytes. `streamed` is a *generator*: it
// makes a layer when the loop asks for the next one, and holds on to none, so that the one before can be thrown away.

// %%
let bytesRead = 0;
function read<A extends string>(name: string) {
  const { file, base, shape, data_offsets } = places.get(name)!;
  const [from, to] = data_offsets;
  bytesRead += to - from;
  return host<A>(shape, widen(readAt(file, base + from, to - from)));
}
const layer = (l: number) =>
  Object.fromEntries(
    LAYER_WEIGHTS.map((row) => [row.ours, read(layerName(row, l, "safetensors"))]),
  ) as unknown as Layer;

// %%
const L = model.config.layers;
function* streamed() {
  for (let l = 0; l < L; l++) yield [l, layer(l)] as const;
}
const kept = times(L, (l) => [l, layer(l)] as const);

// %% [markdown]
// The page takes either. It says `for (const [l, W] of weights.layers())`, and a list of layers in memory is walked by the same line as
// a generator that reads them from disk. That line is the whole trick: streaming is no mode of the model; it hides in an iterator.

// %%
const outside = { ...model.weights, E: read<"V C">("model.embed_tokens.weight"), U: read<"V C">("lm_head.weight") };
const { ids: prompt } = goldenJson<{ ids: number[] }>("model/sharded.json");
const logitsOf = async (weights: Weights) =>
  (await ops.download(forward(ops, weights, Uint32Array.from(prompt), ops.cache(model.config, 16)))).data;
const before = bytesRead;
const fromDisk = await logitsOf({ ...outside, layers: streamed });
equal("streamed is resident", fromDisk, await logitsOf({ ...outside, layers: () => kept }));
[L, bytesRead - before];

// %% [markdown]
// The bits are the same, not merely near: where a weight lay makes no difference to what is computed with it. The last line is the price,
// the bytes of all layers read for these tokens. And Hugging Face's model, from the same three files, and an independent float64:

// %%
const { floors } = goldenJson<{ floors: Record<string, Record<string, number>> }>("manifest.json");
const floor = floors["model/sharded"]!["logits"]!;
equal("streamed is Hugging Face", fromDisk, golden("model/sharded.f64").values("logits"), { floor });

// %% [markdown]
// How much memory does each hold, layer after layer, at QwQ's size? A resident model grows until it is all there; a streamed one has a
// layer and no more. (The library holds less still: it asks for a few rows of a matrix at a time, and keeps four blocks of 32 MiB.)

// %%
const aLayer = (bytesOfToken(2) - 2 * (152_064 * 5120 + 2 * 5120)) / 64 / 1e9;
const layers = times(64, (l) => l);
const held = {
  "all layers so far": { x: layers, y: layers.map((l) => (l + 1) * aLayer), of: "l" },
  "one layer": { x: layers, y: layers.map(() => aLayer), of: "ink" },
} as const;
await lines(held, "A resident model grows by 975 MB a layer; a streamed one stays at 975 MB", {
  x: "layer l",
  y: "GB",
});

// %% [markdown]
// ## Mapped or read
//
// There are two ways to get at a file. *Reading* copies bytes from it into memory of our own. A *memory map* makes the file look like
// memory: nothing is copied when it is opened, and touching a byte makes the system fetch its page, 4 KiB, from the disk. What was fetched
// may be dropped again when memory is short, since it can always be fetched once more.
//
// A map sounds like streaming for nothing, and for a model that fits it is the best there is: two programs share one copy. For
// one that does not fit it has traps. The system fetches small pieces on demand, so somebody has to ask ahead. A process's memory
// seems to be as large as the model. And if another program cuts the file short, the next touch ends the process by a
// signal, which no JavaScript can catch. So the library reads unless a map is safe, and the same bytes arrive:

// %%
const io = process.platform === "linux" ? "mmap" : "pread";
const mapped = openCheckpoint(folder, { io });
equal("mapped is streamed", await logitsOf(mapped.weights), fromDisk);
equal("and read", await logitsOf(model.weights), fromDisk);
[mapped, model].forEach((checkpoint) => checkpoint.close());
files.forEach((file) => closeSync(file));

// %% [markdown]
// ## Many tokens, one reading
//
// Each layer is read once for all tokens that go through it together. A prompt of sixteen tokens costs one reading of the model, as one
// token does. That is why a prompt is so much cheaper, token for token, than a reply, whose tokens come one after the other. Of
// QwQ's shape in Q8_0, measured twice: how many times as long sixteen tokens take as one.

// %%
type Timed = Record<"one" | "sixteen", { seconds: number }>;
const timed = measured<{ rounds: Timed[] }>("full-speed").rounds;
timed.map(({ one, sixteen }) => (sixteen.seconds / one.seconds).toFixed(1));

// %% [markdown]
// ## What to keep
//
// Say that half of the layers would fit in memory. Which ones should stay? Most caches keep what was used *last*. Here is one that
// has room for 32 layers, while ten tokens go through 64.

// %%
function hitsOfLast(room: number, count: number, tokens: number): number {
  const kept: number[] = []; // the longest unused first
  let hits = 0;
  for (let step = 0; step < tokens * count; step++) {
    const at = kept.indexOf(step % count);
    if (at >= 0) hits++;
    kept.splice(at >= 0 ? at : 0, at >= 0 || kept.length === room ? 1 : 0);
    kept.push(step % count);
  }
  return hits;
}
hitsOfLast(32, 64, 10);

// %% [markdown]
// Not a single hit: when layer 0 comes round again, it was thrown out for layer 32 long ago, and so on, for ever. The freshest layer is the
// one that will be needed *last*. The course is known in advance, so a cache need not guess. The system's own cache of files, by the way,
// guesses in much this manner.
//
// ## Exercises
//
// **1.** How many seconds must a token of QwQ take at the least, in 16 bits, from a disk of 3.5 GB/s? One digit after the point will do.

// %% tags=["exercise"]
const least: number | undefined = undefined; // your answer

// %%
judge<number>(least, (n) => Math.abs(n - bytesOfToken(2) / 3.5e9) < 0.06, "64.0 GB are read.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// ```ts
// const least = bytesOfToken(2) / 3.5e9; // 18.3
// ```
//
// </details>
//
// **2.** Write a cache that does better: `room` layers, `count` layers in turn, `tokens` rounds. With room for half of the layers, half
// of all readings can be saved, but for those of the first round.

// %% tags=["exercise"]
function hitsOfYours(room: number, count: number, tokens: number): number | undefined {
  return undefined; // yours: how many times a layer was in memory when it was needed
}

// %%
judge(hitsOfYours(32, 64, 10), (hits) => hits === 9 * 32, "What if it never throws anything out once it is full?");

// %% [markdown]
// <details><summary>An answer</summary>
//
// Keep the first ones that came, and let the others pass through. This is what the library's `--pin-bytes` does.
//
// ```ts
// function hitsOfYours(room: number, count: number, tokens: number): number | undefined {
//   const kept = new Set<number>();
//   let hits = 0;
//   for (let step = 0; step < tokens * count; step++) {
//     if (kept.has(step % count)) hits++;
//     else if (kept.size < room) kept.add(step % count);
//   }
//   return hits;
// }
// ```
//
// </details>
//
// Next: [12, int8 and four-bit](12-rounding.ipynb).
