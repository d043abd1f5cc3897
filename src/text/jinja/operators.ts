/**
 * Python's operators between two values. What Python refuses is refused: a string and a number do not add up.
 */
import { str } from "./print.ts";
import {
  compare,
  equal,
  fail,
  iterate,
  limitLength,
  numeric,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from "./value.ts";

/** The value of `a operator b`, for every operator but `and` and `or`, which do not always need b. */
export function binary(operator: string, a: Value, b: Value): Value {
  switch (operator) {
    case "==":
      return equal(a, b);
    case "!=":
      return !equal(a, b);
    case "in":
      return contains(b, a);
    case "not in":
      return !contains(b, a);
    case "~":
      return concatenate(str(a), str(b));
    case "<":
      return ordered(operator, a, b) < 0;
    case ">":
      return ordered(operator, a, b) > 0;
    case "<=":
      return ordered(operator, a, b) <= 0;
    case ">=":
      return ordered(operator, a, b) >= 0;
    default:
      return arithmetic(operator, used(a), used(b));
  }
}

/** `-a` and `+a`. */
export function sign(operator: string, a: Value): Value {
  const x = numeric(used(a));
  if (x === undefined) throw fail(`${operator} before ${typeName(a)}`);
  return operator === "-" ? -x : x;
}

/** The value, which must be defined to be worked with. */
export function used(value: Value): Exclude<Value, Undefined> {
  if (value instanceof Undefined) throw fail(value.what);
  return value;
}

function ordered(operator: string, a: Value, b: Value): number {
  return compare(used(a), used(b), operator);
}

function contains(whole: Value, part: Value): boolean {
  if (typeof whole === "string") {
    if (typeof part !== "string") throw fail(`${typeName(part)} looked for in str`);
    return whole.includes(part);
  }
  return iterate(whole).some((item) => equal(item, part));
}

function concatenate(a: string, b: string): string {
  limitLength(a.length + b.length);
  return a + b;
}

function arithmetic(operator: string, a: Value, b: Value): Value {
  const [x, y] = [numeric(a), numeric(b)];
  if (x !== undefined && y !== undefined) {
    return typeof x === "bigint" && typeof y === "bigint"
      ? integers(operator, x, y)
      : floats(operator, Number(x), Number(y));
  }
  if (operator === "+") {
    if (typeof a === "string" && typeof b === "string") return concatenate(a, b);
    if (Array.isArray(a) && Array.isArray(b) && a instanceof Tuple === b instanceof Tuple) {
      limitLength(a.length + b.length);
      return [...a, ...b];
    }
  }
  if (operator === "*") {
    if (typeof y === "bigint") return repeat(a, y);
    if (typeof x === "bigint") return repeat(b, x);
  }
  throw fail(`${typeName(a)} ${operator} ${typeName(b)}`);
}

function repeat(whole: Value, times: bigint): Value {
  if (typeof whole !== "string" && !Array.isArray(whole)) throw fail(`${typeName(whole)} * int`);
  if (times <= 0n) return typeof whole === "string" ? "" : [];
  limitLength(whole.length * Number(times));
  const count = Number(times);
  return typeof whole === "string" ? whole.repeat(count) : Array.from({ length: count }, () => whole).flat();
}

function integers(operator: string, x: bigint, y: bigint): Value {
  if (operator === "+") return x + y;
  if (operator === "-") return x - y;
  if (operator === "*") return limited(x * y);
  if (operator === "/") return floats(operator, Number(x), Number(y));
  if (operator === "**") return y < 0n ? floats(operator, Number(x), Number(y)) : power(x, y);
  if (y === 0n) throw fail("a division by zero");
  // Python rounds down, BigInt towards zero
  const rest = ((x % y) + y) % y;
  return operator === "%" ? rest : (x - rest) / y;
}

/** Digits an integer may have: Python refuses to print one of more. */
const DIGITS = 4300;

function power(x: bigint, y: bigint): bigint {
  limitLength(x.toString().length * Number(y), DIGITS);
  return x ** y;
}

function limited(x: bigint): bigint {
  limitLength(x.toString(16).length, DIGITS);
  return x;
}

function floats(operator: string, x: number, y: number): number {
  if (operator === "+") return x + y;
  if (operator === "-") return x - y;
  if (operator === "*") return x * y;
  if (y === 0 && operator !== "**") throw fail("a division by zero");
  if (operator === "/") return x / y;
  if (operator === "//") return Math.floor(x / y);
  if (operator === "%") return x - y * Math.floor(x / y);
  return floatPower(x, y);
}

function floatPower(x: number, y: number): number {
  const result = x ** y;
  if (Number.isFinite(result) || !Number.isFinite(x) || !Number.isFinite(y)) return result;
  throw fail(`${x} ** ${y}, which is not a finite number`);
}
