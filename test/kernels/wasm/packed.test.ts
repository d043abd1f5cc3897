/** Matrices that lie in several tensors, as blocks in the kernels' memory: the very values, the same bits, the bounds. */
import { afterAll, describe, expect, it } from "vitest";
import { wasmBackend } from "../../../kernels/wasm/index.ts";
import { PROMPT } from "../../../kernels/wasm/products.ts";
import { packedMatrix } from "../../../src/files/packed.ts";
import type { Packing } from "../../../src/files/quantization.ts";
import { host, type Stored } from "../../../src/tensor.ts";
import { golden } from "../../support/golden.ts";
import { bytesOf, PACKED_CASES, packedLayer } from "../../support/packed.ts";
import { promptBound } from "../../support/prompt-bound.ts";
import { drawn } from "../../support/small.ts";
import { memorySource } from "../../support/sources.ts";

const [O, I] = [72, 160];
const layers = golden("packed/layers");

const started = (activations: "int8" | "f32", relaxed: boolean) =>
  Promise.all([1, 2, 3, 4].map((threads) => wasmBackend({ threads, activations, relaxed })));
const passing = await wasmBackend({ threads: 2, activations: "int8", relaxed: false });
passing.keep(0);
const plain = [...(await started("int8", false)), passing];
const relaxed = (await started("int8", true)).filter((ops) => ops.relaxed);
const f32 = await started("f32", true);
/** An engine without relaxed SIMD has nothing that could be asked of it: Node 20. */
const KINDS = relaxed.length > 0 ? (["int8", "relaxed", "f32"] as const) : (["int8", "f32"] as const);
const TEAMS = { int8: plain, relaxed, f32 };
/** Into how many steps the largest activation of a block is divided. */
const STEPS = { int8: 32767, relaxed: 127, f32: Infinity };
afterAll(() => {
  for (const ops of [...plain, ...relaxed, ...f32]) ops.close();
});

/** Activations whose blocks differ much in size; one block is zero. */
const tokens = (T: number) => drawn(T * I, 3).map((value, i) => (i >> 5 === 1 ? 0 : value * 4 ** ((i >> 5) % 4)));

describe.each(PACKED_CASES)("%s", (name, packing) => {
  const W = packedLayer(name, packing).matrix as unknown as Stored<"O C">;
  const wide = layers.values(`${name}.values`);

  it("has a kernel: nothing of it is widened by JavaScript", async () => {
    const fresh = packedLayer(name, packing).matrix;
    const guarded = Object.defineProperty(Object.create(fresh) as typeof W, "widen", { value: undefined });
    const x = host<"T C">([1, I], tokens(1));
    for (const ops of [plain[0]!, f32[0]!, passing]) await ops.download(ops.linear(x, guarded));
  });

  it("a token that is 1 in one place and else 0 gives the format's very values", async () => {
    const ops = f32[0]!;
    const ones = new Float32Array(I * I);
    for (let i = 0; i < I; i++) ones[i * I + i] = 1;
    const { data: y } = await ops.download(ops.linear(host<"T C">([I, I], ones), W));
    const expected = Float32Array.from(y, (_, k) => wide[(k % O) * I + Math.floor(k / O)]! + 0);
    expect(y).toEqual(expected);
    for (let i = 0; i < I; i += 37) {
      const single = host<"T C">([1, I], ones.slice(i * I, (i + 1) * I));
      const { data } = await ops.download(ops.linear(single, W));
      expect(data).toEqual(expected.subarray(i * O, (i + 1) * O));
    }
  });

  it.each(KINDS)("%s: the same bits for any number of tokens and threads, kept or passing", async (kind) => {
    const x = tokens(5);
    const bias = host<"O">([O], drawn(O, 5));
    const [first, ...others] = TEAMS[kind];
    const { data: whole } = await first!.download(first!.linear(host<"T C">([5, I], x), W, bias));
    for (const ops of [first!, ...others]) {
      for (const T of [1, 2, 3, 4, 5]) {
        const { data: y } = await ops.download(ops.linear(host<"T C">([T, I], x.slice(0, T * I)), W, bias));
        expect(y, `${T} tokens, ${ops.threads} threads`).toEqual(whole.subarray(0, T * O));
      }
    }
  });

  it.each(KINDS)("%s: within its bound of the exact sum", async (kind) => {
    const x = tokens(3);
    const ops = TEAMS[kind][0]!;
    const { data: y } = await ops.download(ops.linear(host<"T C">([3, I], x), W));
    const order = W.blocks!.order ?? Uint32Array.from({ length: I }, (_, i) => i);
    for (let k = 0; k < y.length; k++) {
      const [t, o] = [Math.floor(k / O), k % O];
      const [w, xt] = [wide.subarray(o * I, (o + 1) * I), x.subarray(t * I, (t + 1) * I)];
      let [sum, norm, rounding] = [0, 0, 0];
      order.forEach((i, place) => {
        // activations share a scale with those that lie beside them in the row's order
        const block = order.subarray(place & ~31, (place & ~31) + 32);
        const most = block.reduce((largest, other) => Math.max(largest, Math.abs(xt[other]!)), 0);
        sum += w[i]! * xt[i]!;
        norm += Math.abs(w[i]! * xt[i]!);
        rounding += (Math.abs(w[i]!) * most) / STEPS[kind] / 2;
      });
      expect(Math.abs(y[k]! - sum)).toBeLessThanOrEqual(4 * 2 ** -24 * norm + rounding);
    }
  });
});

