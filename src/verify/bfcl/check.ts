/**
 * BFCL's check of calls against the answers that are right, by their tree: the function's name, its parameters, their types
 * and values. Nothing is executed.
 *
 *   simple      one call of the only function
 *   multiple    one call, of the right one of several functions
 *   parallel    as many calls as answers, each answer met by a call of its own, in any order
 *   irrelevance no call; relevance: a call, whichever
 *
 * source   Patil et al., Berkeley Function Calling Leaderboard; bfcl-eval 2026.3.23 ast_eval/ast_checker.py
 */
import { QwqError } from "../../errors.ts";
import { type PyDict, PyFloat, PyTuple, type PyValue, get, isIn, typeName } from "../python/value.ts";
import { javaValue } from "./java.ts";
import { javascriptValue } from "./javascript.ts";
import { type Language, NESTED, TYPES } from "./types.ts";
import { badAnswer, itemsOf, wrongDict, wrongDicts, wrongList, wrongText } from "./values.ts";

/** A function that is offered. */
export interface FunctionDoc {
  readonly name: string;
  readonly properties: ReadonlyMap<string, ParameterDoc>;
  readonly required: readonly string[];
}

export interface ParameterDoc {
  readonly type: string;
  /** Of its items, where they have one. */
  readonly items?: string | undefined;
}

/** What is right: of each call its function's name, and for each parameter the values. */
export type Answers = readonly PyDict[];

export interface Checked {
  readonly functions: readonly FunctionDoc[];
  readonly language: Language;
  /** Names as API models give them: with _ for every dot. */
  readonly underscores?: boolean | undefined;
}

/** Why calls are not the right ones, as the official checker names it; `undefined` where they are. */
export function wrongCalls(
  calls: readonly PyDict[],
  answers: Answers,
  category: string,
  task: Checked,
): string | undefined {
  try {
    if (category.includes("parallel")) return wrongSet(calls, answers, task);
    if (category.includes("multiple")) {
      if (calls.length !== answers.length) return "multiple_function_checker:wrong_count";
      return wrongCall(calls[0]!, answers[0]!, described(task, answers[0]!), task);
    }
    if (calls.length !== 1) return "simple_function_checker:wrong_count";
    return wrongCall(calls[0]!, answers[0]!, task.functions[0], task);
  } catch (error) {
    // where the official checker ends with an error of Python's, the reply is not right either
    if (error instanceof QwqError) return `error: ${error.message}`;
    throw error;
  }
}

function described({ functions }: Checked, answer: PyDict): FunctionDoc | undefined {
  const [name] = answer.keys();
  return functions.find((one) => one.name === name);
}

function wrongSet(calls: readonly PyDict[], answers: Answers, task: Checked): string | undefined {
  if (calls.length !== answers.length) return "parallel_function_checker_no_order:wrong_count";
  const left = [...calls];
  for (const answer of answers) {
    const doc = described(task, answer);
    const at = left.findIndex((call) => wrongCall(call, answer, doc, task) === undefined);
    if (at < 0) return "parallel_function_checker_no_order:cannot_find_match";
    left.splice(at, 1);
  }
  return undefined;
}

function wrongCall(call: PyDict, answer: PyDict, doc: FunctionDoc | undefined, task: Checked): string | undefined {
  const [right] = answer.values();
  if (doc === undefined || !(right instanceof Map)) throw badAnswer("a function that is offered, with its parameters");
  const given = get(call, task.underscores ? doc.name.replaceAll(".", "_") : doc.name);
  if (!(given instanceof Map)) return "simple_function_checker:wrong_func_name";
  const args = given as PyDict;
  if (doc.required.some((name) => !args.has(name))) return "simple_function_checker:missing_required";
  for (const [name, value] of args) {
    const known = typeof name === "string" ? doc.properties.get(name) : undefined;
    const answers = (right as PyDict).get(name);
    if (known === undefined || answers === undefined) return "simple_function_checker:unexpected_param";
    const wrong = wrongValue(value, itemsOf(answers), known, task.language);
    if (wrong !== undefined) return wrong;
  }
  for (const [name, answers] of right as PyDict) {
    if (!args.has(name) && !isIn("", itemsOf(answers))) return "simple_function_checker:missing_optional";
  }
  return undefined;
}

/** The value in its language, then its type, then whether it is right. */
function wrongValue(
  given: PyValue,
  answers: readonly PyValue[],
  doc: ParameterDoc,
  language: Language,
): string | undefined {
  const type = TYPES[language].get(doc.type);
  if (type === undefined) throw badAnswer(`a type of ${language}, not ${doc.type}`);
  const nested = NESTED[language].has(doc.type) ? TYPES[language].get(doc.items ?? "") : undefined;
  if (NESTED[language].has(doc.type) && nested === undefined) throw badAnswer(`a type of ${language} for items`);
  if (language !== "python" && typeof given !== "string")
    return language === "java" ? "type_error:java" : "type_error:js";
  const value = converted(given, doc, nested !== undefined, language);
  const { wrong, variable } = wrongType(value, answers, type, nested);
  if (wrong !== undefined) return wrong;
  if (!variable) {
    if (type === "dict") return wrongDict(value as PyDict, answers);
    if (type === "list" && nested === "dict") return wrongDicts(value as readonly PyValue[], answers);
    if (type === "str") return wrongText(value as string, answers);
    if (type === "list") return wrongList(value as readonly PyValue[], answers);
  }
  return isIn(value, answers) ? undefined : "value_error:others";
}

function converted(given: PyValue, { type, items }: ParameterDoc, nested: boolean, language: Language): PyValue {
  const inner = nested ? items : undefined;
  if (language === "java") return javaValue(given as string, type, inner);
  if (language === "javascript") return javascriptValue(given as string, type, inner);
  if (type === "tuple" && given instanceof PyTuple) return given.items;
  return type === "float" && typeof given === "bigint" ? new PyFloat(Number(given)) : given;
}

interface TypeCheck {
  readonly wrong?: string;
  /** Whether the answers are of another type than the parameter: then they name a variable. */
  readonly variable: boolean;
}

function wrongType(value: PyValue, answers: readonly PyValue[], type: string, nested: string | undefined): TypeCheck {
  const known = answers.find((answer) => answer !== "");
  const answered = known === undefined ? undefined : typeName(known);
  const variable = answered !== undefined && answered !== type;
  const fits = typeName(value) === type;
  if (fits && (nested === undefined || itemsFit(value as readonly PyValue[], answers, nested))) return { variable };
  if (fits) return { wrong: "type_error:nested", variable };
  return typeName(value) === answered ? { variable: true } : { wrong: "type_error:simple", variable };
}

/** Whether all items have their type by one of the answers; an answer that is no list asks nothing of them. */
function itemsFit(value: readonly PyValue[], answers: readonly PyValue[], nested: string): boolean {
  return answers.some(
    (answer) =>
      !Array.isArray(answer) ||
      value.every((item) => wrongType(item, answer as readonly PyValue[], nested, undefined).wrong === undefined),
  );
}
