/**
 * Expressions of a template, evaluated as Python evaluates what Jinja2 makes of them.
 */
import { text } from "./arguments.ts";
import { attribute, item, slice } from "./attributes.ts";
import { applyFilter } from "./filters.ts";
import { binary, sign } from "./operators.ts";
import { type Run, type Scope } from "./scope.ts";
import { applyTest } from "./tests.ts";
import type { Argument, Binary, Call, Expression, Member } from "./tree.ts";
import {
  Callable,
  type Dict,
  fail,
  iterate,
  truth,
  Tuple,
  typeName,
  Undefined,
  unsupported,
  type Value,
} from "./value.ts";

const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["none", null],
  ["None", null],
]);

/** The value of an expression. */
export function evaluate(node: Expression, scope: Scope, run: Run): Value {
  run.step();
  const value = (part: Expression) => evaluate(part, scope, run);
  switch (node.type) {
    case "Identifier":
      return lookUp(node.value, scope);
    case "StringLiteral":
      return node.value;
    case "IntegerLiteral":
      return integer(node.value);
    case "FloatLiteral":
      return node.value;
    case "ArrayLiteral":
      return node.value.map(value);
    case "TupleLiteral":
      return Tuple.of(...node.value.map(value));
    case "ObjectLiteral":
      return new Map([...node.value].map(([k, v]) => [text(value(k)), value(v)]));
    case "BinaryExpression":
      return evaluateBinary(node, scope, run);
    case "UnaryExpression":
      return node.operator.value === "not"
        ? !truth(value(node.argument))
        : sign(node.operator.value, value(node.argument));
    case "FilterExpression":
      return filtered(value(node.operand), node.filter, scope, run);
    case "TestExpression":
      return applyTest(node.test.value, value(node.operand), []) !== node.negate;
    case "Ternary":
      return truth(value(node.condition)) ? value(node.trueExpr) : value(node.falseExpr);
    case "SelectExpression":
      return truth(value(node.test)) ? value(node.lhs) : new Undefined("an `if` without `else` that was false");
    case "MemberExpression":
      return evaluateMember(node, scope, run);
    case "CallExpression":
      return evaluateCall(node, scope, run);
    default:
      throw unsupported(`the syntax ${String((node satisfies never as Expression).type)}`);
  }
}

/** `value | filter` or `value | filter(arguments)`. */
export function filtered(value: Value, filter: Expression, scope: Scope, run: Run): Value {
  if (filter.type === "Identifier") return applyFilter(filter.value, value, [], new Map());
  if (filter.type !== "CallExpression" || filter.callee.type !== "Identifier")
    throw unsupported("a filter that is not a name");
  const { args, named } = evaluateArguments(filter.args, scope, run);
  return applyFilter(filter.callee.value, value, args, named);
}

/** The arguments of a call; every one by place before those by name, as in Python. */
export function evaluateArguments(
  list: readonly Argument[],
  scope: Scope,
  run: Run,
): { args: Value[]; named: Map<string, Value> } {
  const args: Value[] = [];
  const named: Dict = new Map();
  for (const argument of list) {
    if (argument.type === "SpreadExpression") args.push(...iterate(evaluate(argument.argument, scope, run)));
    else if (argument.type !== "KeywordArgumentExpression" && argument.type !== "KeywordSpreadExpression")
      args.push(evaluate(argument, scope, run));
  }
  for (const argument of list) {
    if (argument.type === "KeywordArgumentExpression")
      named.set(argument.key.value, evaluate(argument.value, scope, run));
    if (argument.type === "KeywordSpreadExpression") {
      const dict = evaluate(argument.argument, scope, run);
      if (!(dict instanceof Map)) throw fail(`${typeName(dict)} after **`);
      for (const [key, value] of dict) named.set(key, value);
    }
  }
  return { args, named };
}

/** Calls what must be a function, method or macro. */
export function callValue(callee: Value, args: Value[], named: Map<string, Value>): Value {
  if (callee instanceof Callable) return callee.call(args, named);
  throw fail(callee instanceof Undefined ? callee.what : `a call of ${typeName(callee)}`);
}

function lookUp(name: string, scope: Scope): Value {
  const constant = CONSTANTS.get(name);
  return constant === undefined ? scope.get(name) : constant;
}

function integer(x: number): bigint {
  if (Number.isSafeInteger(x)) return BigInt(x);
  throw unsupported("an integer literal beyond 2^53 - 1");
}

function evaluateBinary(node: Binary, scope: Scope, run: Run): Value {
  const left = evaluate(node.left, scope, run);
  const operator = node.operator.value;
  if (operator === "and") return truth(left) ? evaluate(node.right, scope, run) : left;
  if (operator === "or") return truth(left) ? left : evaluate(node.right, scope, run);
  return binary(operator, left, evaluate(node.right, scope, run));
}

function evaluateMember({ object, property, computed }: Member, scope: Scope, run: Run): Value {
  const container = evaluate(object, scope, run);
  if (property.type === "SliceExpression") {
    const bound = (part: Expression | undefined) => (part === undefined ? null : evaluate(part, scope, run));
    return slice(container, bound(property.start), bound(property.stop), bound(property.step));
  }
  if (!computed && property.type === "Identifier") return attribute(container, property.value);
  return item(container, evaluate(property, scope, run));
}

function evaluateCall(node: Call, scope: Scope, run: Run): Value {
  const callee = evaluate(node.callee, scope, run);
  const { args, named } = evaluateArguments(node.args, scope, run);
  return callValue(callee, args, named);
}
