/**
 * The `pattern` of a JSON schema: a regular expression of JavaScript as a language of JSON strings.
 *
 * source   ECMA-262 22.2, read by @eslint-community/regexpp
 */
import { type AST, RegExpParser } from "@eslint-community/regexpp";
import { UsageError } from "../errors.ts";
import { complement, inString, PLAIN_CHARACTER, type Range } from "./characters.ts";
import { choice, EMPTY, type Expression, repeat, sequence } from "./expression.ts";

/** Larger counts of repetitions are no pattern anybody means. */
const MOST_REPEATS = 10_000;

/** Where the text may go on before or after a pattern that is not held by ^ or $. */
const ANYTHING = repeat(PLAIN_CHARACTER);

/**
 * What stands between the quotes of a JSON string that matches. Characters that need an escape have their shortest.
 *
 * throws   UsageError E_SCHEMA for what is no regular expression, or has look-around, back references, word boundaries
 *          or sets of strings
 */
export function patternLanguage(pattern: string, where: string): Expression {
  let parsed: AST.Pattern;
  try {
    parsed = new RegExpParser({ ecmaVersion: 2024 }).parsePattern(pattern, 0, pattern.length, { unicode: true });
  } catch (cause) {
    throw wrong(where, "a regular expression", cause instanceof Error ? cause.message : "another text");
  }
  return new Reader(where).whole(parsed.alternatives);
}

class Reader {
  private readonly where: string;

  constructor(where: string) {
    this.where = where;
  }

  whole(alternatives: readonly AST.Alternative[]): Expression {
    return choice(...alternatives.map(({ elements }) => this.held(elements)));
  }

  /** A way to match with its ends: anything may stand before and after it where they are not held. */
  private held(elements: readonly AST.Element[]): Expression {
    const [first, last] = [elements[0], elements.at(-1)];
    const starts = first?.type === "Assertion" && first.kind === "start";
    const ends = last?.type === "Assertion" && last.kind === "end";
    const inner = elements.slice(starts ? 1 : 0, ends ? -1 : undefined);
    return sequence(
      starts ? EMPTY : ANYTHING,
      ...inner.map((element) => this.element(element)),
      ends ? EMPTY : ANYTHING,
    );
  }

  private choices(alternatives: readonly AST.Alternative[]): Expression {
    return choice(...alternatives.map(({ elements }) => sequence(...elements.map((element) => this.element(element)))));
  }

  private element(element: AST.Element): Expression {
    switch (element.type) {
      case "Character":
      case "CharacterSet":
      case "CharacterClass":
        return inString(this.ranges(element));
      case "Group":
      case "CapturingGroup":
        return this.choices(element.alternatives);
      case "Quantifier": {
        const { min, max } = element;
        if (min > MOST_REPEATS) throw this.unknown(element, `at most ${MOST_REPEATS} repetitions`);
        return repeat(this.element(element.element), min, max);
      }
      default:
        throw this.unknown(element);
    }
  }

  /** The characters of a set. */
  private ranges(node: AST.Character | AST.CharacterSet | AST.CharacterClass | AST.CharacterClassRange): Range[] {
    switch (node.type) {
      case "Character":
        return [[node.value, node.value]];
      case "CharacterClassRange":
        return [[node.min.value, node.max.value]];
      case "CharacterClass": {
        const all = node.elements.flatMap((element) => this.ranges(element as AST.Character));
        return node.negate ? complement(all) : all;
      }
      case "CharacterSet":
        return this.set(node);
      default:
        throw this.unknown(node);
    }
  }

  private set(node: AST.CharacterSet): Range[] {
    const plain = SETS[node.kind];
    if (plain === undefined) throw this.unknown(node);
    return "negate" in node && node.negate ? complement(plain) : [...plain];
  }

  private unknown(node: AST.Node, expected = "what an automaton can follow"): UsageError {
    return wrong(this.where, expected, JSON.stringify(node.raw));
  }
}

const ch = (text: string): Range => [text.codePointAt(0)!, text.codePointAt(text.length > 1 ? 1 : 0)!];
const BREAKS: readonly Range[] = [ch("\n"), ch("\r"), [0x2028, 0x2029]];
/** By the names of the parser. */
const SETS: Readonly<Record<string, readonly Range[]>> = {
  any: complement(BREAKS),
  digit: [ch("09")],
  word: [ch("09"), ch("az"), ch("AZ"), ch("_")],
  space: [
    ...BREAKS,
    [9, 9],
    [11, 12],
    ch(" "),
    ...[0xa0, 0x1680, 0x202f, 0x205f, 0x3000, 0xfeff].map((code): Range => [code, code]),
    [0x2000, 0x200a],
  ],
};

function wrong(where: string, expected: string, actual: string): UsageError {
  const hint = "Write the pattern without it, or leave it out.";
  return new UsageError("E_SCHEMA", where, { expected, actual, hint });
}
