/**
 * Whether an answer says what is expected. The rules are math-verify's, so that scores can be compared with those that
 * others publish; where they surprise, they are named:
 *
 * - a number with a point is the same as another that rounds to it at six decimals: 0.333333 is 1/3, 0.33 is not
 * - 50% is 0.5, and it is 50
 * - "x = 5" is 5; "x = 5" is not "y = 5"
 * - (1, 2) is a pair and an open interval; "1, 2" is the same as it where the order is
 * - an interval is right where an inequality is expected, an inequality is not where an interval is
 *
 * source   math-verify 0.9.0, grader.sympy_expr_eq and what it calls
 */
import type { Evaluator } from "./evaluate.ts";
import { normalise } from "./latex.ts";
import { type Answer, type Relation, shapeOf } from "./shape.ts";

type Kind<K extends Answer["kind"]> = Extract<Answer, { readonly kind: K }>;

/** Items of a set beyond which they are compared in their order alone. */
const MOST_ITEMS = 64;
const DECIMALS = 6;

/** Whether `given`, as it stood in a reply, says `expected`. */
export function sameAnswer(expected: string, given: string, evaluator: Evaluator): boolean {
  const [gold, said] = [normalise(expected), normalise(given)];
  if (said === "" || gold === "") return false;
  if (squeezed(gold) === squeezed(said)) return true;
  // A point at the end makes an answer unreadable to math-verify, and to lm-eval: "5." is not 5 there.
  if (/\.$/.test(said) !== /\.$/.test(gold)) return false;
  return new Comparison(evaluator).same(shapeOf(gold), shapeOf(said));
}

class Comparison {
  private readonly evaluator: Evaluator;

  constructor(evaluator: Evaluator) {
    this.evaluator = evaluator;
  }

  same(expected: Answer, given: Answer): boolean {
    const [gold, said] = unassigned(expected, given);
    if (gold.kind === "text" || said.kind === "text") return sameWords(gold, said);
    if (gold.kind === "expression" && said.kind === "expression") return this.sameExpression(gold, said);
    if (gold.kind === "relation" && said.kind === "relation") return this.sameRelation(gold, said);
    if (gold.kind === "relation") return this.sameInterval(intervalOf(gold), said);
    if (gold.kind === "matrix" || said.kind === "matrix") return this.sameMatrix(gold, said);
    if (gold.kind === "union" || said.kind === "union") return this.sameSets(partsOf(gold), partsOf(said));
    if (gold.kind === "tuple" && said.kind === "tuple") return this.sameTuple(gold, said);
    if (gold.kind === "tuple" || said.kind === "tuple") return this.sameMixed(gold, said);
    return this.sameSets(itemsOf(gold), itemsOf(said));
  }

  private sameExpression(gold: Kind<"expression">, said: Kind<"expression">): boolean {
    const [a, b] = [decimalOf(gold), decimalOf(said)];
    if (gold.percent !== said.percent && isWhole(gold.latex) && isWhole(said.latex)) {
      if (this.sameTerm(gold.latex, said.latex)) return true;
    }
    const [p, q] = [termOf(gold), termOf(said)];
    if (this.sameTerm(p, q)) return true;
    if (a === undefined && b === undefined) return false;
    const [x, y] = [this.evaluator.number(p), this.evaluator.number(q)];
    return x !== undefined && y !== undefined && x.im === 0 && y.im === 0 && rounded(x.re) === rounded(y.re);
  }

  private sameTerm(a: string, b: string): boolean {
    return squeezed(a) === squeezed(b) || this.evaluator.sameTerm(a, b) === true;
  }

