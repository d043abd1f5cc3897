/** What can go wrong on a device, and the forms of linear that this machine's adapter would not choose. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Device } from "../../../kernels/wgsl/device.ts";
import { wgslBackend } from "../../../kernels/wgsl/index.ts";
import { type Form, linearText, wordsAtOnce } from "../../../kernels/wgsl/linear-text.ts";
import { type Kind, PER_WORD, TILE, wordsOf } from "../../../kernels/wgsl/packing.ts";
import { openAdapter } from "../../../kernels/webgpu/open.ts";
import { QWQ_32B } from "../../../src/config.ts";
import { host, zeros } from "../../../src/tensor.ts";
import { drawn } from "../../support/small.ts";

/** The devices that are opened from now on. */
async function caught(): Promise<{ devices: { destroy(): void; createBuffer(of: object): unknown }[]; stop(): void }> {
  const { adapter } = await openAdapter("test");
  const prototype = Object.getPrototypeOf(adapter) as { requestDevice(of: object): Promise<{ destroy(): void }> };
  const real = prototype.requestDevice;
  const devices: { destroy(): void; createBuffer(of: object): unknown }[] = [];
  prototype.requestDevice = async function (of) {
    const device = await real.call(this, of);
    devices.push(device as (typeof devices)[number]);
    return device;
  };
  return { devices, stop: () => (prototype.requestDevice = real) };
}

const x = host<"T F">([2, 4], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));

describe("what goes wrong", () => {
  it("a device that is lost in the middle of a run: the next download says so, and another device works", async () => {
    const { devices, stop } = await caught();
    const ops = await wgslBackend();
    stop();
    const sum = ops.add(x, x);
    devices[0]!.destroy();
    await expect(ops.download(sum)).rejects.toMatchObject({ code: "E_GPU_LOST", name: "IoError" });
    await expect(ops.download(sum)).rejects.toThrow(
      /^wgsl on .*: expected the GPU to stay, got its loss \(.*\)\. Run it again/,
    );
    expect(() => ops.add(x, x)).toThrow("expected the GPU to stay");
    const other = await wgslBackend();
    expect((await other.download(other.add(x, x))).data).toEqual(x.data.map((value) => 2 * value));
    for (const each of [ops, other]) each.close();
  });

  it("an error of the device, which WebGPU only logs, is thrown at the next download", async () => {
    const { devices, stop } = await caught();
    const ops = await wgslBackend();
    stop();
    devices[0]!.createBuffer({ size: 2 ** 40, usage: 0x80 }); // more than there is
    const next = async () => ops.download(ops.add(x, x)); // some devices say it at once
    await expect(next()).rejects.toMatchObject({
      code: "E_INTERNAL",
      message: expect.stringContaining("1099511627776"),
    });
    ops.close();
  });

  it("a buffer beyond the device's limit names it; a stranger's tensor, a freed one and another format are refused", async () => {
    const ops = await wgslBackend();
    const config = { ...QWQ_32B, layers: 1, keyHeads: 2 ** 14, headSize: 2 ** 10 };
    const [cache] = ops.cache(config, 2 ** 12);
    const [k, v] = [zeros<"T KD">(1, 2 ** 24), zeros<"T KD">(1, 2 ** 24)];
    expect(() => cache!.append(k, v)).toThrow(
      /^wgsl: expected at most [\d,]+ bytes in a buffer \(max\w+\), got 4,294,967,296/,
    );
    const other = await wgslBackend();
    expect(() => ops.add(other.upload(x), x)).toThrow(
      "add: expected a tensor of this device, got one of another device.",
    );
    const freed = ops.upload(x);
    ops.free!(freed);
    expect(() => ops.add(freed, x)).toThrow("add: expected a tensor of this device, got one whose scope is over.");
    expect(() => ops.cache(config, 8, "bf16")).toThrow("wgsl: expected keys and values in f32, got bf16.");
    for (const each of [ops, other]) each.close();
  });

  it("what a scope returns outlives it, what it does not is refused; errors within leave nothing behind", async () => {
    const ops = await wgslBackend();
    let inner = ops.upload(x);
    const kept = ops.scope(() => {
      inner = ops.add(x, x);
      return { sum: ops.add(inner, x), list: [ops.swiglu(inner, x)] };
    });
    expect((await ops.download(kept.sum)).data).toEqual(x.data.map((value) => 3 * value));
    expect((await ops.download(kept.list[0]!)).data[0]).toBeCloseTo(2 / (1 + Math.exp(-2)), 6);
    await expect(ops.download(inner)).rejects.toThrow("got one whose scope is over. Return it from the scope");
    const before = ops.bytes.device;
    for (let i = 0; i < 20; i++) {
      expect(() =>
        ops.scope(() => {
          ops.add(x, x);
          throw new Error("within");
        }),
      ).toThrow("within");
      await ops.scope(() => ops.download(ops.add(x, x)));
    }
    expect(ops.bytes.device).toBeLessThanOrEqual(before + 4096);
    ops.close();
  });
});

