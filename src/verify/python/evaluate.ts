/**
 * The value of an expression of constants: sums, products, powers of numbers; texts and lists put together.
 *
 * numbers  floats as CPython: one rounding an operation. Powers of more than 100,000 bits are refused
 * throws   FormatError E_PYTHON_VALUE where CPython raises, or where a name would have to be known
 */
import { FormatError } from "../../errors.ts";
import type { Node } from "./ast.ts";
import { PyFloat, PyTuple, type PyValue, truth } from "./value.ts";

/** Bits, or items of a text or list. */
const LARGEST = 100_000;

/** Its value. */
export function evaluate(node: Node): PyValue {
  switch (node.kind) {
    case "constant":
      return node.value;
    case "list":
      return node.items.map(evaluate);
    case "tuple":
      return new PyTuple(node.items.map(evaluate));
    case "unary":
      return signed(node.operator, evaluate(node.of));
    case "binary":
      return combine(node.operator, evaluate(node.left), evaluate(node.right));
    default:
      throw noValue("constants", node.kind);
  }
}

function signed(operator: "+" | "-" | "~" | "not", value: PyValue): PyValue {
  if (operator === "not") return !truth(value);
  if (operator === "-") return negated(value);
  if (operator === "~") return -integer(value) - 1n;
  return value instanceof PyFloat ? value : integer(value);
}

/** `-value`. */
export function negated(value: PyValue): PyValue {
  return value instanceof PyFloat ? new PyFloat(-value.value) : -integer(value);
}

function combine(operator: string, left: PyValue, right: PyValue): PyValue {
  if (operator === "+" && typeof left === "string" && typeof right === "string") return left + right;
  if (operator === "+" && Array.isArray(left) && Array.isArray(right))
    return [...(left as PyValue[]), ...(right as PyValue[])];
  if (operator === "+" && left instanceof PyTuple && right instanceof PyTuple)
    return new PyTuple([...left.items, ...right.items]);
  if (operator === "*" && isSequence(left)) return repeated(left, integer(right));
  if (operator === "*" && isSequence(right)) return repeated(right, integer(left));
  if (left instanceof PyFloat || right instanceof PyFloat || operator === "/")
    return floats(operator, float(left), float(right));
  return integers(operator, integer(left), integer(right));
}

function isSequence(value: PyValue): value is string | readonly PyValue[] {
  return typeof value === "string" || Array.isArray(value);
}

function repeated(value: string | readonly PyValue[], times: bigint): PyValue {
  const count = times > 0n ? times : 0n;
  if (BigInt(value.length) * count > LARGEST) throw noValue(`at most ${LARGEST} items`, "more");
  if (typeof value === "string") return value.repeat(Number(count));
  return Array.from({ length: Number(count) }, () => value).flat();
}

function floats(operator: string, a: number, b: number): PyValue {
  if (b === 0 && ["/", "//", "%"].includes(operator)) throw noValue("no division by zero", operator);
  const mod = () => {
    const rest = a % b;
    return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
  };
  if (operator === "//") return new PyFloat(Math.floor((a - mod()) / b + 0.5));
  if (operator === "%") return new PyFloat(mod());
  if (operator === "**" && (a === 0 ? b < 0 : a < 0 && !Number.isInteger(b))) throw noValue("a real power", "none");
  const out = { "+": a + b, "-": a - b, "*": a * b, "/": a / b, "**": a ** b }[operator];
  if (out === undefined) throw noValue("an operator of floats", operator);
  if (operator === "**" && !Number.isFinite(out) && Number.isFinite(a) && Number.isFinite(b))
    throw noValue("a float", "more");
  return new PyFloat(out);
}

function integers(operator: string, a: bigint, b: bigint): PyValue {
  if (b === 0n && ["//", "%"].includes(operator)) throw noValue("no division by zero", operator);
  if (operator === "**") return power(a, b);
  if (operator === "<<" || operator === ">>") {
    if (b < 0n || (operator === "<<" && b > LARGEST)) throw noValue("a shift", String(b));
    return operator === "<<" ? a << b : a >> b;
  }
  // BigInt's own quotient is cut, Python's is rounded down
  const down = () => (a % b !== 0n && a < 0n !== b < 0n ? a / b - 1n : a / b);
  if (operator === "//") return down();
  if (operator === "%") return a - down() * b;
  const out = { "+": a + b, "-": a - b, "*": a * b, "&": a & b, "|": a | b, "^": a ^ b }[operator];
  if (out === undefined) throw noValue("an operator of whole numbers", operator);
  return out;
}

function power(a: bigint, b: bigint): PyValue {
  if (b < 0n) return floats("**", Number(a), Number(b));
  if (BigInt(a.toString(2).length) * b > LARGEST) throw noValue(`at most ${LARGEST} bits`, "more");
  return a ** b;
}

function integer(value: PyValue): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1n : 0n;
  throw noValue("a whole number", typeof value);
}

function float(value: PyValue): number {
  return value instanceof PyFloat ? value.value : Number(integer(value));
}

function noValue(expected: string, actual: string): FormatError {
  return new FormatError("E_PYTHON_VALUE", "Python expression", { expected, actual });
}
