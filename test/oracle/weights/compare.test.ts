import { join } from "node:path";
import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Config } from "../../../src/config.ts";
import type { TensorBytes } from "../../../src/files/safetensors.ts";
import { type Check, type Checks, verdictOf } from "../../../src/oracle/checks.ts";
import { compareWeights } from "../../../src/oracle/weights/compare.ts";
import { NARROWS } from "../../../src/quant/narrow.ts";
import { failure, temporaryFolder } from "../../support/folder.ts";
import { goldenPath } from "../../support/golden.ts";
import {
  ggufModel,
  ggufPairs,
  ggufTensors,
  randomTensors,
  SMALL,
  SMALL_LLAMA,
  writeFolder,
} from "../../support/small.ts";
import { gguf } from "../../support/gguf.ts";

type Tensors = Map<string, TensorBytes>;

const floats = ({ bytes }: TensorBytes) => new Float32Array(bytes.slice().buffer);
const tensor = (shape: readonly number[], data: Float32Array): TensorBytes => ({
  dtype: "F32",
  shape,
  bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
});

/** A checkpoint with some tensors changed, against the one it was made from. */
function compared(
  change: (tensors: Tensors) => void,
  config: Config = SMALL,
  fields?: Record<string, unknown>,
): Checks {
  const [ours, theirs] = [join(temporaryFolder(), "ours"), join(temporaryFolder(), "theirs")];
  for (const folder of [ours, theirs]) mkdirSync(folder);
  const tensors = randomTensors(config, "safetensors");
  writeFolder(ours, config);
  change(tensors);
  writeFolder(theirs, config, { tensors, ...(fields !== undefined && { fields }) });
  return compareWeights(theirs, ours);
}

const failed = ({ checks }: Checks) => checks.filter(({ outcome }) => outcome !== "pass");
const told = (checks: Checks) => failed(checks).map(({ code, outcome, where }) => `${outcome} ${code} ${where}`);

const Q = "model.layers.1.self_attn.q_proj.weight";
const HEAD = "lm_head.weight";

function changed(name: string, change: (data: Float32Array, shape: readonly number[]) => Float32Array): Checks {
  return compared((tensors) => {
    const old = tensors.get(name)!;
    tensors.set(name, tensor(old.shape, change(floats(old), old.shape)));
  });
}

/** Row `to` of each head of D is row `from(to)`. */
function rows(data: Float32Array, columns: number, D: number, from: (d: number) => number): Float32Array {
  return data.map((_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return data[(row - (row % D) + from(row % D)) * columns + column]!;
  });
}

describe("the same weights", () => {
  it("pass: every one of them exact, and the note counts them", () => {
    const checks = compared(() => undefined);
    expect(checks.checks).toHaveLength(27);
    expect(told(checks)).toEqual([]);
    expect(checks.notes).toEqual(["Of 27 weights: 27 exact, F32."]);
  });

  it("pass as a GGUF file whose rows of q and k lie in the other order, with a tied head", () => {
    const folder = writeFolder(temporaryFolder(), SMALL_LLAMA);
    const file = join(temporaryFolder(), "model.gguf");
    // one draw a name: a folder and a file agree only where the names stand in the same order
    writeFileSync(file, ggufModel());
    expect(told(compareWeights(file, folder))).toEqual([]);
    expect(told(compareWeights(goldenPath("model/tiny"), goldenPath("model/tiny")))).toEqual([]);
  });

  it.each(["BF16", "F16"])("pass when rounded to %s", (format) => {
    const checks = compared((tensors) => {
      for (const [name, old] of tensors) tensors.set(name, narrowed(old, format));
    });
    expect(told(checks)).toEqual([]);
    expect(checks.notes[0]).toContain(`rounded to ${format}`);
  });

  it.each(["Q8_0", "Q4_0"])("pass in blocks of %s, and not when a scale is off", (format) => {
    const whole = temporaryFolder();
    writeFileSync(join(whole, "f32.gguf"), ggufModel(SMALL));
    const write = (scale: number) => {
      const path = join(temporaryFolder(), "model.gguf");
      const tensors = ggufTensors(SMALL).map((one) =>
        one.ne.length < 2 ? one : { ...one, type: format, data: blocks(one.data, format, scale) },
      );
      writeFileSync(path, gguf({ pairs: ggufPairs(SMALL), tensors }));
      return compareWeights(path, join(whole, "f32.gguf"));
    };
    expect(told(write(1))).toEqual([]);
    expect(new Set(failed(write(1.25)).map(({ code }) => code))).toEqual(new Set(["weights-scaled"]));
  });
});

function narrowed({ shape, bytes }: TensorBytes, format: string): TensorBytes {
  const x = floats({ shape, bytes, dtype: "F32" });
  const into = new Uint8Array(2 * x.length);
  NARROWS.get(format)!.narrow(x, 0, x.length, into, 0);
  return { dtype: format, shape, bytes: into };
}

function blocks(data: Uint8Array, format: string, scale: number): Uint8Array {
  const x = new Float32Array(data.slice().buffer).map((value) => value * scale);
  const { narrow, format: to } = NARROWS.get(format)!;
  const into = new Uint8Array((x.length / to.block) * to.bytes);
  narrow(x, 0, x.length / to.block, into, 0);
  return into;
}

