/**
 * A hub with QwQ-32B's shape: 65.5 GB in 14 shards that lie nowhere. What is asked for is drawn when it is asked for, as
 * `qwq synth` draws it.
 */
import { createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { QWQ_32B } from "../../src/config.ts";
import { Drawer } from "../../src/synth/draw.ts";
import { QWQ_CONFIG } from "../../src/synth/qwq-config.ts";
import { layoutOf, type Shard, shardsOf, tensorsOf } from "../../src/synth/shards.ts";

const SEED = 1n;
const COMMIT = "0".repeat(39) + "1";
/** As the published model's. */
const SHARD_BYTES = 4.9e9;
const PIECE = 1 << 20;

export interface LayerServer {
  readonly url: string;
  /** Bytes of files that were sent. */
  readonly sent: () => number;
  readonly close: () => void;
}

export async function layerServer(): Promise<LayerServer> {
  const shards = shardsOf(tensorsOf(QWQ_32B, "BF16"), SHARD_BYTES);
  const index = {
    weight_map: Object.fromEntries(shards.flatMap(({ file, tensors }) => tensors.map(({ name }) => [name, file]))),
  };
  const small = new Map([
    ["config.json", Buffer.from(QWQ_CONFIG)],
    ["model.safetensors.index.json", Buffer.from(JSON.stringify(index))],
    ["tokenizer.json", Buffer.from("{}")],
  ]);
  let sent = 0;
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, "http://x").pathname);
    const file = path.replace(/^\/[^/]+\/[^/]+\/resolve\/[^/]+\//, "");
    const bytes = small.get(file);
    const shard = shards.find((one) => one.file === file);
    if (path.includes("/revision/")) return json(response, { sha: COMMIT });
    if (path.includes("/tree/")) return json(response, entries(small, shards));
    if (bytes !== undefined) return void response.end(bytes);
    if (shard === undefined) return void response.writeHead(404).end();
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range!)!.map(Number);
    const all = layoutOf(shard, SEED).fileBytes;
    response.writeHead(206, { "content-range": `bytes ${from}-${to}/${all}`, "content-length": to! - from! + 1 });
    sent += to! - from! + 1;
    void send(response, shard, from!, to! + 1);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, sent: () => sent, close: () => void server.close() };
}

function entries(small: ReadonlyMap<string, Buffer>, shards: readonly Shard[]): object[] {
  const git = (bytes: Buffer) => createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
  return [
    ...[...small].map(([path, bytes]) => ({ type: "file", path, size: bytes.length, oid: git(bytes) })),
    ...shards.map((shard) => {
      const size = layoutOf(shard, SEED).fileBytes;
      return { type: "file", path: shard.file, size, oid: "0".repeat(40), lfs: { oid: "0".repeat(64), size } };
    }),
  ];
}

/** Bytes [from, to) of a shard. */
async function send(response: ServerResponse, shard: Shard, from: number, to: number): Promise<void> {
  const { head, sorted } = layoutOf(shard, SEED);
  let at = 0;
  const part = async (length: number, bytes: (first: number, count: number) => Uint8Array) => {
    const [first, last] = [Math.max(from, at), Math.min(to, at + length)];
    for (let next = first; next < last; next += PIECE) {
      const count = Math.min(PIECE, last - next);
      if (!response.write(bytes(next - at, count))) await new Promise((resolve) => response.once("drain", resolve));
    }
    at += length;
  };
  await part(head.length, (first, count) => head.subarray(first, first + count));
  for (const [, tensor] of sorted) {
    const drawer = new Drawer(SEED, tensor, "BF16");
    await part(tensor.bytes.length, (first, count) => {
      const [value, end] = [first >> 1, (first + count + 1) >> 1];
      return drawer.draw(value, end - value).subarray(first & 1, (first & 1) + count);
    });
  }
  response.end();
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(value));
}
