/**
 * Budgets: a JSON file that says for some taps by what they are judged.
 *
 *   {"format": "oracle-budget/1",
 *    "taps": {"*.a": {"atol": 1e-4, "rtol": 1e-3, "why": "our exp is a table"},
 *             "L*.mlp.*": {"kappa": 10},
 *             "logits": {"noise": 2e-5}}}
 *
 * A key is a tap's name, in which * stands for any run of characters: "0.qr", "*.qr", "2.*", "*". One that begins with L
 * and a number or * goes by the longer names: "L0.attn.q_rope", "L*.attn.*". Of several that match a tap, the last judges
 * it alone; what none matches is judged as the options say.
 *
 *   atol, rtol   bounds on every value; one of the two given, the other is 0
 *   kappa        fails above so many measured noises, warns above half as many
 *   noise        a relative error of a row that counts as one noise, in place of the measured one; with kappa or without
 *   why          for people
 */
import { FormatError } from "../errors.ts";
import { as, describe, optional } from "../json/fields.ts";
import { type Json, readJson } from "../json/json.ts";
import { quote } from "../json/quote.ts";
import { parts } from "./graph.ts";
import { boundsOf, type Measure, measureOf, type MeasureOptions } from "./measure.ts";
import type { TapNoise } from "./noise-file.ts";
import { LAYER_TAPS, tapNames } from "./taps.ts";

export const BUDGET_FORMAT = "oracle-budget/1";

/** What one key of a budget says. */
export interface BudgetEntry {
  readonly pattern: string;
  readonly atol?: number | undefined;
  readonly rtol?: number | undefined;
  readonly kappa?: number | undefined;
  readonly noise?: number | undefined;
}

/** A file that says by what single taps are judged. */
export interface Budget {
  /** The file. */
  readonly path: string;
  /** In its order. */
  readonly entries: readonly BudgetEntry[];
}

const KEYS = ["atol", "rtol", "kappa", "noise", "why"];

/**
 * Reads a budget.
 *
 * throws   FormatError E_JSON_*; E_BUDGET_FORMAT (another kind of file, or a later version), E_BUDGET_FIELD (a key that
 *          nobody knows, what is no number, bounds and noises in one entry, or none), E_BUDGET_BOUND (negative, or not
 *          finite)
 */
export function readBudget(source: Uint8Array | string, path: string): Budget {
  const fields = as(readJson(source, path), "object", "", { path, code: "E_BUDGET_FORMAT", hint: HINT });
  const format = fields.get("format");
  if (format !== BUDGET_FORMAT) {
    throw bad("E_BUDGET_FORMAT", path, `"format" to be "${BUDGET_FORMAT}"`, describe(format));
  }
  checkKeys(fields.keys(), ["format", "taps"], "", path);
  const taps = as(fields.get("taps"), "object", "taps", { path, code: "E_BUDGET_FIELD", hint: HINT });
  return { path, entries: [...taps].map(([pattern, entry]) => readEntry(pattern, entry, path)) };
}

function readEntry(pattern: string, json: Json, path: string): BudgetEntry {
  const inside = `taps[${quote(pattern)}]`;
  const place = { path, code: "E_BUDGET_FIELD", hint: HINT };
  const fields = as(json, "object", inside, place);
  checkKeys(fields.keys(), KEYS, inside, path);
  optional(fields, "why", "string", { ...place, inside });
  const [atol, rtol, kappa, noise] = ["atol", "rtol", "kappa", "noise"].map((key) => number(fields.get(key), key));
  function number(value: Json | undefined, key: string): number | undefined {
    if (value === undefined) return undefined;
    const x = as(value, "number", `${inside}.${key}`, { ...place, code: "E_BUDGET_BOUND" });
    if (x > 0 || (x === 0 && key !== "kappa")) return x;
    const range = key === "kappa" ? "a number above 0" : "a number from 0";
    throw bad("E_BUDGET_BOUND", path, `"${inside}.${key}" to be ${range}`, `${x}`);
  }
  const [bounds, noises] = [atol ?? rtol, kappa ?? noise].map((value) => value !== undefined);
  if (bounds !== noises) return { pattern, atol, rtol, kappa, noise };
  const expected = `${inside} to have either atol and rtol, or kappa and noise`;
  throw bad("E_BUDGET_FIELD", path, expected, bounds ? "some of each" : "none of them");
}

function checkKeys(keys: Iterable<string>, known: readonly string[], inside: string, path: string): void {
  const unknown = [...keys].find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw bad(
    "E_BUDGET_FIELD",
    path,
    `${inside === "" ? "" : `${inside} to have `}keys of ${known.join(", ")}`,
    quote(unknown),
  );
}

