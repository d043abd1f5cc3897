/**
 * Replies that were recorded: by a run of `qwq eval` (samples.jsonl), or by other programs, a line for each problem with
 * its text or texts:
 *
 *   {"problem": "aime24-01", "sample": 0, "thinking": "...", "answer": "..."}
 *   {"id": "aime24-01", "reply": "<think>...</think> ..."}
 *   {"prompt": "Every morning Aya ...", "gen": ["...", "..."]}
 *
 * A problem is found by its id, else by its prompt. Texts stand under reply, response, output, completion, gen or
 * prediction; in them, thoughts end at the last </think>.
 */
import { FormatError } from "../errors.ts";
import { linesOf } from "../files/journal.ts";
import { answerText } from "../verify/grader.ts";
import { keyOf, type Problem, type Row, type Sample } from "./problem.ts";

const TEXTS = ["reply", "response", "output", "completion", "gen", "prediction"];

/** Throws FormatError E_EVAL_RECORDED. */
export function recorded(lines: string, path: string, problems: readonly Problem[]): Sample[] {
  const known = new Map<unknown, string>(problems.map(({ id }) => [id, id]));
  for (const { id, messages } of problems) known.set(messages.at(-1)!["content"], id);
  const next = new Map<string, number>();
  const seen = new Set<string>();
  return linesOf(lines).flatMap((line, i) => {
    const where = `${path}, line ${i + 1}`;
    const row = rowOf(line, where);
    const problem = [row["problem"], row["id"], row["prompt"]].map((key) => known.get(key)).find(Boolean);
    if (problem === undefined) return []; // of a problem that is not asked for here: --limit
    return samplesIn(row, where).map((sample) => {
      const number = sample.sample ?? next.get(problem) ?? 0;
      next.set(problem, number + 1);
      const whole: Sample = { seed: 0, reason: "recorded", seconds: 0, ...sample, problem, sample: number };
      if (seen.has(keyOf(whole))) throw wrong(where, "each sample once", `${problem}, sample ${number} twice`);
      seen.add(keyOf(whole));
      return whole;
    });
  });
}

type Part = Partial<Sample> & Pick<Sample, "thinking" | "answer">;

function samplesIn(row: Row, where: string): Part[] {
  if (typeof row["answer"] === "string" && typeof row["thinking"] === "string") return [row as unknown as Part];
  const found = TEXTS.map((key) => row[key]).find((value) => value !== undefined);
  const texts = Array.isArray(found) ? found : [found];
  return texts.map((text: unknown) => {
    if (typeof text !== "string") throw wrong(where, `a text under one of ${TEXTS.join(", ")}`, typeof text);
    const answer = answerText(text);
    return { thinking: text.includes("</think>") ? text.slice(0, text.lastIndexOf("</think>")) : "", answer };
  });
}

function rowOf(line: string, where: string): Row {
  try {
    const row: unknown = JSON.parse(line);
    if (typeof row === "object" && row !== null) return row as Row;
  } catch {
    // said below
  }
  throw wrong(where, "a JSON object", line.slice(0, 60));
}

function wrong(where: string, expected: string, actual: string): FormatError {
  return new FormatError("E_EVAL_RECORDED", where, { expected, actual, hint: "qwq eval --help describes the file." });
}
