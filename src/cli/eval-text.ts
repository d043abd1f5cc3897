/** What `qwq eval` says: the estimate before, the report after. */
import { flawName } from "../verify/flaws.ts";
import type { Responder } from "../ask/responder.ts";
import { percent } from "../eval/charts.ts";
import type { Estimated } from "../eval/estimate.ts";
import type { Metric, Report } from "../eval/report.ts";
import { jsonOf } from "../eval/run.ts";
import { officialOf } from "../eval/scores.ts";
import { colour, note, print, printJson } from "./terminal.ts";
import { counted, grouped, rate } from "./units.ts";

/** New tokens of the question that the speed is measured by. */
const PROBE_TOKENS = 32;

/** Tokens a second of one short question, times those that are asked together: a first guess, which progress corrects. */
export async function speedOf(who: Responder, signal: AbortSignal): Promise<number | undefined> {
  const messages = [{ role: "user", content: "Hi" }];
  const { tokens, seconds } = await who.ask({ messages, drawing: { maxTokens: PROBE_TOKENS }, seed: 0, signal });
  return tokens === undefined || seconds === 0 ? undefined : (tokens / seconds) * who.atOnce;
}

/** Says what will be asked, on stderr where it goes on and on stdout where that was all that was wanted. */
export function sayEstimate(e: Estimated, json: boolean | undefined, speed?: number): void {
  if (json === true) return printJson(e);
  const lines = [
    `${counted(e.replies, "reply", "replies")} to ask for; about ${grouped(e.promptTokens)} tokens of prompts,`,
    `replies of at most ${grouped(e.mostEach)} tokens each, ${grouped(e.mostTokens)} in all.`,
    ...(speed === undefined ? [] : [`At ${rate(speed)} tokens/s, ${duration(e.mostTokens / speed)} at most.`]),
    ...(e.mostCost === undefined ? [] : [`Cost: at most ${e.mostCost.toFixed(2)}.`]),
  ];
  if (json === undefined) print(`${lines.join("\n")}\n`);
  else note(lines.join("\n"));
}

/** Says which questions are not asked, since nothing here grades them. */
export function sayLeftOut(leftOut: Readonly<Record<string, number>> = {}): void {
  const tasks = Object.entries(leftOut).map(([task, count]) => `${task} (${grouped(count)})`);
  if (tasks.length > 0)
    note(`Left out, since nothing here grades them: ${tasks.join(", ")}. docs/graders.md says why.`);
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} seconds`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} minutes` : `${grouped(Math.round(seconds / 3600))} hours`;
}

/** Prints a report; `where` holds the rest of it. */
export function sayReport(report: Report, json: boolean | undefined, where: string | undefined): void {
  if (json) return print(jsonOf(report));
  const { title, settings, headline, metrics, parts, replies, wanted, thinking, ends, unanswered, flaws } = report;
  print(
    `${colour.bold(title)}, ${settings.model}: ${counted(settings.data.problems, "problem")}, ${counted(replies, "reply", "replies")}\n`,
  );
  if (replies < wanted) print(`missing: ${counted(wanted - replies, "reply", "replies")}\n`);
  for (const metric of [headline, ...metrics, ...parts]) print(`${metricText(metric)}\n`);
  if (thinking !== undefined && thinking.most > 0) {
    print(`thoughts: ${grouped(Math.round(thinking.mean))} tokens on average, ${grouped(thinking.most)} at most\n`);
  }
  const ended = Object.entries(ends).map(([end, count]) => `${end} ${grouped(count)}`);
  print(`ended by: ${ended.join(", ")}; without an answer: ${grouped(unanswered)}\n`);
  const flawed = Object.entries(flaws).map(([type, count]) => `${flawName(type)} ${grouped(count)}`);
  if (flawed.length > 0) print(`flaws: ${flawed.join(", ")}\n`);
  const official = officialOf(settings.bench);
  if (official !== undefined) print(colour.dim(`QwQ-32B's authors: ${official.value} (${official.source})\n`));
  if (where !== undefined)
    note(`${where} holds the rest${settings.at === "recorded" ? "" : ": index.html, report.json, samples.jsonl"}.`);
}

function metricText({ name, estimate: { value, low, high } }: Metric): string {
  return `${name}: ${percent(value)} (95 %: ${percent(low)} to ${percent(high)})`;
}
