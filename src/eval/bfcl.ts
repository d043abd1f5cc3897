/**
 * BFCL's problems: its questions with its functions as tools, graded by the tree of the calls. Its data lies in files of
 * questions and of answers, which are joined here; a line of one's own has both.
 *
 * source   bfcl-eval 2026.3.23 utils.py: _func_doc_language_specific_pre_processing; constants/type_mappings.py
 */
import { join } from "node:path";
import { FormatError } from "../errors.ts";
import { readWhole } from "../files/input.ts";
import { io } from "../files/io.ts";
import { decodeUtf8 } from "../json/utf8.ts";
import type { Content, Message } from "../text/messages.ts";
import { bfclGrader } from "../verify/bfcl/grader.ts";
import { CATEGORIES, readBfclTask } from "../verify/bfcl/task.ts";
import type { Grade } from "../verify/grader.ts";
import type { Problem, Row } from "./problem.ts";

const MOST_BYTES = 2 ** 26;

/** JSON Schema's names for BFCL's types; all others are texts. */
const SCHEMA: Readonly<Record<string, string>> = {
  integer: "integer",
  number: "number",
  float: "number",
  boolean: "boolean",
  bool: "boolean",
  array: "array",
  list: "array",
  tuple: "array",
  dict: "object",
  object: "object",
};

/** Where the text of a line is kept beside what JSON.parse makes of it: 1 and 1.0 are two types. */
const LINE = "bfcl_line";

/** The lines of a folder of BFCL's data, questions with their answers; none where it holds no such files. */
export function bfclLines(folder: string): string[] {
  return CATEGORIES.flatMap((category) => {
    const name = `BFCL_v4_${category}.json`;
    const questions = linesIn(join(folder, name));
    const answers = new Map(linesIn(join(folder, "possible_answer", name)).map((line) => [idOf(line), line]));
    return questions.map((question) => joined(question, answers.get(idOf(question))));
  });
}

function linesIn(path: string): string[] {
  if (io().statSync(path, { throwIfNoEntry: false }) === undefined) return [];
  const text = decodeUtf8(readWhole(path, MOST_BYTES, "E_LIMIT_INPUT"), path, "E_TEXT");
  return text.split("\n").filter((line) => line.trim() !== "");
}

function idOf(line: string): unknown {
  return (JSON.parse(line) as { id?: unknown }).id;
}

/** The answers' text stays as it is. */
function joined(question: string, answer: string | undefined): string {
  const at = answer?.indexOf('"ground_truth"') ?? -1;
  return at < 0 ? question : `${question.trimEnd().slice(0, -1)}, ${answer!.slice(at)}`;
}

/** The problem of a line. Throws FormatError E_EVAL_DATA, UsageError E_TASK. */
export function bfclProblem(row: Row, _number: number, where: string, line: string): Problem {
  const { id, category, language } = readBfclTask(line);
  const turns = row["question"];
  const messages: unknown = Array.isArray(turns) ? turns[0] : undefined;
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new FormatError("E_EVAL_DATA", where, { expected: '"question" to be messages in a list', actual: "another" });
  }
  const tools = (row["function"] as Content[]).map((one) => toolOf(one, language));
  return { id, grader: "bfcl", row: { ...row, [LINE]: line }, part: category, tools, messages: messages as Message[] };
}

/** A function as JSON Schema describes it; of Java and JavaScript every parameter is a text. */
function toolOf(doc: unknown, language: string): Content {
  const { name, description, parameters } = doc as { name: string; description?: string; parameters: object };
  const shape = language === "python" ? schema(parameters) : texts(parameters, language);
  return { type: "function", function: { name, description: description ?? "", parameters: shape } } as Content;
}

function schema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(schema);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([key, item]) =>
    key === "type" && typeof item === "string" ? [key, SCHEMA[item] ?? "string"] : [key, schema(item)],
  );
  return Object.fromEntries(fields);
}

function texts(parameters: object, language: string): unknown {
  const { properties, ...rest } = parameters as { properties: Record<string, { type: string; description?: string }> };
  const named = language === "java" ? "Java" : "JavaScript";
  const shape = Object.entries(properties).map(([key, { type, description }]) => {
    const hint = `This is ${named} ${type} type parameter in string representation.`;
    return [key, { type: "string", description: `${description ?? ""} ${hint}`.trim() }];
  });
  return { ...(schema(rest) as object), type: "object", properties: Object.fromEntries(shape) };
}

/** The grade of a reply to a row. Line breaks next to the tags may have been lost on the way. */
export function bfclGrade(row: Row, reply: string): Promise<Grade> {
  const line = typeof row[LINE] === "string" ? row[LINE] : JSON.stringify(row);
  const tagged = reply.replace(/<tool_call>\n?/g, "<tool_call>\n").replace(/\n?<\/tool_call>/g, "\n</tool_call>");
  return bfclGrader().grade(readBfclTask(line), tagged);
}
