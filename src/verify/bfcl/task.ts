/** BFCL's tasks: a line with the id, the functions and, but for irrelevance, the answers. */
import { QwqError, UsageError } from "../../errors.ts";
import { loads } from "../python/json.ts";
import { type PyDict, type PyValue, typeName } from "../python/value.ts";
import type { Answers, FunctionDoc, ParameterDoc } from "./check.ts";
import type { Language } from "./types.ts";

export interface BfclTask {
  readonly id: string;
  /** The id without its number: simple_python, live_parallel_multiple, irrelevance. */
  readonly category: string;
  readonly language: Language;
  readonly functions: readonly FunctionDoc[];
  /** None where no call is right, or any. */
  readonly answers: Answers;
}

/** Categories that are decided by the tree of a call. */
export const CATEGORIES = [
  "simple_python",
  "simple_java",
  "simple_javascript",
  "multiple",
  "parallel",
  "parallel_multiple",
  "irrelevance",
  "live_simple",
  "live_multiple",
  "live_parallel",
  "live_parallel_multiple",
  "live_irrelevance",
  "live_relevance",
] as const;

/**
 * Reads a line of BFCL's questions, with the answers of its line of answers: the text of both, since 1 and 1.0 are two types.
 *
 * throws   UsageError E_TASK where the line is of another form, or of a category that is not decided by the tree
 */
export function readBfclTask(question: string, answer?: string): BfclTask {
  const line = object(parsed(question), "task of bfcl");
  const id = text(line, "id");
  const category = id.replace(/_\d+(?:-.*)?$/, "");
  if (!(CATEGORIES as readonly string[]).includes(category))
    throw bad("id", `one of ${CATEGORIES.join(", ")} and a number`, id);
  const none = category.endsWith("relevance");
  const truth = answer === undefined ? line : object(parsed(answer), "answers of bfcl");
  const answers = none ? [] : list(truth, "ground_truth").map((item) => object(item, "ground_truth"));
  if (!none && answers.length === 0) throw bad("ground_truth", "at least one call", "none");
  const language = category.endsWith("java") ? "java" : category.endsWith("javascript") ? "javascript" : "python";
  return { id, category, language, functions: list(line, "function").map(functionDoc), answers };
}

function functionDoc(value: PyValue): FunctionDoc {
  const doc = object(value, "function");
  const parameters = object(field(doc, "parameters"), "parameters");
  const properties = new Map<string, ParameterDoc>();
  for (const [name, about] of object(field(parameters, "properties"), "properties")) {
    const known = object(about, String(name));
    const items = known.get("items");
    const of = items instanceof Map ? (items.get("type") as PyValue | undefined) : undefined;
    properties.set(String(name), { type: text(known, "type"), items: typeof of === "string" ? of : undefined });
  }
  return { name: text(doc, "name"), properties, required: list(parameters, "required").map(String) };
}

function parsed(line: string): PyValue {
  try {
    return loads(line);
  } catch (error) {
    if (error instanceof QwqError) throw bad("line", "JSON", line.slice(0, 40));
    throw error;
  }
}

function field(dict: PyDict, name: string): PyValue {
  const value = dict.get(name);
  if (value === undefined) throw bad(name, "a value", "none");
  return value;
}

function object(value: PyValue, where: string): PyDict {
  if (value instanceof Map) return value as PyDict;
  throw bad(where, "an object", typeName(value));
}

function list(dict: PyDict, name: string): readonly PyValue[] {
  const value = field(dict, name);
  if (Array.isArray(value)) return value as readonly PyValue[];
  throw bad(name, "an array", typeName(value));
}

function text(dict: PyDict, name: string): string {
  const value = field(dict, name);
  if (typeof value === "string") return value;
  throw bad(name, "a text", typeName(value));
}

function bad(where: string, expected: string, actual: string): UsageError {
  const hint = "Give lines as those of BFCL's data, with their ground_truth.";
  return new UsageError("E_TASK", `bfcl: ${where}`, { expected, actual, hint });
}
