/**
 * An answer in LaTeX with one spelling for what has several: sizes of brackets, kinds of fractions, fonts, spaces,
 * units, degrees, currencies. What is left says what is meant and nothing of how it looks.
 */

/** Characters beyond which an answer is compared as text alone. */
export const LONGEST_ANSWER = 4000;

const SPACES = /(?<!\\)\\(?:[,;:! >]|quad|qquad|thinspace|medspace|thickspace|space)(?![a-zA-Z])|~/g;
const SIZES = /\\(?:m?left|m?right|middle|[bB]igg?[lrm]?|displaystyle|textstyle|limits|rm|bf|it)(?![a-zA-Z])\.?/g;
const FONTS =
  /\\(?:math(?:rm|bf|it|sf|tt|cal|normal)|text(?:bf|rm|it|sf|tt|normal|up)|mbox|hbox|mathop|boldsymbol|bm)\s*\{/g;
const FUNCTIONS = "arcsin|arccos|arctan|arccot|sinh|cosh|tanh|sin|cos|tan|cot|sec|csc|ln|log|exp|gcd|lcm|max|min|det";
const NAMED = new RegExp(String.raw`\\(?:operatorname|text)\*?\s*\{\s*(${FUNCTIONS})\s*\}`, "g");

/** Several spellings, one meaning. In this order. */
const SAME: readonly (readonly [RegExp, string])[] = [
  [/\\\$|\$|\u00a3|\u20ac/g, ""],
  [/\\[()[\]](?=\s|$)/g, " "],
  [/\\begin\{(?:matrix|smallmatrix|bmatrix|array)\}(?:\{[clr|]*\})?/g, "\\begin{pmatrix}"],
  [/\\end\{(?:matrix|smallmatrix|bmatrix|array)\}/g, "\\end{pmatrix}"],
  [/\\[dtc]frac(?![a-zA-Z])/g, "\\frac"],
  [/\\[dt]binom(?![a-zA-Z])/g, "\\binom"],
  [/\\(?:leqslant|leq)(?![a-zA-Z])|\u2264|<=/g, "\\le "],
  [/\\(?:geqslant|geq)(?![a-zA-Z])|\u2265|>=/g, "\\ge "],
  [/\\neq(?![a-zA-Z])|\u2260/g, "\\ne "],
  [/\\lt(?![a-zA-Z])/g, "<"],
  [/\\gt(?![a-zA-Z])/g, ">"],
  [/\\(?:lbrace)(?![a-zA-Z])/g, "\\{"],
  [/\\(?:rbrace)(?![a-zA-Z])/g, "\\}"],
  [/\\(?:lbrack)(?![a-zA-Z])/g, "["],
  [/\\(?:rbrack)(?![a-zA-Z])/g, "]"],
  [/\\(?:lvert|rvert|vert)(?![a-zA-Z])/g, "|"],
  [/\\(?:varnothing|emptyset)(?![a-zA-Z])|\u2205/g, "\\emptyset "],
  [/\u222a/g, "\\cup "],
  [/\u221e|(?<![\\a-zA-Z])(?:infinity|inf)(?![a-zA-Z])/g, "\\infty "],
  [/\+\s*\\infty/g, "\\infty"],
  [/\u03c0/g, "\\pi "],
  [/\u00d7|\\ast(?![a-zA-Z])|(?<!\\)\*/g, "\\times "],
  [/\u00b7/g, "\\cdot "],
  [/\u00b1/g, "\\pm "],
  [/[\u2010-\u2015\u2212]/g, "-"],
  [/\u221a\s*(\d+)/g, "\\sqrt{$1}"],
  [/\u00b2/g, "^2"],
  [/\u00b3/g, "^3"],
  [/\^\s*\{?\s*\\(?:circ|degree)\s*\}?|\\degree|\u00b0/g, ""],
  [/\\text\s*\{\s*(?:percentage|percent|pct)\s*\}|\b(?:percentage|percent|pct)\b/g, "\\%"],
  [/\\%|(?<!\\)%/g, "\\%"],
  [/\{\s*,\s*\}/g, ","],
  [/,?\s*\\(?:ldots|dots|cdots)/g, " "],
  [/(?:,\s*)?\\text\s*\{\s*,?\s*(?:and|or)\s*\}|(?:,\s*)?(?<![\\a-zA-Z{])(?:and|or)(?![a-zA-Z}])/g, ","],
  [/(?<![\\a-zA-Z])sqrt\s*\(([^()]*)\)/g, "\\sqrt{$1}"],
  [/\^\s*\(([^()]*)\)/g, "^{$1}"],
];

/** Thousands in threes, the whole of a number: "1,234" but not the list "12,345,67". */
const THOUSANDS = /(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])/g;

/** Units as words behind a number, without "\text": those of the data sets of mathematics. */
const UNITS =
  "degrees?|deg|cm|mm|km|m|dm|ft|feet|foot|in|inch(?:es)?|miles?|mph|kmh|yards?|kg|g|mg|lbs?|pounds?|l|ml|lit(?:er|re)s?|" +
  "gallons?|s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|days?|weeks?|months?|years?|yrs?|cents?|dollars?|rupees?|" +
  "units?|square|sq|cubic|points?|students?|apples?|coins?|tiles?|edges?|ways?|people|men|women|soldiers?|rounds?|met(?:er|re)s?";
const TRAILING_UNIT = new RegExp(String.raw`([\d}])\s*(?:(?:${UNITS})\.?\s*)+(?:\^\s*\{?[23]\}?)?\s*$`);
/** A text with, perhaps, a power of it, behind something else. */
const TRAILING_TEXT = /(?<=\S)\s*(?:\\text\s*\{[^{}]*\}\s*(?:\/\s*)?)+(?:\^\s*(?:\d|\{\d\}))?\s*$/;

/** The answer, normalised. */
export function normalise(answer: string): string {
  let text = answer.slice(0, LONGEST_ANSWER);
  text = text.replace(NAMED, "\\$1 ").replace(FONTS, "\\text{");
  for (const [from, to] of SAME) text = text.replace(from, to);
  text = text.replace(SIZES, " ").replace(SPACES, " ");
  text = text.replace(THOUSANDS, (number) => number.replaceAll(",", ""));
  text = text.replace(/\s+/g, " ").trim();
  return trimmed(withoutUnits(text));
}

function withoutUnits(text: string): string {
  const bare = text.replace(TRAILING_TEXT, "").trim();
  const kept = bare === "" ? text : bare;
  const word = kept.replace(TRAILING_UNIT, "$1").trim();
  return word === "" ? kept : word;
}

/** Without commas at the end, and with a zero before a leading point. A point at the end stays: it makes "5." no number. */
function trimmed(text: string): string {
  return text
    .replace(/[\s,:;?]+$/, "")
    .replace(/(?<![\d.])\.(?=\d)/g, "0.")
    .trim();
}
