/**
 * The text of linear, for one form of the weights and a number of tokens.
 *
 * A thread makes one output of up to 16 tokens: every word of weights is read once for all of them. 64 threads beside each
 * other read words beside each other, in tiles four at a time. With `slices`, four threads share an output, each a quarter
 * of the row. Rows of activations are as long as those of the words, zeros behind them.
 */
import { type Kind, PER_WORD, TILE } from "./packing.ts";
import { head } from "./text.ts";

/** How words lie: in tiles of 64 rows, as packing.ts says; word by word of all rows; row by row. */
export type Order = "tiles" | "columns" | "rows";

export interface Form {
  readonly kind: Kind;
  /** Values under a scale: a group's, a row's, or there is none. */
  readonly scales: "none" | "row" | "group";
  /** Reads of words under a scale, where they are two, one after the other in the text; else they are a loop's. */
  readonly pair: boolean;
  /** Tokens of a thread. */
  readonly tokens: number;
  /** Threads that share an output. */
  readonly slices: 1 | 4;
  readonly bias: boolean;
  readonly order: Order;
  /** Whether activations come as bytes with a scale for each 32, multiplied by dot4I8Packed. */
  readonly bytes: boolean;
  /** Whether there is unpack4xI8. */
  readonly packed: boolean;
}

/** Words that a thread reads at once. */
export function wordsAtOnce(order: Order): 1 | 4 {
  return order === "tiles" ? 4 : 1;
}

const PARAMS = ["T", "K", "O", "J", "span", "spans", "first", "rows"];

/** Where a row's words and scales begin, and how far from each other they lie. */
const ORDERS: Readonly<Record<Order, readonly [words: string, scales: string, step: string]>> = {
  tiles: [`at.x * p.J * ${TILE} + l.x`, `at.x * p.spans * ${TILE} + l.x`, `${TILE}u`],
  columns: ["min(o, p.rows - 1)", "min(o, p.rows - 1)", "p.rows"],
  rows: ["min(o, p.rows - 1) * p.J", "min(o, p.rows - 1) * p.spans", "1u"],
};

type Each = (line: (t: number) => string) => string;

/**
 * The kernel's text. Parameters: T, K, O; reads of words a row; those under a scale (or of a slice), and how many such
 * spans; of which row the weights begin, and how many they are.
 */
export function linearText(form: Form): string {
  const { kind, bias, bytes, scales, tokens, slices, order } = form;
  const vector = VECTOR[PER_WORD[kind]]!;
  const reads = [
    kind === "i8x3" ? "words" : order === "tiles" ? "words: vec4u" : "words: u32",
    ...(scales === "none" ? [] : ["scales"]),
    bytes ? "x: vec4u" : `x: ${vector}`,
    ...(bytes ? ["steps"] : []),
    ...(bias ? ["b"] : []),
  ];
  const each: Each = (line) => Array.from({ length: tokens }, (_, t) => line(t)).join("\n");
  const [scaled, added] = [scales === "row" ? " * scales[d]" : "", bias ? " + b[p.first + o]" : ""];
  const [words, first, step] = ORDERS[order];
  return `${head(PARAMS, reads, ["y"])}
${slices === 1 ? "" : `var<workgroup> parts: array<f32, ${64 * slices * tokens}>;`}
${decode(form)}
@compute @workgroup_size(64, ${slices})
fn main(@builtin(workgroup_id) at: vec3u, @builtin(local_invocation_id) l: vec3u) {
  let o = at.x * 64 + l.x;
  let t = at.y * ${tokens};
  let w = ${words};
  let step = ${step};
${scales === "none" ? "" : `  let d = ${scales === "row" && order === "tiles" ? `at.x * ${TILE} + l.x` : first};`}
${each((i) => `  var s${i} = 0f; let r${i} = min(t + ${i}, p.T - 1);`)}
  let share = (p.spans + ${slices - 1}) / ${slices};
  for (var g = l.y * share; g < min((l.y + 1) * share, p.spans); g++) {
${each((i) => `    var a${i} = 0f;`)}
${bytes ? spanOfBytes(form.pair, each) : span(form, each)}
${scales === "group" ? "    let scale = scales[d + g * step];" : ""}
${each((i) => `    s${i} += a${i}${scales === "group" ? " * scale" : ""};`)}
  }
${joined(form)}
  if (o < p.rows${slices === 1 ? "" : " && l.y == 0"}) {
${each((i) => `    if (t + ${i} < p.T) { y[(t + ${i}) * p.O + p.first + o] = s${i}${scaled}${added}; }`)}
  }
}`;
}

