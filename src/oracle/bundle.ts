/**
 * Bundles: a folder with the activations of one run, to be compared with those of another engine.
 *
 *   NAME.oracle/manifest.json             what was run, and every tap: name, shape, rows, hash, statistics
 *   NAME.oracle/taps-00001.safetensors    the taps, one tensor each under its name, float32
 *   NAME.oracle/noise.json                of a reference: how far correct engines may be from it (noise.ts)
 *
 * A reference and a candidate have the same form. Nothing in it depends on when or where it was written.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeAtomically, writeFolderAtomically } from "../files/output.ts";
import type { TensorBytes } from "../files/safetensors.ts";
import { writeSafetensors } from "../files/safetensors-write.ts";
import { NOISE_FILE, type Noise, noiseText } from "./noise-file.ts";
import type { Tap } from "./taps.ts";

export const BUNDLE_FORMAT = "oracle-bundle/1";

/** Of all values of a tap, before a sketch is made of them: over those that are finite, and how many are not. */
export interface TapStats {
  readonly absmax: number;
  /** Root of the mean square. */
  readonly rms: number;
  readonly nonfinite: number;
}

/** What a manifest says of one tap. */
export interface TapEntry {
  /** As the page calls it: "0.qr". */
  readonly name: string;
  /** "T HD"; of a sketch "T sketch". */
  readonly dims: string;
  /** [rows, columns] as stored. */
  readonly shape: readonly [number, number];
  readonly dtype: "F32" | "F16" | "BF16";
  /** The absolute position of each row, ascending. */
  readonly rows: readonly number[];
  /** The safetensors file beside the manifest, and the tensor's name in it. */
  readonly file: string;
  readonly key: string;
  /** Of its bytes, little-endian, in hex. */
  readonly sha256: string;
  readonly stats?: TapStats | undefined;
  /** Columns of the activation, where a sketch is stored. */
  readonly width?: number | undefined;
}

/** Which model was run. Hashes are of the files' bytes; where one is absent, it is not compared. */
export interface ModelIdentity {
  readonly id?: string | undefined;
  readonly revision?: string | undefined;
  readonly config_sha256?: string | undefined;
  readonly tokenizer_sha256?: string | undefined;
  readonly template_sha256?: string | undefined;
}

/** How a sketch was made; see sketch.ts. */
export interface SketchKind {
  readonly kind: string;
  readonly k: number;
  readonly generator: string;
  readonly seed: number;
}

/** Everything in a manifest but its taps. */
export interface BundleHead {
  readonly role: "reference" | "candidate";
  /** The engine's name, of a candidate. */
  readonly engine?: string | undefined;
  readonly model: ModelIdentity;
  readonly producer: Readonly<Record<string, string>>;
  /** The number format in which it computed: "f32", "bf16-hf-eager". */
  readonly policy: string;
  /** How it keeps keys and values, of a candidate: "f16", "q8_0"; as they are computed unless told. */
  readonly kv_dtype?: string | undefined;
  /** The format of its weights, of a candidate: "Q8_0"; as the model's unless told. */
  readonly weights_dtype?: string | undefined;
  readonly input: { readonly ids: readonly number[]; readonly text?: string | undefined };
  readonly sketch?: SketchKind | undefined;
}

export interface Manifest extends BundleHead {
  readonly format: typeof BUNDLE_FORMAT;
  readonly taps: readonly TapEntry[];
}

/** A tap to be written. */
export interface BundleTap extends Tap {
  readonly rows: readonly number[];
  readonly stats: TapStats;
  readonly width?: number | undefined;
}

/** A file is begun anew after so many bytes of taps. */
const FILE_BYTES = 2 ** 30;

/**
 * Writes a bundle, whole or not at all. The same content gives the same bytes.
 *
 * throws   IoError E_OUT_EXISTS, E_OUT_WRITE
 */
export function writeBundle(path: string, head: BundleHead, taps: readonly BundleTap[], noise?: Noise): Manifest {
  const files = distribute(taps);
  const entries = files.flatMap((part, i) => part.map((tap) => entry(tap, fileName(i))));
  const manifest: Manifest = { format: BUNDLE_FORMAT, ...head, taps: entries };
  writeFolderAtomically(path, (folder) => {
    files.forEach((part, i) => writeSafetensors(join(folder, fileName(i)), new Map(part.map(tensor))));
    if (noise !== undefined) {
      writeAtomically(join(folder, NOISE_FILE), (write) => write(Buffer.from(noiseText(noise))));
    }
    writeAtomically(join(folder, "manifest.json"), (write) => write(Buffer.from(manifestText(manifest))));
  });
  return manifest;
}

function distribute(taps: readonly BundleTap[]): BundleTap[][] {
  const files: BundleTap[][] = [];
  let room = 0;
  for (const tap of taps) {
    if (room <= 0) {
      files.push([]);
      room = FILE_BYTES;
    }
    files.at(-1)!.push(tap);
    room -= tap.data.data.byteLength;
  }
  return files;
}

function fileName(i: number): string {
  return `taps-${String(i + 1).padStart(5, "0")}.safetensors`;
}

function tensor({ name, data }: BundleTap): [string, TensorBytes] {
  return [name, { dtype: "F32", shape: data.shape, bytes: bytesOf(data.data) }];
}

function entry({ name, dims, data, rows, stats, width }: BundleTap, file: string): TapEntry {
  const [count = 0, columns = 0] = data.shape;
  return {
    name,
    dims,
    shape: [count, columns],
    dtype: "F32",
    rows,
    file,
    key: name,
    sha256: createHash("sha256").update(bytesOf(data.data)).digest("hex"),
    stats,
    width,
  };
}

/** Every machine that Node runs on is little-endian, as the file is. */
function bytesOf(data: Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** JSON with one field a line, and one tap a line, so that two manifests can be compared by eye. */
function manifestText({ taps, ...head }: Manifest): string {
  const fields = Object.entries(head)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  const lines = taps.map((tap) => `  ${JSON.stringify(tap)}`).join(",\n");
  return `{\n${[...fields, `"taps": [\n${lines}\n]`].join(",\n")}\n}\n`;
}
