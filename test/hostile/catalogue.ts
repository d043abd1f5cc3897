/** The whole catalogue, and the page that is made of it: `npx tsx test/hostile/catalogue.ts` writes docs/hostile.md. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FILES, INDEX_ROWS, SAFETENSORS_ROWS } from "./files.ts";
import { CONFIG_ROWS, GGUF_ROWS, MODEL } from "./model.ts";
import type { Row } from "./row.ts";
import { RUNNING } from "./running.ts";
import { TEXT } from "./text.ts";

export const PAGE = join(import.meta.dirname, "../../docs/hostile.md");

export const CHAPTERS: readonly (readonly [title: string, rows: readonly Row[]])[] = [
  ["Files and paths", FILES],
  ["safetensors", SAFETENSORS_ROWS],
  ["The index and its shards", INDEX_ROWS],
  ["The model and its numbers", MODEL],
  ["config.json, generation_config.json", CONFIG_ROWS],
  ["Tokenizer, template, messages", TEXT],
  ["GGUF", GGUF_ROWS],
  ["While it runs", RUNNING],
];

const INTRODUCTION = `# Hostile files

What may come, what is then done, and which test shows it: made by \`npx tsx test/hostile/catalogue.ts\` from the tables
in test/hostile, whose tests run with \`npm run test:system\`. Codes are stable; what a code means is in its message. No file of a
model is ever run as a program; templates that are not known by their text are rendered in a process of their own.

Beside these rows, \`npm run fuzz\` damages the input of twelve readers, a whole model on disk among them, some 1.4
million times, and keeps what it finds in test/fuzz/corpus, which \`npm run test:system\` plays again. \`npm run test:hf\` compares
what is made of damaged headers with the Rust safetensors library, gguf-py and ggml.
`;

/** The page. */
export function page(): string {
  const chapters = CHAPTERS.map(([title, rows]) => {
    const lines = rows.map((row) => `| ${row.id} | ${row.input} | ${row.does} | ${shown(row)} |`);
    return `\n## ${title}\n\n| | input | what is done | shown by |\n|---|---|---|---|\n${lines.join("\n")}\n`;
  });
  return INTRODUCTION + chapters.join("");
}

function shown({ tests = [], cases = [], never, differs }: Row): string {
  const files = new Set(tests.map((test) => test.split(" > ")[0]!));
  if (cases.length > 0) files.add("test/hostile/catalogue.test.ts");
  const where = [...files].map((file) => file.replace(/^test\//, "").replace(/\.test\.ts$/, ""));
  return [where.join(", "), never, differs].filter((part) => part !== undefined && part !== "").join(". ");
}

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, page());
