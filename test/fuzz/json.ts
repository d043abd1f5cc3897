/** Damage that knows JSON: values, keys and members are exchanged for others, so that most of the document stays whole. */
import type { Random } from "./random.ts";

/** Parts of a document as [from, to) in its text. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** A document with the places of its values and of its members, `"key": value` each. */
export interface Outline {
  readonly text: string;
  readonly values: readonly Span[];
  readonly keys: readonly Span[];
  readonly members: readonly Span[];
}

/** What may stand in the place of any value. */
export const VALUES = [
  ...["null", "true", "false", "0", "1", "-1", "2", "-0", "1.0", "0.5", "1e0", "1e400", "-1e400", "1e-400", "00", "+1"],
  ...["9007199254740991", "9007199254740992", "9007199254740993", "18446744073709551615", "4294967296", "2147483648"],
  ...[
    "[]",
    "{}",
    '""',
    '"a"',
    '"\\u0000"',
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    '"__proto__"',
    '"constructor"',
    '"\u202e"',
  ],
  ...[
    "[0]",
    "[1]",
    "[null]",
    "[[]]",
    '[""]',
    "[0,0]",
    '{"a":1}',
    '{"__proto__":{}}',
    '{"a":1,"a":2}',
    "NaN",
    "'a'",
    "\u0001",
  ],
  ...[
    "[[[[[[[[[[1]]]]]]]]]]",
    `${"[".repeat(70)}${"]".repeat(70)}`,
    `"${"x".repeat(600)}"`,
    "",
    "-",
    '"',
    "[1,]",
    "[,]",
  ],
];
/** What may stand in the place of any key. */
const KEYS = [
  '"__proto__"',
  '"constructor"',
  '""',
  '"\\u0000"',
  '"type"',
  '"a b"',
  "a",
  "1",
  "null",
  '"\\ud800"',
  '"x","y"',
];
const ENDS = [" ", "\n", "\0", "{}", "[]", ",", "}", "]", "\ufeff", "//", "1"];

/** The outline of a document that JSON.parse accepts. */
export function outline(text: string): Outline {
  JSON.parse(text);
  const [values, keys, members]: [Span[], Span[], Span[]] = [[], [], []];
  const tokens = /"(?:[^"\\]|\\.)*"|[-+.\w]+|[{}[\]:,]/g;
  /** Of each bracket that is open, where it and the member in it begin. */
  const open: { from: number; key: Span | undefined; object: boolean }[] = [];
  const ended = (span: Span) => {
    values.push(span);
    const around = open.at(-1);
    if (around?.key !== undefined) members.push({ from: around.key.from, to: span.to });
    if (around !== undefined) around.key = undefined;
  };
  for (const match of text.matchAll(tokens)) {
    const [token, from] = [match[0], match.index];
    const around = open.at(-1);
    if (token === "{" || token === "[") open.push({ from, key: undefined, object: token === "{" });
    else if (token === "}" || token === "]") ended({ from: open.pop()!.from, to: from + 1 });
    else if (token !== "," && token !== ":") {
      const span = { from, to: from + token.length };
      if (around?.object === true && around.key === undefined) {
        keys.push(span);
        around.key = span;
      } else ended(span);
    }
  }
  return { text, values, keys, members };
}

/** One to three changes of a document; `extra` are values that mean something to its reader. */
export function damageJson(documents: readonly Outline[], extra: readonly string[], random: Random): string {
  const document = random.pick(documents);
  const changes = Array.from({ length: random.once(2) ? 1 : random.from(2, 3) }, () =>
    change(document, documents, extra, random),
  );
  changes.sort((a, b) => b.from - a.from);
  let { text } = document;
  let last = text.length + 1;
  for (const { from, to, by } of changes) {
    if (to > last) continue; // it lies within another
    text = text.slice(0, from) + by + text.slice(to);
    last = from;
  }
  if (random.once(50)) text += random.pick(ENDS);
  return random.once(100) ? random.pick(ENDS) + text : text;
}

interface Change extends Span {
  readonly by: string;
}

function change(document: Outline, others: readonly Outline[], extra: readonly string[], random: Random): Change {
  const { text, values, keys, members } = document;
  const value = random.pick(values);
  const member = members.length > 0 ? random.pick(members) : undefined;
  const of = ({ from, to }: Span, whole = text) => whole.slice(from, to);
  switch (member === undefined ? random.below(4) : random.below(9)) {
    case 0:
      return { ...value, by: random.pick(VALUES) };
    case 1:
      return { ...value, by: random.pick(extra) };
    case 2: {
      const other = random.pick(others);
      return { ...value, by: of(random.pick(other.values), other.text) };
    }
    case 3:
      return { ...value, by: near(of(value), random) };
    case 4:
      return { from: member!.to, to: member!.to, by: `,${of(random.once(2) ? member! : random.pick(members))}` };
    case 5:
      return { ...random.pick(keys), by: random.pick(KEYS) };
    case 6:
      return { ...random.pick(keys), by: of(random.pick(keys)) };
    case 7:
      return { from: member!.to, to: member!.to, by: `,${random.pick(KEYS)}:${random.pick(VALUES)}` };
    default:
      return without(text, member!);
  }
}

/** A value much like this one. */
function near(value: string, random: Random): string {
  if (/^-?\d+$/.test(value)) {
    const number = BigInt(value);
    return random.pick([
      `${number + 1n}`,
      `${number - 1n}`,
      `-${value}`,
      `${value}.0`,
      `${value}e0`,
      `"${value}"`,
      `${number * 2n}`,
      `${number * 2n ** 32n}`,
    ]);
  }
  if (value.startsWith('"'))
    return random.pick([value.toUpperCase(), `"${value.slice(1, -1)} "`, `[${value}]`, value.slice(0, -1)]);
  return random.pick([`[${value}]`, `{"a":${value}}`, `${value}${value}`]);
}

/** The member taken out, and a comma with it. */
function without(text: string, { from, to }: Span): Change {
  const after = /^\s*,/.exec(text.slice(to, to + 64));
  if (after !== null) return { from, to: to + after[0].length, by: "" };
  const before = text.slice(0, from).trimEnd();
  return before.endsWith(",") ? { from: before.length - 1, to, by: "" } : { from, to, by: "" };
}
