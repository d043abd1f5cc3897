import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Config } from "../../src/config.ts";
import { QwqError } from "../../src/errors.ts";
import { type Checkpoint, openCheckpoint } from "../../src/files/checkpoint.ts";
import { expectedWeights } from "../../src/files/names.ts";
import { FORMATS } from "../../src/quant/index.ts";
import { narrowInt8 } from "../../src/quant/int8.ts";
import { NARROWS } from "../../src/quant/narrow.ts";
import { quantize, type QuantizeOptions } from "../../src/quantize/quantize.ts";
import { placesOf } from "../../src/quantize/target.ts";
import { type Type, TYPES } from "../../src/quantize/types.ts";
import { isStored } from "../../src/tensor.ts";
import { ggufModel, SMALL, SMALL_LLAMA, temporaryFolder, writeFolder } from "../support/checkpoints.ts";

/** Rows of one and of two blocks of 256, heads of 64. */
const WIDE: Config = {
  ...SMALL,
  layers: 1,
  channels: 256,
  headSize: 64,
  feedForward: 512,
  rope: { ...SMALL.rope, D: 64 },
};

async function convert(from: string, out: string, type: Type, options: Partial<QuantizeOptions> = {}) {
  const source = openCheckpoint(from);
  try {
    return await quantize(source, out, type, { threads: 0, ...options });
  } finally {
    source.close();
  }
}

async function refusal(run: Promise<unknown>): Promise<QwqError> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof QwqError) return error;
  throw new Error(`expected a QwqError, got ${String(error)}`);
}

/** Every matrix of the page's weights as float32, by its Hugging Face name. */
function matricesOf({ weights, config }: Checkpoint): Map<string, Float32Array> {
  const [[, layer]] = [...weights.layers()] as unknown as [[number, Record<string, unknown>]];
  const all = placesOf({ ...config, layers: 1 }, "safetensors").filter(({ shape }) => shape.length === 2);
  return new Map(
    all.map(({ name, ours, rows, columns }) => {
      const tensor = (ours === "E" || ours === "U" ? weights[ours] : layer[ours]) as never;
      const into = new Float32Array(rows * columns);
      if (isStored(tensor)) (tensor as { widen(a: number, b: number, c: Float32Array): void }).widen(0, rows, into);
      return [name, into];
    }),
  );
}

/** What the values of a tensor become, without threads, windows or files. */
function through(values: Float32Array, format: string, group: number): Float32Array {
  const out = new Float32Array(values.length);
  if (format === "INT8") {
    const q = new Uint8Array(group);
    for (let at = 0; at < values.length; at += group) {
      const scale = narrowInt8(values, at, group, q, 0);
      for (let i = 0; i < group; i++) out[at + i] = (q[i]! - 128) * scale;
    }
    return out;
  }
  const { block, bytes, widen } = FORMATS.get(format)!;
  const into = new Uint8Array((values.length / block) * bytes);
  NARROWS.get(format)!.narrow(values, 0, values.length / block, into, 0);
  widen(into, 0, values.length / block, out, 0);
  return out;
}

const same = (a: Float32Array, b: Float32Array) => Buffer.compare(Buffer.from(a.buffer), Buffer.from(b.buffer)) === 0;

/** The format of a layer's matrix, and of the unembedding. */
const FORMAT_OF: Readonly<Record<Type, readonly [string, string]>> = {
  int8: ["INT8", "F32"],
  "int8-g32": ["INT8", "F32"],
  "int8-g64": ["INT8", "F32"],
  "int8-g128": ["INT8", "F32"],
  q8_0: ["Q8_0", "Q8_0"],
  q4_0: ["Q4_0", "Q6_K"],
  q4_k: ["Q4_K", "Q6_K"],
  q6_k: ["Q6_K", "Q6_K"],
};