  /** Chains of relations, side by side; single equations also where one is a multiple of the other. */
  private sameRelation(gold: Kind<"relation">, said: Kind<"relation">): boolean {
    if (gold.relations.length !== said.relations.length) return false;
    const sameSigns = gold.relations.every((sign, i) => sign === said.relations[i]);
    if (sameSigns && gold.sides.every((side, i) => this.same(side, said.sides[i]!))) return true;
    if (gold.relations.length > 1) return false;
    const [sign, other] = [gold.relations[0]!, said.relations[0]!];
    const [a, b] = [difference(gold), difference(said)];
    if (a === undefined || b === undefined) return false;
    if (sign === other && this.evaluator.sameTerm(a, b) === true) return true;
    if (FLIPPED[sign] === other && this.evaluator.sameTerm(a, `-(${b})`) === true) return true;
    return sign === "=" && other === "=" && this.evaluator.proportional(a, b) === true;
  }

  private sameInterval(gold: Answer | undefined, said: Answer): boolean {
    return gold !== undefined && this.same(gold, said);
  }

  private sameMatrix(gold: Answer, said: Answer): boolean {
    const [a, b] = [rowsOf(gold), rowsOf(said)];
    if (a === undefined || b === undefined || a.length !== b.length) return false;
    return a.every((row, i) => row.length === b[i]!.length && row.every((cell, j) => this.same(cell, b[i]![j]!)));
  }

  private sameTuple(gold: Kind<"tuple">, said: Kind<"tuple">): boolean {
    const apart = gold.open !== said.open || gold.close !== said.close;
    if (apart && gold.items.length === 2 && (this.isInterval(gold) || this.isInterval(said))) return false;
    return this.inOrder(gold.items, said.items);
  }

  /** Whether a pair can be an interval with an end of its own: "[7, 1/3]" is a point, since nothing lies between. */
  private isInterval({ open, close, items }: Kind<"tuple">): boolean {
    if (open === "(" && close === ")") return false;
    const [low, high] = items.map((item) =>
      item.kind === "expression" ? this.evaluator.number(termOf(item)) : undefined,
    );
    return low === undefined || high === undefined || low.re <= high.re;
  }

  /** A tuple and a set: "(1, 2)" and "1, 2". */
  private sameMixed(gold: Answer, said: Answer): boolean {
    const tuple = gold.kind === "tuple" ? gold : (said as Kind<"tuple">);
    if (tuple.items.length === 2 && this.isInterval(tuple)) return false;
    return this.inOrder(itemsOf(gold), itemsOf(said));
  }

  private inOrder(gold: readonly Answer[], said: readonly Answer[]): boolean {
    return gold.length === said.length && gold.every((item, i) => this.same(item, said[i]!));
  }

  /** Each of one is one of the other, none used twice; equal ones count once, as in a set. */
  private sameSets(gold: readonly Answer[], said: readonly Answer[]): boolean {
    if (gold.length > MOST_ITEMS || said.length > MOST_ITEMS) return this.inOrder(gold, said);
    const [a, b] = [this.distinct(gold), this.distinct(said)];
    if (a.length !== b.length) return false;
    const left = [...b];
    return a.every((item) => {
      const at = left.findIndex((other) => this.same(item, other));
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    });
  }

  private distinct(items: readonly Answer[]): readonly Answer[] {
    return items.filter((item, i) => !items.slice(0, i).some((other) => this.same(other, item)));
  }
}

/** "x = 5" beside what is no equation is 5; beside another equation it is left as it is. */
function unassigned(gold: Answer, said: Answer): [gold: Answer, said: Answer] {
  if (isEquation(said) && !isEquation(gold)) return [gold, said.sides.at(-1)!];
  if (isEquation(gold) && isAssignment(gold) && !isEquation(said)) return [gold.sides.at(-1)!, said];
  const shorter = (one: Answer) => (isEquation(one) && isAssignment(one) ? ends(one) : one);
  return [shorter(gold), shorter(said)];
}

/** "x = 2 + 3 = 5" as "x = 5". */
function ends(equation: Kind<"relation">): Answer {
  return { kind: "relation", sides: [equation.sides[0]!, equation.sides.at(-1)!], relations: ["="] };
}

function isEquation(answer: Answer): answer is Kind<"relation"> {
  return answer.kind === "relation" && answer.relations.every((sign) => sign === "=");
}

