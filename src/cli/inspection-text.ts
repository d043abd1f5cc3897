/** `qwq inspect` for people: within 80 columns, the layers' tensors in one line where they are alike. */
import type { Config } from "../config.ts";
import type { GenerationConfig } from "../files/generation.ts";
import type { InspectedTensor, Inspection, WeightReport } from "./inspection.ts";
import { byteSize, grouped } from "./units.ts";

const WIDTH = 80;
const INDENT = 12;

/** The whole report; names are made safe to print by their readers. */
export function inspectionText(x: Inspection): string {
  const kind = x.format === "gguf" ? `GGUF version ${x.version}` : "safetensors";
  const files = x.files === 1 ? "one file" : `${x.files} files`;
  const lines = [
    x.path,
    "",
    ...field("format", [`${kind} in ${files}`, `${grouped(x.tensors.length)} tensors`, byteSize(x.bytes)]),
    ...field("parameters", [grouped(x.parameters)]),
    ...field("dtypes", dtypes(x)),
    ...field("config", configParts(x.config)),
    ...field("tokenizer", tokenizer(x)),
    ...field("template", template(x)),
    ...field("generation", generationParts(x.generation)),
    "",
    ...tensorLines(x.tensors),
    ...(x.weights === undefined ? [] : ["", ...field("weights", weightParts(x.weights))]),
    ...(x.warnings.length === 0 ? [] : ["", ...x.warnings.map((warning) => `warning: ${warning}`)]),
  ];
  return `${lines.join("\n")}\n`;
}

/** A name, and what it holds: parts set apart by commas, broken between them. */
export function field(name: string, parts: readonly string[]): string[] {
  const lines: string[] = [];
  let line = name.padEnd(INDENT);
  parts.forEach((part, i) => {
    const text = i < parts.length - 1 ? `${part},` : part;
    if (line.length + text.length + 1 > WIDTH && line.trim() !== "" && line.length > INDENT) {
      lines.push(line.trimEnd());
      line = " ".repeat(INDENT);
    }
    line += line.length > INDENT ? ` ${text}` : text;
  });
  return [...lines, line.trimEnd()];
}

function dtypes(x: Inspection): string[] {
  return Object.entries(x.dtypes).map(
    ([dtype, { tensors, bytes }]) => `${dtype} ${grouped(tensors)} ${plural("tensor", tensors)} (${byteSize(bytes)})`,
  );
}

function configParts(c: Config): string[] {
  const { yarn } = c.rope;
  return [
    c.architecture,
    `${c.layers} ${plural("layer", c.layers)}`,
    `${grouped(c.channels)} channels`,
    `${c.heads} query and ${c.keyHeads} key/value heads of ${c.headSize}`,
    `feed-forward ${grouped(c.feedForward)}`,
    `vocabulary ${grouped(c.vocabulary)}`,
    `context ${grouped(c.context)}`,
    `RMSNorm eps ${Number(c.eps.toPrecision(7)).toExponential()}`,
    `RoPE theta ${grouped(c.rope.theta)}`,
    yarn === undefined ? "no YaRN" : `YaRN ${yarn.factor} x ${grouped(yarn.original)}`,
    c.tied ? "tied embeddings" : "an unembedding of its own",
    c.biases ? "biases on q, k and v" : "no biases",
  ];
}

function tokenizer({ tokenizer: t }: Inspection): string[] {
  if (t === null) return ["none"];
  return [
    `${grouped(t.size)} tokens`,
    `${grouped(t.added)} of them added`,
    `${grouped(t.merges)} merges`,
    `pattern ${t.pattern}`,
    t.nfc ? "NFC" : "no normalisation",
  ];
}

function template({ template: t }: Inspection): string[] {
  if (t === null) return ["none"];
  const known = t.known === null ? "not a known one, so it is rendered apart" : `that of ${t.known}`;
  return [known, `${grouped(t.characters)} characters`, `sha256 ${t.sha256.slice(0, 16)}...`];
}

function generationParts(g: GenerationConfig): string[] {
  const given = [
    ["temperature", g.temperature],
    ["top-k", g.topK],
    ["top-p", g.topP],
    ["min-p", g.minP],
    ["repetition penalty", g.repetitionPenalty],
    ["at most", g.maxTokens],
  ] as const;
  const stop = g.stop.length === 0 ? "no stop token" : `stops at ${g.stop.join(" or ")}`;
  return [stop, ...given.filter(([, value]) => value !== undefined).map(([name, value]) => `${name} ${value}`)];
}

function weightParts({ largest, nonfinite, zeroRows, damaged }: WeightReport): string[] {
  const first = nonfinite[0];
  const others = damaged.length - nonfinite.length;
  const bad = `${nonfinite.length} ${plural("tensor", nonfinite.length)} with NaN or infinity`;
  const zero = zeroRows.slice(0, 5).map(({ tensor, rows }) => `${rows} ${plural("row", rows)} of zeros in ${tensor}`);
  return [
    first === undefined ? "all finite" : `${bad}, the first in ${first.tensor}`,
    ...(others > 0 ? [`${others} ${plural("tensor", others)} with scales or integers out of range`] : []),
    `the largest is ${largest.toPrecision(4)} in size`,
    ...zero,
    ...(zeroRows.length > 5 ? [`and zeros in ${zeroRows.length - 5} tensors more`] : []),
  ];
}

/** Tensors that differ in the number of their layer only. */
interface Group {
  /** The name with "#" for the number. */
  readonly pattern: string;
  readonly layers: number[];
  readonly tensor: InspectedTensor;
}

function tensorLines(tensors: readonly InspectedTensor[]): string[] {
  const rows = grouping(tensors).map(({ pattern, layers, tensor: { shape, dtype, bytes } }) => ({
    name: pattern.replace("#", layers.length === 1 ? `${layers[0]!}` : `{${ranges(layers)}}`),
    shape: `[${shape.join(" ")}]`,
    dtype,
    bytes: byteSize(bytes) + (layers.length > 1 ? " each" : ""),
  }));
  const wide = Math.max(...rows.map(({ name, shape }) => name.length + 1 + shape.length));
  const dtypeWide = Math.max(...rows.map(({ dtype }) => dtype.length));
  return rows.map(({ name, shape, dtype, bytes }) => {
    const size = bytes.replace(/ each$/, "").padStart(8) + (bytes.endsWith(" each") ? " each" : "");
    return `${name}${shape.padStart(wide - name.length)}  ${dtype.padEnd(dtypeWide)}  ${size}`;
  });
}

/** In the order in which the first of each comes. */
function grouping(tensors: readonly InspectedTensor[]): Group[] {
  const groups = new Map<string, Group>();
  for (const tensor of tensors) {
    const number = /^(?:model\.layers|blk)\.(\d+)\./.exec(tensor.name)?.[1];
    const pattern = number === undefined ? tensor.name : tensor.name.replace(`.${number}.`, ".#.");
    const key = JSON.stringify([pattern, tensor.dtype, tensor.shape]);
    const group = groups.get(key) ?? { pattern, layers: [], tensor };
    if (number !== undefined) group.layers.push(Number(number));
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** "0..3,7" */
function ranges(layers: readonly number[]): string {
  const sorted = [...layers].sort((a, b) => a - b);
  const starts = sorted.filter((layer, i) => layer !== sorted[i - 1]! + 1);
  const ends = sorted.filter((layer, i) => layer + 1 !== sorted[i + 1]);
  return starts.map((start, i) => (start === ends[i] ? `${start}` : `${start}..${ends[i]!}`)).join(",");
}

export function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}
