/**
 * Expressions for a calculator, with their exact values: numbers of up to seven digits, some with decimals, two to four of them,
 * with + - * / ^ and brackets. Their values are fractions of whole numbers, written as the calculator writes them
 * (src/agent/tools/calculator.ts): whole ones in full, others with fifteen significant digits.
 */
import type { Dice } from "../dice.ts";
import { keyOf, type Operation } from "../working.ts";

/** What is to be worked out. */
export interface Expression {
  /** Numbers and signs in their order, as the calculator takes them. */
  readonly parts: readonly string[];
  /** The two numbers and the sign, where there are no more. */
  readonly pair?: readonly [a: string, sign: Sign, b: string] | undefined;
  /** The same for the same mathematics, as src/training/tasks/working.ts names sums. */
  readonly key: string;
  /** As the calculator says it; undefined where something is divided by zero. */
  readonly value: string | undefined;
}

export type Sign = "+" | "-" | "*" | "/" | "^";

/** A fraction; its denominator is above 0. */
interface Exact {
  readonly over: bigint;
  readonly under: bigint;
}

/** Signs as often as they come between two numbers. */
const SIGNS: readonly Sign[] = ["+", "+", "-", "-", "*", "*", "*", "/"];

/** Characters of a value at most: longer ones are not drawn. */
const LONGEST = 20;

/** Draws an expression: of two numbers in three of five. */
export function expression(dice: Dice): Expression {
  for (;;) {
    const drawn = any(dice);
    if ((drawn.value ?? "").length <= LONGEST) return drawn;
  }
}

function any(dice: Dice): Expression {
  const form = dice.below(10);
  if (form < 6) return pair(number(dice), dice.pick(SIGNS), number(dice));
  if (form < 7) return pair(`${dice.between(2, 999)}`, "^", `${dice.between(2, 3)}`);
  const [a, b, c, d] = [number(dice), number(dice), number(dice), number(dice)];
  const [x, y, z] = [dice.pick(SIGNS), dice.pick(SIGNS), dice.pick(SIGNS)];
  const inner = pair(b, y, c).parts;
  if (form < 8) return of([a, x, b, y, c]);
  if (form < 9) return of(dice.chance(0.5) ? ["(", ...inner, ")", x, a] : [a, x, "(", ...inner, ")"]);
  return of([a, x, b, y, c, z, d]);
}

/** Two numbers, now and then three or four, whose value nobody asks. */
export function long(dice: Dice): Expression {
  const parts = [number(dice)];
  for (let left = dice.pick([1, 1, 1, 1, 2, 3]); left > 0; left--) parts.push(dice.pick(SIGNS), number(dice));
  return { parts, key: parts.join(""), value: undefined };
}

/** The expression of two numbers. */
export function pair(a: string, sign: Sign, b: string): Expression {
  const plain = /^\d+$/.test(a) && /^\d+$/.test(b) && sign !== "/" && sign !== "^";
  const operation = (sign === "*" ? "\u00d7" : sign) as Operation;
  const key = plain ? keyOf({ operation, a: Number(a), b: Number(b) }) : [a, sign, b].join("");
  return { ...of([a, sign, b]), pair: [a, sign, b], key };
}

function of(parts: readonly string[]): Expression {
  const value = valueOf(parts);
  return { parts, key: parts.join(""), value: value === undefined ? undefined : written(value) };
}

/** The text of an expression: tight, or with a space on each side of a sign. */
export function textOf({ parts }: Expression, tight = false): string {
  return tight ? parts.join("") : parts.join(" ").replace(/\( /g, "(").replace(/ \)/g, ")");
}

/** Numbers of one to seven digits, those of two to five most often; one of twelve has decimals. */
function number(dice: Dice): string {
  const digits = dice.pick([1, 2, 2, 3, 3, 4, 4, 4, 5, 5, 6, 7]);
  const whole = digits === 1 ? dice.below(10) : dice.between(10 ** (digits - 1), 10 ** digits - 1);
  return digits < 5 && dice.chance(1 / 12) ? `${whole}.${dice.between(1, 9)}` : `${whole}`;
}

const BINDS: Readonly<Record<string, number>> = { "+": 1, "-": 1, "*": 2, "/": 2, "^": 3 };

/** The exact value: brackets first, then the sign that binds least, from the right. */
function valueOf(parts: readonly string[]): Exact | undefined {
  if (parts.length === 1) return exact(parts[0]!);
  let [depth, at] = [0, -1];
  parts.forEach((part, i) => {
    depth += part === "(" ? 1 : part === ")" ? -1 : 0;
    if (depth === 0 && part in BINDS && (at < 0 || BINDS[part]! <= BINDS[parts[at]!]!)) at = i;
  });
  if (at < 0) return valueOf(parts.slice(1, -1));
  const [a, b] = [valueOf(parts.slice(0, at)), valueOf(parts.slice(at + 1))];
  return a === undefined || b === undefined ? undefined : combined(a, parts[at] as Sign, b);
}

function exact(number: string): Exact {
  const [whole, decimals = ""] = number.split(".");
  return { over: BigInt(whole! + decimals), under: 10n ** BigInt(decimals.length) };
}

function combined(a: Exact, sign: Sign, b: Exact): Exact | undefined {
  if (sign === "+") return { over: a.over * b.under + b.over * a.under, under: a.under * b.under };
  if (sign === "-") return { over: a.over * b.under - b.over * a.under, under: a.under * b.under };
  if (sign === "*") return { over: a.over * b.over, under: a.under * b.under };
  if (sign === "^") return { over: a.over ** b.over, under: a.under ** b.over };
  if (b.over === 0n) return undefined;
  return { over: a.over * b.under * (b.over < 0n ? -1n : 1n), under: a.under * (b.over < 0n ? -b.over : b.over) };
}

/** Significant digits of what is not whole. */
const SIGNIFICANT = 15;

/** The value as the calculator writes it. */
function written({ over, under }: Exact): string {
  const size = over < 0n ? -over : over;
  if (size % under === 0n) return `${over / under}`;
  if (size > under * 10n ** 12n || size * 10n ** 6n < under) return "x".repeat(LONGEST + 1); // written otherwise
  // 10^-digits is the place of the last digit that is written.
  let digits = SIGNIFICANT - (size < under ? 0 : `${size / under}`.length);
  while (size < under && (size * 10n ** BigInt(digits + 1)) / under < 10n ** BigInt(SIGNIFICANT)) digits++;
  const scaled = (2n * size * 10n ** BigInt(digits) + under) / (2n * under);
  const text = `${scaled}`.padStart(digits + 1, "0");
  const decimals = text.slice(text.length - digits).replace(/0+$/, "");
  return `${over < 0n ? "-" : ""}${text.slice(0, text.length - digits)}${decimals === "" ? "" : "."}${decimals}`;
}
