/** What kind of thing an answer is: a text, an expression, a list, a tuple or interval, a union, a matrix, a relation. */

export type Relation = "=" | "<" | ">" | "\\le" | "\\ge" | "\\ne";

export type Answer =
  | { readonly kind: "text"; readonly text: string }
  /** LaTeX of one number or term; `percent` where it stood before a sign of percent, which it has no longer. */
  | { readonly kind: "expression"; readonly latex: string; readonly percent: boolean }
  /** In any order: "1, 2", \{1, 2\}. */
  | { readonly kind: "set"; readonly items: readonly Answer[] }
  /** In this order; of two, an interval too: "(1, 2)", "[1, 2)". */
  | { readonly kind: "tuple"; readonly open: string; readonly close: string; readonly items: readonly Answer[] }
  | { readonly kind: "union"; readonly parts: readonly Answer[] }
  | { readonly kind: "matrix"; readonly rows: readonly (readonly Answer[])[] }
  /** "1 < x \le 2" has three sides and two relations. */
  | { readonly kind: "relation"; readonly sides: readonly Answer[]; readonly relations: readonly Relation[] };

/** Deeper than this nothing is taken apart. */
const DEEPEST = 12;

/** The answer of normalised LaTeX. */
export function shapeOf(latex: string, depth = 0): Answer {
  const text = unwrapped(latex.trim());
  if (depth > DEEPEST) return { kind: "text", text };
  const down = (part: string) => shapeOf(part, depth + 1);
  if (text === "\\emptyset" || text === "\\{\\}" || text === "\\{ \\}") return { kind: "set", items: [] };
  const words = asText(text);
  if (words !== undefined) return { kind: "text", text: words };
  return (
    asMatrix(text, down) ??
    asList(text, down) ??
    asUnion(text, down) ??
    asRelation(text, down) ??
    asBracketed(text, down) ??
    asPlusMinus(text, down) ??
    asExpression(text)
  );
}

/** Without braces or \text{...} around all of it. */
function unwrapped(text: string): string {
  if (text.startsWith("{") && closes(text, 0) === text.length - 1) return unwrapped(text.slice(1, -1).trim());
  return text;
}

const OPENS = /^(?:\\\{|[([{]|\\langle|\\begin\{[a-z]+\})/;
const CLOSES = /^(?:\\\}|[)\]}]|\\rangle|\\end\{[a-z]+\})/;

/** Where the bracket at `from` is closed by one of any kind; -1 where it is not. */
function closes(text: string, from: number): number {
  let depth = 0;
  for (const { at, end, kind } of marks(text)) {
    if (at < from) continue;
    if (kind === "open") depth++;
    else if (kind === "close" && --depth === 0) return end - 1;
  }
  return -1;
}

interface Mark {
  readonly at: number;
  readonly end: number;
  readonly kind: "open" | "close";
}

function marks(text: string): Mark[] {
  const found: Mark[] = [];
  for (let i = 0; i < text.length; i++) {
    const rest = text.slice(i, i + 24);
    const open = OPENS.exec(rest);
    const close = open === null ? CLOSES.exec(rest) : null;
    const mark = open ?? close;
    if (mark !== null) {
      found.push({ at: i, end: i + mark[0].length, kind: open === null ? "close" : "open" });
      i += mark[0].length - 1;
    } else if (text[i] === "\\") i++;
  }
  return found;
}

/** The text cut where `at` matches outside all brackets, with what matched. */
function cut(text: string, at: RegExp): { readonly parts: string[]; readonly by: string[] } {
  const around = marks(text);
  const [parts, by]: [string[], string[]] = [[], []];
  let from = 0;
  for (const match of text.matchAll(at)) {
    const depth = around.reduce((sum, { at, kind }) => sum + (at >= match.index ? 0 : kind === "open" ? 1 : -1), 0);
    if (depth !== 0) continue;
    parts.push(text.slice(from, match.index).trim());
    by.push(match[0].trim());
    from = match.index + match[0].length;
  }
  parts.push(text.slice(from).trim());
  return { parts, by };
}

