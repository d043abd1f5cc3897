/**
 * The text layer of another engine, case by case: ids, prompts, parsed replies, the sampler's sets.
 */
import { QwqError } from "../../errors.ts";
import { as, describe, optional } from "../../json/fields.ts";
import { type Json, JsonNumber, readJson } from "../../json/json.ts";
import { conversationFromJson } from "../../text/messages.ts";
import { type Reply, ReplyParser } from "../../text/reply.ts";
import { renderChat } from "../../text/template.ts";
import type { Tokenizer } from "../../text/tokenizer.ts";
import type { Check } from "../checks.ts";
import { firstDifference, firstOther } from "../difference.ts";
import { samplerCase } from "../sampler.ts";
import type { ReplyCase } from "./suite.ts";

/** Asks the engine a case: a line of JSON. */
export type Ask = (line: string) => Promise<Json>;

/** What the engine said in refusal; `undefined` for an answer. */
function refusal(answer: Json): string | undefined {
  const error = answer instanceof Map ? answer.get("error") : undefined;
  return error === undefined ? undefined : describe(error);
}

/** The ids in an answer: an array, or {"ids"}. `undefined` for anything else. */
export function idsOf(answer: Json): number[] | undefined {
  const list = answer instanceof Map ? (answer.get("ids") ?? answer.get("tokens")) : answer;
  if (!Array.isArray(list) || !list.every((id) => typeof id === "number" && id >= 0)) return undefined;
  return list as number[];
}

/** One text's ids against the reference's, with the bytes of the first token that differs. */
export function idsCheck(
  text: string,
  expected: Uint32Array,
  actual: readonly number[],
  tokenizer: Tokenizer,
  where: string,
): Check {
  const code = "tokens-ids";
  const at = firstOther(expected, actual);
  if (at === undefined) return { code, outcome: "pass", where };
  const bytes = (ids: ArrayLike<number>, to: number) =>
    Buffer.byteLength(tokenizer.decode(Array.from(ids).slice(0, to)));
  const [from, to] = [bytes(expected, at), bytes(expected, at + 1)];
  const near = (ids: ArrayLike<number>) =>
    `[${Array.from(ids)
      .slice(Math.max(0, at - 1), at + 3)
      .join(", ")}]`;
  return {
    code,
    outcome: "fail",
    where: `${where}, bytes ${from} to ${to}`,
    expected: `${near(expected)} at id ${at} of ${expected.length}`,
    actual: `${near(actual)} of ${actual.length}`,
    next: `The text: ${JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text)}.`,
  };
}

export async function tokensCheck(text: string, i: number, tokenizer: Tokenizer, ask: Ask): Promise<Check> {
  const where = `string ${i + 1}`;
  const answer = await ask(JSON.stringify({ text }));
  const ids = idsOf(answer);
  if (ids !== undefined) return idsCheck(text, tokenizer.encode(text), ids, tokenizer, where);
  return {
    code: "tokens-ids",
    outcome: "fail",
    where,
    expected: "an array of ids",
    actual: refusal(answer) ?? describe(answer),
  };
}

/** The prompt, or "an error" where the template refuses the conversation: then the engine must, too. */
export async function templateCheck(
  line: string,
  i: number,
  template: string,
  specialTokens: Record<string, string>,
  ask: Ask,
): Promise<Check> {
  const [code, where] = ["template-bytes", `conversation ${i + 1}`];
  const wanted = await rendered(line, template, specialTokens);
  const answer = await ask(line);
  const refused = refusal(answer);
  const got = answer instanceof Map ? answer.get("prompt") : answer;
  if (wanted === undefined) {
    const ok = refused !== undefined;
    return ok
      ? { code, outcome: "pass", where }
      : { code, outcome: "fail", where, expected: '{"error"}: the template refuses it', actual: describe(got) };
  }
  if (typeof got !== "string")
    return { code, outcome: "fail", where, expected: "a prompt", actual: refused ?? describe(answer) };
  if (got === wanted) return { code, outcome: "pass", where };
  const [expected, actual] = firstDifference(wanted, got);
  return { code, outcome: "fail", where, expected, actual, next: `The conversation: ${line.slice(0, 120)}.` };
}

/** The prompt, or `undefined` where the template refuses the conversation. */
export async function rendered(
  line: string,
  template: string,
  specialTokens: Record<string, string>,
): Promise<string | undefined> {
  try {
    return await renderChat(template, { ...conversationFromJson(readJson(line, "suite")), specialTokens });
  } catch (error) {
    if (error instanceof QwqError) return undefined;
    throw error;
  }
}

