/**
 * Where the final answer of a mathematical reply stands. In this order:
 *
 *   1  what stands in the last \boxed{...} or \fbox{...}, and in those that stand close before it as parts of one answer
 *   2  what follows the last "final answer is", "answer is", "answer:" or "####" (as GSM8K ends its solutions)
 *   3  the last formula between dollar signs or \( \) or \[ \]; the last number, where that comes later
 *
 * source   math-verify 0.9.0, parser.get_extraction_regexes: its priorities, without its searches over all of a long text
 */

/** Characters at the end of a reply that are read: the last answer stands there, however long it is. */
const READ = 100_000;
/** Characters between boxes that belong together, "\boxed{1} and \boxed{2}": so few, or in one sentence. */
const CLOSE = 10;
const NEAR = 70;

/** The answer as it stands in the reply; empty where there is none. */
export function extractAnswer(reply: string): string {
  const text = reply.slice(-READ);
  return fromBoxes(text) ?? fromWords(text) ?? lastFormula(text) ?? "";
}

interface Box {
  readonly from: number;
  readonly end: number;
  readonly inside: string;
}

function fromBoxes(text: string): string | undefined {
  const boxes = boxesOf(text);
  const last = boxes.at(-1);
  if (last === undefined) return undefined;
  const parts = [last];
  for (const box of boxes.slice(0, -1).reverse()) {
    const next = parts[0]!;
    const between = text.slice(box.end, next.from);
    const apart = between.length >= NEAR || box.inside === next.inside || /[.\n]/.test(between);
    const near = !apart && /\b(?:and|or)\b|[,;]/.test(between);
    if (between.length >= CLOSE && !near) break;
    parts.unshift(box);
  }
  return [...new Set(parts.map(({ inside }) => inside.trim()))].join(",");
}

/** Every box in the text that is not inside another, those without braces and the one that never ends among them. */
function boxesOf(text: string): Box[] {
  const boxes: Box[] = [];
  const start = /\\(?:boxed|fbox)(?![a-zA-Z])\s*/g;
  for (let match = start.exec(text); match !== null; match = start.exec(text)) {
    const at = start.lastIndex;
    const end = text[at] === "{" ? closing(text, at) : undefined;
    if (text[at] === "{") {
      const inside = text.slice(at + 1, end ?? text.length);
      boxes.push({ from: match.index, end: (end ?? text.length) + 1, inside });
    } else {
      const inside = /^[^\s$.,;]*/.exec(text.slice(at, at + NEAR))![0];
      boxes.push({ from: match.index, end: at + inside.length, inside });
    }
    start.lastIndex = Math.max(boxes.at(-1)!.end, start.lastIndex);
  }
  return boxes.filter(({ inside }) => inside.trim() !== "");
}

/** The brace that closes the one at `at`, where there is one. */
function closing(text: string, at: number): number | undefined {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "{") depth++;
    else if (text[i] === "}" && --depth === 0) return i;
  }
  return undefined;
}

/** Words that say that the answer comes now. The first kind before the second. */
const SAID = [/final answer\b[^.\n]{0,60}?(?:\bis\b|:)\s*:?/gi, /\banswer(?:\s+is\b|\s*:)\s*:?|####/gi];
/** Characters behind such words in which the answer stands. */
const SENTENCE = 400;

function fromWords(text: string): string | undefined {
  for (const words of SAID) {
    const last = [...text.matchAll(words)].at(-1);
    if (last === undefined) continue;
    const found = claimed(text.slice(last.index + last[0].length).slice(0, SENTENCE));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a sentence says that the answer is: its first formula, with those joined to it; its first number; its words. */
function claimed(sentence: string): string | undefined {
  const text = sentence.replace(/^[\s*_:]+/, "");
  const math = [...text.matchAll(FORMULA)];
  const first = math[0];
  const number = NUMBERS.exec(text);
  NUMBERS.lastIndex = 0;
  if (first !== undefined && (number === null || first.index <= number.index)) return joined(text, math);
  if (number !== null) return number[0].trim();
  return /^[^\n.]*/.exec(text)![0].replace(/[\s*_]+$/, "") || undefined;
}

/** Formulas with nothing but "and", "or" or a comma between them are one answer. */
function joined(text: string, math: readonly RegExpExecArray[]): string {
  const parts = [said(math[0]!)];
  for (let i = 1; i < math.length; i++) {
    const before = math[i - 1]!;
    const between = text.slice(before.index + before[0].length, math[i]!.index);
    if (!/^\s*(?:,|,?\s*(?:and|or))\s*$/.test(between)) break;
    parts.push(said(math[i]!));
  }
  return parts.join(",") + (/^\s*(?:\\?%|percent)/.test(text.slice(math[0]!.index + math[0]![0].length)) ? "\\%" : "");
}

const FORMULA = /\$\$([^$]+)\$\$|\\\[([^]+?)\\\]|(?<![\\\d])\$((?:\\\$|[^$\n])+)\$|\\\(([^\n]+?)\\\)/g;
const NUMBERS =
  /-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:\s*\/\s*\d+)?(?:\s*(?:\\?%|percent\b))?|-?\.\d+|-?\\[dt]?frac\{[^{}]{1,50}\}\{[^{}]{1,50}\}/g;

function inner(match: RegExpExecArray): string {
  return (match.slice(1).find((part) => part !== undefined) ?? "").trim();
}

/** The formula of a sentence, whose point it may hold. */
function said(match: RegExpExecArray): string {
  return inner(match).replace(/\.$/, "");
}

/** The formula or number that ends last. */
function lastFormula(text: string): string | undefined {
  const math = [...text.matchAll(FORMULA)].at(-1);
  const number = [...text.matchAll(NUMBERS)].at(-1);
  const ends = (match: RegExpExecArray | undefined) => (match === undefined ? -1 : match.index + match[0].length);
  if (math === undefined && number === undefined) return undefined;
  return ends(math) >= ends(number) ? inner(math!) : number![0].trim();
}