describe("quantize", () => {
  it.each(TYPES)("to %s: opens, and has the values that each tensor's encoder gives alone", async (type) => {
    const folder = temporaryFolder();
    writeFolder(folder, WIDE);
    const out = join(folder, "out");
    const made = await convert(folder, out, type);
    expect(made).toMatchObject({ tensors: 15, files: 1, complete: true });
    const [before, after] = [openCheckpoint(folder), openCheckpoint(out)];
    const { eps } = before.config;
    expect(after.config).toEqual({ ...before.config, eps: type.startsWith("int8") ? eps : Math.fround(eps) });
    const [inner, head] = FORMAT_OF[type];
    const [source, result] = [matricesOf(before), matricesOf(after)];
    expect(source.size).toBe(9);
    for (const [name, values] of source) {
      const format = name.startsWith("lm_head")
        ? head
        : name.startsWith("model.layers") || inner !== "INT8"
          ? inner
          : "F32";
      const columns = name.includes("down_proj") ? 512 : 256;
      const group = Number(type.split("-g")[1] ?? columns);
      expect([name, same(result.get(name)!, through(values, format, group))]).toEqual([name, true]);
    }
    const [a, b] = [before, after].map(({ weights }) => [...weights.layers()][0]![1]);
    for (const small of ["g1", "g2", "bq", "bk", "bv"] as const) expect(b![small]).toEqual(a![small]);
    before.close();
    after.close();
  });

  it("a Llama's GGUF file stays one: rows of q and k lie as llama.cpp has them, and are the same to the page", async () => {
    const folder = temporaryFolder();
    const [from, out] = [join(folder, "from.gguf"), join(folder, "out.gguf")];
    writeFileSync(from, ggufModel(SMALL_LLAMA));
    await convert(from, out, "q8_0");
    const [before, after] = [openCheckpoint(from), openCheckpoint(out)];
    for (const { name, shape } of expectedWeights(SMALL_LLAMA, "gguf").filter(({ shape }) => shape.length === 2)) {
      const values = new Float32Array(shape[0]! * shape[1]!);
      const raw = (checkpoint: Checkpoint) => {
        const info = checkpoint.source.tensors.get(name)!;
        return checkpoint.source.window(info, 0, info.bytes, (bytes) => Uint8Array.from(bytes));
      };
      FORMATS.get("F32")!.widen(raw(before), 0, values.length, values, 0);
      const expected = new Uint8Array((values.length / 32) * 34);
      NARROWS.get("Q8_0")!.narrow(values, 0, values.length / 32, expected, 0);
      expect([name, Buffer.compare(raw(after), expected)]).toEqual([name, 0]);
    }
    for (const [name, values] of matricesOf(before)) {
      expect([name, same(matricesOf(after).get(name)!, through(values, "Q8_0", 0))]).toEqual([name, true]);
    }
    before.close();
    after.close();
  });

  it("a Llama's GGUF file becomes a folder whose rows are in Hugging Face's order", async () => {
    const folder = temporaryFolder();
    const [from, out] = [join(folder, "from.gguf"), join(folder, "out")];
    writeFileSync(from, ggufModel(SMALL_LLAMA));
    await convert(from, out, "int8-g32");
    const [before, after] = [openCheckpoint(from), openCheckpoint(out)];
    expect(after.config).toEqual({ ...before.config });
    expect(after.generation.stop).toEqual([1]);
    for (const [name, values] of matricesOf(before)) {
      const format = name.startsWith("model.layers") ? "INT8" : "F32";
      expect([name, same(matricesOf(after).get(name)!, through(values, format, 32))]).toEqual([name, true]);
    }
    before.close();
    after.close();
  });

  it("rows that are no whole number of blocks take the format that llama.cpp takes, and int8 leaves them as they are", async () => {
    const folder = temporaryFolder();
    writeFolder(folder, SMALL);
    const formats = async (type: Type) => (await convert(folder, join(folder, type), type)).formats;
    expect(await formats("q4_k")).toEqual({ Q5_0: 15, Q8_0: 1, F32: 11 });
    expect(await formats("q6_k")).toEqual({ Q8_0: 16, F32: 11 });
    expect(await formats("int8-g64")).toEqual({ INT8: 2, F32: 25 });
    const after = openCheckpoint(join(folder, "int8-g64"));
    expect(after.source.tensors.get("model.layers.1.mlp.up_proj.weight")!.format).toBe("F32");
    expect(after.source.tensors.get("model.layers.1.mlp.down_proj.weight_packed")!.format).toBe("I32");
    after.close();
  });

  it.each<[string, Type]>([
    ["awq", "q8_0"],
    ["gptq-int4-act", "int8-g32"],
    ["llm-int8", "q4_0"],
    ["ct-w4a16", "int8"],
  ])("reads the packed checkpoint %s and writes %s of its exact values", async (name, type) => {
    const from = join(import.meta.dirname, "../../golden/packed", name);
    const out = join(temporaryFolder(), "out");
    await convert(from, out, type);
    const [before, after] = [openCheckpoint(from), openCheckpoint(out)];
    for (const [name, values] of matricesOf(before)) {
      if (!name.startsWith("model.layers")) continue;
      const columns = name.includes("down_proj") ? 96 : 64;
      const expected = through(values, FORMAT_OF[type][0], type === "int8-g32" ? 32 : columns);
      expect([name, same(matricesOf(after).get(name)!, expected)]).toEqual([name, true]);
    }
    before.close();
    after.close();
  });

  it("gives the same bytes on one thread as on three, and in one file as in shards the same tensors", async () => {
    const folder = temporaryFolder();
    writeFolder(folder, SMALL);
    const hash = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
    await convert(folder, join(folder, "a"), "q4_0", { threads: 1 });
    await convert(folder, join(folder, "b"), "q4_0", { threads: 3 });
    expect(hash(join(folder, "a"))).toBe(hash(join(folder, "b")));
    await convert(folder, join(folder, "one"), "int8");
    const made = await convert(folder, join(folder, "many"), "int8", { shardBytes: 9000 });
    expect(made.files).toBeGreaterThan(3);
    const [one, many] = [openCheckpoint(join(folder, "one")), openCheckpoint(join(folder, "many"))];
    for (const [name, values] of matricesOf(one)) expect(same(matricesOf(many).get(name)!, values)).toBe(true);
    one.close();
    many.close();
  });

  it("the tokenizer, its template and the ids go along, into a GGUF file and back into a folder", async () => {
    const tiny = join(import.meta.dirname, "../../golden/model/tiny");
    const folder = temporaryFolder();
    const [file, back] = [join(folder, "t.gguf"), join(folder, "back")];
    await convert(tiny, file, "q8_0");
    await convert(file, back, "int8");
    const [a, b, c] = [tiny, file, back].map((path) => openCheckpoint(path)) as [Checkpoint, Checkpoint, Checkpoint];
    const plain = ({ vocabulary }: Checkpoint) => {
      const { tokens, added, ...rest } = vocabulary!;
      const contents = added.map(({ id, content, special }) => ({ id, content, special }));
      const texts = Array.from(
        tokens,
        (token, id) => token ?? contents.find((token) => token.id === id)?.content,
      ).filter(
        (text) => text !== undefined, // rows of the embedding without a token
      );
      return { ...rest, texts, contents };
    };
    expect(plain(b)).toEqual(plain(a));
    expect(plain(c)).toEqual(plain(a));
    expect([b.template, c.template]).toEqual([a.template, a.template]);
    expect([b.generation.stop, c.generation.stop]).toEqual([a.generation.stop, a.generation.stop]);
    expect(b.config).toEqual({ ...a.config, eps: Math.fround(a.config.eps) });
    for (const checkpoint of [a, b, c]) checkpoint.close();
  });

  it("leaves nothing where it is interrupted, at the beginning or while it runs", async () => {
    const folder = temporaryFolder();
    writeFolder(folder, WIDE);
    const before = readdirSync(folder);
    const begun = new AbortController();
    begun.abort();
    const out = join(folder, "out");
    expect((await convert(folder, out, "q4_k", { signal: begun.signal })).complete).toBe(false);
    expect(readdirSync(folder)).toEqual(before);
  });

  it("refuses NaN, values that no scale can hold, names that are taken and full disks, and leaves nothing", async () => {
    const folder = temporaryFolder();
    writeFolder(folder, SMALL);
    const path = join(folder, "model.safetensors");
    const bytes = readFileSync(path);
    const opened = openCheckpoint(folder);
    const at = opened.source.tensors.get("model.layers.1.mlp.up_proj.weight")!.offset + 4 * 77;
    opened.close();
    const before = readdirSync(folder);
    const out = join(folder, "out");
    for (const [value, type, code] of [
      [NaN, "int8", "E_WEIGHT_NONFINITE"],
      [-Infinity, "q8_0", "E_WEIGHT_NONFINITE"],
      [1e6, "q4_0", "E_Q_RANGE"],
    ] as const) {
      bytes.writeFloatLE(value, at);
      writeFileSync(path, bytes);
      const error = await refusal(convert(folder, out, type));
      expect([error.code, readdirSync(folder)]).toEqual([code, before]);
      expect(error.message).toContain("row 2, column 13");
    }
    bytes.writeFloatLE(0, at);
    writeFileSync(path, bytes);
    expect((await refusal(convert(folder, path, "q8_0"))).code).toBe("E_OUT_EXISTS");
    expect((await refusal(convert(folder, out, "q8_0", { free: () => 10 }))).code).toBe("E_LIMIT_DISK");
    expect((await refusal(convert(folder, join(folder, "none/out"), "q8_0"))).code).toBe("E_OUT_WRITE");
    expect(existsSync(out)).toBe(false);
  });
});
