/** What a checkpoint is, in numbers: everything that `qwq inspect` shows. */
import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import type { Config } from "../config.ts";
import type { FormatError } from "../errors.ts";
import type { Checkpoint } from "../files/checkpoint.ts";
import type { GenerationConfig } from "../files/generation.ts";
import { expectedWeights } from "../files/names.ts";
import { INTEGERS, type NonFinite } from "../files/scanner.ts";
import { damages, scanned, suspicions } from "../integrity/report.ts";
import { survey } from "../integrity/survey.ts";
import { filesOf } from "../integrity/tasks.ts";
import { FORMATS } from "../quant/index.ts";
import { knownTemplate } from "../text/template.ts";
import { Tokenizer } from "../text/tokenizer.ts";
import type { Vocabulary } from "../text/vocabulary.ts";

/** One tensor as its file has it; `dtype` is its number format, "BF16" or "Q4_1". */
export interface InspectedTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** All tensors of one number format. */
export interface FormatTotal {
  readonly tensors: number;
  readonly parameters: number;
  readonly bytes: number;
}

/** What the weights themselves told. */
export interface WeightReport {
  readonly largest: number;
  /** The first NaN or infinity of each tensor that has one. */
  readonly nonfinite: readonly NonFinite[];
  /** Tensors with rows of nothing but zeros, and how many. */
  readonly zeroRows: readonly { readonly tensor: string; readonly rows: number }[];
  /** What is wrong, also with scales and zero points: the first of each tensor that has something. */
  readonly damaged: readonly FormatError[];
  /** Warnings: what no trained weights look like. */
  readonly suspicions: readonly string[];
}

export interface Inspection {
  readonly path: string;
  readonly format: "safetensors" | "gguf";
  /** Of the GGUF format, where it is that. */
  readonly version: number | undefined;
  readonly files: number;
  readonly config: Config;
  readonly parameters: number;
  readonly bytes: number;
  readonly dtypes: Readonly<Record<string, FormatTotal>>;
  readonly tensors: readonly InspectedTensor[];
  readonly tokenizer: InspectedTokenizer | null;
  readonly template: InspectedTemplate | null;
  readonly generation: GenerationConfig;
  readonly warnings: readonly string[];
  readonly weights?: WeightReport;
}

export interface InspectedTokenizer {
  /** One more than the highest id. */
  readonly size: number;
  readonly added: number;
  readonly merges: number;
  readonly pattern: Vocabulary["pattern"];
  readonly nfc: boolean;
}

export interface InspectedTemplate {
  /** The model it is known to come with, or null. */
  readonly known: string | null;
  readonly characters: number;
  /** Of its UTF-8 text. */
  readonly sha256: string;
}

/** Everything that can be known without reading the weights. Throws what is wrong with the tokenizer or the template. */
export function inspectCheckpoint(checkpoint: Checkpoint): Inspection {
  const tensors = [...checkpoint.source.tensors.values()];
  const dtypes = totals(checkpoint);
  const all = Object.values(dtypes);
  return {
    path: checkpoint.path,
    format: checkpoint.kind,
    version: checkpoint.gguf?.version,
    files: new Set(tensors.map(({ path }) => path)).size,
    config: checkpoint.config,
    parameters: parameterCount(checkpoint),
    bytes: sum(all.map(({ bytes }) => bytes)),
    dtypes,
    tensors: tensors.map(({ name, format, shape, bytes }) => ({ name, dtype: format, shape, bytes })),
    tokenizer: inspectTokenizer(checkpoint),
    template: inspectTemplate(checkpoint.template),
    generation: checkpoint.generation,
    warnings: [...checkpoint.warnings, ...unknownFormats(checkpoint, Object.keys(dtypes))],
  };
}

function totals({ source }: Checkpoint): Record<string, FormatTotal> {
  const found = new Map<string, FormatTotal>();
  for (const { format, shape, bytes } of source.tensors.values()) {
    const so = found.get(format) ?? { tensors: 0, parameters: 0, bytes: 0 };
    const parameters = shape.reduce((product, n) => product * n, 1);
    found.set(format, {
      tensors: so.tensors + 1,
      parameters: so.parameters + parameters,
      bytes: so.bytes + bytes,
    });
  }
  return Object.fromEntries([...found].sort(([, a], [, b]) => b.bytes - a.bytes));
}

function inspectTokenizer({ vocabulary, path }: Checkpoint): InspectedTokenizer | null {
  if (vocabulary === undefined) return null;
  const { added, merges, pattern, nfc } = vocabulary;
  return { size: new Tokenizer(vocabulary, path).size, added: added.length, merges: merges.length, pattern, nfc };
}

function inspectTemplate(template: string | undefined): InspectedTemplate | null {
  if (template === undefined) return null;
  return {
    known: knownTemplate(template)?.name ?? null,
    characters: template.length,
    sha256: createHash("sha256").update(template).digest("hex"),
  };
}

/** Those of the model; a packed matrix has several to a stored value. */
function parameterCount({ config, kind }: Checkpoint): number {
  return sum(expectedWeights(config, kind).map(({ shape }) => shape.reduce((product, n) => product * n, 1)));
}

function unknownFormats({ path, packing }: Checkpoint, dtypes: readonly string[]): string[] {
  const unknown = dtypes.filter((dtype) => !FORMATS.has(dtype) && !(packing !== undefined && INTEGERS.has(dtype)));
  if (unknown.length === 0) return [];
  return [`${path}: W_FORMAT: ${unknown.join(", ")} cannot be read yet, so this model can be inspected but not run.`];
}

/**
 * Reads every weight, on several threads. `onBytes` is told how many bytes are read so far, of how many.
 *
 * throws   as `survey`
 */
export async function inspectWeights(
  checkpoint: Checkpoint,
  onBytes: (done: number, total: number) => void,
): Promise<WeightReport> {
  const { tensors } = checkpoint.source;
  const files = filesOf(checkpoint).filter((file) => file.tensors.length > 0);
  const bytes = files.map((file) => sum(file.tensors.map(({ info }) => info.bytes)));
  const tasks = files.map((file) => ({ ...file, hashes: false }));
  const found = (await survey(tasks, bytes, { threads: availableParallelism(), onBytes }))!; // nothing interrupts it
  const all = scanned(found, tensors);
  const scans = all.flatMap(({ info, scan }) => (scan === undefined ? [] : [{ tensor: info.name, ...scan }]));
  return {
    largest: scans.reduce((most, { largest }) => Math.max(most, largest), 0),
    nonfinite: scans.flatMap(({ nonFinite }) => (nonFinite === undefined ? [] : [nonFinite])),
    zeroRows: scans.filter(({ zeroRows }) => zeroRows > 0).map(({ tensor, zeroRows }) => ({ tensor, rows: zeroRows })),
    damaged: damages(all),
    suspicions: suspicions(all),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