/** Whether the left side is a name, or names in a row, as of a function. */
function isAssignment({ sides }: Kind<"relation">): boolean {
  const left = sides[0]!;
  if (left.kind === "text") return true;
  return left.kind === "expression" && /^(?:\\?[a-zA-Z]+(?:_\{?\w+\}?)?\s*(?:\([a-zA-Z, ]*\))?\s*)+$/.test(left.latex);
}

/** Left side minus right side, of a relation between terms. */
function difference({ sides }: Kind<"relation">): string | undefined {
  const [left, right] = sides;
  if (left?.kind !== "expression" || right?.kind !== "expression") return undefined;
  return `(${termOf(left)})-(${termOf(right)})`;
}

const FLIPPED: Readonly<Record<Relation, Relation>> = {
  "=": "=",
  "\\ne": "\\ne",
  "<": ">",
  ">": "<",
  "\\le": "\\ge",
  "\\ge": "\\le",
};

/** The interval of an inequality in one name: "x > 2", "1 < x \le 2". */
function intervalOf({ sides, relations }: Kind<"relation">): Answer | undefined {
  const isName = (side: Answer | undefined) => side?.kind === "expression" && /^[a-zA-Z]$/.test(side.latex);
  const infinite = (sign: string): Answer => ({ kind: "expression", latex: `${sign}\\infty`, percent: false });
  const [open, close] = [
    (sign: Relation) => (sign.length > 1 ? "[" : "("),
    (sign: Relation) => (sign.length > 1 ? "]" : ")"),
  ];
  const [first, second] = relations;
  if (first === undefined || relations.some((sign) => sign === "=" || sign === "\\ne")) return undefined;
  const up = first === "<" || first === "\\le";
  if (second === undefined) {
    const left = isName(sides[0]);
    if (!left && !isName(sides[1])) return undefined;
    const bound = sides[left ? 1 : 0]!;
    return left === up
      ? { kind: "tuple", open: "(", close: close(first), items: [infinite("-"), bound] }
      : { kind: "tuple", open: open(first), close: ")", items: [bound, infinite("")] };
  }
  if (!isName(sides[1]) || sides.length !== 3 || up !== (second === "<" || second === "\\le")) return undefined;
  const [low, high] = up ? [first, second] : [second, first];
  return {
    kind: "tuple",
    open: open(low),
    close: close(high),
    items: up ? [sides[0]!, sides[2]!] : [sides[2]!, sides[0]!],
  };
}

function partsOf(answer: Answer): readonly Answer[] {
  return answer.kind === "union" ? answer.parts : [answer];
}

function itemsOf(answer: Answer): readonly Answer[] {
  return answer.kind === "set" || answer.kind === "tuple" ? answer.items : [answer];
}

/** The rows of a matrix. */
function rowsOf(answer: Answer): readonly (readonly Answer[])[] | undefined {
  return answer.kind === "matrix" ? answer.rows : undefined;
}

function sameWords(gold: Answer, said: Answer): boolean {
  const words = (answer: Answer) =>
    answer.kind === "text" ? answer.text : answer.kind === "expression" ? answer.latex : undefined;
  const [a, b] = [words(gold), words(said)];
  return a !== undefined && b !== undefined && bare(a) === bare(b);
}

function bare(text: string): string {
  return squeezed(text.replace(/\\text\s*\{([^{}]*)\}/g, "$1"))
    .toLowerCase()
    .replace(/^\(([^()]*)\)$/, "$1");
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, "");
}

function termOf({ latex, percent }: Kind<"expression">): string {
  return percent ? `\\frac{${latex}}{100}` : latex;
}

/** A number written with a point, by itself. */
function decimalOf({ latex }: Kind<"expression">): string | undefined {
  return /^[-+]?\d*\.\d+$/.test(latex) ? latex : undefined;
}

function isWhole(latex: string): boolean {
  return /^[-+]?\d+$/.test(latex);
}

function rounded(value: number): string {
  return Math.abs(value) < 1e9 ? value.toFixed(DECIMALS).replace(/^-(?=[0.]+$)/, "") : String(value);
}
