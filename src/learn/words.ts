/** What a test of the course found, in words. */
import { wrap } from "../oracle/formats/wrap.ts";
import { layerOf, shortName, value } from "../oracle/formats/words.ts";
import { inputsOf } from "../oracle/graph.ts";
import type { Report } from "../oracle/report.ts";
import type { Finding } from "./check.ts";
import type { Step } from "./steps.ts";
import { CHUNK } from "./taps.ts";

const COLUMNS = 80;
const INDENT = 6;

/** What the activations are, by the names of the page. */
const IS: Readonly<Record<string, string>> = {
  embed: "the embedding",
  n1: "the first norm",
  q: "the queries",
  k: "the keys",
  v: "the values",
  qr: "the queries after RoPE",
  kr: "the keys after RoPE",
  a: "what attention found",
  o: "attention's output, projected",
  mid: "the residual stream after attention",
  n2: "the second norm",
  gate: "the gate",
  up: "what the gate lets through",
  act: "the gated channels",
  down: "the feed-forward output, projected",
  out: "the residual stream after the layer",
  norm: "the last norm",
  logits: "the logits",
};

/** The tap with what it is: "0.qr, the queries after RoPE in layer 0". */
function tapText(tap: string): string {
  const layer = layerOf(tap);
  return `${tap}, ${IS[shortName(tap)]!}${layer === undefined ? "" : ` of layer ${layer}`}`;
}

/** The finding of a step, its lines ended. */
export function findingText(step: Step, finding: Finding): string {
  const head = `${step.name}  ${finding.kind === "done" ? "done" : finding.kind === "unwritten" ? "not begun" : "not yet"}`;
  const body = sentences(step, finding).flatMap((text) => wrap(" ".repeat(INDENT) + text, COLUMNS, INDENT));
  return `${[head, ...body, ...next(step, finding)].join("\n")}\n`;
}

function sentences({ name, title, cases }: Step, finding: Finding): string[] {
  switch (finding.kind) {
    case "done":
      return [
        `${title}: ${cases.length > 0 ? "right by hand, and " : ""}every activation of the model is within rounding.`,
      ];
    case "unwritten":
      return [`${title}: its body is still to be written.`];
    case "wrong":
      return [`${finding.says.replace(/\.$/, "")}.`];
    case "hand": {
      const { says, at, expected, actual } = finding;
      return [`by hand: ${says}: value ${at} should be ${value(expected)}, yours is ${value(actual)}.`];
    }
    case "broken": {
      const { tap, row, column, value: what } = finding.place;
      return [`by hand it is right; in the model ${tapText(tap)}, has ${what} at position ${row}, channel ${column}.`];
    }
    case "diverges":
      return [name === "model" ? "" : "by hand it is right;", ...divergence(finding.report)].filter(
        (text) => text !== "",
      );
  }
}

const LATER = `The first ${CHUNK} are right. The others come in later calls, when the cache holds tokens already: mind where they stand.`;

function divergence({ first, taps, layers, diagnosis, none }: Report): string[] {
  if (first === null) return ["the model differs, and no tap says where."];
  const from = inputsOf(first.tap, layers).filter((name) => !first.missing.includes(name));
  const inputs = from.length === 0 ? "" : ` What it is made of (${from.join(", ")}) is right.`;
  const pair = taps.find(({ tap }) => tap === first.tap)?.values?.[0];
  const where =
    pair === undefined
      ? `at position ${first.row}.`
      : `position ${pair.row}, channel ${pair.column}: expected ${value(pair.expected)}, yours ${value(pair.actual)}.`;
  const { rows } = taps.find(({ tap }) => tap === first.tap)!;
  const wrong = rows.flatMap(({ z }, position) => (z > 6 ? [position] : []));
  const best = diagnosis[0];
  const known =
    none === true || best === undefined ? "it is none of the known bugs." : `it agrees with a known bug, ${best.code}.`;
  return [
    `in the model the first divergence is ${tapText(first.tap)}.${inputs}`,
    `${wrong.length} of ${rows.length} positions are wrong; ${where}`,
    ...(wrong[0]! >= CHUNK ? [LATER] : []),
    known,
  ];
}

function next({ essay }: Step, finding: Finding): string[] {
  if (finding.kind === "done") return [];
  if (finding.kind === "diverges" && finding.report.none !== true && finding.report.diagnosis.length > 0) {
    return [`next  qwq oracle explain ${finding.report.diagnosis[0]!.code}`];
  }
  return [`read  ${essay}`];
}