describe.each(PACKED_CASES)("%s in a prompt", (name, packing) => {
  const W = packedLayer(name, packing).matrix as unknown as Stored<"O C">;
  const wide = layers.values(`${name}.values`);
  const T = PROMPT + 3;

  it("the same bits whatever else is read, on any number of threads, and within its bound of the exact sum", () => {
    const x = tokens(T);
    const linear = (ops: (typeof plain)[number], first: number, end: number) =>
      ops.linear(host<"T C">([end - first, I], x.slice(first * I, end * I)), W) as unknown as { data: Float32Array };
    const { data: y } = linear(plain[0]!, 0, T);
    for (const ops of plain) {
      expect(linear(ops, 0, T).data).toEqual(y);
      expect(linear(ops, 3, T).data).toEqual(y.subarray(3 * O));
    }
    for (let k = 0; k < y.length; k++) {
      const [t, o] = [Math.floor(k / O), k % O];
      const { sum, bound } = promptBound(
        Float32Array.from(wide.subarray(o * I, (o + 1) * I)),
        x.subarray(t * I, (t + 1) * I),
      );
      expect(Math.abs(y[k]! - sum)).toBeLessThanOrEqual(bound);
    }
  });
});

describe("a matrix without blocks is widened, part by part, to the same bits", () => {
  async function check(W: Stored<"F C">, rows: number, inputs: number) {
    expect(W.blocks).toBe(undefined);
    const x = host<"T C">([3, inputs], drawn(3 * inputs, 3));
    const wide = new Float32Array(rows * inputs);
    W.widen(0, rows, wide);
    for (const ops of [...plain, ...f32]) {
      const { data: y } = await ops.download(ops.linear(x, W));
      const { data: dense } = await ops.download(ops.linear(x, host<"F C">([rows, inputs], wide)));
      expect(y).toEqual(dense);
    }
  }

  it("act-order whose groups differ in size", async () => {
    const packing: Packing = { kind: "gptq", bits: 4, group: 32 };
    const bytes = bytesOf("gptq-int4-act");
    bytes.get("g_idx")!.fill(0, 0, 4 * 33);
    const { matrix } = packedLayer("gptq-int4-act", packing, bytes);
    await check(matrix as unknown as Stored<"F C">, O, I);
  });

  it("rows of LLM.int8 that are no multiple of 32", async () => {
    const name = "model.layers.0.mlp.up_proj.weight";
    const bytes = new Uint8Array(drawn(9 * 40, 8).map((value) => Math.floor(127 * value)));
    const scb = new Uint8Array(drawn(9, 9).map((value) => value + 2).buffer);
    const source = memorySource(
      new Map([
        [name, { format: "I8", shape: [9, 40], bytes }],
        [name.replace("weight", "SCB"), { format: "F32", shape: [9], bytes: scb }],
        [name.replace("weight", "weight_format"), { format: "U8", shape: [], bytes: Uint8Array.of(0) }],
      ]),
    );
    const weight = { name, shape: [9, 40] };
    await check(packedMatrix(source, weight, { kind: "llm-int8" }, { block: undefined }), 9, 40);
  });
});
