/** Tokenizer, chat template and messages, which may come from a model's files or from a user. */
import { render } from "../../src/text/jinja/render.ts";
import { renderKnown } from "../../src/text/template.ts";
import { Tokenizer } from "../../src/text/tokenizer.ts";
import type { Row } from "./row.ts";

const CHECKPOINT = "test/files/checkpoint.test.ts";
const VOCABULARY = "test/files/vocabulary.test.ts";
const LOOKUP = "test/text/lookup.test.ts";
const APART = "test/text/template-process.test.ts";
const RENDER = "test/text/jinja/render.test.ts";

/** As many added tokens as a hostile file may have, used: all are one pattern. */
function manyAdded(): void {
  const added = Array.from({ length: 50_000 }, (_, i) => ({ id: 3 + i, content: `<|added ${i}|>`, special: true }));
  const vocabulary = { tokens: ["a", "b", "c"], merges: [], added, pattern: "gpt2", nfc: false } as const;
  const ids = new Tokenizer(vocabulary).encode("a<|added 49999|>b");
  if (ids.join() !== "0,50002,1") throw new Error(`got ${ids.join()}`);
}

export const TEXT: readonly Row[] = [
  {
    id: "T1",
    input: "two tokens with one id, a gap, an id negative, not whole, above 2^31",
    does: "E_TOK_VOCAB",
    tests: [`${VOCABULARY} > a gap in the ids`],
  },
  {
    id: "T2",
    input: "a merge of an unknown token, one without a space, more than a million",
    does: "E_TOK_MERGES",
    tests: [`${VOCABULARY} > more than 2^20 merges`, `${LOOKUP} > a merge of an unknown token`],
  },
  {
    id: "T3",
    input: "merges in two spellings",
    does: "E_TOK_MERGES",
    tests: [`${VOCABULARY} > merges in two spellings`],
  },
  {
    id: "T4",
    input: "another pattern, such as one that never ends",
    does: "E_TOK_REGEX; never compiled",
    tests: [`${VOCABULARY} > another pattern`],
  },
  {
    id: "T5",
    input: "another normalizer, pre-tokenizer or decoder",
    does: "E_TOK_UNSUPPORTED",
    tests: [`${VOCABULARY} > another normalizer`],
  },
  {
    id: "T6",
    input: "an added token empty, too long, twice, with another's id; 50,000 of them",
    does: "E_TOK_ADDED; accepted",
    tests: [`${LOOKUP} > an added token without content`],
    cases: [["50,000 added tokens", manyAdded, "accepted"]],
  },
  {
    id: "T7",
    input: "more tokens than the embedding has rows",
    does: "E_TOK_VOCAB",
    tests: [`${CHECKPOINT} > a tokenizer with more tokens`],
  },
  {
    id: "T8",
    input: "a byte without a token",
    does: "E_TOK_BYTES",
    tests: [`${LOOKUP} > a byte without a token`],
    differs: "SmolLM2's and GPT-2's vocabularies may lack bytes, as their own does.",
  },
  {
    id: "T9",
    input: "a token called __proto__",
    does: "accepted",
    tests: [`${VOCABULARY} > \`__proto__\` is a token like any other`],
  },
  {
    id: "T10",
    input: "a tokenizer.json of more than 64 MiB",
    does: "E_LIMIT_TOKENIZER",
    tests: [`${VOCABULARY} > a file above 64 MiB`],
  },
  {
    id: "J1",
    input: "a chat template that is not known by its text",
    does: "rendered in a process of its own",
    tests: ["test/text/template.test.ts > renders any other apart"],
    cases: [
      [
        "where it would have to run in this process",
        () => renderKnown("{{ x }}", { messages: [{ role: "user" }] }),
        "E_TPL_UNKNOWN",
      ],
    ],
    differs: "Other models' templates may well be used; what they do to the process cannot reach ours.",
  },
  {
    id: "J2",
    input: "range(10**9)",
    does: "E_TPL_RENDER",
    cases: [["a loop over it", () => render("{% for i in range(10 ** 9) %}{% endfor %}", new Map()), "E_TPL_RENDER"]],
    differs: "As Jinja2's sandbox, which gives out no range above 100,000.",
  },
  {
    id: "J3",
    input: "loops that never end",
    does: "E_TPL_LIMIT",
    tests: [`${APART} > a loop without end`, "test/cli/run.test.ts > a chat template that never ends"],
  },
  {
    id: "J4",
    input: "20,000 nested parentheses or ifs",
    does: "E_TPL_DEPTH",
    tests: [`${RENDER} > 20,000 nested parentheses`, `${APART} > 20,000 nested ifs`],
  },
  {
    id: "J5",
    input: "tojson(indent=10**8), strings that double",
    does: "E_TPL_LIMIT",
    tests: [`${RENDER} > an indent of 10^8`, `${RENDER} > strings that double`],
  },
  {
    id: "J6",
    input: "constructor, __proto__, a way out to the process",
    does: "E_TPL_RENDER",
    tests: [`${APART} > a way out`],
  },
  {
    id: "J7",
    input: "special tokens typed by the user",
    does: "special tokens, or text where the caller says so",
    tests: ["test/text/tokenizer.test.ts > without special tokens"],
    differs: "As Hugging Face: they become the tokens unless --no-special.",
  },
  {
    id: "J8",
    input: "an unknown role, content of another kind, no messages",
    does: "E_MSG_SCHEMA",
    tests: [
      "test/text/messages.test.ts > no messages",
      "test/text/template.test.ts > a role the template would leave out",
    ],
  },
];
