/**
 * The text of linear, for one form of the weights and a number of tokens.
 *
 * A thread makes one output of up to 16 tokens: every word of weights is read once for all of them. 64 threads beside each
 * other read words beside each other. With `slices`, four threads share an output, each a quarter of the row.
 */
import { type Kind, PER_WORD, TILE } from "./packing.ts";
import { head } from "./text.ts";

/** How words lie: in tiles of 64 rows, as packing.ts says; word by word of all rows; row by row. */
export type Order = "tiles" | "columns" | "rows";

export interface Form {
  readonly kind: Kind;
  /** Values under a scale; 0: no scales, K: one a row. */
  readonly scales: "none" | "row" | "group";
  /** Tokens of a thread. */
  readonly tokens: number;
  /** Threads that share an output. */
  readonly slices: 1 | 4;
  readonly bias: boolean;
  /** Whether rows are whole words. */
  readonly whole: boolean;
  readonly order: Order;
  /** Whether activations come as bytes with a scale for each 32, multiplied by dot4I8Packed. */
  readonly bytes: boolean;
  /** Whether there is unpack4xI8. */
  readonly packed: boolean;
}

const PARAMS = ["T", "K", "O", "J", "span", "spans", "first", "rows"];

/** Where a row's words and scales begin, and how far from each other they lie. */
const ORDERS: Readonly<Record<Order, readonly [words: string, scales: string, step: string]>> = {
  tiles: [`at.x * p.J * ${TILE} + l.x`, `at.x * p.spans * ${TILE} + l.x`, `${TILE}u`],
  columns: ["min(o, p.rows - 1)", "min(o, p.rows - 1)", "p.rows"],
  rows: ["min(o, p.rows - 1) * p.J", "min(o, p.rows - 1) * p.spans", "1u"],
};

/**
 * The kernel's text. Parameters: T, K, O; words a row; words under a scale (or of a slice), and how many such spans; of
 * which row the weights begin, and how many they are.
 */
export function linearText(form: Form): string {
  const { kind, bias, bytes, scales, tokens, slices } = form;
  const vector = form.whole && !bytes && kind !== "i8x3" ? VECTOR[PER_WORD[kind]]! : "f32";
  const reads = [
    kind === "i8x3" ? "words" : "words: u32",
    ...(scales === "none" ? [] : ["scales"]),
    bytes ? "x: u32" : `x: ${vector}`,
    ...(bytes ? ["steps"] : []),
    ...(bias ? ["b"] : []),
  ];
  const [scaled, added] = [scales === "row" ? " * scales[d]" : "", bias ? " + b[p.first + o]" : ""];
  const order = ORDERS[form.order];
  const each = (line: (t: number) => string) => Array.from({ length: tokens }, (_, t) => line(t)).join("\n");
  return `${head(PARAMS, reads, ["y"])}
${slices === 1 ? "" : `var<workgroup> parts: array<f32, ${64 * slices * tokens}>;`}
${decode(form)}
@compute @workgroup_size(64, ${slices})
fn main(@builtin(workgroup_id) at: vec3u, @builtin(local_invocation_id) l: vec3u) {
  let o = at.x * 64 + l.x;
  let t = at.y * ${tokens};
  let w = ${order[0]};
  let step = ${order[2]};
${scales === "none" ? "" : `  let d = ${scales === "row" && form.order === "tiles" ? `at.x * ${TILE} + l.x` : order[1]};`}
${each((i) => `  var s${i} = 0f; let r${i} = min(t + ${i}, p.T - 1);`)}
  let share = (p.spans + ${slices - 1}) / ${slices};
  for (var g = l.y * share; g < min((l.y + 1) * share, p.spans); g++) {
${span(form, each)}
  }
${joined(form)}
  if (o < p.rows${slices === 1 ? "" : " && l.y == 0"}) {
${each((i) => `    if (t + ${i} < p.T) { y[(t + ${i}) * p.O + p.first + o] = s${i}${scaled}${added}; }`)}
  }
}`;
}

const VECTOR: Readonly<Record<number, string>> = { 1: "f32", 2: "vec2f", 4: "vec4f" };

/** One span: its words in order, then its scale. */
function span({ scales, bytes, kind, whole }: Form, each: (line: (t: number) => string) => string): string {
  if (bytes) return spanOfBytes(scales, each);
  const n = PER_WORD[kind];
  const at = (i: number) => (whole && kind !== "i8x3" ? `x[r${i} * p.J + j]` : `row(r${i} * p.K, j * ${n}, p.K)`);
  const product = n === 1 ? (i: number) => `v * ${at(i)}` : (i: number) => `dot(v, ${at(i)})`;
  return `${each((i) => `    var a${i} = 0f;`)}
    for (var j = g * p.span; j < min((g + 1) * p.span, p.J); j++) {
      let v = value(words[w + j * step]);
${each((i) => `      a${i} += ${product(i)};`)}
    }
${scales === "group" ? "    let scale = scales[d + g * step];" : ""}
${each((i) => (scales === "group" ? `    s${i} += a${i} * scale;` : `    s${i} += a${i};`))}`;
}

/** Blocks of 32 activations: eight products of four bytes, whose sum is exact. */
function spanOfBytes(scales: Form["scales"], each: (line: (t: number) => string) => string): string {
  return `${each((i) => `    var a${i} = 0f;`)}
    for (var block = g * p.span / 8; block < min((g + 1) * p.span, p.J) / 8; block++) {
${each((i) => `      var e${i} = 0i;`)}
      for (var j = block * 8; j < block * 8 + 8; j++) {
        let v = words[w + j * step];
${each((i) => `        e${i} += dot4I8Packed(v, x[r${i} * p.J + j]);`)}
      }
${each((i) => `      a${i} += f32(e${i}) * steps[r${i} * (p.J / 8) + block];`)}
    }
${scales === "group" ? "    let scale = scales[d + g * step];" : ""}
${each((i) => (scales === "group" ? `    s${i} += a${i} * scale;` : `    s${i} += a${i};`))}`;
}

/** A word's values, and a token's beside them where rows are no whole words. */
function decode({ kind, packed, bytes, whole }: Form): string {
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
}`,
  };
  const n = PER_WORD[kind];
  if (whole && kind !== "i8x3") return texts[kind];
  const places = Array.from({ length: n }, (_, i) => `select(0, x[at + k + ${i}], k + ${i} < K)`).join(", ");
  const type = n === 1 ? "f32" : `vec${n}f`;
  const direct = Array.from({ length: n }, (_, i) => `x[at + k + ${i}]`).join(", ");
  return `${texts[kind]}
fn row(at: u32, k: u32, K: u32) -> ${type} {
  if (k + ${n} <= K) { return ${type}(${direct}); }
  return ${type}(${places});
}`;
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
