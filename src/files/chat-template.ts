/** Where a checkpoint keeps its chat template; rendering it is src/text/template.ts. */
import { join } from "node:path";
import { FormatError } from "../errors.ts";
import type { Gguf } from "./gguf.ts";
import { as, field } from "../json/fields.ts";
import { type Json, readJson } from "../json/json.ts";
import { readInside } from "./paths.ts";
import { quote } from "../json/quote.ts";
import { decodeUtf8 } from "../json/utf8.ts";

/** A template's text is a few thousand characters. */
const MOST_TEMPLATE = 2 ** 20;
/** Some files list a hundred thousand added tokens beside the template. */
const MOST_TOKENIZER_CONFIG = 2 ** 26;

/**
 * The template of a folder: the file chat_template.jinja, else `chat_template` in tokenizer_config.json, a text or a
 * list of named ones of which "default" is taken. `names` are the files of the folder.
 *
 * throws   LimitError E_LIMIT_TEMPLATE, E_LIMIT_TOKENIZER; FormatError E_JSON_*, E_TPL_SCHEMA; as `readInside` does
 */
export function readChatTemplate(folder: string, names: ReadonlySet<string>): string | undefined {
  if (names.has("chat_template.jinja")) {
    const bytes = readInside(folder, "chat_template.jinja", MOST_TEMPLATE, "E_LIMIT_TEMPLATE");
    return decodeUtf8(bytes, join(folder, "chat_template.jinja"), "E_TPL");
  }
  if (!names.has("tokenizer_config.json")) return undefined;
  const path = join(folder, "tokenizer_config.json");
  const bytes = readInside(folder, "tokenizer_config.json", MOST_TOKENIZER_CONFIG, "E_LIMIT_TOKENIZER");
  return chosen(as(readJson(bytes, path), "object", "", path).get("chat_template"), path);
}

function chosen(template: Json | undefined, path: string): string | undefined {
  if (template === undefined || template === null || typeof template === "string") return template ?? undefined;
  const place = { path, code: "E_TPL_SCHEMA", inside: "chat_template" };
  const named = as(template, "array", "chat_template", { path, code: "E_TPL_SCHEMA" }).map((entry) => {
    const fields = as(entry, "object", "element", place);
    return { name: field(fields, "name", "string", place), text: field(fields, "template", "string", place) };
  });
  const standard = named.find(({ name }) => name === "default");
  if (standard !== undefined) return standard.text;
  throw new FormatError("E_TPL_SCHEMA", path, {
    path,
    expected: 'a chat template called "default"',
    actual: named.map(({ name }) => quote(name)).join(", ") || "none",
    hint: "Give the one to use as chat_template.jinja in the same folder.",
  });
}

/** The template of a GGUF file. Throws FormatError E_TPL_SCHEMA if it is no text. */
export function ggufTemplate(file: Gguf): string | undefined {
  const template = file.metadata.get("tokenizer.chat_template");
  if (template === undefined) return undefined;
  if (typeof template.value === "string") return template.value;
  throw new FormatError("E_TPL_SCHEMA", file.path, {
    path: file.path,
    expected: '"tokenizer.chat_template" to be a string',
    actual: template.type,
    hint: "The file's writer is at fault.",
  });
}
