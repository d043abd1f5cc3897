import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { QWQ_32B } from "../../src/config.ts";
import { QwqError } from "../../src/errors.ts";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { readConfig } from "../../src/files/config.ts";
import { Drawer } from "../../src/synth/draw.ts";
import { QWQ_CONFIG } from "../../src/synth/qwq-config.ts";
import { tensorsOf } from "../../src/synth/shards.ts";
import { type SynthOptions, synthesise } from "../../src/synth/synth.ts";
import { configJson, SMALL, temporaryFolder } from "../support/checkpoints.ts";

const config = { text: JSON.stringify(configJson(SMALL)), path: "config.json" };
const make = (out: string, more: Partial<SynthOptions> = {}) =>
  synthesise(out, config, { seed: 5n, threads: 2, shardBytes: 20_000, ...more });

/** Every file of a folder by its name, with the hash of its bytes. */
const hashes = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
    ]),
  );

async function refusal(run: Promise<unknown>): Promise<QwqError> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof QwqError) return error;
  throw new Error(`expected a QwqError, got ${String(error)}`);
}

describe("synthesise", () => {
  it("writes a folder that opens, with the config's own bytes, every value the one that is drawn alone", async () => {
    const out = join(temporaryFolder(), "model");
    const made = await make(out);
    expect(made).toMatchObject({ tensors: 27, complete: true, bytes: 4 * 21_792 });
    expect(made.shards).toBeGreaterThan(3);
    expect(readFileSync(join(out, "config.json"), "utf8")).toBe(config.text);
    const checkpoint = openCheckpoint(out);
    expect(checkpoint.config).toEqual({ ...SMALL });
    for (const tensor of tensorsOf(SMALL, "F32")) {
      const info = checkpoint.source.tensors.get(tensor.name)!;
      const drawn = new Drawer(5n, tensor, "F32").draw(0, info.bytes / 4);
      checkpoint.source.window(info, 0, info.bytes, (bytes) => expect(Buffer.compare(bytes, drawn)).toBe(0));
    }
    checkpoint.close();
  });

  it("gives the same bytes on one thread, and after shards were lost: only those are written again", async () => {
    const folder = temporaryFolder();
    const [a, b] = [join(folder, "a"), join(folder, "b")];
    const whole = await make(a);
    await make(b, { threads: 1 });
    expect(hashes(b)).toEqual(hashes(a));
    const kept = readdirSync(b).filter((name) => name.includes("00001"));
    const times = kept.map((name) => statSync(join(b, name)).mtimeMs);
    for (const name of ["config.json", ...readdirSync(b).filter((file) => file.includes("00002"))])
      rmSync(join(b, name));
    writeFileSync(join(b, ".model-00002-of-00005.safetensors.999999999.0123abcd.tmp"), "half");
    const again = await make(b);
    expect(again.written).toBeLessThan(whole.written);
    expect(hashes(b)).toEqual(hashes(a));
    expect(kept.map((name) => statSync(join(b, name)).mtimeMs)).toEqual(times);
    expect((await make(b)).written).toBe(0);
  });

  it("in one file: no index; in another dtype: config.json says so, and the rest of it stays", async () => {
    const out = join(temporaryFolder(), "model");
    await make(out, { shardBytes: 1e9, dtype: "BF16" });
    expect(readdirSync(out).sort()).toEqual(["config.json", "model.safetensors"]);
    expect(readFileSync(join(out, "config.json"), "utf8")).toBe(config.text.replace('"float32"', '"bfloat16"'));
    openCheckpoint(out).close();
  });

  it("stopped before it began: nothing but the folder, which the same call completes", async () => {
    const out = join(temporaryFolder(), "model");
    expect(await make(out, { signal: AbortSignal.abort() })).toMatchObject({ complete: false });
    expect(readdirSync(out)).toEqual([]);
    expect(await make(out)).toMatchObject({ complete: true });
  });

  it("refuses a folder that holds anything else, or another seed's shards, and changes nothing there", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "precious"), "x");
    expect(await refusal(make(folder))).toMatchObject({ code: "E_OUT_EXISTS", actual: "precious" });
    expect(readdirSync(folder)).toEqual(["precious"]);
    const out = join(temporaryFolder(), "model");
    await make(out);
    const before = hashes(out);
    expect(await refusal(make(out, { seed: 6n }))).toMatchObject({ code: "E_OUT_EXISTS" });
    expect(hashes(out)).toEqual(before);
    expect((await refusal(make(join(folder, "precious")))).code).toBe("E_OUT_EXISTS");
    expect((await refusal(make(join(folder, "none", "model")))).code).toBe("E_OUT_WRITE");
  });

  it("refuses a disk without room before it writes: the numbers are those of the missing shards", async () => {
    const out = join(temporaryFolder(), "model");
    const error = await refusal(make(out, { free: () => 1000 }));
    expect(error).toMatchObject({ name: "LimitError", code: "E_LIMIT_DISK", actual: "1000" });
    expect(Number(/^\d+/.exec(error.expected!)![0])).toBeGreaterThan(4 * 21_792);
    expect(readdirSync(out)).toEqual([]);
  });

  it("an error in a thread is the caller's, and leaves no half file", async () => {
    const out = join(temporaryFolder(), "model");
    mkdirSync(out);
    const remove = { free: () => (rmSync(out, { recursive: true }), 1e9) }; // the folder goes after it was prepared
    expect(await refusal(make(out, remove))).toMatchObject({ code: "E_OUT_WRITE", actual: "ENOENT" });
    expect(existsSync(out)).toBe(false);
  });
});

it("the config of qwq-32b is QwQ-32B's", () => {
  expect(readConfig(QWQ_CONFIG, "config.json")).toMatchObject({ config: QWQ_32B, dtype: "BF16", warnings: [] });
});
