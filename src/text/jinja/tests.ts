/**
 * Jinja2's tests: what may follow `is`.
 */
import {
  compare,
  Callable,
  equal,
  iterate,
  numeric,
  fail,
  typeName,
  Undefined,
  unsupported,
  type Value,
} from "./value.ts";

type Test = (value: Value, args: readonly Value[]) => boolean;

const isMapping = (value: Value) => value instanceof Map;
const isSequence = (value: Value) => typeof value === "string" || Array.isArray(value) || value instanceof Map;
const other = (args: readonly Value[]): Value => {
  if (args[0] === undefined) throw fail("a test without its argument");
  return args[0];
};

const same: Test = (value, args) => equal(value, other(args));
const differs: Test = (value, args) => !equal(value, other(args));
const less: Test = (value, args) => compare(value, other(args)) < 0;
const most: Test = (value, args) => compare(value, other(args)) <= 0;
const more: Test = (value, args) => compare(value, other(args)) > 0;
const least: Test = (value, args) => compare(value, other(args)) >= 0;

const TESTS: ReadonlyMap<string, Test> = new Map<string, Test>([
  ["defined", (value) => !(value instanceof Undefined)],
  ["undefined", (value) => value instanceof Undefined],
  ["none", (value) => value === null],
  ["true", (value) => value === true],
  ["false", (value) => value === false],
  ["boolean", (value) => typeof value === "boolean"],
  ["string", (value) => typeof value === "string"],
  ["integer", (value) => typeof value === "bigint"],
  ["float", (value) => typeof value === "number"],
  ["number", (value) => numeric(value) !== undefined],
  ["mapping", isMapping],
  // Jinja2's Undefined can be looped over, and has a length
  ["sequence", (value) => isSequence(value) || value instanceof Undefined],
  ["iterable", (value) => isSequence(value) || value instanceof Undefined],
  ["callable", (value) => value instanceof Callable],
  ["odd", (value) => parity(value) === 1n],
  ["even", (value) => parity(value) === 0n],
  ["lower", (value) => typeof value === "string" && /\p{L}/u.test(value) && value === value.toLowerCase()],
  ["upper", (value) => typeof value === "string" && /\p{L}/u.test(value) && value === value.toUpperCase()],
  ["in", (value, args) => iterate(other(args)).some((element) => equal(element, value))],
  ["eq", same],
  ["equalto", same],
  ["==", same],
  ["ne", differs],
  ["!=", differs],
  ["lt", less],
  ["lessthan", less],
  ["<", less],
  ["le", most],
  ["<=", most],
  ["gt", more],
  ["greaterthan", more],
  [">", more],
  ["ge", least],
  [">=", least],
]);

/** `value is name(...args)`. The parser takes tests without arguments; `select` and its sisters give them. */
export function applyTest(name: string, value: Value, args: readonly Value[]): boolean {
  const test = TESTS.get(name);
  if (test === undefined) throw unsupported(`the test "${name}"`);
  return test(value, args);
}

function parity(value: Value): bigint {
  const x = numeric(value);
  if (typeof x !== "bigint") throw fail(`${typeName(value)} where an int is needed`);
  return ((x % 2n) + 2n) % 2n;
}