/** Ways to cut a text: not at all, in two at every place, and character by character. */
export function cuts(text: string): string[][] {
  const characters = [...text];
  const two = characters
    .slice(1)
    .map((_, i) => [characters.slice(0, i + 1).join(""), characters.slice(i + 1).join("")]);
  return [[text], ...two, characters];
}

/** A reply as other engines are asked for it. */
export function replyJson(reply: Reply): string {
  const calls = reply.toolCalls.map(({ name, arguments: args, error, raw }) =>
    error === undefined ? { name, arguments: plain(args) } : { raw },
  );
  return JSON.stringify({ thinking: reply.thinking, answer: reply.answer, tool_calls: calls });
}

/** JSON without the difference of 1 and 1.0, in a fixed order of keys. */
function plain(json: Json | undefined): unknown {
  if (json instanceof JsonNumber) return json.value;
  if (json instanceof Map)
    return Object.fromEntries(
      [...json].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, plain(value)]),
    );
  return Array.isArray(json) ? json.map(plain) : json;
}

/** One reply at every cut; the first cut that gives another reply is the one shown. */
export async function parseCheck({ name, text, opened }: ReplyCase, ask: Ask): Promise<Check> {
  const expected = replyJson(parsedIn([text], opened));
  for (const pieces of cuts(text)) {
    const answer = await ask(JSON.stringify({ pieces, opened, tool_calls: true }));
    const actual = JSON.stringify(plain(answer));
    if (canonical(actual) === canonical(expected)) continue;
    const where =
      pieces.length === 1
        ? name
        : pieces.length === 2
          ? `${name}, cut after ${JSON.stringify(pieces[0]!.slice(-16))}`
          : `${name}, a character at a time`;
    return { code: "parse-split", outcome: "fail", where, expected, actual };
  }
  return { code: "parse-split", outcome: "pass", where: name };
}

function canonical(json: string): string {
  return JSON.stringify(plain(readJson(json, "reply")));
}

export function parsedIn(pieces: readonly string[], opened: boolean): Reply {
  const parser = new ReplyParser({ opened, toolCalls: true });
  for (const piece of pieces) parser.push(piece);
  return parser.end().reply;
}

/** float32's rounding of a sum of thousands of terms; a wrong order of processors is off by more than a hundredth. */
const PROBABILITY = 1e-5;

/** Kept ids exactly, probabilities within 1e-5. */
export async function samplerCheck(line: string, i: number, ask: Ask): Promise<Check> {
  const where = `case ${i + 1}`;
  const expected = samplerCase(readJson(line, where), where);
  const answer = await ask(line);
  const ids = idsOf(answer);
  const given = answer instanceof Map ? optional(answer, "probabilities", "array", where) : undefined;
  if (ids === undefined || given?.length !== ids.length) {
    return {
      code: "sampler-set",
      outcome: "fail",
      where,
      expected: '{"ids", "probabilities"}',
      actual: refusal(answer) ?? describe(answer),
    };
  }
  const at = firstOther(expected.ids, ids);
  if (at !== undefined) {
    const kept = (list: readonly number[]) => `${list.length} ids, the ${at + 1}. ${list[at] ?? "none"}`;
    return {
      code: "sampler-set",
      outcome: "fail",
      where,
      expected: kept(expected.ids),
      actual: kept(ids),
      next: `Settings: ${settings(line)}.`,
    };
  }
  const probabilities = given.map((p, j) => as(p, "number", `probabilities[${j}]`, where));
  const off = probabilities.findIndex((p, j) => !(Math.abs(p - expected.probabilities[j]!) <= PROBABILITY));
  if (off < 0) return { code: "sampler-set", outcome: "pass", where };
  const shown = (list: readonly number[]) => `${list[off]!.toPrecision(6)} for id ${ids[off]!}`;
  return {
    code: "sampler-probability",
    outcome: "fail",
    where,
    expected: shown(expected.probabilities),
    actual: shown(probabilities),
    next: `Settings: ${settings(line)}.`,
  };
}

/** A case without its numbers and the recorded answer. */
function settings(line: string): string {
  const numbers = ["logits", "previous", "ids", "probabilities"];
  const entries = Object.entries(JSON.parse(line) as object).filter(([key]) => !numbers.includes(key));
  return JSON.stringify(Object.fromEntries(entries)).slice(0, 160);
}
