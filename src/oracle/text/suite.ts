/**
 * The cases that other engines' text layer is asked: recorded ones that come with the package, and replies to be parsed.
 */
import { InputFile } from "../../files/input.ts";
import { shipped } from "../../files/shipped.ts";
import { as, field } from "../../json/fields.ts";
import { readJson } from "../../json/json.ts";
import { decodeUtf8 } from "../../json/utf8.ts";

const MOST_BYTES = 2 ** 24;

export const SUITES = ["small", "full"] as const;
export type Suite = (typeof SUITES)[number];
/** Every so many cases of the full suite make the small one. */
const EVERY = 5;

function lines(...parts: readonly string[]): { readonly text: string; readonly where: string }[] {
  const path = shipped("golden", ...parts);
  const file = new InputFile(path);
  try {
    const text = decodeUtf8(file.whole(MOST_BYTES, "E_LIMIT_INPUT"), path);
    return text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line, i) => ({ text: line, where: `${path}, line ${i + 1}` }));
  } finally {
    file.close();
  }
}

function chosen<T>(cases: readonly T[], suite: Suite): T[] {
  return suite === "full" ? [...cases] : cases.filter((_, i) => i % EVERY === 0);
}

/** Texts that have made tokenizers fail: digits, symbols, scripts, white space, NFC, special tokens as text. */
export function strings(suite: Suite): string[] {
  const path = shipped("golden", "text", "encode.json");
  const file = new InputFile(path);
  try {
    const cases = as(readJson(file.whole(MOST_BYTES, "E_LIMIT_INPUT"), path), "array", "", path);
    return chosen(
      cases.map((one) => field(as(one, "object", "case", path), "text", "string", path)),
      suite,
    );
  } finally {
    file.close();
  }
}

/** Conversations as JSON texts, in which 1.0 is not 1: turns, thoughts, tools, results, any Unicode. */
export function conversations(suite: Suite): string[] {
  const all = lines("text", "conversations.jsonl").map(({ text, where }) => {
    return field(as(readJson(text, where), "object", "", where), "input", "string", where);
  });
  return chosen(all, suite);
}

/** Cases of the sampler, as JSON texts. */
export function samplerCases(suite: Suite): string[] {
  return chosen(
    lines("sampler", "cases.jsonl").map(({ text }) => text),
    suite,
  );
}

export interface ReplyCase {
  readonly name: string;
  readonly text: string;
  /** Whether the prompt ended inside a thought. */
  readonly opened: boolean;
}

const CALL = '<tool_call>\n{"name": "add", "arguments": {"a": 1.0, "b": [2, "x"]}}\n</tool_call>';

/** What models write, and what parsers have lost: each is sent whole and cut at every place. */
export const REPLIES: readonly ReplyCase[] = [
  { name: "a thought opened by the prompt", text: "First.\n\nThen.\n</think>\n\nFour.", opened: true },
  { name: "a thought that the model opens again", text: "<think>\nFirst.\n</think>\n\nFour.", opened: true },
  { name: "a thought that was cut off", text: "I was thinking about", opened: true },
  { name: "an empty thought", text: "\n\n</think>\n\nFour.", opened: true },
  { name: "no thought", text: "Four.", opened: false },
  { name: "a second end of thought", text: "a</think>b</think>c", opened: true },
  { name: "a tag that is none", text: "if a <thin and b < c</thinking></think>\nx <think> y", opened: true },
  { name: "a call", text: `I need a sum.\n</think>\n\n${CALL}`, opened: true },
  { name: "a call inside the thought", text: `${CALL}\nno, wait</think>\n\nFour.`, opened: true },
  { name: "two calls and text around them", text: `</think>\nFirst\n${CALL}\nbetween\n${CALL}\nlast`, opened: true },
  { name: "a call without its end", text: '</think>\n<tool_call>\n{"name": "f", "arguments": {}}', opened: true },
  { name: "a call that is no JSON", text: "</think>\n<tool_call>\nadd(1, 2)\n</tool_call>", opened: true },
  { name: "characters of several bytes", text: "größer 😀\n</think>\n\n四 𝟜.", opened: true },
];
