/**
 * QwQ-32B's whole shape from disk through the kernels: one token against a prompt of sixteen, into results/full-speed.json.
 *
 *   npm run bench:full -- [--format BF16|Q8_0|Q4_0] [--rounds 2] [--keep] [--through COMMAND]
 *
 * The weights are random bytes in that format, the same for tensors of one size, written in a minute into .cache and deleted
 * afterwards: 65.5, 34.8 or 18.4 GB. In each round: the file read plainly, `qwq run` with one token, and with sixteen, the
 * system's cache of it emptied before each. Linux with koffi.
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readConfig } from "../../src/files/config.ts";
import { readGeneration } from "../../src/files/generation.ts";
import { ggufMetadata } from "../../src/files/gguf-metadata.ts";
import { layOutGguf } from "../../src/files/gguf-write.ts";
import { FORMATS } from "../../src/quant/index.ts";
import { placesOf } from "../../src/quantize/target.ts";
import { QWQ_CONFIG } from "../../src/synth/qwq-config.ts";
import { type Model, plainThrough, type Reading, run } from "./from-disk.ts";

const root = join(import.meta.dirname, "../..");

/** llama.cpp's numbers of file types, and the high byte of a block's float16 or of a value, where it lies and every how many. */
const FILE_TYPES = {
  BF16: { type: 32, high: 0x3c, at: 1, every: 2 },
  Q8_0: { type: 7, high: 0x14, at: 1, every: 34 },
  Q4_0: { type: 2, high: 0x18, at: 1, every: 18 },
} as const;

type FormatName = keyof typeof FILE_TYPES;

/** What full-speed.json holds. */
export interface FullSpeed {
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string };
  readonly format: string;
  readonly fileBytes: number;
  readonly rounds: readonly {
    /** Absent where something else ran beside it. */
    readonly plain?: Reading;
    readonly one: Reading;
    readonly sixteen: Reading;
    /** The machine's load after the round; 2 is what the kernels alone make. */
    readonly load: number;
  }[];
}

/** Random bytes of a matrix whose scales, or values, are small. */
function drawn(length: number, format: FormatName): Uint8Array {
  const { high, at, every } = FILE_TYPES[format];
  let state = length;
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[i] = state >>> 24;
  }
  for (let i = at; i < length; i += every) bytes[i] = high | (every === 2 ? bytes[i]! & 0x80 : 0);
  return bytes;
}

/** Writes the file; a piece of 64 rows of a matrix is drawn, and repeated. Returns what a token needs of it. */
function written(path: string, name: FormatName): Model {
  const { config, fields } = readConfig(QWQ_CONFIG, "config.json");
  const generation = readGeneration(undefined, { fields, path: "config.json" }, config.vocabulary);
  const nothing = { vocabulary: undefined, template: undefined, specialTokens: {}, gguf: undefined };
  const metadata = ggufMetadata({ path, config, generation, ...nothing }, FILE_TYPES[name].type);
  const tensors = placesOf(config, "gguf").map((place) => ({
    ...place,
    format: place.shape.length === 1 ? "F32" : name,
  }));
  const { head, places, fileBytes } = layOutGguf(path, metadata, tensors);
  const embedding = places[tensors.findIndex(({ ours }) => ours === "E")]!.bytes;
  const model = { path, files: [path], perToken: fileBytes - head.length - embedding };
  if (existsSync(path) && statSync(path).size === fileBytes) return model;
  const { bavail, bsize } = statfsSync(join(root, ".cache"));
  const room = bavail * bsize;
  if (room < fileBytes + 2e9) {
    throw new Error(`${path}: expected ${fileBytes} bytes of disk and 2e9 more, got ${room}. Take another --format.`);
  }
  const file = openSync(path, "w");
  writeSync(file, head);
  const { block, bytes: blockBytes } = FORMATS.get(name)!;
  for (const [i, { shape }] of tensors.entries()) {
    const { at, bytes } = places[i]!;
    const rowBytes = ((shape.at(-1) ?? 1) / block) * blockBytes;
    const piece =
      shape.length === 1 ? Buffer.from(new Float32Array(bytes / 4).fill(1).buffer) : drawn(64 * rowBytes, name);
    for (let done = 0; done < bytes; done += piece.length) {
      writeSync(file, piece, 0, Math.min(piece.length, bytes - done), at + done);
    }
    if (i % 100 === 0) console.error(`${i} of ${tensors.length} tensors written`);
  }
  ftruncateSync(file, fileBytes);
  closeSync(file);
  return model;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      format: { type: "string", default: "BF16" },
      rounds: { type: "string", default: "2" },
      through: { type: "string", default: "" },
      keep: { type: "boolean", default: false },
    },
  });
  if (!(values.format in FILE_TYPES)) throw new Error(`--format: expected ${Object.keys(FILE_TYPES).join(", ")}`);
  const name = values.format as FormatName;
  const path = join(root, `.cache/qwq-32b-${name.toLowerCase()}.gguf`);
  const through = values.through.split(" ").filter((word) => word !== "");
  const folder = mkdtempSync(join(tmpdir(), "full-speed-"));
  try {
    const model = written(path, name);
    const one = [4340];
    const sixteen = Array.from({ length: 16 }, (_, i) => 4340 + i);
    const rounds: FullSpeed["rounds"][number][] = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      const kernels = ["--io", "pread", "--backend", "wasm"];
      const sides = {
        plain: plainThrough(model.files, through),
        one: await run(model, one, kernels, folder, through),
        sixteen: await run(model, sixteen, kernels, folder, through),
        load: loadavg()[0]!,
      };
      rounds.push(sides);
      console.log(JSON.stringify(sides));
    }
    const machine = { processor: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version };
    const result: FullSpeed = { machine, format: name, fileBytes: statSync(path).size, rounds };
    const out = join(root, "kernels/bench/results/full-speed.json");
    writeFileSync(out, `${JSON.stringify(result, undefined, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true });
    if (!values.keep) rmSync(path, { force: true });
  }
}