const VECTOR: Readonly<Record<number, string>> = { 1: "f32", 2: "vec2f", 3: "f32", 4: "vec4f" };

/** One span: its words in order. */
function span({ kind, order, pair }: Form, each: Each): string {
  const n = PER_WORD[kind];
  const lanes = wordsAtOnce(order);
  const all = Array.from({ length: lanes }, (_, c) => c);
  const x = (i: number, j: string, c: number) =>
    n === 3 ? `three(r${i} * p.K, ${j} * 3, p.K)` : `x[r${i} * p.J * ${lanes} + ${j} * ${lanes} + ${c}]`;
  const read = (j: string, q: string) => {
    const value = (c: number) => `value(${lanes === 1 ? q : `${q}[${c}]`})`;
    const product = (i: number, c: number) => (n === 1 ? `${q}${c} * ${x(i, j, c)}` : `dot(${q}${c}, ${x(i, j, c)})`);
    return `      let ${q} = words[w + ${j} * step];
${all.map((c) => `      let ${q}${c} = ${value(c)};`).join("\n")}
${each((i) => `      a${i} += ${all.map((c) => product(i, c)).join(" + ")};`)}`;
  };
  if (pair) return `${read("(2 * g)", "q")}\n${read("(2 * g + 1)", "u")}`;
  return `    for (var j = g * p.span; j < min((g + 1) * p.span, p.J); j++) {
${read("j", "q")}
    }`;
}

/** Blocks of 32 activations: eight products of four bytes, whose sum is exact. */
function spanOfBytes(pair: boolean, each: Each): string {
  const four = (v: string, x: string) => [0, 1, 2, 3].map((c) => `dot4I8Packed(${v}[${c}], ${x}[${c}])`).join(" + ");
  const block = (at: string) => `      let v = words[w + 2 * ${at} * step];
      let u = words[w + (2 * ${at} + 1) * step];
${each(
  (i) => `      let x${i} = x[r${i} * p.J + 2 * ${at}]; let z${i} = x[r${i} * p.J + 2 * ${at} + 1];
      a${i} += f32(${four("v", `x${i}`)} + ${four("u", `z${i}`)}) * steps[r${i} * (p.J / 2) + ${at}];`,
)}`;
  if (pair) return block("g");
  return `    for (var block = g * p.span / 2; block < min((g + 1) * p.span, p.J) / 2; block++) {
${block("block")}
    }`;
}

/** A word's values; and three activations, fewer where the row ends. */
function decode({ kind, packed, bytes }: Form): string {
  if (bytes) return "";
  const texts: Readonly<Record<Kind, string>> = {
    f32: "fn value(w: u32) -> f32 { return bitcast<f32>(w); }",
    f16: "fn value(w: u32) -> vec2f { return unpack2x16float(w); }",
    bf16: "fn value(w: u32) -> vec2f { return vec2f(bitcast<f32>(w << 16), bitcast<f32>(w & 0xffff0000)); }",
    i8: packed
      ? "fn value(w: u32) -> vec4f { return vec4f(unpack4xI8(w)); }"
      : "fn value(w: u32) -> vec4f { return vec4f((vec4i(i32(w)) << vec4u(24, 16, 8, 0)) >> vec4u(24)); }",
    i8x3: `fn value(w: f32) -> vec3f {
  let c = floor(w * 0.0000152587890625);
  let r = w - c * 65536;
  let b = floor(r * 0.00390625);
  return vec3f(r - b * 256, b, c) - 128;
}
fn three(at: u32, k: u32, K: u32) -> vec3f {
  if (k + 3 <= K) { return vec3f(x[at + k], x[at + k + 1], x[at + k + 2]); }
  return vec3f(x[at + k], select(0, x[at + k + 1], k + 1 < K), 0);
}`,
  };
  return texts[kind];
}

/** The slices of an output, added in order. */
function joined({ slices, tokens }: Form): string {
  if (slices === 1) return "";
  const lines = Array.from({ length: tokens }, (_, t) => {
    const at = (slice: string) => `parts[(${slice} * ${tokens} + ${t}) * 64 + l.x]`;
    return { put: `  ${at("l.y")} = s${t};`, sum: `  s${t} = ${at("0")} + ${at("1")} + ${at("2")} + ${at("3")};` };
  });
  return `${lines.map(({ put }) => put).join("\n")}\n  workgroupBarrier();\n${lines.map(({ sum }) => sum).join("\n")}`;
}