const HINT = "docs/oracle.md describes budgets.";

function bad(code: string, path: string, expected: string, actual: string): FormatError {
  return new FormatError(code, path, { path, expected, actual, hint: HINT });
}

/** The longer names of a layer's taps. */
const LONG: Readonly<Record<keyof typeof LAYER_TAPS, string>> = {
  n1: "attn_norm",
  q: "attn.q",
  k: "attn.k",
  v: "attn.v",
  qr: "attn.q_rope",
  kr: "attn.k_rope",
  a: "attn.ctx",
  o: "attn.out",
  mid: "mid",
  n2: "ffn_norm",
  gate: "mlp.gate",
  up: "mlp.up",
  act: "mlp.act",
  down: "mlp.out",
  out: "out",
};

/** Whether a pattern is about a tap. */
export function matches(pattern: string, tap: string): boolean {
  const { layer, short } = parts(tap);
  const long = /^L[\d*]/.test(pattern);
  if (long && layer === undefined) return false;
  const name = long ? `L${layer!}.${LONG[short as keyof typeof LONG]}` : tap;
  const parted = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parted.join(".*")}$`, "s").test(name);
}

/** How taps are judged: by the options, and where a budget names them, by that. */
export interface JudgedBy extends MeasureOptions {
  readonly budget?: Budget | undefined;
}

/** What judges each tap; taps that no budget names share the one of `usual`. */
export interface Measures {
  readonly usual: Measure;
  of(tap: string): Measure;
}

/**
 * What judges each tap of a model of so many layers.
 *
 * throws   UsageError E_ARG_BOUND; FormatError E_BUDGET_PATTERN for a pattern that no tap of such a model matches
 */
export function measuresOf(options: JudgedBy, layers: number): Measures {
  const usual = measureOf(options);
  const { budget } = options;
  if (budget === undefined) return { usual, of: () => usual };
  const names = tapNames(layers);
  const found = new Map<string, Measure>();
  for (const entry of budget.entries) {
    const taps = names.filter((tap) => matches(entry.pattern, tap));
    if (taps.length === 0) throw matchless(budget.path, entry.pattern, layers);
    const measure = entryMeasure(entry, options);
    for (const tap of taps) found.set(tap, measure); // the last one stays
  }
  return { usual, of: (tap) => found.get(tap) ?? usual };
}

function entryMeasure({ atol, rtol, kappa, noise }: BudgetEntry, options: MeasureOptions): Measure {
  if (atol !== undefined || rtol !== undefined) return measureOf({ atol, rtol });
  return { by: "noise", ...boundsOf(kappa ?? options.kappa), noise };
}

function matchless(path: string, pattern: string, layers: number): FormatError {
  return new FormatError("E_BUDGET_PATTERN", path, {
    path,
    expected: `patterns that match a tap of ${layers} layers, such as "*.qr", "0.*", "L*.attn.*", "logits"`,
    actual: quote(pattern),
    hint: `A layer's taps are ${Object.keys(LAYER_TAPS).join(" ")}; around them are embed, norm and logits.`,
  });
}

/**
 * A budget of measured noise, to be edited: of each tap its noisiest row, in three figures, rounded up.
 *
 * throws   FormatError E_BUDGET_NOISE where noise of that kind was not measured of a tap
 */
export function budgetText(noise: ReadonlyMap<string, TapNoise>, kind: "cumulative" | "local", path: string): string {
  const lines = [...noise].flatMap(([tap, rows]) => {
    if (rows[kind] === undefined && !NO_LOCAL.includes(tap)) throw unmeasured(path, kind, tap);
    const most = Math.max(0, ...(rows[kind] ?? []));
    return rows[kind] === undefined ? [] : [`  ${JSON.stringify(tap)}: {"noise": ${roundedUp(most)}}`];
  });
  return `{\n"format": "${BUDGET_FORMAT}",\n"taps": {\n${lines.join(",\n")}\n}\n}\n`;
}

/** What lies before and after the layers, of which no noise from clean inputs is measured. */
const NO_LOCAL: readonly string[] = ["embed", "norm"];

/** In three figures, not below x. */
function roundedUp(x: number): number {
  const near = Number(x.toPrecision(3));
  if (near >= x) return near;
  const unit = 10 ** (Math.floor(Math.log10(x)) - 2);
  return Number((near + unit).toPrecision(3));
}

function unmeasured(path: string, kind: string, tap: string): FormatError {
  return new FormatError("E_BUDGET_NOISE", path, {
    path,
    tensor: tap,
    expected: `${kind} noise`,
    actual: "none",
    hint: "Record the bundle with --noise all.",
  });
}
