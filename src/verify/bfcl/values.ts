/**
 * Whether a value is one of those that are right. Texts are compared without case, spaces and some punctuation; of a dict
 * each key has answers of its own, and a key that may be left out has "" among them.
 *
 * Each function says why not, or nothing where it is right.
 *
 * throws   FormatError E_BFCL_ANSWER where the answers are of another form, on which the official checker raises too
 * source   bfcl-eval 2026.3.23 ast_eval/ast_checker.py: standardize_string, string_checker, list_checker, dict_checker,
 *          list_dict_checker
 */
import { FormatError } from "../../errors.ts";
import { equal, get, isIn, type PyDict, type PyValue } from "../python/value.ts";

/** A text in the form in which texts are compared. */
export function standardText(text: string): string {
  return text
    .replace(/[ ,./\-_*^]/g, "")
    .toLowerCase()
    .replaceAll("'", '"');
}

function standard(value: PyValue): PyValue {
  return typeof value === "string" ? standardText(value) : value;
}

export function wrongText(value: string, answers: readonly PyValue[]): string | undefined {
  const texts = answers.filter((answer) => typeof answer === "string").map(standardText);
  return texts.includes(standardText(value)) ? undefined : "value_error:string";
}

export function wrongList(value: readonly PyValue[], answers: readonly PyValue[]): string | undefined {
  const lists = answers.map((answer) => itemsOf(answer).map(standard));
  return isIn(value.map(standard), lists) ? undefined : "value_error:list/tuple";
}

export function wrongDict(value: PyDict, answers: readonly PyValue[]): string | undefined {
  let why = "dict_checker:unclear";
  for (const answer of answers) {
    if (answer === "") continue;
    const wrong = wrongKeys(value, answer);
    if (wrong === undefined) return undefined;
    why = wrong;
  }
  return why;
}

/** What is missing is looked for last, and is what is said. */
function wrongKeys(value: PyDict, answer: PyValue): string | undefined {
  const missing = () => {
    for (const [key, right] of fieldsOf(answer)) {
      if (get(value, key) === undefined && !has(right, "")) return "value_error:dict_key";
    }
    return undefined;
  };
  const wrong = wrongFields(value, answer);
  return missing() ?? wrong;
}

function wrongFields(value: PyDict, answer: PyValue): string | undefined {
  for (const [key, item] of value) {
    if (!has(answer, key)) return "value_error:dict_key";
    const right = get(fieldsOf(answer), key)!;
    if (!isIn(standard(item), itemsOf(right).map(standard))) return "value_error:dict_value";
  }
  return undefined;
}

export function wrongDicts(value: readonly PyValue[], answers: readonly PyValue[]): string | undefined {
  let why = "list_dict_checker:unclear";
  for (const answer of answers) {
    const right = itemsOf(answer);
    const wrong =
      value.length === right.length
        ? firstWrong(value, (item, index) => wrongDict(fieldsOf(item), [right[index]!]))
        : "value_error:list_dict_count";
    if (wrong === undefined) return undefined;
    why = wrong;
  }
  return why;
}

function firstWrong(
  values: readonly PyValue[],
  check: (value: PyValue, index: number) => string | undefined,
): string | undefined {
  for (const [index, value] of values.entries()) {
    const wrong = check(value, index);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** What `for` goes through: of a text its characters, of a dict its keys. */
export function itemsOf(value: PyValue): readonly PyValue[] {
  if (typeof value === "string") return [...value];
  if (value instanceof Map) return [...value.keys()] as PyValue[];
  if (Array.isArray(value)) return value as readonly PyValue[];
  throw badAnswer("a list of answers");
}

function fieldsOf(value: PyValue): PyDict {
  if (value instanceof Map) return value as PyDict;
  throw badAnswer("an object of answers");
}

/** `item in value`. */
function has(value: PyValue, item: PyValue): boolean {
  if (value instanceof Map) return get(value as PyDict, item) !== undefined;
  if (typeof value === "string" && typeof item === "string") return value.includes(item);
  return itemsOf(value).some((own) => equal(own, item));
}

export function badAnswer(expected: string): FormatError {
  const hint = "Check the task's ground_truth.";
  return new FormatError("E_BFCL_ANSWER", "ground_truth", { expected, actual: "another value", hint });
}
