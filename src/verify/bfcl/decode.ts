/**
 * The calls in a reply: in QwQ's own format, JSON between `<tool_call>` and `</tool_call>`, or in Python's syntax, as a model
 * is asked for that has no such format.
 *
 * source   bfcl-eval 2026.3.23 model_handler/local_inference/qwen_fc.py: decode_ast, _extract_tool_calls; utils.py:
 *          is_function_calling_format_output, is_empty_output
 */
import { FormatError, QwqError } from "../../errors.ts";
import { loads } from "../python/json.ts";
import type { PyDict, PyValue } from "../python/value.ts";
import { callsInPython } from "./resolve.ts";

export type CallStyle = "tools" | "python";

/** Each is a dict of one name with its arguments. */
export type Calls = readonly PyDict[];

/** The calls, or why none could be read. */
export function decodeCalls(reply: string, style: CallStyle): Calls | { readonly failed: string } {
  try {
    return style === "tools" ? callsInTags(reply) : callsInPython(reply);
  } catch (error) {
    if (error instanceof QwqError) return { failed: error.message };
    throw error;
  }
}

const OPEN = "<tool_call>\n";
const CLOSE = "\n</tool_call>";

/** What is no JSON is left out; what is JSON must be a call. */
function callsInTags(reply: string): PyDict[] {
  const calls: PyDict[] = [];
  for (let at = reply.indexOf(OPEN); at >= 0; at = reply.indexOf(OPEN, at)) {
    const from = at + OPEN.length;
    const to = reply.indexOf(CLOSE, from);
    if (to < 0) break;
    const value = jsonOrNothing(reply.slice(from, to));
    if (value !== undefined) calls.push(callOf(value));
    at = to + CLOSE.length;
  }
  return calls;
}

function jsonOrNothing(text: string): PyValue | undefined {
  try {
    return loads(text);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function callOf(value: PyValue): PyDict {
  const given = value instanceof Map ? (value.get("arguments") as PyValue | undefined) : undefined;
  const name = value instanceof Map ? (value.get("name") as PyValue | undefined) : undefined;
  const named = name !== undefined && !Array.isArray(name) && !(name instanceof Map);
  if (named && given instanceof Map) return new Map([[name, given as PyDict]]);
  throw new FormatError("E_BFCL_CALL", "tool call", { expected: "name and arguments, an object", actual: "another" });
}

/** Whether there is a call at all: what could not be read is none. */
export function callsSomething(decoded: Calls | { readonly failed: string }): boolean {
  return !("failed" in decoded) && decoded.length > 0;
}
