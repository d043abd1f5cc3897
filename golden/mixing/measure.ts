/**
 * How well mixing of languages is seen (src/verify/mixing.ts): `npx tsx golden/mixing/measure.ts` writes results.json.
 *
 * Sentences of 13 languages are those of TypeScript's messages, which people translated; English is this project's documents.
 * A text is 12 sentences of one language; a mixed one has two sentences of another in its middle. Real replies are those
 * of the embedded model to 200 sums, in English and Chinese, and those of SmolLM2 in smollm2.jsonl.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { wasmBackend } from "../../kernels/wasm/index.ts";
import { QwQ } from "../../src/library/qwq.ts";
import { detectLanguage } from "../../src/verify/detect.ts";
import { languageMixing } from "../../src/verify/mixing.ts";

const root = join(import.meta.dirname, "../..");
const SENTENCES = 12;
const TEXTS = 100;
const PAIR_TEXTS = 10;
const WRITING: Readonly<Record<string, string>> = { ja: "Japanese", ko: "Hangul", ru: "Cyrillic", "zh-cn": "Han", "zh-tw": "Han" };

/** A generator of numbers below n. */
let state = 1;
const below = (n: number) => Math.floor(((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32) * n);

/** Prose of at least 25 letters, without what stands in quotes or braces. */
function sentencesOf(texts: readonly string[]): string[] {
  return texts.filter((text) => !/[{}"'`«»“”‘’<>[\]|*#_]/.test(text) && (text.match(/\p{L}/gu)?.length ?? 0) >= 25);
}

function corpora(): Map<string, string[]> {
  const lib = join(root, "node_modules/typescript/lib");
  const found = new Map<string, string[]>();
  for (const language of readdirSync(lib)) {
    const path = join(lib, language, "diagnosticMessages.generated.json");
    if (!existsSync(path)) continue;
    found.set(language, sentencesOf(Object.values(JSON.parse(readFileSync(path, "utf8")) as Record<string, string>)));
  }
  const documents = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  const prose = documents.flatMap((name) => readFileSync(join(root, "docs", name), "utf8").split(/\n\n+/));
  found.set("en", sentencesOf(prose.flatMap((part) => part.replaceAll("\n", " ").split(/(?<=\.) /))));
  return found;
}

const languages = corpora();
const texts = (language: string, count: number) => {
  const all = languages.get(language)!;
  return Array.from({ length: count }, () => all[below(all.length)]!);
};
const sees = (text: string, question = "") => languageMixing(text, question, detectLanguage) !== undefined;

/** Texts of one language in which mixing is seen, though there is none. */
function falseAlarms(): Record<string, { texts: number; alarms: number }> {
  return Object.fromEntries(
    [...languages.keys()].map((language) => {
      const alarms = Array.from({ length: TEXTS }, () => texts(language, SENTENCES).join("\n")).filter((text) => sees(text));
      return [language, { texts: TEXTS, alarms: alarms.length }];
    }),
  );
}

/** Texts with two sentences of another language in which that is seen, by main language. */
function found(same: boolean) {
  const writing = (language: string) => WRITING[language] ?? "Latin";
  const rows: Record<string, { texts: number; seen: number }> = {};
  for (const main of languages.keys()) {
    const row = (rows[main] = { texts: 0, seen: 0 });
    for (const other of languages.keys()) {
      if (main === other || (writing(main) === writing(other)) !== same || (main.startsWith("zh") && other.startsWith("zh"))) continue;
      for (let i = 0; i < PAIR_TEXTS; i++) {
        const text = [...texts(main, SENTENCES / 2), ...texts(other, 2), ...texts(main, SENTENCES / 2)].join("\n");
        row.texts++;
        if (sees(text)) row.seen++;
      }
    }
  }
  return Object.fromEntries(Object.entries(rows).filter(([, row]) => row.texts > 0));
}

/** A few characters of Chinese in the middle of an English sentence, as QwQ is known for. */
function words() {
  const slips = ["因此", "首先", "所以我们", "等一下", "也就是说", "但是", "总结", "然后", "需要注意的是", "假设"];
  const row = { texts: 0, seen: 0 };
  for (const slip of slips) {
    for (let i = 0; i < PAIR_TEXTS; i++) {
      const sentences = texts("en", SENTENCES);
      const at = below(SENTENCES);
      const parts = sentences[at]!.split(" ");
      parts.splice(below(parts.length), 0, slip);
      sentences[at] = parts.join(" ");
      row.texts++;
      if (sees(sentences.join("\n"))) row.seen++;
    }
  }
  return row;
}

async function replies() {
  const qwq = await QwQ.load(undefined, { backend: await wasmBackend({}) });
  const sums = { texts: 0, alarms: 0 };
  for (let i = 0; i < 200; i++) {
    const sum = `${below(1000)} + ${below(1000)}`;
    const question = i % 2 === 0 ? `What is ${sum}?` : `${sum} 等于多少？`;
    const { thinking } = await qwq.answer(question, { seed: i });
    sums.texts++;
    if (sees(thinking, question)) sums.alarms++;
  }
  qwq.close();
  const path = join(import.meta.dirname, "smollm2.jsonl");
  const lines = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  const recorded = lines.map((line) => JSON.parse(line) as { prompt: string; text: string });
  const alarms = recorded.filter(({ prompt, text }) => sees(text, prompt)).map(({ prompt }) => prompt);
  return { embedded: sums, smollm2: { texts: recorded.length, alarms: alarms.length, prompts: alarms } };
}

const began = performance.now();
const results = {
  falseAlarms: falseAlarms(),
  otherWriting: found(false),
  sameWriting: found(true),
  chineseWordsInEnglish: words(),
  seconds: 0,
  replies: await replies(),
};
results.seconds = Math.round((performance.now() - began) / 1000);
writeFileSync(join(import.meta.dirname, "results.json"), `${JSON.stringify(results, null, 2)}\n`);
