/**
 * What Punkt knows of English: how the words of a large text were written.
 *
 * source   nltk's data package punkt_tab, english (MIT); golden/make_graders_punkt.py
 * golden   graders/punkt-english.json.gz
 */
import { gunzipSync } from "node:zlib";
import { readWhole } from "../../files/input.ts";
import { shipped } from "../../files/shipped.ts";

export interface PunktParameters {
  /** Without their last period. */
  readonly abbreviations: ReadonlySet<string>;
  /** Two words with a tab between them, the first without the period that it was seen with: no sentence ends there. */
  readonly pairs: ReadonlySet<string>;
  readonly starters: ReadonlySet<string>;
  /** How a word was seen: a sum of the bits below. */
  readonly contexts: ReadonlyMap<string, number>;
}

/** Seen with a capital: at the beginning of a sentence, inside one, or where it is not known. */
export const UPPER = 2 + 4 + 8;
export const INSIDE_UPPER = 4;
/** Seen without one, in the same three places. */
export const LOWER = 16 + 32 + 64;
export const BEGINS_LOWER = 16;

interface Stored {
  /** Each on a line of its own, here and below. */
  readonly abbreviations: string;
  readonly starters: string;
  readonly pairs: string;
  /** For each sum of bits its words. */
  readonly contexts: Readonly<Record<string, string>>;
}

/** Bytes that the file may have. */
const MOST = 1 << 20;

let loaded: PunktParameters | undefined;

/** The parameters, read when they are first asked for. */
export function english(): PunktParameters {
  loaded ??= read();
  return loaded;
}

function read(): PunktParameters {
  const path = shipped("golden", "graders", "punkt-english.json.gz");
  const { abbreviations, starters, pairs, contexts } = JSON.parse(
    gunzipSync(readWhole(path, MOST, "E_PUNKT")).toString("utf8"),
  ) as Stored;
  const seen = Object.entries(contexts).flatMap(([bits, words]) =>
    words.split("\n").map((word) => [word, Number(bits)] as const),
  );
  return {
    abbreviations: new Set(abbreviations.split("\n")),
    starters: new Set(starters.split("\n")),
    pairs: new Set(pairs.split("\n")),
    contexts: new Map(seen),
  };
}
