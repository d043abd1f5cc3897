/** LiveBench's scores beside its own scorers' (golden/make_graders_livebench.py). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { score } from "../../src/verify/grader.ts";
import { LIVEBENCH } from "../../src/verify/livebench/grader.ts";

type Line = readonly [task: string, date: string, truth: unknown, question: string, reply: string, score: number];

/** One reply that is scored otherwise. */
export interface Other {
  readonly task: string;
  readonly truth: unknown;
  readonly reply: string;
  readonly official: number;
  readonly ours: number;
  readonly reason: string;
}

/** Of a task: replies, how many of them are right, how many in part, and how many have the same score. */
export interface TaskAgreement {
  readonly replies: number;
  readonly right: number;
  readonly inPart: number;
  readonly same: number;
}

export interface LiveBenchAgreement {
  readonly tasks: ReadonlyMap<string, TaskAgreement>;
  readonly others: readonly Other[];
}

/** Tasks that one scorer does, under one name. */
const ONE: Readonly<Record<string, string>> = {
  smc_12: "amc",
  "2023_amc": "amc",
  aime_i_2024: "aime",
  usamo: "imo",
};

export async function liveBenchAgreement(): Promise<LiveBenchAgreement> {
  const path = join(import.meta.dirname, "../../golden/graders/livebench.jsonl.gz");
  const lines = gunzipSync(readFileSync(path)).toString("utf8").trimEnd().split("\n");
  const tasks = new Map<string, TaskAgreement>();
  const others: Other[] = [];
  for (const line of lines) {
    const [task, livebench_release_date, truth, question, reply, official] = JSON.parse(line) as Line;
    const row = { task, livebench_release_date, ground_truth: truth, turns: [question] };
    const grade = await LIVEBENCH.grade(row, reply);
    const ours = score(grade);
    if (ours !== official) others.push({ task, truth, reply, official, ours, reason: grade.reason });
    const until = livebench_release_date < "2024-11-25" ? ", until 2024-11" : "";
    const name = `${ONE[task] ?? task}${until}`;
    const { replies, right, inPart, same } = tasks.get(name) ?? { replies: 0, right: 0, inPart: 0, same: 0 };
    tasks.set(name, {
      replies: replies + 1,
      right: right + Number(official === 1),
      inPart: inPart + Number(official > 0 && official < 1),
      same: same + Number(ours === official),
    });
  }
  return { tasks, others };
}
