import { appendFileSync, cpSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { checkFinite } from "../../src/files/scan.ts";
import { openText } from "../../src/files/text-files.ts";
import { type AnyTensor, isHost, isStored } from "../../src/tensor.ts";
import type { Weights } from "../../src/weights.ts";
import { codeOf } from "../support/codes.ts";
import {
  type FolderOptions,
  ggufModel,
  ggufPairs,
  randomTensors,
  SMALL,
  SMALL_LLAMA,
  temporaryFolder,
  writeFolder,
} from "../support/checkpoints.ts";
import { goldenPath } from "../support/golden.ts";

function values(x: AnyTensor): number[] {
  if (isHost(x)) return [...x.data];
  if (!isStored(x)) throw new Error("neither in memory nor stored");
  const into = new Float32Array(x.shape[0]! * x.shape[1]!);
  x.widen(0, x.shape[0]!, into);
  return [...into];
}

/** Every value of a model, in the order of the page. */
function everything(weights: Weights): number[] {
  const layers = [...weights.layers()].flatMap(([, W]) =>
    Object.values(W).flatMap((x?: AnyTensor) => (x ? values(x) : [])),
  );
  return [...values(weights.E), ...layers, ...values(weights.g), ...values(weights.U)];
}

const opened = (options: FolderOptions = {}) => openCheckpoint(writeFolder(temporaryFolder(), SMALL, options));

/** Writes and opens a GGUF file. */
function openedGguf(config = SMALL_LLAMA) {
  const path = join(temporaryFolder(), "model.gguf");
  writeFileSync(path, ggufModel(config));
  return openCheckpoint(path);
}

describe("openCheckpoint", () => {
  it("opens a folder", () => {
    const model = opened();
    expect(model).toMatchObject({ kind: "safetensors", config: SMALL, warnings: [], gguf: undefined });
    expect(model.generation.stop).toEqual([1]);
    expect([model.template, model.vocabulary]).toEqual([undefined, undefined]);
    expect(model.source.tensors.size).toBe(27);
    model.close();
    model.close();
    expect(codeOf(() => values(model.weights.E))).toBe("E_IO_CLOSED");
  });

  it("one file, three shards and GGUF hold the same values; so does what is pinned in memory", () => {
    const expected = everything(opened().weights);
    expect(everything(opened({ shards: 3 }).weights)).toEqual(expected);
    expect(everything(openedGguf(SMALL).weights)).toEqual(expected);
    const path = writeFolder(temporaryFolder());
    const pinned = openCheckpoint(path, { pin: 2 ** 20 });
    expect(everything(pinned.weights)).toEqual(expected);
    expect(everything(pinned.weights)).toEqual(expected);
  });

  it("a llama GGUF file, whose rows were moved, holds the values of the folder it was made from", () => {
    const tensors = randomTensors(SMALL_LLAMA, "safetensors");
    const folder = openCheckpoint(writeFolder(temporaryFolder(), SMALL_LLAMA, { tensors }));
    expect(everything(openedGguf().weights)).toEqual(everything(folder.weights));
  });

  it("opens the embedded model with its tokenizer, template and settings", () => {
    const model = openCheckpoint(goldenPath("model/tiny"));
    expect(model.config).toMatchObject({ architecture: "qwen2", layers: 3, heads: 10, keyHeads: 2, tied: false });
    expect(model.generation).toMatchObject({ temperature: 0.6, topK: 40, topP: 0.95, sample: true });
    expect(model.vocabulary!.pattern).toBe("qwen2");
    expect(model.template).toContain("<think>");
    expect(model.vocabulary).toBe(model.vocabulary);
  });

  const saved = readdirSync(goldenPath("model"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  it.each(saved.map(({ name }) => name))("opens what Hugging Face saved, every value finite: model/%s", (name) => {
    const model = openCheckpoint(goldenPath(`model/${name}`));
    expect(everything(model.weights).every(Number.isFinite)).toBe(true);
    expect(codeOf(() => checkFinite(model.source))).toBe("nothing");
    model.close();
  });

  it("opens a model in Hugging Face's cache, whose files are links to blobs", () => {
    const hub = temporaryFolder();
    const repository = join(hub, "models--me--small");
    const snapshot = join(repository, "snapshots", "abc");
    cpSync(writeFolder(temporaryFolder()), join(repository, "blobs"), { recursive: true });
    cpSync(writeFolder(temporaryFolder()), snapshot, { recursive: true });
    for (const name of readdirSync(snapshot)) {
      rmSync(join(snapshot, name));
      symlinkSync(join("..", "..", "blobs", name), join(snapshot, name));
    }
    const model = openCheckpoint("me/small@abc", { env: { HF_HUB_CACHE: hub } });
    expect(everything(model.weights)).toEqual(everything(opened().weights));
  });

  it("warns where config.json claims another dtype than the weights have", () => {
    const model = opened({ fields: { torch_dtype: "bfloat16" } });
    expect(model.warnings).toEqual([
      `${join(model.path, "config.json")}: W_DTYPE: it says BF16, but 27 of 27 tensors are F32.`,
    ]);
  });
});

describe("bad checkpoints have their codes", () => {
  const open = (path: string) => codeOf(() => openCheckpoint(path).close());
  /** Writes a good folder, lets `harm` at it, and opens it. */
  const harmed = (harm: (path: string) => void, options: FolderOptions = {}) => {
    const path = writeFolder(temporaryFolder(), SMALL, options);
    harm(path);
    return open(path);
  };

  it.each<[string, (path: string) => void, string]>([
    ["no config", (path) => rmSync(join(path, "config.json")), "E_IO_OPEN"],
    ["a config of 1 MiB", (path) => appendFileSync(join(path, "config.json"), " ".repeat(2 ** 20)), "E_LIMIT_CONFIG"],
    ["no weights", (path) => rmSync(join(path, "model.safetensors")), "E_IO_OPEN"],
    ["weights cut short", (path) => truncateSync(join(path, "model.safetensors"), 9000), "E_ST_TRUNCATED"],
    [
      "a config that is a link out of the folder",
      (path) => {
        rmSync(join(path, "config.json"));
        symlinkSync("/etc/hostname", join(path, "config.json"));
      },
      "E_PATH_ESCAPE",
    ],
    ["bad settings", (path) => writeFileSync(join(path, "generation_config.json"), '{"top_p":2}'), "E_CFG_RANGE"],
    [
      "settings whose link leads nowhere",
      (path) => symlinkSync("nothing", join(path, "generation_config.json")),
      "E_IO_OPEN",
    ],
  ])("%s", (_, harm, code) => expect(harmed(harm)).toBe(code));

  it.each<[string, Record<string, unknown>, string]>([
    ["another model", { model_type: "gpt2" }, "E_CFG_ARCH"],
    ["a layer more than there is", { num_hidden_layers: 3 }, "E_TENSOR_MISSING"],
    ["a layer less", { num_hidden_layers: 1 }, "E_TENSOR_UNEXPECTED"],
    ["another width", { intermediate_size: 65 }, "E_SHAPE"],
    ["tied", { tie_word_embeddings: true }, "E_TIE"],
    ["an end beyond the rows", { eos_token_id: 48 }, "E_CFG_TOKEN_ID"],
  ])("a config that says: %s", (_, fields, code) => expect(harmed(() => {}, { fields })).toBe(code));

  it("a tokenizer with more tokens than the embedding has rows", () => {
    const path = writeFolder(temporaryFolder());
    cpSync(goldenPath("model/tiny/tokenizer.json"), join(path, "tokenizer.json"));
    expect(codeOf(() => openCheckpoint(path).vocabulary)).toBe("E_TOK_VOCAB");
  });

  it("GGUF: a tensor missing, metadata of another model, a format that cannot be widened", () => {
    const path = join(temporaryFolder(), "model.gguf");
    const write = (changed: Uint8Array) => writeFileSync(path, changed);
    write(ggufModel(SMALL_LLAMA, ggufPairs({ ...SMALL_LLAMA, layers: 3 })));
    expect(open(path)).toBe("E_TENSOR_MISSING");
    write(ggufModel(SMALL_LLAMA, ggufPairs({ ...SMALL_LLAMA, feedForward: 65 })));
    expect(open(path)).toBe("E_SHAPE");
    write(ggufModel(SMALL, ggufPairs({ ...SMALL, architecture: "llama" })));
    expect(open(path)).toBe("E_TENSOR_UNEXPECTED");
  });

  it.runIf(process.platform === "linux")("leaves no file open", () => {
    const count = () => readdirSync("/proc/self/fd").length;
    const before = count();
    harmed(() => {}, { fields: { num_hidden_layers: 3 }, shards: 3 });
    const path = join(temporaryFolder(), "model.gguf");
    writeFileSync(path, ggufModel(SMALL_LLAMA, ggufPairs({ ...SMALL_LLAMA, layers: 3 })));
    open(path);
    expect(count()).toBe(before);
  });
});

describe("openText", () => {
  it("reads a tokenizer and template without weights", () => {
    const path = temporaryFolder();
    for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
      cpSync(goldenPath(`model/tiny/${name}`), join(path, name));
    }
    const text = openText(path);
    expect(text.template).toContain("<think>");
    expect(text.vocabulary!.nfc).toBe(true);
  });

  it("a GGUF file without a tokenizer has neither", () => {
    const path = join(temporaryFolder(), "model.gguf");
    writeFileSync(path, ggufModel());
    const text = openText(path);
    expect([text.vocabulary, text.template]).toEqual([undefined, undefined]);
  });
});
