/**
 * `lint`: everything that can be wrong with a model's files before a weight is read. The subject is held against QwQ-32B
 * as published where it is that model, against a reference where one is given, else against what its architecture needs.
 */
import { FormatError } from "../../errors.ts";
import { InputFile } from "../../files/input.ts";
import { locate } from "../../files/locate.ts";
import { examine } from "../../files/paths.ts";
import { as } from "../../json/fields.ts";
import { readJson } from "../../json/json.ts";
import { knownTemplate } from "../../text/template.ts";
import type { Checks } from "../checks.ts";
import type { Facts } from "./facts.ts";
import { publishedQwq } from "./published.ts";
import { ggufFacts, ggufPairs, metadataFacts } from "./read-gguf.ts";
import { configFacts, folderFacts } from "./read-json.ts";
import { yarn } from "./rope-rules.ts";
import type { Rule, Subject } from "./rule.ts";
import { sampling } from "./sampling-rules.ts";
import * as shapeRules from "./shape-rules.ts";
import { template } from "./template-rules.ts";
import * as tokenRules from "./token-rules.ts";

const RULES: readonly Rule[] = [
  shapeRules.architecture,
  shapeRules.shape,
  shapeRules.heads,
  shapeRules.missing,
  shapeRules.eps,
  shapeRules.theta,
  yarn,
  shapeRules.context,
  shapeRules.window,
  shapeRules.act,
  shapeRules.dtype,
  shapeRules.biases,
  shapeRules.tied,
  shapeRules.vocabulary,
  tokenRules.tokenizer,
  tokenRules.specials,
  tokenRules.bos,
  tokenRules.added,
  tokenRules.ends,
  tokenRules.pad,
  sampling,
];

export const FAMILIES = ["auto", "qwq-32b", "qwen2", "llama"] as const;

export interface LintOptions {
  /** Which model it is held against; `auto` knows QwQ-32B by its name or its shape. */
  readonly as: (typeof FAMILIES)[number];
  /** A model whose files are right: every claim is held against its. */
  readonly reference?: string | undefined;
}

const MOST_JSON = 2 ** 28;

/**
 * The checks of a folder, a .gguf file, config.json or the metadata of a GGUF file as JSON.
 *
 * throws   IoError E_IO_OPEN; FormatError E_FORMAT_UNKNOWN for what is none of these, E_JSON_*, E_GGUF_*; as the readers
 *          of those files; what can be read and is wrong is a check that fails
 */
export async function lint(path: string, { as: family, reference }: LintOptions): Promise<Checks> {
  const facts = readFacts(path);
  const expected = reference === undefined ? expectation(facts, family) : readFacts(reference);
  const subject: Subject = { facts, expected };
  const checks = [...RULES.flatMap((rule) => rule(subject)), ...(await template(subject))];
  return { schema: "oracle-checks/1", command: "lint", subject: path, checks, notes: notes(facts, expected) };
}

/** What a file or folder says. Throws as `lint`. */
export function readFacts(path: string): Facts {
  const stat = examine(path);
  if (stat?.isFile() === true && !path.endsWith(".gguf")) return readJsonFacts(path);
  const { kind, path: at } = locate(path);
  return kind === "gguf" ? ggufFacts(at) : folderFacts(at);
}

function readJsonFacts(path: string): Facts {
  const file = new InputFile(path);
  try {
    if (file.looksLike() === "a GGUF file") return ggufFacts(path);
    const json = as(readJson(file.whole(MOST_JSON, "E_LIMIT_JSON"), path), "object", "", path);
    if (json.has("model_type") || json.has("hidden_size") || json.has("num_hidden_layers"))
      return configFacts(json, path);
    const pairs = ggufPairs(json);
    if (pairs !== undefined) return metadataFacts(pairs, path, "metadata");
  } finally {
    file.close();
  }
  throw new FormatError("E_FORMAT_UNKNOWN", path, {
    path,
    expected: "config.json, or a GGUF file's metadata as JSON",
    actual: 'an object without "model_type" and without keys such as "general.architecture"',
    hint: "Give a model's folder, a .gguf file, its config.json, or what gguf-dump --json prints.",
  });
}

function expectation(facts: Facts, family: LintOptions["as"]): Facts | undefined {
  if (family === "qwq-32b") return publishedQwq();
  return family === "auto" && isQwq(facts) ? publishedQwq() : undefined;
}

/** By its name, or by its shape; Qwen2.5-32B has the same shape and another template and eps. */
function isQwq({ path, name, numbers, template: claim }: Facts): boolean {
  const named = [path.split(/[/\\]/).at(-1), name].some((text) => /qwq-?32b(?!.*preview)/i.test(text ?? ""));
  const shaped = numbers.layers?.value === 64 && numbers.channels?.value === 5120;
  const other = claim !== undefined && knownTemplate(claim.value)?.name === "Qwen2.5-Instruct";
  return named || (shaped && !other);
}

function notes(facts: Facts, expected: Facts | undefined): string[] {
  const against =
    expected === undefined ? `what ${facts.architecture?.value ?? "the architecture"} needs` : expected.path;
  const [rows, tokens] = [facts.numbers.vocabulary?.value, facts.tokens?.value];
  const unused = rows !== undefined && tokens !== undefined && rows > tokens;
  return [
    `Held against ${against}.`,
    ...(unused
      ? [`Ids ${tokens} to ${rows - 1} have no token: their logits are real numbers and must be left out.`]
      : []),
  ];
}
