/**
 * Sums worked out on paper, digit by digit from the lowest, so that no step is more than a fact about two digits:
 *
 *   347 + 586    ones: 7+6=13, carry 1     tens: 4+8+1=13, carry 1     hundreds: 3+5+1=9        So 933.
 *   347 - 586    347<586, so negative      ones: 16-7=9, borrow 1      tens: 8-4-1=3            hundreds: 5-3=2   So -239.
 *   347 x 6      ones: 7x6=42, carry 4     tens: 4x6+4=28, carry 2     hundreds: 3x6+2=20       So 2082.
 *
 * The last line's result is written whole, the others give their last digit and carry the rest.
 */
import type { Dice } from "./dice.ts";
import type { Language } from "./problem.ts";

export type Operation = "+" | "-" | "\u00d7";

/** A sum of two whole numbers from 0; of a product, one has a single digit. */
export interface Sum {
  readonly operation: Operation;
  readonly a: number;
  readonly b: number;
}

/** A sum worked out. */
export interface Working {
  /** One line a digit; the last line says the result. */
  readonly lines: readonly string[];
  readonly result: number;
}

/** The words of the workings. */
interface Words {
  readonly places: readonly string[];
  readonly colon: string;
  readonly comma: string;
  readonly carry: string;
  readonly borrow: string;
  readonly negative: string;
  readonly so: (result: number) => string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    places: ["ones", "tens", "hundreds", "thousands"],
    colon: ": ",
    comma: ", ",
    carry: "carry ",
    borrow: "borrow 1",
    negative: "so negative",
    so: (result) => `So ${result}.`,
  },
  zh: {
    places: ["个位", "十位", "百位", "千位"],
    colon: "：",
    comma: "，",
    carry: "进",
    borrow: "借1",
    negative: "是负数",
    so: (result) => `所以是${result}。`,
  },
};

/** Digits of a whole number, the lowest first. */
export function digits(n: number): number[] {
  return [...String(n)].reverse().map(Number);
}

/** What a sum comes to. */
export function valueOf({ operation, a, b }: Sum): number {
  return operation === "+" ? a + b : operation === "-" ? a - b : a * b;
}

/** The sum without the order of its numbers: 586 + 347, 347 + 586. */
export function keyOf({ operation, a, b }: Sum): string {
  return `${Math.min(a, b)}${operation}${Math.max(a, b)}`;
}

/** Works a sum out. With dice, the last digit of one step is wrong, and what follows goes on from it. */
export function work(sum: Sum, language: Language, slip?: Dice): Working {
  const words = WORDS[language];
  if (sum.operation === "-") return subtract(sum.a, sum.b, words, slip);
  const steps = sum.operation === "+" ? additions(sum.a, sum.b) : products(sum.a, sum.b);
  return column(steps, words, slip);
}

/** One digit's step: what is reckoned, as text and as a number, the carry included. */
type Step = (carry: number) => { readonly text: string; readonly value: number };

const plus = (carry: number) => (carry > 0 ? `+${carry}` : "");

function additions(a: number, b: number): Step[] {
  const [x, y] = [digits(a), digits(b)];
  return Array.from({ length: Math.max(x.length, y.length) }, (_, i) => (carry: number) => {
    const [p, q] = [x[i] ?? 0, y[i] ?? 0];
    return { text: `${p}+${q}${plus(carry)}`, value: p + q + carry };
  });
}

function products(a: number, b: number): Step[] {
  const [many, one] = b < 10 ? [a, b] : [b, a];
  return digits(many).map((p) => (carry: number) => {
    return { text: `${p}\u00d7${one}${plus(carry)}`, value: p * one + carry };
  });
}

/** Steps from the lowest digit up, each handing on its carry. */
function column(steps: readonly Step[], words: Words, slip: Dice | undefined): Working {
  const wrong = slip?.below(steps.length);
  let carry = 0;
  let result = 0;
  const lines = steps.map((step, i) => {
    const { text, value } = step(carry);
    const said = i === wrong ? otherDigit(value, slip!) : value;
    const last = i === steps.length - 1;
    carry = Math.floor(value / 10);
    result += (last ? said : said % 10) * 10 ** i;
    const carried = last || carry === 0 ? "" : `${words.comma}${words.carry}${carry}`;
    return `${words.places[i]!}${words.colon}${text}=${said}${carried}`;
  });
  return { lines: [...lines, words.so(result)], result };
}

/** The larger less the smaller, with its sign said first. */
function subtract(a: number, b: number, words: Words, slip: Dice | undefined): Working {
  if (a === b) {
    const result = slip === undefined ? 0 : otherDigit(0, slip);
    return { lines: [`${a}=${b}`, words.so(result)], result };
  }
  const negative = a < b;
  const [x, y] = negative ? [digits(b), digits(a)] : [digits(a), digits(b)];
  const wrong = slip?.below(x.length);
  let borrow = 0;
  let result = 0;
  const lines = x.map((p, i) => {
    const q = y[i] ?? 0;
    const short = p - q - borrow < 0;
    const difference = p - q - borrow + (short ? 10 : 0);
    const said = i === wrong ? otherDigit(difference, slip!) : difference;
    const text = `${short ? p + 10 : p}-${q}${borrow > 0 ? "-1" : ""}=${said}`;
    borrow = short ? 1 : 0;
    result += said * 10 ** i;
    return `${words.places[i]!}${words.colon}${text}${short ? `${words.comma}${words.borrow}` : ""}`;
  });
  if (negative && result > 0) result = -result;
  const first = negative ? `${a}<${b}${words.comma}${words.negative}` : `${a}>${b}`;
  return { lines: [first, ...lines, words.so(result)], result };
}

/** The number with another last digit. */
function otherDigit(n: number, dice: Dice): number {
  return n - (n % 10) + (((n % 10) + dice.between(1, 9)) % 10);
}
