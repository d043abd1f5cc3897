import { describe, expect, it } from "vitest";
import { QWQ_32B } from "../../src/config.ts";
import { expectedPacked, keptBytes } from "../../src/files/packed-tensors.ts";
import type { Packing } from "../../src/files/quantization.ts";
import type { TensorInfo } from "../../src/files/source.ts";
import { checkTensors } from "../../src/files/tensors.ts";
import { codeOf } from "../support/codes.ts";
import { SMALL } from "../support/checkpoints.ts";

const PATH = "model.safetensors";
const AWQ: Packing = { kind: "awq", bits: 4, group: 32 };
const GPTQ: Packing = { kind: "gptq", bits: 8, group: 32 };
const INT8: Packing = { kind: "llm-int8" };
const W4: Packing = { kind: "compressed", bits: 4, group: 32, packed: true };

/** The tensors of SMALL under a packing, as a header would list them. */
function infos(packing: Packing): Map<string, TensorInfo> {
  return new Map(
    expectedPacked(SMALL, packing, new Map(), PATH).map(({ name, shape, formats }) => [
      name,
      { name, shape, format: formats?.[0] ?? "F16", path: PATH, offset: 0, bytes: 0 },
    ]),
  );
}

const check = (packing: Packing, tensors: Map<string, TensorInfo>) =>
  codeOf(() => checkTensors(tensors, SMALL, "safetensors", PATH, packing));

const with_ = (packing: Packing, name: string, change: Partial<TensorInfo>) => {
  const tensors = infos(packing);
  tensors.set(name, { ...tensors.get(name)!, name, path: PATH, ...change });
  return check(packing, tensors);
};

const Q = "model.layers.1.self_attn.q_proj";

it("zero points of 4 bits have a byte where they are kept, and nothing else grows", () => {
  const sized = (name: string, bytes: number) => [name, { name, shape: [], format: "I32", path: PATH, offset: 0, bytes }] as const; // prettier-ignore
  const tensors = new Map([sized(`${Q}.qweight`, 1000), sized(`${Q}.qzeros`, 10), sized(`${Q}.scales`, 100)]);
  expect(keptBytes(tensors, AWQ)).toBe(1120);
  expect(keptBytes(tensors, { ...GPTQ, bits: 4 })).toBe(1120);
  for (const packing of [GPTQ, INT8, W4, undefined]) expect(keptBytes(tensors, packing)).toBe(1110);
});

it("QwQ-32B in AWQ has the shapes of its release, and 3 tensors for each of 448 matrices", () => {
  const tensors = expectedPacked(QWQ_32B, { kind: "awq", bits: 4, group: 128 }, new Map(), PATH);
  const shapes = new Map(tensors.map(({ name, shape }) => [name, shape]));
  expect(tensors.length).toBe(771 + 2 * 448);
  expect(shapes.get("model.layers.63.self_attn.k_proj.qweight")).toEqual([5120, 128]);
  expect(shapes.get("model.layers.0.mlp.down_proj.qzeros")).toEqual([216, 640]);
  expect(shapes.get("model.layers.0.mlp.gate_proj.scales")).toEqual([40, 27648]);
  expect(shapes.get("model.embed_tokens.weight")).toEqual([152064, 5120]);
});

describe.each([AWQ, GPTQ, INT8, W4])("a model packed as $kind", (packing) => {
  it("passes with its tensors, and not without one of them", () => {
    expect(check(packing, infos(packing))).toBe("nothing");
    for (const name of [...infos(packing).keys()].filter((name) => name.startsWith(Q) && !/\.weight$/.test(name))) {
      const tensors = infos(packing);
      tensors.delete(name);
      expect(check(packing, tensors), name).toBe("E_TENSOR_MISSING");
    }
  });

  it("may have matrices that stay plain, but not both", () => {
    const plain = { shape: [32, 32], format: "F16" };
    expect(with_(packing, `${Q}.weight`, plain)).toBe("E_TENSOR_UNEXPECTED");
    const tensors = infos(packing);
    for (const name of [...tensors.keys()]) if (name.startsWith(Q) && !name.endsWith(".bias")) tensors.delete(name);
    tensors.set(`${Q}.weight`, { name: `${Q}.weight`, ...plain, path: PATH, offset: 0, bytes: 0 });
    expect(check(packing, tensors)).toBe("nothing");
  });

  it("has nothing else", () => expect(with_(packing, "lm_head.extra", { shape: [1] })).toBe("E_TENSOR_UNEXPECTED"));
});

it.each<[string, Packing, string, Partial<TensorInfo>, string]>([
  ["one group too few", AWQ, `${Q}.scales`, { shape: [2, 32] }, "E_Q_SHAPE"],
  ["words along the wrong axis", AWQ, `${Q}.qweight`, { shape: [4, 32] }, "E_Q_SHAPE"],
  ["g_idx of another length", GPTQ, `${Q}.g_idx`, { shape: [31] }, "E_Q_SHAPE"],
  ["SCB of another length", INT8, `${Q}.SCB`, { shape: [31] }, "E_Q_SHAPE"],
  ["words as unsigned integers", GPTQ, `${Q}.qweight`, { format: "U32" }, "E_Q_DTYPE"],
  ["scales as integers", W4, `${Q}.weight_scale`, { format: "I8" }, "E_Q_DTYPE"],
])("%s: refused by name", (_, packing, name, change, code) => expect(with_(packing, name, change)).toBe(code));

it.each<[string, Packing]>([
  ["groups that do not divide the inputs", { ...AWQ, group: 24 }],
  ["outputs that do not fill words", { kind: "awq", bits: 4, group: 32 }],
])("%s: E_Q_SHAPE", (what, packing) => {
  const config = what.startsWith("outputs") ? { ...SMALL, feedForward: 36 } : SMALL;
  expect(codeOf(() => expectedPacked(config, packing, new Map(), PATH))).toBe("E_Q_SHAPE");
});
