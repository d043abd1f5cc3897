/**
 * Lint: the model's shape, constants and number format.
 */
import type { Check } from "../checks.ts";
import type { Claim, Size } from "./facts.ts";
import { equal, hold, type Rule, show, skip, type Subject } from "./rule.ts";

const HF_QWEN2 = "Give it in the file; engines differ in what they assume.";

/** What an engine assumes where a file is silent, and why that is wrong. */
const SILENT: Readonly<Partial<Record<Size, string>>> = {
  eps: "Without it Hugging Face takes 1e-6, llama.cpp refuses the file. QwQ-32B has 1e-5.",
  theta: "Without it engines take 10000, and every token after the first drifts.",
  keyHeads: "Without it engines take as many as query heads, and the key matrix has another shape.",
};

export const architecture: Rule = ({ facts, expected }) =>
  equal(facts.architecture, expected?.architecture, {
    code: "lint-arch",
    where: "",
    next: "The block of another architecture has other biases, norms or RoPE; do not load it as Qwen2.",
  });

const SHAPE: readonly Size[] = ["layers", "channels", "feedForward"];
const HEADS: readonly Size[] = ["heads", "keyHeads", "headSize"];

export const shape: Rule = ({ facts, expected }) =>
  SHAPE.flatMap((size) =>
    equal(facts.numbers[size], expected?.numbers[size], {
      code: "lint-shape",
      where: "",
      next: "The weights have other shapes than this file says.",
    }),
  );

export const heads: Rule = ({ facts, expected }) => {
  const { heads: h, keyHeads: k } = facts.numbers;
  const next = "Query head h reads key head floor(h K / H): with other counts it reads another one.";
  const told = HEADS.flatMap((size) =>
    equal(facts.numbers[size], expected?.numbers[size], { code: "lint-heads", where: "", next }),
  );
  if (h === undefined || k === undefined) return told;
  const divides = h.value % k.value === 0;
  return [
    ...told,
    hold(divides, { code: "lint-heads", where: k.where, next }, `a divisor of ${h.value}`, show(k.value)),
  ];
};

export const missing: Rule = ({ facts }) => {
  if (!facts.has.config) return [skip("lint-missing", "config.json", "No config is here.")];
  return (["eps", "theta", "keyHeads"] as const).map((size) => {
    const claim = facts.numbers[size];
    const held = { code: "lint-missing", where: claim?.where ?? facts.place(size), next: SILENT[size] ?? HF_QWEN2 };
    return hold(claim !== undefined, held, "a number", "nothing");
  });
};

export const eps: Rule = ({ facts, expected }) => {
  const next =
    "An eps of 1e-6 in place of 1e-5 moves no token today and every activation a little: take it from the file.";
  const claim = facts.numbers.eps;
  if (expected !== undefined) return equal(claim, expected.numbers.eps, { code: "lint-eps", where: "", next });
  if (claim === undefined) return [];
  const known = [1e-5, 1e-6].some((value) => Math.fround(value) === Math.fround(claim.value));
  return [
    hold(known, { code: "lint-eps", where: claim.where, next, severity: "warn" }, "1e-5 or 1e-6", show(claim.value)),
  ];
};

export const theta: Rule = ({ facts, expected }) => {
  const next = "The base of RoPE: position 0 stays exact, all others drift. Qwen2 has 1000000, Llama 2 has 10000.";
  const claim = facts.numbers.theta;
  if (expected !== undefined) return equal(claim, expected.numbers.theta, { code: "lint-theta", where: "", next });
  if (claim === undefined || facts.architecture?.value !== "qwen2") return [];
  return [
    hold(
      claim.value === 1e6,
      { code: "lint-theta", where: claim.where, next, severity: "warn" },
      "1000000",
      show(claim.value),
    ),
  ];
};

export const biases: Rule = ({ facts }) => {
  const claim = facts.tensors;
  if (claim === undefined) return [skip("lint-bias", "tensors", "No list of tensors is here.")];
  const { layers, biases: found } = claim.value;
  const due = facts.architecture?.value === "llama" ? 0 : layers;
  const next =
    "Qwen2 adds a bias to q, k and v and to nothing else. Convert the checkpoint again, with all of its tensors.";
  const checks = (["q", "k", "v"] as const).map((name) =>
    hold(
      found[name] === due,
      { code: "lint-bias", where: `${claim.where}: ${name}_proj.bias`, next },
      `it in ${due} layers`,
      `it in ${found[name]}`,
    ),
  );
  const out = {
    code: "lint-bias-o",
    where: `${claim.where}: o_proj.bias`,
    next: "o_proj has no bias in Qwen2; do not invent one.",
  };
  return [...checks, hold(found.o === 0, out, "none", `it in ${found.o} layers`)];
};

