/**
 * Problems of one's own, an object a line:
 *
 *   {"id": "t1", "prompt": "What is 2 + 3?", "answer": "5"}
 *   {"id": "t2", "messages": [{"role": "user", "content": "..."}], "answer": 0.5, "part": "fractions"}
 *   {"prompt": "Which is a prime?", "choices": ["4", "7", "9"], "answer": "B"}
 *   {"prompt": "Capital of France?", "answer": ["Paris", "paris"], "grader": "text"}
 *   {"prompt": "...", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}
 *
 * The grader is "choice" where there are choices, "ifeval" where there are instructions, else "math", unless told.
 */
import { FormatError } from "../errors.ts";
import { readJson } from "../json/json.ts";
import { conversationFromJson, type Content, type Message } from "../text/messages.ts";
import { choiceProblem } from "./choices.ts";
import { type Problem, type Row, textIn } from "./problem.ts";

/** The problem of a line. Throws FormatError E_EVAL_DATA, E_MSG_SCHEMA. */
export function ownProblem(row: Row, number: number, where: string): Problem {
  const grader = graderOf(row, where);
  if (grader === "choice") return choiceProblem("own", row, number, where);
  const id = row["id"] === undefined ? `line-${number}` : String(row["id"]);
  const part = typeof row["part"] === "string" ? row["part"] : undefined;
  const tools = Array.isArray(row["tools"]) ? (row["tools"] as Content[]) : undefined;
  return { id, grader, row, part, tools, messages: messagesOf(row, where) };
}

function graderOf(row: Row, where: string): string {
  const told = row["grader"];
  if (told !== undefined && typeof told !== "string") {
    throw new FormatError("E_EVAL_DATA", where, { expected: '"grader" to be a name', actual: JSON.stringify(told) });
  }
  if (told !== undefined) return told;
  if (row["choices"] !== undefined) return "choice";
  return row["instruction_id_list"] === undefined ? "math" : "ifeval";
}

function messagesOf(row: Row, where: string): readonly Message[] {
  if (row["messages"] === undefined) {
    const system = typeof row["system"] === "string" ? [{ role: "system", content: row["system"] }] : [];
    return [...system, { role: "user", content: textIn(row, "prompt", where) }];
  }
  const json = readJson(JSON.stringify(row["messages"]), where);
  return conversationFromJson(json, where).messages as readonly Message[];
}
