import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { QwqError } from "../../src/errors.ts";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { FORMATS } from "../../src/quant/index.ts";
import { narrowInt8 } from "../../src/quant/int8.ts";
import { NARROWS } from "../../src/quant/narrow.ts";
import { quantize } from "../../src/quantize/quantize.ts";
import type { Type } from "../../src/quantize/types.ts";
import { type Drawn, Drawer } from "../../src/synth/draw.ts";
import { synthesiseQuantised } from "../../src/synth/quantised.ts";
import { type SynthOptions, synthesise } from "../../src/synth/synth.ts";
import { configJson, SMALL, SMALL_LLAMA, temporaryFolder } from "../support/checkpoints.ts";
import { goldenJson } from "../support/golden.ts";

const configOf = (of: typeof SMALL) => {
  return { text: JSON.stringify({ ...configJson(of), torch_dtype: "bfloat16" }), path: "config.json" };
};
const CONFIG = configOf(SMALL);
const make = (out: string, type: Type, more: Partial<SynthOptions> = {}, config = CONFIG) =>
  synthesiseQuantised(out, config, type, { seed: 5n, threads: 0, ...more });

/** Every tensor's bytes, by its name. */
function tensorsOf(model: string): Record<string, string> {
  const { source } = openCheckpoint(model);
  const all = [...source.tensors.values()].map((info) => {
    const hash = source.window(info, 0, info.bytes, (bytes) => createHash("sha256").update(bytes).digest("hex"));
    return [info.name, `${info.format} ${hash}`] as const;
  });
  source.close();
  return Object.fromEntries(all.sort());
}

async function refusal(run: Promise<unknown>): Promise<string> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof QwqError) return error.code;
  throw new Error(`expected a QwqError, got ${String(error)}`);
}