export const tied: Rule = ({ facts, expected }) => {
  const next = "QwQ-32B has an lm_head of its own; the embedding in its place gives fluent nonsense.";
  const told = equal(facts.tied, expected?.tied, { code: "lint-tied", where: "", next });
  const { tensors } = facts;
  const claim = facts.tied ?? expected?.tied;
  if (tensors === undefined || claim === undefined) return told;
  // A tied checkpoint may carry the unembedding all the same; an untied one must.
  const ok = claim.value || tensors.value.head;
  return [
    ...told,
    hold(ok, { code: "lint-tied", where: `${tensors.where}: lm_head.weight`, next }, "an unembedding", "none"),
  ];
};

export const vocabulary: Rule = ({ facts, expected }) => {
  const rows = facts.numbers.vocabulary;
  const told = equal(rows, expected?.numbers.vocabulary, {
    code: "lint-vocab",
    where: "",
    next: "The embedding has as many rows, more than there are tokens; do not cut it to the tokenizer.",
  });
  if (rows === undefined) return told;
  return [...told, ...enough(rows, facts.tokens), ...padding(facts.paddingTokens)];
};

function enough(rows: Claim<number>, tokens: Claim<number> | undefined): Check[] {
  if (tokens === undefined) return [];
  const held = { code: "lint-vocab-pad", where: tokens.where, next: "An id beyond the embedding reads other memory." };
  return [
    hold(tokens.value <= rows.value, held, `at most ${rows.value} tokens, the embedding's rows`, show(tokens.value)),
  ];
}

function padding(tokens: Claim<number> | undefined): Check[] {
  if (tokens === undefined) return [];
  const next =
    "Give the rows that fill up the embedding the type UNUSED (5): as NORMAL (1) they can be drawn and printed.";
  return [
    hold(
      tokens.value === 0,
      { code: "lint-vocab-pad", where: tokens.where, next },
      "no padding token of type NORMAL",
      show(tokens.value),
    ),
  ];
}

export const window: Rule = ({ facts }) => {
  if (facts.window === undefined) return [];
  const next = "QwQ-32B attends to everything; a window loses the beginning of long thoughts without a word.";
  return [
    hold(!facts.window.value, { code: "lint-window", where: facts.window.where, next }, "no sliding window", "one"),
  ];
};

export const act: Rule = ({ facts }) => {
  if (facts.act === undefined) return [];
  const next = "The gate is silu; gelu differs by up to 0.2 and nobody sees it at once.";
  return [
    hold(
      facts.act.value === "silu",
      { code: "lint-act", where: facts.act.where, next },
      '"silu"',
      show(facts.act.value),
    ),
  ];
};

export const dtype: Rule = ({ facts }) => {
  if (facts.dtype === undefined) return [];
  const next = "QwQ-32B's layer 5 down_proj exceeds float16's 65504: compute in bfloat16 or float32 there.";
  const held = { code: "lint-dtype", where: facts.dtype.where, next, severity: "warn" } as const;
  return [hold(facts.dtype.value !== "float16", held, '"bfloat16"', show(facts.dtype.value))];
};

export const context: Rule = ({ facts, expected }: Subject) => {
  const claim = facts.numbers.context;
  if (claim === undefined) return [];
  const yarn = facts.scaling?.value.type === "yarn" ? facts.scaling.value : undefined;
  const reach = Math.max(claim.value, (yarn?.factor ?? 1) * (yarn?.original ?? 1));
  const held = { code: "lint-context", where: claim.where };
  const published = expected?.kind === "published";
  if (!published) {
    if (expected?.numbers.context === undefined) return [];
    return equal(claim, expected.numbers.context, {
      ...held,
      severity: "warn",
      next: "The reference's context is another.",
    });
  }
  const tooFar = { ...held, next: "Nothing was trained beyond 131072 tokens." };
  const tooNear = {
    ...held,
    severity: "warn",
    next: "32768 is the Preview's; QwQ-32B has 40960 (131072 at release).",
  } as const;
  return [
    hold(reach <= 131_072, tooFar, "at most 131072 tokens", show(reach)),
    hold(claim.value >= 40_960 || yarn !== undefined, tooNear, "40960 or 131072", show(claim.value)),
  ];
};
