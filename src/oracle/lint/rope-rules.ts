/**
 * Lint: YaRN, whose every field engines have read wrongly.
 */
import { attention as computed } from "../../files/rope.ts";
import type { Check } from "../checks.ts";
import { hold, type Rule, show } from "./rule.ts";

/** What QwQ-32B's README gives for long inputs. */
const FACTOR = 4;
const ORIGINAL = 32_768;

export const yarn: Rule = ({ facts, expected }) => {
  const claim = facts.scaling;
  if (claim === undefined) return absent(expected?.scaling);
  const { type, factor, original, attention } = claim.value;
  const where = claim.where;
  const kind = hold(
    type === "yarn",
    { code: "lint-rope-scaling", where: `${where}: type`, next: ONLY_YARN },
    '"yarn"',
    show(type),
  );
  if (type !== "yarn") return [kind];
  const due =
    expected?.scaling?.value ?? (expected?.kind === "published" ? { factor: FACTOR, original: ORIGINAL } : undefined);
  return [
    kind,
    number(
      `${where}: factor`,
      factor,
      due?.factor,
      "Slow frequencies are divided by it; Hugging Face refuses YaRN without it.",
    ),
    number(`${where}: original_max_position_embeddings`, original, due?.original, NO_ORIGINAL),
    attentionCheck(where, factor, attention),
  ];
};

const ONLY_YARN = "QwQ-32B's authors give YaRN; linear or dynamic scaling moves every frequency.";
const NO_ORIGINAL =
  "The trained context, from which the ramp of frequencies is made. Without it engines take max_position_embeddings (40960 or 131072), and the ramp moves.";

/** The reference has YaRN and the subject has none. */
function absent(expected: unknown): Check[] {
  if (expected === undefined) return [];
  const next = "Engines that do not know the field drop it silently; short prompts change too, since YaRN is static.";
  return [{ code: "lint-yarn", outcome: "fail", where: "rope_scaling", expected: "YaRN", actual: "none", next }];
}

function number(where: string, value: number | undefined, due: number | undefined, next: string): Check {
  const ok = value !== undefined && (due === undefined || value === due);
  return hold(
    ok,
    { code: "lint-yarn", where, next },
    due === undefined ? "a number" : show(due),
    value === undefined ? "nothing" : show(value),
  );
}

function attentionCheck(where: string, factor: number | undefined, attention: number | undefined): Check {
  const due = computed(factor ?? 1);
  const ok = attention === undefined || Math.abs(attention - due) < 1e-6;
  const next =
    "cos and sin are multiplied by 0.1 ln(factor) + 1. Leave the field out: Hugging Face's replaces that number, llama.cpp's attn_factor multiplies it.";
  return hold(
    ok,
    { code: "lint-yarn-attention", where: `${where}: attention factor`, next },
    `${due.toFixed(6)}, or no field`,
    show(attention),
  );
}
