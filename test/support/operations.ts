/** Whole operations on files, each small enough to be run thousands of times with a fault in it. */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspectCheckpoint } from "../../src/cli/inspection.ts";
import { type CheckpointOptions, openCheckpoint } from "../../src/files/checkpoint.ts";
import { readConfig } from "../../src/files/config.ts";
import { writeAtomically, writeFolderAtomically } from "../../src/files/output.ts";
import { openText } from "../../src/files/text-files.ts";
import { QwQ } from "../../src/library/qwq.ts";
import { hidden } from "../../src/model.ts";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { writeBundle } from "../../src/oracle/bundle.ts";
import { identify } from "../../src/oracle/identity.ts";
import { record } from "../../src/oracle/record.ts";
import { reference } from "../../src/reference/index.ts";
import { prepare } from "../../src/synth/folder.ts";
import { shardsOf, tensorsOf } from "../../src/synth/shards.ts";
import { writeShard } from "../../src/synth/write.ts";
import { unwrap } from "../../src/reference/unwrap.ts";
import { Tokenizer } from "../../src/text/tokenizer.ts";
import { configJson, ggufModel, ggufPairs, ggufTensors, SMALL, SMALL_LLAMA, writeFolder } from "./checkpoints.ts";
import type { Call } from "./faulty-io.ts";
import { gguf } from "./gguf.ts";
import { goldenPath } from "./golden.ts";
import { mappable } from "./mapping.ts";
import { TINY } from "./cli.ts";

export interface Operation {
  readonly name: string;
  /** The kinds of calls that it makes. */
  readonly meets: readonly Call[];
  /** Puts what it needs into `folder`; comes back with what runs it, told an empty folder to write into. */
  readonly prepare: (folder: string) => Promise<Run> | Run;
  /** Of those, the ones whose faults are taken where not all are: it takes its time. */
  readonly taken?: readonly Call[];
  /** Whether a failed run may leave this file: one of several that it writes, and whole. */
  readonly mayLeave?: (name: string) => boolean;
}

/** What is run: its result is a text that tells right from wrong. */
export type Run = (out: string) => string | Promise<string>;

const READS: readonly Call[] = ["openSync", "fstatSync", "readSync", "closeSync", "allocate"];
const FOLDER: readonly Call[] = [...READS, "statSync", "realpathSync", "readdirSync"];
/** Where a view can be taken back, from Node 21 on, its memory is unmapped. */
const UNMAPS: readonly Call[] = "transfer" in ArrayBuffer.prototype ? ["munmap"] : [];
const MAPS: readonly Call[] = ["mmap", "madvise", "view", ...UNMAPS];
const WRITES: readonly Call[] = ["openSync", "writeSync", "fsyncSync", "closeSync", "renameSync"];

/** The files of a folder and what is in them, as one text. */
export function contents(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return names.map((name) => `${name} ${statSync(join(folder, name)).isFile() ? hash(readFileSync(join(folder, name))) : "folder"}`).join("\n"); // prettier-ignore
}

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}

/** Opens the model and runs two tokens through it. */
function forward(model: string, options: CheckpointOptions = {}): string {
  const checkpoint = openCheckpoint(model, options);
  try {
    const caches = reference.cache(checkpoint.config, 2);
    const x = unwrap(hidden(reference, checkpoint.weights, Uint32Array.of(5, 9), caches), "test");
    return hash(new Uint8Array(x.data.buffer, x.data.byteOffset, x.data.byteLength));
  } finally {
    checkpoint.close();
  }
}

/** As huggingface_hub lays a model out: names are links to files called by their hashes. */
function intoCache(folder: string): CheckpointOptions {
  const [repository, commit] = [join(folder, "models--o--small"), "0123abcd"];
  for (const name of ["refs", "blobs", "snapshots"]) mkdirSync(join(repository, name), { recursive: true });
  writeFileSync(join(repository, "refs/main"), commit);
  writeFolder(join(repository, "blobs"), SMALL, { shards: 3 });
  const snapshot = join(repository, "snapshots", commit);
  mkdirSync(snapshot);
  for (const name of readdirSync(join(repository, "blobs"))) symlinkSync(`../../blobs/${name}`, join(snapshot, name));
  return { env: { HF_HUB_CACHE: folder } };
}

/** Three parts, as gguf-split writes them; the name of the second. */
function inParts(folder: string): string {
  const tensors = ggufTensors(SMALL_LLAMA);
  const names = [1, 2, 3].map((no) => join(folder, `small-0000${no}-of-00003.gguf`));
  names.forEach((name, no) => {
    const numbers = [
      { key: "split.no", type: "uint16", value: no },
      { key: "split.count", type: "uint16", value: 3 },
      { key: "split.tensors.count", type: "int32", value: tensors.length },
    ] as const;
    const pairs = no === 0 ? [...ggufPairs(SMALL_LLAMA), ...numbers] : numbers;
    writeFileSync(name, gguf({ pairs, tensors: tensors.filter((_, i) => i % 3 === no) }));
  });
  return names[1]!;
}

function ggufFile(folder: string): string {
  writeFileSync(join(folder, "small.gguf"), ggufModel());
  return join(folder, "small.gguf");
}

const text = (words: string) => new TextEncoder().encode(words);

