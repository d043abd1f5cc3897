/**
 * A calculator. The mathematics is a library's (mathjs), with 64 digits; which part of its language may be used is decided
 * here, by the nodes of the parsed expression: numbers, operators, and functions of numbers. No names are assigned, no
 * matrices or strings made, nothing imported.
 */
import type { BigNumber, ConstantNode, FunctionNode, MathNode, OperatorNode, SymbolNode } from "mathjs";
import { type Tool, ToolError } from "../tool.ts";

const LONGEST = 1000;
const DIGITS = 64;
const CONSTANTS = ["pi", "e", "tau"];
const FUNCTIONS = [
  ..."abs sqrt cbrt exp log log2 log10 sin cos tan asin acos atan atan2 sinh cosh tanh".split(" "),
  ..."floor ceil round fix sign mod gcd lcm min max factorial combinations permutations pow nthRoot".split(" "),
];
/** Their time grows with their argument. */
const SLOW = ["factorial", "combinations", "permutations", "gcd", "lcm"];
const LARGEST_SLOW = 10_000;

/** The tool, as the embedded model learns to know it. */
export function calculator(): Tool {
  return {
    name: "calculator",
    description: "Works out an expression.",
    parameters: { type: "object", properties: { expression: { type: "string" } }, required: ["expression"] },
    run: ({ expression }) => evaluate(String(expression)),
  };
}

/** The value of an expression, as a number is written. Throws ToolError. */
export async function evaluate(expression: string): Promise<string> {
  if (expression.length > LONGEST) throw new ToolError(`An expression has at most ${LONGEST} characters.`);
  const math = await library();
  let root: MathNode;
  try {
    root = math.parse(plain(expression));
  } catch (error) {
    throw new ToolError(`This is no expression: ${(error as Error).message}.`);
  }
  root.traverse((node) => check(node, math));
  try {
    const value: unknown = root.compile().evaluate();
    if (!math.isBigNumber(value)) throw new ToolError("This has no real value.");
    if (!value.isFinite()) throw new ToolError("This has no finite value.");
    return written(value);
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError(`This cannot be worked out: ${(error as Error).message}.`);
  }
}

/** 64 digits are worked with, and fewer shown where there is a fraction, so that (1/3)*3 is 1. */
function written(value: BigNumber): string {
  const shown = value.toSignificantDigits(value.isInteger() ? DIGITS : 15);
  if (shown.isZero()) return "0";
  const size = shown.abs();
  return size.lt(shown.isInteger() ? `1e${DIGITS}` : "1e21") && size.gte("1e-7") ? shown.toFixed() : shown.toString();
}

type Library = Awaited<ReturnType<typeof make>>;
let made: Promise<Library> | undefined;

/** Read when it is needed: it takes a third of a second. */
function library(): Promise<Library> {
  return (made ??= make());
}

async function make() {
  const { all, create } = await import("mathjs");
  return create(all!, { number: "BigNumber", precision: DIGITS });
}

/** Signs that people write for those that programs read. */
function plain(expression: string): string {
  return expression
    .replace(/[\u00d7\u22c5\u00b7]/g, "*")
    .replace(/\u00f7/g, "/")
    .replace(/[\u2212\u2013]/g, "-")
    .replace(/\*\*/g, "^")
    .replace(/(?<=\d),(?=\d{3}(?!\d))/g, "")
    .replace(/\s*=\s*\??\s*$/, "");
}

function check(node: MathNode, math: Library): void {
  if (node.type === "ParenthesisNode") return;
  if (node.type === "ConstantNode" && math.isBigNumber((node as ConstantNode).value)) return;
  if (node.type === "OperatorNode" && !["and", "or", "xor", "not"].includes((node as OperatorNode).fn))
    return checkPower(node as OperatorNode, math);
  if (node.type === "SymbolNode") {
    const { name } = node as SymbolNode;
    if (CONSTANTS.includes(name) || FUNCTIONS.includes(name)) return;
    throw new ToolError(
      `There is no ${JSON.stringify(name.slice(0, 40))}. There are numbers, + - * / ^ % !, ${CONSTANTS.join(", ")}, and ${FUNCTIONS.join(", ")}.`,
    );
  }
  if (node.type === "FunctionNode") return checkCall(node as FunctionNode, math);
  throw new ToolError("Only numbers, operators and functions of numbers can be worked out.");
}

function checkPower({ fn, args }: OperatorNode, math: Library): void {
  if (fn === "factorial") checkSlow(args[0]!, math);
}

function checkCall({ fn, args }: FunctionNode, math: Library): void {
  const { name } = fn as unknown as { name: string };
  if (SLOW.includes(name)) for (const one of args) checkSlow(one, math);
}

/** What goes into a slow function is a number by itself, and no large one. */
function checkSlow(node: MathNode, math: Library): void {
  const value = (node as ConstantNode).value;
  if (node.type === "ConstantNode" && math.isBigNumber(value) && value.lte(LARGEST_SLOW)) return;
  throw new ToolError(`Factorials and their like are worked out of numbers up to ${LARGEST_SLOW}.`);
}
