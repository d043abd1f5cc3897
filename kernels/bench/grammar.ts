/**
 * What a grammar costs a token: `npx tsx kernels/bench/grammar.ts` writes results/grammar.json.
 *
 * On the vocabulary of Qwen (.cache/qwen, `npm run setup`), 151,665 tokens: sorting them, the mask of a new state of each
 * kind, that of a state seen before, and a whole object of a schema, drawn from random logits as sampling draws.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { readTokenizerJson } from "../../src/files/vocabulary.ts";
import { Grammar } from "../../src/grammar/constraint.ts";
import { schemaLanguage } from "../../src/grammar/schema.ts";
import { TokenBytes } from "../../src/grammar/tokens.ts";
import { readJson } from "../../src/json/json.ts";
import { Tokenizer } from "../../src/text/tokenizer.ts";

const root = join(import.meta.dirname, "../..");
const path = join(root, ".cache/qwen/tokenizer.json");
if (!existsSync(path)) throw new Error(`${path} is not there; run npm run setup`);

const SCHEMA = JSON.stringify({
  type: "object",
  properties: {
    name: { type: "string" },
    born: { type: "string", format: "date" },
    tags: { type: "array", items: { type: "string", maxLength: 20 }, maxItems: 5 },
    address: {
      type: "object",
      properties: { city: { type: "string" }, zip: { type: "string", pattern: "^[0-9]{5}$" } },
      required: ["city", "zip"],
    },
    score: { type: "number", minimum: 0, maximum: 100 },
  },
  required: ["name", "born", "tags", "address", "score"],
});

function timed<T>(work: () => T): [milliseconds: number, value: T] {
  const began = performance.now();
  const value = work();
  return [performance.now() - began, value];
}

const tokenizer = new Tokenizer(readTokenizerJson(readFileSync(path), path));
const [sorting, tokens] = timed(() => new TokenBytes(tokenizer));
const [compiling, grammar] = timed(() => new Grammar(schemaLanguage(readJson(SCHEMA, "schema")), tokenizer, tokens));

/** Milliseconds of the mask after a text, when its state is new, and when only the mask is. */
function masks(text: string) {
  const at = () =>
    [...new TextEncoder().encode(text)].reduce((s, b) => grammar.automaton.step(s, b)!, grammar.automaton.start);
  const state = at();
  const [first, mask] = timed(() => tokens.allowed(grammar.automaton, state));
  const [again] = timed(() => tokens.allowed(grammar.automaton, state));
  return { first, again, allowed: mask.reduce((sum, one) => sum + one, 0) };
}

const states = {
  start: masks(""),
  string: masks('{"name": "Ada'),
  date: masks('{"name": "Ada", "born": "18'),
  shortString: masks('{"name": "Ada", "born": "1815-12-10", "tags": ["ma'),
  number: masks(
    '{"name": "Ada", "born": "1815-12-10", "tags": [], "address": {"city": "L", "zip": "12345"}, "score": 4',
  ),
};

/** A whole reply: milliseconds a token, masks and all. */
function reply(seed: number): number {
  let random = seed;
  const stop = [151645];
  const constraint = grammar.follow(stop, { opened: false, begin: undefined, end: undefined });
  const logits = new Float32Array(151_936);
  let [spent, made] = [0, 0];
  for (; made < 300; made++) {
    for (let id = 0; id < logits.length; id++) {
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
      logits[id] = random / 2 ** 32;
    }
    const [milliseconds, steered] = timed(() => constraint.steer(logits));
    spent += milliseconds;
    let best = 0;
    for (let id = 1; id < steered.length; id++) if (steered[id]! > steered[best]!) best = id;
    constraint.push(best);
    if (stop.includes(best)) break;
  }
  return spent / made;
}

const perToken = [1, 2, 3, 4, 5].map(reply).sort((a, b) => a - b);
const results = {
  machine: `${cpus()[0]!.model.trim()}, ${cpus().length} cores, Node ${process.version}`,
  tokens: tokenizer.size,
  sortingMilliseconds: sorting,
  compilingMilliseconds: compiling,
  states,
  replyMillisecondsPerToken: { first: perToken.at(-1), median: perToken[2] },
};
writeFileSync(join(import.meta.dirname, "results/grammar.json"), `${JSON.stringify(results, null, 2)}\n`);