const opening: readonly Operation[] = [
  {
    name: "open a folder and run it",
    meets: FOLDER,
    prepare: (folder) => (writeFolder(folder), () => forward(folder)),
  },
  {
    name: "open shards in the hub's cache and run them",
    meets: FOLDER,
    prepare: (folder) => {
      const options = intoCache(folder);
      return () => forward("o/small", options);
    },
  },
  {
    name: "open a GGUF file and run it",
    meets: [...READS, "statSync"],
    prepare: (folder) => {
      const path = ggufFile(folder);
      return () => forward(path);
    },
  },
  {
    name: "open a GGUF model in parts and run it",
    meets: FOLDER,
    prepare: (folder) => {
      const path = inParts(folder);
      return () => forward(path);
    },
  },
  {
    name: "open an AWQ folder and run it",
    meets: FOLDER,
    prepare: (folder) => {
      cpSync(goldenPath("packed/awq"), folder, { recursive: true });
      return () => forward(folder);
    },
  },
];

const mapping: readonly Operation[] = [
  {
    name: "map a folder and run it",
    meets: [...FOLDER, ...MAPS],
    prepare: (folder) => (writeFolder(folder), () => forward(folder, { io: "mmap" })),
  },
  {
    name: "map a large folder where that works, and run it",
    meets: [...FOLDER, ...MAPS],
    taken: MAPS,
    prepare: (folder) => {
      writeFolder(folder, { ...SMALL, vocabulary: 1 << 19, tied: true }); // its embedding alone has 64 MiB
      return () => forward(folder, { io: "auto" });
    },
  },
];

const others: readonly Operation[] = [
  {
    name: "read a tokenizer and a template",
    meets: FOLDER,
    prepare: (folder) => {
      cpSync(TINY, folder, { recursive: true });
      return () => {
        const files = openText(folder);
        const ids = new Tokenizer(files.vocabulary!, folder).encode("The tide comes in");
        return JSON.stringify([[...ids], files.template, files.specialTokens]);
      };
    },
  },
  {
    name: "inspect a folder and read all of it",
    meets: FOLDER,
    prepare: (folder) => {
      writeFolder(folder);
      return () => {
        const checkpoint = openCheckpoint(folder);
        const { source } = checkpoint;
        try {
          const weights = [...source.tensors.values()].map((info) => source.window(info, 0, info.bytes, hash));
          return JSON.stringify([inspectCheckpoint(checkpoint), weights]);
        } finally {
          checkpoint.close();
        }
      };
    },
  },
  {
    name: "load a model and answer",
    meets: FOLDER,
    prepare: (folder) => {
      writeFolder(folder);
      return async () => {
        const qwq = await QwQ.load(folder, { context: 32 });
        try {
          const { ids } = await qwq.answer(Uint32Array.of(5, 9, 11), { greedy: true, maxTokens: 3 });
          return JSON.stringify(ids);
        } finally {
          qwq.close();
        }
      };
    },
  },
];

const writing: readonly Operation[] = [
  {
    name: "replace a file",
    meets: [...WRITES, "statSync", "realpathSync", "readdirSync"],
    prepare: () => (out) => {
      writeAtomically(join(out, "old"), (write) => ["new ", "text"].forEach((piece) => write(text(piece))));
      return contents(out);
    },
  },
  {
    name: "write a folder",
    meets: [...WRITES, "statSync", "lstatSync", "accessSync", "readdirSync", "mkdirSync"],
    prepare: () => (out) => {
      writeFolderAtomically(join(out, "new"), (folder) => {
        for (const name of ["a", "b"]) writeAtomically(join(folder, name), (write) => write(text(name)));
      });
      return contents(out);
    },
  },
  {
    name: "record a bundle",
    meets: [...FOLDER, ...WRITES, "lstatSync", "accessSync", "mkdirSync"],
    prepare: (folder) => {
      writeFolder(folder);
      return async (out) => {
        await bundle(folder, join(out, "small.oracle"));
        return contents(out);
      };
    },
  },
  {
    name: "read a bundle",
    meets: [...READS, "realpathSync", "readdirSync"],
    prepare: async (folder) => {
      writeFolder(folder);
      await bundle(folder, join(folder, "small.oracle"));
      return () => {
        const read = openBundle(join(folder, "small.oracle"));
        try {
          return JSON.stringify(read.manifest.taps.map(({ name }) => [...read.read(name)!.data.subarray(0, 4)]));
        } finally {
          read.close();
        }
      };
    },
  },
  {
    name: "write a random checkpoint",
    meets: [...FOLDER, ...WRITES, "mkdirSync"],
    mayLeave: (name) => name === "model" || /^model\/(model-[\d-of]+\.safetensors|config\.json)$/.test(name),
    prepare: () => (out) => {
      synth(join(out, "model"));
      synth(join(out, "model")); // finds everything there
      return contents(out);
    },
  },
];

async function bundle(model: string, out: string): Promise<void> {
  const checkpoint = openCheckpoint(model);
  try {
    const ids = Uint32Array.of(5, 9);
    const taps = await record(reference, checkpoint, ids, { tier: "resid" });
    const head = { role: "reference", producer: {}, policy: "f32", input: { ids: [...ids] } } as const;
    writeBundle(out, { ...head, model: identify(checkpoint) }, taps);
  } finally {
    checkpoint.close();
  }
}

/** What `synthesise` does, without its threads. */
function synth(out: string): void {
  const json = JSON.stringify(configJson(SMALL));
  const { config } = readConfig(json, "config.json");
  const shards = shardsOf(tensorsOf(config, "BF16"), 20_000);
  for (const shard of prepare(out, shards, [{ name: "config.json", text: json }], 1n)) {
    writeShard(out, shard, 1n, () => undefined);
  }
  writeAtomically(join(out, "config.json"), (write) => write(text(json)));
}

export const OPERATIONS: readonly Operation[] = [...opening, ...(mappable ? mapping : []), ...others, ...writing];
