/**
 * From what an engine calls an activation to the page's name, by the table in names.ts.
 *
 * Known are the page's own names ("0.qr"), modules of Hugging Face, vLLM and MLX ("model.layers.0.self_attn.q_proj", with
 * ":out", ".out" or "_outputs" behind it, or nothing; inputs likewise), llama.cpp's nodes ("Qcur-0", whose operation tells
 * which of two it is), values of ONNX Runtime's graphs ("present.0.key") and TransformerLens' hooks.
 */
import { FUSED_TAPS, LAYER_TAPS, MODEL_TAPS } from "./names.ts";

/** One tap, or several beside each other in one matrix. */
export interface ForeignTap {
  readonly taps: readonly string[];
  /** Whether it is that tap seen from its other side, to be taken only where the tap itself is not there. */
  readonly alias?: boolean;
}

/** The last layer's output, as the input of what follows it. */
export const LAST_OUT = "last.out";

/** Whose name it was. */
export type Engine = "page" | "hf" | "llama.cpp" | "onnx" | "lens";

/** Names that other versions of llama.cpp give: gate times up, and the embedding. */
const LLAMA_CPP_ALIASES: Readonly<Record<string, string>> = {
  ffn_gate_par: "act",
  embd: "embed",
  attn_out: "o",
};

/** The taps of a name, or `undefined` if no engine in the table has it. `op` is ggml's operation, "ROPE". */
export function foreignTap(name: string, op?: string): (ForeignTap & { readonly engine: Engine }) | undefined {
  const pages = pageTap(name);
  if (pages !== undefined) return { taps: [pages], engine: "page" };
  const cpp = llamaCppTap(name, op);
  if (cpp !== undefined) return { taps: [cpp], engine: "llama.cpp" };
  const onnx = onnxTaps(name);
  if (onnx !== undefined) return { taps: onnx, engine: "onnx" };
  const lens = lensTap(name);
  if (lens !== undefined) return { taps: [lens], engine: "lens" };
  const hf = moduleTaps(name);
  if (hf !== undefined) return { taps: hf, engine: "hf" };
  const other = otherSide(name);
  return other === undefined ? undefined : { taps: [other], engine: "hf", alias: true };
}

/** A layer's input is the output of the one before; down_proj's output is the MLP's. */
function otherSide(name: string): string | undefined {
  const [, layer, rest] =
    /(?:^|\.)layers\.(\d{1,4})(\.mlp\.down_proj)?(?::|\.|_)(?:in|inputs?|outputs?|out)$/.exec(name) ?? [];
  const input = /(?:in|inputs?)$/.test(name);
  if (layer !== undefined && rest !== undefined) return input ? undefined : `${layer}.down`;
  if (layer !== undefined) return input && Number(layer) > 0 ? `${Number(layer) - 1}.out` : undefined;
  return input && /(?:^|\.)model\.norm(?::|\.|_)/.test(name) ? LAST_OUT : undefined;
}

function pageTap(name: string): string | undefined {
  const [, layer, short] = /^(\d{1,4})\.(\w+)$/.exec(name) ?? [];
  if (layer !== undefined) return LAYER_TAPS.some(({ ours }) => ours === short) ? name : undefined;
  return MODEL_TAPS.some(({ ours }) => ours === name) ? name : undefined;
}

/** "Qcur-3" with operation ROPE is 3.qr; a number that is added to 3.q is 3.q. */
function llamaCppTap(name: string, op = ""): string | undefined {
  const bare = name.replace(/ \((?:view|reshaped|permuted|transposed|cont|copy)[^)]*\)/g, "");
  const [, node = bare, layer] = /^([A-Za-z_]\w*)-(\d+)$/.exec(bare) ?? [];
  if (layer === undefined) {
    if (LLAMA_CPP_ALIASES[node] === "embed") return "embed";
    return MODEL_TAPS.find((row) => row.llamaCpp === node)?.ours;
  }
  if (bare !== name) return undefined; // a view of the node, which comes itself too
  const rows = LAYER_TAPS.filter((row) => row.llamaCpp.split(" ")[0] === node && !row.llamaCpp.includes(" - "));
  // A name that comes twice is told by its operation: "Qcur" is q where a bias is added, qr where it is turned.
  const row = rows.find(
    ({ llamaCpp }) => !llamaCpp.includes("(") || llamaCpp.endsWith(`(${op})`) || (op === "" && rows.length === 1),
  );
  const ours = row?.ours ?? LLAMA_CPP_ALIASES[node];
  return ours === undefined ? undefined : `${layer}.${ours}`;
}

function onnxTaps(name: string): string[] | undefined {
  for (const { ours, onnx } of [...LAYER_TAPS, ...MODEL_TAPS]) {
    const layer = onnx === undefined ? undefined : matchLayer(onnx, name);
    if (layer === undefined) continue;
    return [LAYER_TAPS.some((row) => row.ours === ours) ? `${layer}.${ours}` : ours];
  }
  for (const { parts, onnx } of FUSED_TAPS) {
    const layer = onnx === undefined ? undefined : matchLayer(onnx, name);
    if (layer !== undefined) return parts.map((part) => `${layer}.${part}`);
  }
  return undefined;
}

/** The layer in a name of this pattern; 0 where the pattern has none. */
function matchLayer(pattern: string, name: string): number | undefined {
  const [head = "", tail = ""] = pattern.split(/\{l(?:\+1)?\}/);
  if (!pattern.includes("{")) return name === pattern ? 0 : undefined;
  if (!name.startsWith(head) || !name.endsWith(tail)) return undefined;
  const digits = name.slice(head.length, name.length - tail.length);
  if (!/^\d{1,4}$/.test(digits)) return undefined;
  const layer = Number(digits) - (pattern.includes("{l+1}") ? 1 : 0);
  return layer < 0 ? undefined : layer;
}

function lensTap(name: string): string | undefined {
  const [, layer, hook] = /^blocks\.(\d{1,4})\.(.+)$/.exec(name) ?? [];
  if (layer === undefined) return MODEL_TAPS.find(({ lens }) => lens === name)?.ours;
  const row = LAYER_TAPS.find(({ lens }) => lens === hook);
  return row === undefined ? undefined : `${layer}.${row.ours}`;
}

const SIDE = /(?::|\.|_)(out|outputs?|in|inputs?)$/;

/** A module's path; without a side, its output. */
function moduleTaps(name: string): string[] | undefined {
  const side = SIDE.exec(name)?.[1];
  const path = (side === undefined ? name : name.slice(0, -side.length - 1)).replace(
    /^(?:Qwen2|Llama)ForCausalLM\./,
    "",
  );
  const which = side?.startsWith("in") === true ? "in" : "out";
  const [, layer, rest] = /(?:^|\.)layers\.(\d{1,4})(?:\.(.+))?$/.exec(path) ?? [];
  if (layer === undefined) {
    const row = MODEL_TAPS.find(({ hf }) => hf === `${path}:${which}` || hf === `model.${path}:${which}`);
    return row === undefined ? undefined : [row.ours];
  }
  const key = `${rest ?? ""}:${which}`;
  const fused = FUSED_TAPS.find(({ hf }) => hf === key);
  if (fused !== undefined) return fused.parts.map((part) => `${layer}.${part}`);
  const row = LAYER_TAPS.find(({ hf }) => hf === key);
  return row === undefined ? undefined : [`${layer}.${row.ours}`];
}
