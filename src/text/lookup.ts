/**
 * A vocabulary checked and turned round: from tokens to ids, from merges as text to merges of ids, and added tokens to what
 * finds them.
 */
import { type ErrorDetails, FormatError } from "../errors.ts";
import { ALPHABET } from "./bytes.ts";
import { Finder } from "./finder.ts";
import { type Merge, Merges } from "./merge.ts";
import { nfc } from "./nfc.ts";
import type { AddedToken, Vocabulary } from "./vocabulary.ts";

export interface Lookup {
  /** Id of each token that is not an added one, in the byte-level alphabet. */
  readonly ids: ReadonlyMap<string, number>;
  /** Id of each byte's token; `undefined` where it has none, and text loses it. */
  readonly bytes: readonly (number | undefined)[];
  readonly merges: Merges;
  readonly addedByContent: ReadonlyMap<string, AddedToken>;
  readonly addedById: ReadonlyMap<number, AddedToken>;
  /** Added tokens that are found in the raw text. */
  readonly raw: Finder;
  /** Those that are found after NFC. */
  readonly normalized: Finder;
  /** One more than the highest id. */
  readonly size: number;
}

const LONGEST_ADDED = 4096;

/** Checks and indexes a vocabulary. Throws FormatError as the constructor of Tokenizer says. */
export function lookup(vocabulary: Vocabulary, where: string): Lookup {
  const spelled = ({ content }: AddedToken) => (vocabulary.nfc ? nfc(content) : content);
  const ids = readTokens(vocabulary, where);
  const addedByContent = readAdded(vocabulary, where);
  const added = [...addedByContent.values()];
  const merges = readMerges(vocabulary, ids, where);
  return {
    ids,
    bytes: readBytes(vocabulary, ids, where),
    merges: new Merges(merges),
    addedByContent,
    addedById: new Map(added.map((token) => [token.id, token])),
    raw: new Finder(added.filter(({ normalized }) => normalized !== true).map((token) => [token.content, token])),
    normalized: new Finder(
      added.filter(({ normalized }) => normalized === true).map((token) => [spelled(token), token]),
    ),
    size: added.reduce((size, { id }) => Math.max(size, id + 1), used(vocabulary)),
  };
}

/** Ids up to the last token: a GGUF file fills its list up to the rows of the embedding. */
function used({ tokens }: Vocabulary): number {
  return tokens.findLastIndex((token) => token !== undefined) + 1;
}

function readTokens({ tokens }: Vocabulary, where: string): Map<string, number> {
  const ids = new Map<string, number>();
  tokens.forEach((token, id) => {
    if (token === undefined) return;
    const other = ids.get(token);
    if (other !== undefined) {
      throw bad("E_TOK_VOCAB", where, "each token once", `${JSON.stringify(token)} with ids ${other} and ${id}`);
    }
    ids.set(token, id);
  });
  return ids;
}

/**
 * SmolLM2's vocabulary has no token for 21 bytes: six controls, two lead bytes of unassigned planes, and the 13 that no
 * UTF-8 has. The reference library leaves them out without a word, and so do we. Qwen's has all, and must.
 */
function readBytes({ pattern }: Vocabulary, ids: ReadonlyMap<string, number>, where: string): (number | undefined)[] {
  return ALPHABET.map((character, byte) => {
    const id = ids.get(character);
    if (id !== undefined || pattern !== "qwen2") return id;
    const actual = `none for byte 0x${byte.toString(16).padStart(2, "0")}`;
    throw bad("E_TOK_BYTES", where, "a token for each of the 256 bytes", actual);
  });
}

function readMerges({ merges }: Vocabulary, ids: ReadonlyMap<string, number>, where: string): Merge[] {
  return merges.map((text, rank) => {
    const blank = text.indexOf(" ");
    const [first, second] = [text.slice(0, blank), text.slice(blank + 1)];
    const [left, right, made] = [ids.get(first), ids.get(second), ids.get(first + second)];
    if (blank >= 0 && left !== undefined && right !== undefined && made !== undefined) return { left, right, made };
    const actual = `${JSON.stringify(text)} (merge ${rank})`;
    throw bad("E_TOK_MERGES", where, "merges of two tokens into a third, all in the vocabulary", actual);
  });
}

function readAdded({ added, tokens }: Vocabulary, where: string): Map<string, AddedToken> {
  const found = new Map<string, AddedToken>();
  const ids = new Set<number>();
  for (const token of added) {
    const { id, content } = token;
    const name = JSON.stringify(content.slice(0, 80));
    const inTheWay = tokens[id];
    if (content === "" || content.length > LONGEST_ADDED) {
      const actual = `${content.length} (id ${id})`;
      throw bad("E_TOK_ADDED", where, `added tokens of 1 to ${LONGEST_ADDED} characters`, actual);
    }
    if (found.has(content) || ids.has(id)) {
      throw bad(
        "E_TOK_ADDED",
        where,
        "added tokens with a content and an id of their own",
        `${name} and id ${id} again`,
      );
    }
    if (inTheWay !== undefined && inTheWay !== content) {
      const actual = `${name} with id ${id}, which is ${JSON.stringify(inTheWay)} in the vocabulary`;
      throw bad("E_TOK_ADDED", where, "added tokens with ids that no other token has", actual);
    }
    found.set(content, token);
    ids.add(id);
  }
  return found;
}

function bad(code: string, where: string, expected: string, actual: string): FormatError {
  const details: ErrorDetails = {
    expected,
    actual,
    hint: "Get the tokenizer's files again from where the model is from.",
  };
  return new FormatError(code, where, details);
}
