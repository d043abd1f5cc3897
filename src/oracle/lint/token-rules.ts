/**
 * Lint: the tokenizer and the ids with a meaning.
 */
import type { Check } from "../checks.ts";
import type { Facts, Special } from "./facts.ts";
import { IM_END } from "./published.ts";
import { hold, type Rule, show, skip } from "./rule.ts";

const NO_TOKENIZER = "No tokenizer is here.";

export const tokenizer: Rule = ({ facts, expected }) => {
  const { tokenizer: claim } = facts;
  if (claim === undefined) return [skip("lint-tokenizer", "tokenizer", NO_TOKENIZER)];
  const held = {
    code: "lint-tokenizer",
    where: claim.where,
    next: "Qwen2's way of cutting text: digits one by one, NFC. Another gives up to a fifth more tokens, all of them unfamiliar.",
  };
  if (claim.value instanceof Error) return [hold(false, held, "a tokenizer that can be read", claim.value.message)];
  const { pattern, nfc } = claim.value;
  if (expected === undefined && facts.architecture?.value !== "qwen2") return [];
  const due =
    expected?.tokenizer === undefined || expected.tokenizer.value instanceof Error
      ? undefined
      : expected.tokenizer.value;
  const [wanted, composed] = due === undefined ? (["qwen2", true] as const) : ([due.pattern, due.nfc] as const);
  return [
    hold(pattern === wanted, held, `the pattern of ${wanted}`, `that of ${pattern}`),
    hold(
      nfc === composed,
      held,
      composed ? "NFC before the cut" : "no normalisation",
      nfc ? "NFC" : "no normalisation",
    ),
  ];
};

export const specials: Rule = ({ facts, expected }) => {
  if (facts.specials === undefined) return [skip("lint-special-ids", "added tokens", NO_TOKENIZER)];
  const due = expected?.specials?.value;
  const { value: found, where } = facts.specials;
  if (due === undefined) return thoughtFlags(found, where);
  return [...due].flatMap(([content, { id, special }]) => {
    const next = "Embeddings were trained at these ids; at another one the model reads noise.";
    const token = found.get(content);
    const place = `${where}: ${content}`;
    const at = hold(
      token?.id === id,
      { code: "lint-special-ids", where: place, next },
      `id ${id}`,
      token === undefined ? "none" : `id ${token.id}`,
    );
    return token === undefined ? [at] : [at, flag(content, token, special, where)];
  });
};

/** Of any model: tags that a reader of the reply looks for must not be special. */
function thoughtFlags(found: ReadonlyMap<string, Special>, where: string): Check[] {
  return ["<think>", "</think>", "<tool_call>", "</tool_call>"].flatMap((content) => {
    const token = found.get(content);
    return token === undefined ? [] : [flag(content, token, false, where)];
  });
}

function flag(content: string, token: Special, due: boolean, where: string): Check {
  const next = due
    ? "As text it is printed to the user, and text that looks like it becomes a token that it must not be."
    : "A special token is left out of decoded text: thoughts and calls then have no tags, and the parser finds none.";
  const word = (special: boolean) => (special ? "special" : "not special");
  return hold(
    token.special === due,
    { code: "lint-special-flag", where: `${where}: ${content}`, next },
    word(due),
    word(token.special),
  );
}

export const bos: Rule = ({ facts }) => {
  const next = "Qwen has no token before the text; one in front of every prompt moves all positions and all answers.";
  const template = facts.template?.value ?? "";
  const printed = /\{\{-?\s*bos_token/.test(template);
  const inTemplate = printed
    ? [
        hold(
          false,
          { code: "lint-bos", where: facts.template!.where, next },
          "a template without bos_token",
          "one that prints it",
        ),
      ]
    : [];
  if (facts.addBos !== undefined) {
    const { value, where } = facts.addBos;
    return [hold(!value, { code: "lint-bos", where, next }, "false", show(value)), ...inTemplate];
  }
  if (!facts.has.tokenizer) return [skip("lint-bos", "add_bos_token", NO_TOKENIZER), ...inTemplate];
  const silent = {
    code: "lint-bos",
    where: "add_bos_token",
    severity: "warn",
    next: "Write false: where it is absent, engines differ.",
  } as const;
  return [hold(isFolder(facts), silent, "false", "nothing"), ...inTemplate];
};

/** Hugging Face's Qwen2Tokenizer adds none, whatever the file says; of a GGUF file the engine decides. */
function isFolder({ kind }: Facts): boolean {
  return kind === "folder";
}

export const added: Rule = ({ facts }) => [
  ...off("lint-eos-added", facts.addEos, "A prompt that ends in an end token is one that was answered."),
  ...off("lint-prefix-space", facts.prefixSpace, "A space in front of the text gives other first tokens."),
];

function off(code: string, claim: Facts["addEos"], next: string): Check[] {
  return claim === undefined
    ? []
    : [hold(!claim.value, { code, where: claim.where, next }, "false", show(claim.value))];
}

export const ends: Rule = ({ facts, expected }) => {
  const held = {
    code: "lint-eos",
    where: facts.eos?.where ?? "eos_token_id",
    next: "A reply ends at <|im_end|> (151645) or <|endoftext|> (151643); where one is not known the model talks on, to itself.",
  };
  if (facts.eos === undefined && !facts.has.config) return [skip("lint-eos", held.where, "No config is here.")];
  if (facts.eos === undefined) return [hold(false, held, "at least one end token", "none")];
  const due = expected?.eos?.value ?? [];
  const { value } = facts.eos;
  const lacking = due.filter((id) => !value.includes(id));
  if (due.length > 0 && !value.includes(due[0]!)) return [hold(false, held, show(due), show(value))];
  // config.json and GGUF have room for one, the first.
  return [hold(lacking.length === 0 || facts.kind !== "folder", { ...held, severity: "warn" }, show(due), show(value))];
};

export const pad: Rule = ({ facts, expected }) => {
  if (facts.pad === undefined) return [];
  const due = expected?.pad?.value;
  const end = facts.eos?.value[0] ?? IM_END;
  const ok = due === undefined ? facts.pad.value !== end || facts.eos?.value.length === 1 : facts.pad.value === due;
  const next = "Padding that is also the end of a turn teaches or makes a model never to end one.";
  const wanted = due === undefined ? `another token than ${end}` : show(due);
  return [
    hold(ok, { code: "lint-pad", where: facts.pad.where, next, severity: "warn" }, wanted, show(facts.pad.value)),
  ];
};