describe("synthesiseQuantised", () => {
  it.each<[string, Type, typeof SMALL]>([
    ["Qwen2", "q4_0", SMALL],
    ["Llama, its rows moved,", "q8_0", SMALL_LLAMA],
    ["Qwen2", "int8", SMALL],
    ["Qwen2", "int8-g32", SMALL],
    ["Qwen2", "q4_k", SMALL],
  ])("a %s as %s has the bytes that quantize makes of the whole one", async (_, type, of) => {
    const folder = temporaryFolder();
    const config = configOf(of);
    await synthesise(join(folder, "plain"), config, { seed: 5n, threads: 1 });
    const plain = openCheckpoint(join(folder, "plain"));
    await quantize(plain, join(folder, "a"), type, { threads: 0 });
    plain.close();
    const made = await make(join(folder, "b"), type, {}, config);
    expect(made.complete).toBe(true);
    expect(tensorsOf(join(folder, "b"))).toEqual(tensorsOf(join(folder, "a")));
    expect(readdirSync(folder).sort()).toEqual(["a", "b", "plain"]);
  });

  it.each<Type>(["q8_0", "int8"])("as %s: goes on after it was ended, and does only what was missing", async (type) => {
    const folder = temporaryFolder();
    const [whole, out] = [join(folder, "whole"), join(folder, "out")];
    await make(whole, type, { threads: type === "q8_0" ? 2 : 0 });
    const ended = new AbortController();
    ended.abort();
    expect(await make(out, type, { signal: ended.signal })).toMatchObject({ complete: false, written: 0 });
    expect(readdirSync(folder).sort()).toEqual(["out.partial", "out.partial.runs", "whole"]);
    // As a kill leaves it before the last run.
    const journal = join(folder, "out.partial.runs");
    const runs = readFileSync(journal).length;
    const file = (model: string) => (type === "int8" ? join(model, "model.safetensors") : model);
    copyFileSync(file(whole), file(`${out}.partial`));
    const marks = new Uint8Array(runs).fill(1);
    marks[runs - 1] = 0;
    writeFileSync(journal, marks);
    expect(await make(out, type)).toMatchObject({ complete: true });
    expect(tensorsOf(out)).toEqual(tensorsOf(whole));
    expect(readdirSync(folder).sort()).toEqual(["out", "whole"]);
  });

  it("does the runs that are not marked, and only those", async () => {
    const folder = temporaryFolder();
    const [whole, out] = [join(folder, "whole"), join(folder, "out")];
    await make(whole, "q8_0");
    const ended = new AbortController();
    ended.abort();
    await make(out, "q8_0", { signal: ended.signal });
    const journal = join(folder, "out.partial.runs");
    const marks = readFileSync(journal);
    marks[0] = 1; // a lie: its bytes are still zeros
    writeFileSync(journal, marks);
    await make(out, "q8_0");
    const [a, b] = [tensorsOf(whole), tensorsOf(out)];
    expect(Object.keys(a).filter((name) => a[name] !== b[name])).toEqual(["token_embd.weight"]);
  });

  it("refuses what it did not begin, another seed's beginning, and a full disk, and touches nothing of theirs", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "out");
    expect(await refusal(make(out, "q8_0", { free: () => 10 }))).toBe("E_LIMIT_DISK");
    expect(readdirSync(folder)).toEqual([]);
    mkdirSync(`${out}.partial`);
    expect(await refusal(make(out, "q8_0"))).toBe("E_OUT_EXISTS");
    rmSync(`${out}.partial`, { recursive: true });
    const ended = new AbortController();
    ended.abort();
    await make(out, "q8_0", { signal: ended.signal });
    const journal = `${out}.partial.runs`;
    writeFileSync(journal, readFileSync(journal).fill(1, 0, 1));
    cpSync(`${out}.partial`, join(folder, "before"));
    expect(await refusal(make(out, "q8_0", { seed: 6n }))).toBe("E_OUT_EXISTS");
    expect(await refusal(make(out, "q4_0"))).toBe("E_OUT_EXISTS");
    expect(readFileSync(`${out}.partial`).equals(readFileSync(join(folder, "before")))).toBe(true);
    writeFileSync(out, "");
    expect(await refusal(make(out, "q8_0"))).toBe("E_OUT_EXISTS");
    expect(existsSync(journal)).toBe(true);
  });

  it("any tensor can be made alone, in Python too: drawn, rounded to bfloat16, encoded by gguf-py or as int8", () => {
    interface Made {
      readonly seed: string;
      readonly tensors: readonly (Drawn & { readonly sha256: Readonly<Record<string, string>> })[];
    }
    const golden = goldenJson<Made>("synth/quantised.json");
    expect(golden.tensors).toHaveLength(3);
    for (const tensor of golden.tensors) {
      const [rows, columns] = tensor.shape as [number, number];
      const values = new Float32Array(rows * columns);
      const drawn = new Drawer(BigInt(golden.seed), tensor, "BF16").draw(0, values.length);
      FORMATS.get("BF16")!.widen(drawn, 0, values.length, values, 0);
      for (const [name, expected] of Object.entries(tensor.sha256)) {
        const bytes = name === "int8" ? int8(values, columns) : blocks(values, name);
        expect([tensor.name, name, createHash("sha256").update(bytes).digest("hex")]).toEqual([
          tensor.name,
          name,
          expected,
        ]);
      }
    }
  });
});

function blocks(values: Float32Array, name: string): Uint8Array {
  const { format, narrow } = NARROWS.get(name)!;
  const into = new Uint8Array((values.length / format.block) * format.bytes);
  narrow(values, 0, values.length / format.block, into, 0);
  return into;
}

/** Integers + 128, then scales. */
function int8(values: Float32Array, columns: number): Uint8Array {
  const q = new Uint8Array(values.length);
  const scales = new Float32Array(values.length / columns);
  for (const r of scales.keys()) scales[r] = narrowInt8(values, r * columns, columns, q, r * columns);
  return Buffer.concat([q, new Uint8Array(scales.buffer)]);
}
