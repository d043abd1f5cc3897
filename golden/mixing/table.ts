/** The figures of docs/language-mixing.md: `npx tsx golden/mixing/table.ts` writes them from results.json. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "../..");
const PAGE = join(root, "docs/language-mixing.md");

interface Results {
  readonly falseAlarms: Readonly<Record<string, { readonly texts: number; readonly alarms: number }>>;
  readonly otherWriting: Readonly<Record<string, { readonly texts: number; readonly seen: number }>>;
  readonly sameWriting: Readonly<Record<string, { readonly texts: number; readonly seen: number }>>;
  readonly chineseWordsInEnglish: { readonly texts: number; readonly seen: number };
  readonly replies: Readonly<Record<"embedded" | "smollm2", { readonly texts: number; readonly alarms: number }>>;
}

/** The page with the figures of these results. */
export function withMixing(page: string, results: Results): string {
  const share = (seen: number, texts: number) => `${((100 * seen) / texts).toFixed(1)} % (${seen} of ${texts})`;
  const all = (rows: Readonly<Record<string, { readonly texts: number; readonly seen: number }>>, which: string[]) => {
    const chosen = Object.entries(rows).filter(([language]) => which.includes(language));
    const sum = (key: "seen" | "texts") => chosen.reduce((total, [, row]) => total + row[key], 0);
    return share(sum("seen"), sum("texts"));
  };
  const { otherWriting, sameWriting, replies, chineseWordsInEnglish: words } = results;
  const plain = Object.values(results.falseAlarms);
  const latin = Object.keys(sameWriting);
  const others = Object.keys(otherWriting).filter((language) => !latin.includes(language));
  const sum = (key: "texts" | "alarms") => plain.reduce((total, row) => total + row[key], 0);
  const rows = [
    ["texts of one language, 14 languages", "seen wrongly", share(sum("alarms"), sum("texts"))],
    ["replies of the embedded model", "seen wrongly", share(replies.embedded.alarms, replies.embedded.texts)],
    ["replies of SmolLM2", "seen wrongly", share(replies.smollm2.alarms, replies.smollm2.texts)],
    ["a Chinese word in an English sentence", "seen", share(words.seen, words.texts)],
    ["two sentences of another writing in a Latin text", "seen", all(otherWriting, latin)],
    ["the same in a text of another writing", "seen", all(otherWriting, others)],
    ["two sentences of another language, both Latin", "seen", all(sameWriting, latin)],
  ];
  const table = ["| what | | share |", "|---|---|---|", ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n");
  return page.replace(/<!-- measured -->[^]*<!-- \/measured -->/, `<!-- measured -->\n\n${table}\n\n<!-- /measured -->`);
}

/** The committed results. */
export function readMixing(): Results {
  return JSON.parse(readFileSync(join(import.meta.dirname, "results.json"), "utf8")) as Results;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  writeFileSync(PAGE, withMixing(readFileSync(PAGE, "utf8"), readMixing()));
}
