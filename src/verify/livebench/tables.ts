/**
 * LiveBench's data analysis: types of columns, columns that belong together, months of growth.
 *
 * source   LiveBench b0fb577, process_results/data_analysis: cta, tablejoin, consecutive_events; CPython's ast.literal_eval
 */
import { FormatError } from "../../errors.ts";
import { loads } from "../python/json.ts";
import { literal } from "../python/literal.ts";
import { strip, WORD } from "../python/text.ts";
import { equal, get, type PyDict, type PyValue, truth } from "../python/value.ts";
import { between, lastBox, Raised, solutions, solutionsOfAnyCase, unboxed, without } from "./text.ts";

const NO_WORD = new RegExp(`[^${WORD}]`, "gu");

/** The type of a column: what the reply ends with. */
export function columnType(right: string, reply: string): number {
  const said = reply.includes("\\boxed{") ? without(unboxed(lastBox(reply)), "\\text{", "}", "\\") : reply;
  const [word, ending] = [right, said].map((text) => text.toLowerCase().replace(NO_WORD, ""));
  return Number(word === ending || (word !== "" && ending!.endsWith(word!)));
}

/** Which column of one table is which of the other: the harmonic mean of precision and recall, to a hundredth. */
export function join(right: unknown, reply: string): number {
  const wanted = dictOf(right);
  const said = mapIn(reply);
  if (said.size === 0) return 0;
  let [same, wrong, missing] = [0, 0, 0];
  for (const [key, value] of said) {
    const due = get(wanted, key);
    if (due !== undefined && truth(due) && equal(due, value)) same++;
    else wrong++;
    if (due !== undefined && truth(due) && !equal(due, value)) missing++;
  }
  for (const key of wanted.keys()) if (!truth(get(said, key) ?? null)) missing++;
  return roundHalfEven(((2 * same) / (2 * same + wrong + missing)) * 100) / 100;
}

function dictOf(value: unknown): PyDict {
  const dict = typeof value === "string" ? literalOf(value) : loads(JSON.stringify(value) ?? "null");
  if (dict instanceof Map) return dict as PyDict;
  throw new Raised("the answer is no dict");
}

function literalOf(text: string): PyValue | undefined {
  try {
    return literal(text);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** The dict of a reply, without what is None; empty where there is none. */
function mapIn(reply: string): PyDict {
  let text = reply;
  for (let found = solutions(text, "over"); found.length > 0; found = solutions(text, "over"))
    text = strip(found.at(-1)!);
  const value = literalOf(text) ?? literalOf(blockIn(text).replaceAll("null", "None"));
  if (!(value instanceof Map)) return new Map();
  return new Map([...(value as PyDict)].filter(([, item]) => item !== null));
}

function blockIn(text: string): string {
  const joined = text.replaceAll("\n", "");
  for (const open of ["```python", "```json", "```"]) {
    const block = between(joined, open, "```").at(-1);
    if (block !== undefined) return block;
  }
  const box = text.includes("\\boxed") ? lastBox(joined) : undefined;
  if (box === undefined) return text;
  return without(unboxed(box).replace(/\\text\{['|"]([^\n]*?)['|"]\}/g, "'$1'"), "\\");
}

/** To a whole number; of two that are equally near, the even one. */
function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}

const [ID, MONTHS] = ["user_id", "max_consecutive_growth_months"];

/** Whose months of growth are told rightly: Jaccard's likeness of the two lists, to four places. */
export function growth(right: unknown, reply: string): number {
  const wanted = typeof right === "string" ? jsonOf(right) : loads(JSON.stringify(right) ?? "null");
  if (wanted === undefined) return 0;
  const text = solutionsOfAnyCase(reply).at(-1);
  const said = text === undefined ? undefined : jsonOf(strip(text));
  if (said === undefined || said === null) return 0;
  if (!truth(wanted) || !truth(said)) return Number(!truth(wanted) && !truth(said));
  const due = new Map(itemsOf(wanted).map((row) => [keyOf(needed(row, ID)), needed(row, MONTHS)]));
  const told = new Map<string, PyValue>();
  for (const row of itemsOf(said)) {
    const id = row instanceof Map ? get(row as PyDict, ID) : undefined;
    if (id !== undefined) told.set(keyOf(id), get(row as PyDict, MONTHS) ?? null);
  }
  const agrees = (id: string) => told.has(id) && due.has(id) && equal(told.get(id)!, due.get(id)!);
  const same = [...due.keys()].filter(agrees).length;
  const others = due.size - same + [...told.keys()].filter((id) => !agrees(id)).length;
  return round4(same / (same + others));
}

function jsonOf(text: string): PyValue | undefined {
  try {
    return loads(text);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** What Python goes through: a list's items, a dict's keys, a text's characters. */
function itemsOf(value: PyValue): readonly PyValue[] {
  if (Array.isArray(value)) return value as readonly PyValue[];
  if (value instanceof Map) return [...(value as PyDict).keys()];
  if (typeof value === "string") return [...value];
  throw new Raised("nothing to go through");
}

function needed(row: PyValue, name: string): PyValue {
  const value = row instanceof Map ? get(row as PyDict, name) : undefined;
  if (value === undefined) throw new Raised(`no ${name}`);
  return value;
}

/** A key by which equal values are the same; raises where Python has no hash. */
function keyOf(value: PyValue): string {
  if (Array.isArray(value) || value instanceof Map) throw new Raised("no key");
  if (typeof value === "string") return `text ${value}`;
  if (value === null) return "None";
  return `number ${typeof value === "object" && "value" in value ? value.value : Number(value as bigint | boolean)}`;
}

/** `round(x, 4)` for x from 0 to 1: the nearest; where x stands exactly between two, the even one. */
function round4(x: number): number {
  const digits = x.toFixed(20).slice(2);
  if (!/^\d{4}50*$/.test(digits)) return Number(x.toFixed(4));
  const down = Number(digits.slice(0, 4));
  return (down % 2 === 0 ? down : down + 1) / 10_000;
}
