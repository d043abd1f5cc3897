/**
 * LiveBench's grader: for each of its tasks the scorer that its own program asks, with the same score from 0 to 1.
 *
 * Not here, because their truth is another program than a rule: AMPS_Hard (sympy, then a model of OpenAI's),
 * integrals_with_game (sympy), tablereformat (pandas), coding (its tests are Python pickles; LiveCodeBench's grader has the
 * open ones), agentic coding (containers), instruction following since November 2025 (IFBench).
 *
 * source   LiveBench b0fb577, livebench/gen_ground_truth_judgment.py: play_a_match_gt
 */
import { FormatError, UsageError } from "../../errors.ts";
import { type Grade, type Grader, noAnswer } from "../grader.ts";
import { connections, connectionsOld, plot, typos } from "./language.ts";
import { aime, contest, proof } from "./mathematics.ts";
import { houses, mind, spatial, sudoku, walk, webOfLies2, webOfLies3, zebra, zebraOld } from "./reasoning.ts";
import { columnType, growth, join } from "./tables.ts";
import { Raised } from "./text.ts";

/** A question of LiveBench, as its question.jsonl has it. */
export interface LiveBenchTask {
  readonly task: string;
  readonly subtask?: string | undefined;
  /** "2024-11-25": some tasks were scored in another way before. */
  readonly livebench_release_date?: string | undefined;
  readonly ground_truth: unknown;
  readonly turns: readonly string[];
}

/** Characters beyond which a reply is not read: thirty times those of 32,768 tokens. */
const LONGEST = 4_000_000;
/** The day from which zebra puzzles and connections are scored as they are now. */
const CHANGED = "2024-11-25";

type Scorer = (truth: unknown, reply: string, question: string) => number;

/** A scorer whose truth is a text; of another kind it raises. */
const texts =
  (score: (truth: string, reply: string, question: string) => number): Scorer =>
  (truth, reply, question) => {
    if (typeof truth !== "string") throw new Raised("the answer is no text");
    return score(truth, reply, question);
  };

const SCORERS: Readonly<Record<string, Scorer>> = {
  cta: texts(columnType),
  tablejoin: join,
  consecutive_events: growth,
  web_of_lies_v2: texts(webOfLies2),
  web_of_lies_v3: texts(webOfLies3),
  house_traversal: texts(houses),
  spatial: texts(spatial),
  theory_of_mind: texts(mind),
  logic_with_navigation: walk,
  sudoku: texts(sudoku),
  typos: texts(typos),
  plot_unscrambling: texts(plot),
};

/** Tasks whose scorers are here, as a table lists them. */
export const LIVEBENCH_TASKS: readonly string[] = [
  "amc",
  "smc",
  "aime",
  "imo",
  "usamo",
  "zebra_puzzle",
  "connections",
  ...Object.keys(SCORERS),
];

/** The scorer of a task; undefined where there is none here. */
export function scorerOf({ task, subtask, livebench_release_date: date = CHANGED }: LiveBenchTask): Scorer | undefined {
  const name = subtask ?? task;
  const [first, second] = name.split("_");
  if (first === "amc" || first === "smc" || second === "amc") return texts(contest);
  if (first === "aime") return texts(aime);
  if (first === "imo" || first === "usamo") return texts(proof);
  if (name.includes("zebra_puzzle")) return texts(date < CHANGED ? zebraOld : zebra);
  if (name === "connections") return texts(date < CHANGED ? connectionsOld : connections);
  return Object.hasOwn(SCORERS, name) ? SCORERS[name] : undefined;
}

export const LIVEBENCH: Grader<LiveBenchTask> = {
  name: "livebench",
  grade(task, reply) {
    const scorer = scorerOf(task);
    if (scorer === undefined) throw noScorer(task);
    if (reply.length > LONGEST) return Promise.resolve(noAnswer(`The reply has more than ${LONGEST} characters.`));
    return Promise.resolve(graded(task, scorer, reply));
  },
  close: () => Promise.resolve(),
};

function graded({ ground_truth: truth, turns }: LiveBenchTask, scorer: Scorer, reply: string): Grade {
  try {
    const right = scorer(truth, reply, turns[0] ?? "");
    const reason =
      right === 1 ? "The answer is right." : right === 0 ? "The answer is another, or none." : "A part is right.";
    return { right, extracted: reply.slice(-200).trim(), reason };
  } catch (error) {
    if (!(error instanceof Raised) && !(error instanceof FormatError)) throw error;
    return noAnswer(`LiveBench's own scorer fails on this reply: ${error.message}.`);
  }
}

function noScorer({ task, subtask }: LiveBenchTask): UsageError {
  return new UsageError("E_VERIFY_TASK", "LiveBench", {
    expected: `a task among ${LIVEBENCH_TASKS.join(", ")}`,
    actual: subtask ?? task,
    hint: "docs/graders.md says what is not graded here, and why.",
  });
}
