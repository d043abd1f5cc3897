/** The whole model on the device: the reference's tokens, nothing brought twice, nothing read back, nothing that grows. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Wgsl, wgslBackend } from "../../../kernels/wgsl/index.ts";
import { openAdapter } from "../../../kernels/webgpu/open.ts";
import { openCheckpoint } from "../../../src/files/checkpoint.ts";
import { generate } from "../../../src/generate/generate.ts";
import type { Ops } from "../../../src/ops.ts";
import { quantize } from "../../../src/quantize/quantize.ts";
import type { Type } from "../../../src/quantize/types.ts";
import { reference } from "../../../src/reference/index.ts";
import { goldenPath } from "../../support/golden.ts";

const made = join(import.meta.dirname, "../../../.cache/gpu-test");
const SAMPLING = { temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, greedy: true } as const;
const TYPES: readonly Type[] = ["int8", "int8-g32", "q8_0", "q4_0"];

beforeAll(async () => {
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  for (const type of TYPES) {
    const checkpoint = openCheckpoint(goldenPath("model/tiny"));
    await quantize(checkpoint, fileOf(type), type, { threads: 0 });
    checkpoint.close();
  }
});

function fileOf(type: Type): string {
  return join(made, type.startsWith("int8") ? type : `${type}.gguf`);
}

async function greedy(ops: Ops, path: string, tokens: number, each: () => void = () => undefined): Promise<number[]> {
  const checkpoint = openCheckpoint(path, { pin: 2 ** 30 });
  const { config, weights } = checkpoint;
  const ids = [1, 20, 300, 4, 57];
  const made: number[] = [];
  const stop: number[] = [];
  const options = { ops, weights, config, ids, sampling: SAMPLING, stop, maxTokens: tokens, seed: 1 };
  for await (const { id } of generate({ ...options, onLoop: "ignore" })) {
    made.push(id);
    each();
  }
  checkpoint.close();
  return made;
}

describe("wgsl", () => {
  let ops: Wgsl;
  beforeAll(async () => {
    ops = await wgslBackend();
  });
  afterAll(() => ops.close());

  it.each(TYPES)("%s: continues greedily with the reference's tokens on the same weights", async (type) => {
    expect(await greedy(ops, fileOf(type), 40)).toEqual(await greedy(reference, fileOf(type), 40));
  });

  it("says what runs", () => {
    expect(ops.report).toEqual({
      requested: "wgsl",
      mode: "wgsl",
      adapter: expect.any(String),
      software: expect.any(Boolean),
    });
  });

  it("with activations in bytes: the tokens of one run are those of the next, and most are the reference's", async () => {
    const bytes = await wgslBackend({ activations: "int8" });
    const first = await greedy(bytes, fileOf("q8_0"), 12);
    expect(await greedy(bytes, fileOf("q8_0"), 12)).toEqual(first);
    expect(first.slice(0, 4)).toEqual((await greedy(reference, fileOf("q8_0"), 12)).slice(0, 4));
    bytes.close();
  });
});

/** What a device was asked for since the last look. */
interface Counted {
  made: number;
  written: number;
  submitted: number;
  read: number;
}

/** Counts on every device that is opened from now on. Comes back with what takes the counts. */
async function counting(): Promise<{ take: () => Counted; stop: () => void }> {
  const none = (): Counted => ({ made: 0, written: 0, submitted: 0, read: 0 });
  let counted = none();
  const { adapter } = await openAdapter("test");
  const prototype = Object.getPrototypeOf(adapter) as { requestDevice: (of: object) => Promise<Device> };
  const real = prototype.requestDevice;
  prototype.requestDevice = async function (of) {
    const device = await real.call(this, of);
    const { createBuffer, queue } = device;
    const { writeBuffer, submit } = queue;
    device.createBuffer = (what) => {
      if (what.usage & 1) counted.read += what.size;
      else counted.made += what.size;
      return createBuffer.call(device, what);
    };
    queue.writeBuffer = (to, at, data, ...rest) => {
      counted.written += data.byteLength;
      return writeBuffer.call(queue, to, at, data, ...rest);
    };
    queue.submit = (commands) => {
      counted.submitted++;
      return submit.call(queue, commands);
    };
    return device;
  };
  const take = () => {
    const taken = counted;
    counted = none();
    return taken;
  };
  return { take, stop: () => (prototype.requestDevice = real) };
}

interface Device {
  createBuffer: (what: { size: number; usage: number }) => unknown;
  queue: {
    writeBuffer: (to: unknown, at: number, data: ArrayBufferView, ...rest: number[]) => void;
    submit: (commands: unknown[]) => void;
  };
}

it("a token is one submission; its logits come back and nothing else; nothing is made or brought again", async () => {
  const { take, stop } = await counting();
  const ops = await wgslBackend();
  stop();
  const counts: Counted[] = [];
  await greedy(ops, fileOf("q8_0"), 40, () => counts.push(take()));
  ops.close();
  const [vocabulary, channels] = [544, 80];
  const after = counts.slice(4, 40);
  expect(new Set(after.map(({ submitted }) => submitted))).toEqual(new Set([1]));
  expect(new Set(after.map(({ read }) => read))).toEqual(new Set([4 * vocabulary]));
  expect(new Set(after.map(({ made }) => made))).toEqual(new Set([0]));
  const written = after.map(({ written }) => written);
  expect(Math.max(...written)).toBeLessThan(4 * channels + 256 * 60); // its embedding, and the kernels' parameters
});

it("1,000 tokens make nothing grow but keys, values and RoPE's table, and all is within 1.45 of weights and cache", async () => {
  const ops = await wgslBackend();
  const sizes: number[] = [];
  await greedy(ops, fileOf("q8_0"), 1000, () => sizes.push(ops.bytes.device));
  const { weights, cache } = ops.bytes;
  ops.close();
  // Both double as tokens come, up to what was asked for.
  const grown = new Set(sizes.slice(16).map((size, i) => [size, Math.floor(Math.log2((16 + i + 5) / 64))].join()));
  expect(grown.size).toBeLessThanOrEqual(12);
  expect(sizes.at(-1)).toBe(sizes.at(-300));
  expect(sizes.at(-1)! / (weights + cache)).toBeLessThan(1.45);
});