function asText(text: string): string | undefined {
  const whole = /^\\text\s*\{([^{}]*)\}$/.exec(text)?.[1];
  const said = whole ?? text.replace(/\\text\s*\{([^{}]*)\}/g, " $1 ");
  if (whole !== undefined && !/^[a-z]$/i.test(whole.trim())) return whole.trim();
  // Two words of letters, or one of more than three that is no command: nobody multiplies so many letters.
  return /^\(?[a-z][a-z' -]{3,}\)?[.!]?$/i.test(said.trim()) && !/^[a-z]( [a-z])*$/i.test(said.trim())
    ? said.trim().replace(/\s+/g, " ")
    : undefined;
}

function asMatrix(text: string, down: (part: string) => Answer): Answer | undefined {
  const inside = /^\\begin\{pmatrix\}([^]*)\\end\{pmatrix\}$/.exec(unbracketed(text))?.[1];
  if (inside === undefined || inside.includes("\\begin")) return undefined;
  const lines = inside.split(/\\\\(?:\s*\[[^\]]*\])?/).map((line) => line.trim());
  const rows = lines.filter((line) => line !== "").map((line) => line.split("&").map((cell) => down(cell)));
  return { kind: "matrix", rows };
}

/** A matrix without the brackets that an array has outside. */
function unbracketed(text: string): string {
  return /^[([]\s*(\\begin\{pmatrix\}[^]*\\end\{pmatrix\})\s*[)\]]$/.exec(text)?.[1] ?? text;
}

function asList(text: string, down: (part: string) => Answer): Answer | undefined {
  const { parts } = cut(text, /[,;]/g);
  const items = parts.filter((part) => part !== "");
  return parts.length > 1 && items.length > 0 ? { kind: "set", items: items.map(down) } : undefined;
}

function asUnion(text: string, down: (part: string) => Answer): Answer | undefined {
  const { parts } = cut(text, /\\cup(?![a-zA-Z])/g);
  return parts.length > 1 ? { kind: "union", parts: parts.map(down) } : undefined;
}

const RELATIONS = /\\le(?![a-zA-Z])|\\ge(?![a-zA-Z])|\\ne(?![a-zA-Z])|\\(?:approx|equiv)(?![a-zA-Z])|[<>=]/g;

function asRelation(text: string, down: (part: string) => Answer): Answer | undefined {
  const member = /^[a-zA-Z]\s*\\in(?![a-zA-Z])\s*([^]+)$/.exec(text)?.[1];
  if (member !== undefined) return down(member);
  const { parts, by } = cut(text, RELATIONS);
  if (by.length === 0) return undefined;
  const relations = by.map((sign) => (/approx|equiv/.test(sign) ? "=" : (sign as Relation)));
  // "= 5" says 5, as if the other side had been left out.
  if (parts[0] === "" && parts.length === 2 && relations[0] === "=") return down(parts[1]!);
  if (parts.includes("")) return { kind: "text", text };
  return { kind: "relation", sides: parts.map(down), relations };
}

function asBracketed(text: string, down: (part: string) => Answer): Answer | undefined {
  const open = /^(?:\\\{|[([]|\\langle)/.exec(text)?.[0];
  const close = /(?:\\\}|[)\]]|\\rangle)$/.exec(text)?.[0];
  if (open === undefined || close === undefined || closes(text, 0) !== text.length - 1) return undefined;
  const inside = text.slice(open.length, text.length - close.length).trim();
  const { parts } = cut(inside, /[,;]/g);
  if (open === "\\{") return { kind: "set", items: parts.filter((part) => part !== "").map(down) };
  if (parts.length > 1 && !parts.includes("")) return { kind: "tuple", open, close, items: parts.map(down) };
  return inside === "" ? undefined : down(inside);
}

function asPlusMinus(text: string, down: (part: string) => Answer): Answer | undefined {
  if (text.split("\\pm").length !== 2) return undefined;
  return { kind: "set", items: [down(text.replace("\\pm", "+")), down(text.replace("\\pm", "-"))] };
}

function asExpression(text: string): Answer {
  const percent = text.endsWith("\\%");
  const latex = percent ? text.slice(0, -2).trim() : text;
  return latex === "" ? { kind: "text", text } : { kind: "expression", latex, percent };
}