describe("linear in every form", () => {
  let device: Device;
  beforeAll(async () => {
    device = await Device.open("test");
  });
  afterAll(() => device.close());

  const bytes: readonly boolean[] = [true, false];
  const forms = (["i8", "i8x3"] as const).flatMap((kind) =>
    ([1, 4] as const).flatMap((slices) =>
      [1, 4, 8].flatMap((tokens) => bytes.map((packed) => ({ kind, slices, tokens, packed }))),
    ),
  );

  it.each(forms)(
    "$kind, $slices slices, $tokens tokens, unpack4xI8: $packed",
    async ({ kind, slices, tokens, packed }) => {
      const [T, K, O] = [5, 100, 70]; // rows that are no whole words, tiles that are not full
      const q = drawn(O * K, 3).map((value) => Math.round(value * 127));
      q.set([-128, 127]);
      const input = drawn(T * K, 4);
      const scales = drawn(O, 5);
      const form: Form = {
        kind,
        slices,
        tokens,
        packed: packed && device.packed,
        scales: "row",
        pair: false,
        bias: false,
        order: kind === "i8" ? "tiles" : "columns",
        bytes: false,
      };
      const words = kind === "i8" ? tiled(q, O, K) : columns(q, O, K);
      const J = Math.ceil(K / (PER_WORD[kind as Kind] * wordsAtOnce(form.order)));
      const y = device.make([T, O]);
      const padded = new Float32Array(128);
      padded.set(scales);
      const row = kind === "i8" ? J * 16 : K; // rows of activations are as long as those of the words
      const x = new Float32Array(T * row);
      for (let t = 0; t < T; t++) x.set(input.subarray(t * K, (t + 1) * K), t * row);
      const places = [words, padded, x].map((data) => {
        const to = device.constant(data.byteLength);
        device.write(to, 0, data);
        return to;
      });
      const kernel = { name: "linear", reads: 3, writes: 1, code: linearText(form) };
      device.run(kernel, places, [y], [T, K, O, J, 2, Math.ceil(J / 2), 0, O], [2, Math.ceil(T / tokens), 1]);
      const got = await device.read(y, T * O);
      for (let t = 0; t < T; t++) {
        for (let o = 0; o < O; o++) {
          let [sum, norm] = [0, 0];
          for (let k = 0; k < K; k++) {
            const term = q[o * K + k]! * scales[o]! * input[t * K + k]!;
            sum += term;
            norm += Math.abs(term);
          }
          expect(Math.abs(got[t * O + o]! - sum)).toBeLessThanOrEqual(4 * 2 ** -24 * norm);
        }
      }
    },
  );
});

/** As packing.ts lays out bytes. */
function tiled(q: Float32Array, O: number, K: number): Uint32Array {
  const J = wordsOf("i8", K);
  const words = new Uint32Array(Math.ceil(O / TILE) * TILE * J);
  for (let o = 0; o < O; o++) {
    for (let k = 0; k < K; k++) {
      const [tile, r, j] = [Math.floor(o / TILE), o % TILE, k >> 2];
      words[tile * TILE * J + 4 * (TILE * (j >> 2) + r) + (j & 3)]! |= (q[o * K + k]! & 255) << (8 * (k & 3));
    }
  }
  return words;
}

/** Three to a float32, word by word of all rows, as kernels/gpujs has them. */
function columns(q: Float32Array, O: number, K: number): Float32Array {
  const words = new Float32Array(Math.ceil(K / 3) * O);
  for (let o = 0; o < O; o++) {
    for (let k = 0; k < K; k++) words[Math.floor(k / 3) * O + o]! += (q[o * K + k]! + 128) * 256 ** (k % 3);
  }
  return words;
}
