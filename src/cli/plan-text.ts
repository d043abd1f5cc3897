/** `qwq plan` for people: four tables within 80 columns. */
import { CONTEXTS, type FormPlan, type Plan, SPARE_BYTES } from "../library/plan.ts";
import { byteSize, grouped } from "./units.ts";

/** What is shown: the plan, and what lies on disk, where the model does. */
export interface Planned {
  readonly model: string;
  readonly disk: { readonly formats: readonly string[]; readonly bytes: number } | undefined;
  readonly plan: Plan;
}

const CACHE_NAMES = { f32: "float32", bf16: "bfloat16", int8: "int8" } as const;

/** QwQ-32B's number of parameters: where the claim below is about this model. */
const QWQ = 32_763_876_352;

export function planText({ model, disk, plan }: Planned): string {
  const lines = [
    `${model}: ${grouped(plan.parameters)} parameters in ${grouped(plan.tensors)} tensors, ${plan.layers} layers`,
    ...(disk === undefined ? [] : [`on disk: ${byteSize(disk.bytes)} of ${disk.formats.join(", ")}`]),
    "",
    ...weights(plan),
    "",
    ...cache(plan),
    "",
    ...run(plan),
    "",
    ...fits(plan),
    ...(plan.parameters === QWQ ? ["", ...claim(plan.forms)] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function weights({ forms }: Plan): string[] {
  const row = (cells: readonly string[]) =>
    cells[0]!.padEnd(26) +
    cells
      .slice(1)
      .map((cell, i) => cell.padStart([17, 10, 10, 17][i]!))
      .join("");
  const scaled = (bytes: number, unit: number) => (bytes / unit).toFixed(2);
  return [
    row(["weights", "bytes", "GB", "GiB", "GB read a token"]),
    ...forms.map(({ title, bytes, perToken }) =>
      row([title, grouped(bytes), scaled(bytes, 1e9), scaled(bytes, 2 ** 30), scaled(perToken, 1e9)]),
    ),
    "From disk a token reads that much: at 1 GB/s it takes as many seconds.",
  ];
}

function cache({ cachePerToken, ownContext, context }: Plan): string[] {
  const all = [...new Set([...CONTEXTS, ownContext, context])].sort((a, b) => a - b).slice(-6);
  const row = (first: string, second: string, rest: readonly string[]) =>
    first.padEnd(10) + second.padStart(14) + rest.map((cell) => cell.padStart(9)).join("");
  const beyond = all.filter((n) => n > ownContext);
  return [
    row("KV cache", "bytes a token", all.map(grouped)),
    ...(["f32", "bf16", "int8"] as const).map((kv) =>
      row(
        CACHE_NAMES[kv],
        grouped(cachePerToken[kv]),
        all.map((n) => byteSize(n * cachePerToken[kv])),
      ),
    ),
    ...(beyond.length === 0 ? [] : [`More than ${grouped(ownContext)} tokens need YaRN in config.json.`]),
  ];
}

function run({ run: r, context, machine, needsYarn, kv }: Plan): string[] {
  const part = (name: string, bytes: number) => `  ${name.padEnd(40)}${byteSize(bytes).padStart(10)}`;
  return [
    `A run here with ${grouped(context)} tokens, weights read from disk${needsYarn ? ", under YaRN" : ""}`,
    part("program and tokenizer", r.program),
    part("weights, in use and read ahead", r.windows),
    part("gains and biases", r.vectors),
    part(`keys and values, ${CACHE_NAMES[kv]}`, r.cache),
    part("activations and logits", r.activations),
    part(`in all, of this machine's ${byteSize(machine)}`, r.total),
    r.total <= machine ? "It fits." : "It does not fit: take a shorter context.",
  ];
}

function fits({ forms, sizes }: Plan): string[] {
  const names = sizes.map((size, i) => (i < sizes.length - 1 ? `${size / 1e9} GB` : "here"));
  const row = (first: string, cells: readonly string[]) =>
    first.padEnd(25) +
    cells
      .map((cell) => cell.padStart(6))
      .join(" ")
      .trimEnd();
  return [
    row("all in memory", names),
    ...forms.map(({ title, contexts }) => row(title, contexts.map(thousands))),
    "Tokens of context for which there is room beside the weights, their cache in",
    `bfloat16, ${byteSize(SPARE_BYTES)} left for the rest; "-": the weights do not fit.`,
  ];
}

/** 131,072 is "131.1k", 15,911 "15.9k", 812 itself. */
function thousands(n: number | null): string {
  if (n === null) return "-";
  return n < 1000 ? `${n}` : `${(n / 1000).toFixed(1)}k`;
}

/** The widely copied sentence, and the figures. */
function claim(forms: readonly FormPlan[]): string[] {
  const gigabytes = (keys: readonly string[], which: "min" | "max") =>
    (Math[which](...forms.filter(({ key }) => keys.includes(key)).map(({ bytes }) => bytes)) / 1e9).toFixed(1);
  const eight = ["gguf-q8_0", "gptq-int8", "w8-bf16", "w8-f32", "w8-all", "int8"];
  const four = ["gguf-q4_k_m", "gguf-q4_0", "gptq-int4", "awq", "int4"];
  const all = forms.map(({ key }) => key);
  return [
    'It is often said that "8-bit takes it from 24 GB to 8 GB". In truth:',
    `16 bits ${gigabytes(["bf16"], "max")} GB, 8 bits ${gigabytes(eight, "min")} to ${gigabytes(eight, "max")}, ` +
      `4 bits ${gigabytes(four, "min")} to ${gigabytes(four, "max")}, Q2_K ${gigabytes(all, "min")}.`,
  ];
}
