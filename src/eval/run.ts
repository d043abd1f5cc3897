/** A run of a benchmark: prepared, asked, graded, reported. */
import { readWhole } from "../files/input.ts";
import { writeAtomically } from "../files/output.ts";
import type { Drawing, Responder } from "../ask/responder.ts";
import { UsageError } from "../errors.ts";
import { askAll, type Asking } from "./ask-all.ts";
import type { Bench } from "./benches.ts";
import { type Data, problemsOf, readData } from "./data.ts";
import { type Estimated, estimate, type Price } from "./estimate.ts";
import { gradeAll, type Graded } from "./grade.ts";
import { checkGrader, testsIn } from "./graders.ts";
import { pageOf } from "./page.ts";
import type { Problem, Sample } from "./problem.ts";
import { recorded } from "./recorded.ts";
import type { Report, reportOf } from "./report.ts";
import { checkSame, hashOf, type Settings } from "./settings.ts";
import { Store } from "./store.ts";

/** What is to be asked. */
export interface Plan {
  readonly bench: Bench;
  /** Where the benchmark's data is, if it is not the package's. */
  readonly data?: string | undefined;
  /** So many problems from the first. */
  readonly limit?: number | undefined;
  readonly samples: number;
  readonly drawing: Drawing;
  readonly seed: number;
}

/** The problems of a plan, and the lines they come from. */
export interface Problems extends Data {
  readonly problems: readonly Problem[];
}

/** Throws as `readData` and `problemsOf`. */
export async function problemsFor(
  plan: Pick<Plan, "bench" | "data" | "limit">,
  signal?: AbortSignal,
): Promise<Problems> {
  const { from, lines, leftOut } = await readData(plan.bench, plan.data, signal);
  const chosen = lines.slice(0, plan.limit ?? lines.length);
  const problems = problemsOf(plan.bench, chosen, from);
  for (const { grader, row } of problems) if (grader === "livecodebench") testsIn(row); // before anything is asked
  for (const grader of new Set(problems.map((problem) => problem.grader))) checkGrader(grader);
  return { from, lines: chosen, problems, leftOut };
}

/** A run that is open: close it. */
export class Run {
  readonly bench: Bench;
  readonly problems: readonly Problem[];
  readonly store: Store;

  private constructor(bench: Bench, problems: readonly Problem[], store: Store) {
    this.bench = bench;
    this.problems = problems;
    this.store = store;
  }

  /**
   * Begins the run in `folder`, or goes on with the one that lies there. `at` says where the model is.
   *
   * throws   as `Store.create` and `Store.open`; UsageError E_EVAL_OTHER where another run lies there
   */
  static open(plan: Plan, read: Problems, model: string, at: string, folder: string, resume: boolean): Run {
    const { bench, samples, seed } = plan;
    // As it will be read again: what is not told is not there.
    const drawing = JSON.parse(JSON.stringify(plan.drawing)) as Drawing;
    const { from, lines, problems } = read;
    const data = { from, sha256: hashOf(lines), problems: problems.length };
    const settings: Settings = { format: "qwq-eval/1", bench: bench.name, data, model, at, samples, drawing, seed };
    if (!resume || !Store.exists(folder)) return new Run(bench, problems, Store.create(folder, settings, lines));
    const store = Store.open(folder);
    try {
      checkSame(store.settings, settings, folder);
      return new Run(bench, problems, store);
    } catch (error) {
      store.close();
      throw error;
    }
  }

  /** What a plan would ask, at most, if nothing were there yet. */
  static planned({ samples, drawing }: Plan, { problems }: Problems, price?: Price): Estimated {
    return estimate(problems, () => samples, drawing.maxTokens ?? 0, price);
  }

  /** What is still to be asked, at most; of a model whose context has `room` tokens no reply has more. */
  estimate(price?: Price, room = Infinity): Estimated {
    const { samples, drawing } = this.store.settings;
    const left = ({ id: problem }: Problem) =>
      Array.from({ length: samples }, (_, sample) => sample).filter((sample) => !this.store.has({ problem, sample }))
        .length;
    return estimate(this.problems, left, Math.min(drawing.maxTokens ?? 0, room), price);
  }

  /** Asks what is not there yet. Returns whether all is. Throws as `askAll`. */
  ask(responder: Responder, options: Pick<Asking, "perMinute" | "signal" | "onSample"> = {}): Promise<boolean> {
    return askAll({ store: this.store, problems: this.problems, responder, ...options });
  }

  /** Grades what is there; report.json, index.html and grades.jsonl say what came of it. */
  async report(onGrade?: (done: number, of: number) => void): Promise<Report> {
    const graded = await gradeAll(this.problems, this.store.samples, onGrade);
    const report = await reported(this.bench, this.store.settings, this.problems, graded);
    this.store.write("grades.jsonl", graded.map(gradeLine).join(""));
    this.store.write("report.json", jsonOf(report));
    this.store.write("index.html", pageOf(report));
    return report;
  }

  /** Closes its files, and lets others go on with it. */
  close(): void {
    this.store.close();
  }
}

/** Characters of an extracted answer that are written down: of a program or a text, its beginning. */
const SHOWN = 200;

function gradeLine({ sample: { problem, sample }, score, extracted, why }: Graded): string {
  return `${JSON.stringify({ problem, sample, score, extracted: extracted.slice(0, SHOWN), why })}\n`;
}

export function jsonOf(report: Report): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

const MOST_BYTES = 2 ** 29 - 2 ** 16;

/**
 * The report of replies that were recorded elsewhere, or by a run; also as a page where `out` names a file.
 *
 * throws   as `problemsFor`, `recorded` and `gradeAll`; UsageError E_EVAL_NONE where no reply is to one of the problems
 */
export async function gradeFile(
  file: string,
  { bench, data, limit, out }: Pick<Plan, "bench" | "data" | "limit"> & { readonly out?: string | undefined },
  onGrade?: (done: number, of: number) => void,
): Promise<Report> {
  const { from, lines, problems } = await problemsFor({ bench, data, limit });
  const samples: readonly Sample[] = recorded(
    new TextDecoder().decode(readWhole(file, MOST_BYTES, "E_LIMIT_INPUT")),
    file,
    problems,
  );
  const graded = await gradeAll(problems, samples, onGrade);
  if (graded.length === 0) {
    throw new UsageError("E_EVAL_NONE", file, {
      expected: `replies to problems of ${from}`,
      actual: "none",
      hint: "Is it the file of another benchmark?",
    });
  }
  const settings: Settings = {
    format: "qwq-eval/1",
    bench: bench.name,
    data: { from, sha256: hashOf(lines), problems: problems.length },
    model: file,
    at: "recorded",
    samples: Math.max(...samples.map(({ sample }) => sample + 1)),
    drawing: {},
    seed: 0,
  };
  const report = await reported(bench, settings, problems, graded);
  if (out !== undefined) writeAtomically(out, (put) => put(new TextEncoder().encode(pageOf(report))));
  return report;
}

/** The report; what it is made with, tables of languages above all, is read when there is one to make. */
async function reported(...of: Parameters<typeof reportOf>): Promise<Report> {
  return (await import("./report.ts")).reportOf(...of);
}