describe("what happened to a tensor is told", () => {
  it.each<[string, string, (data: Float32Array, shape: readonly number[]) => Float32Array]>([
    ["weights-transposed", Q, (x, [n]) => x.map((_, i) => x[(i % n!) * n! + Math.floor(i / n!)]!)],
    ["weights-permuted", Q, (x, [, C]) => rows(x, C!, 8, (d) => (d % 2) * 4 + Math.floor(d / 2))],
    ["weights-permuted", Q, (x, [, C]) => rows(x, C!, 8, (d) => (d < 4 ? 2 * d : 2 * d - 7))],
    [
      "weights-permuted",
      "model.layers.0.self_attn.k_proj.bias",
      (x) => rows(x, 1, 8, (d) => (d % 2) * 4 + Math.floor(d / 2)),
    ],
    ["weights-scaled", "model.norm.weight", (x) => x.map((v) => v + 1)],
    ["weights-scaled", Q, (x) => x.map((v) => v * 2)],
    ["weights-zero", "model.layers.1.self_attn.v_proj.bias", (x) => x.map(() => 0)],
    ["weights-not-finite", Q, (x) => x.with(40, NaN)],
    ["weights-values", Q, (x) => x.with(40, 7)],
    ["weights-truncated", Q, (x) => truncated(x)],
  ])("%s", (code, name, change) => {
    const checks = changed(name, change);
    expect(told(checks)).toEqual([`fail ${code} ${name}`]);
    expect(checks.notes.at(-1)).toBe(`The first that differs: ${name}.`);
  });

  it("a float32 file that went through float16 is a warning", () => {
    const checks = changed(Q, (x) => {
      const half = narrowed(tensor([x.length], x), "F16").bytes;
      const back = new Float32Array(x.length);
      NARROWS.get("F16")!.format.widen(half, 0, x.length, back, 0);
      return back;
    });
    expect(told(checks)).toEqual([`warn weights-rounded ${Q}`]);
    expect(verdictOf(checks)).toBe("warn");
  });

  it("the first value that differs, how many, and by how much", () => {
    const [check] = failed(changed(Q, (x) => x.with(40, 7)));
    expect(check).toMatchObject({ expected: expect.stringMatching(/ at row 1, column 8$/) as string });
    expect(check!.actual).toMatch(/^7, and 1 values differ, r .* in F32$/);
  });

  it("gate for up, and the next layer's", () => {
    const exchange = (a: string, b: string) =>
      compared((tensors) => {
        const [x, y] = [tensors.get(a)!, tensors.get(b)!];
        tensors.set(a, y).set(b, x);
      });
    const [gate, up] = ["model.layers.0.mlp.gate_proj.weight", "model.layers.0.mlp.up_proj.weight"];
    const swapped = failed(exchange(gate, up));
    expect(swapped.map(({ code, actual }) => [code, actual])).toEqual([
      ["weights-swapped", `it is ${up}`],
      ["weights-swapped", `it is ${gate}`],
    ]);
    expect(told(exchange(Q, Q.replace("1", "0")))).toHaveLength(2);
  });

  it("the head of the embedding, and none", () => {
    expect(told(compared((t) => t.set(HEAD, t.get("model.embed_tokens.weight")!)))).toEqual([
      `fail weights-tied ${HEAD}`,
    ]);
    const lost = compared((t) => t.delete(HEAD), SMALL, { tie_word_embeddings: true });
    expect(told(lost)).toEqual([`fail weights-tied ${HEAD}`]);
  });

  it("a tied model's head written out passes where it is the embedding, and else does not", () => {
    const tied = { ...SMALL, tied: true };
    const copy = (change: (x: Float32Array) => Float32Array) =>
      compared((t) => {
        const E = t.get("model.embed_tokens.weight")!;
        t.set(HEAD, tensor(E.shape, change(floats(E))));
      }, tied);
    expect(told(copy((x) => x))).toEqual([]);
    expect(told(copy((x) => x.map((v) => -v)))).toEqual([`fail weights-tied ${HEAD}`]);
  });

  it("a lost bias, a tensor too many, rows cut off, a matrix turned over in its shape", () => {
    const bias = "model.layers.0.self_attn.k_proj.bias";
    expect(told(compared((t) => t.delete(bias)))).toEqual([`fail weights-missing ${bias}`]);
    const invented = "model.layers.0.self_attn.o_proj.bias";
    expect(told(compared((t) => t.set(invented, tensor([32], new Float32Array(32)))))).toEqual([
      `fail weights-unexpected ${invented}`,
    ]);
    const cut = compared((t) => t.set(HEAD, tensor([40, 32], floats(t.get(HEAD)!).slice(0, 40 * 32))));
    expect(failed(cut)).toMatchObject([{ code: "weights-shape", expected: "[48 32]", actual: "[40 32]" }]);
    const up = "model.layers.0.mlp.up_proj.weight";
    const turned = compared((t) => {
      const x = floats(t.get(up)!);
      t.set(
        up,
        tensor(
          [32, 64],
          x.map((_, i) => x[(i % 64) * 32 + Math.floor(i / 64)]!),
        ),
      );
    });
    expect(failed(turned).map(({ code }: Check) => code)).toEqual(["weights-transposed"]);
  });
});

/** As bfloat16 with the rest cut off. */
function truncated(x: Float32Array): Float32Array {
  const bits = new Uint32Array(x.slice().buffer).map((word) => word & 0xffff0000);
  return new Float32Array(bits.buffer);
}

it("a folder that is none is an error that names it", () => {
  expect(failure(() => compareWeights(temporaryFolder(), goldenPath("model/tiny"))).code).toBe("E_IO_OPEN");
});
