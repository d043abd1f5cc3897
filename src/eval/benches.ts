/** The benchmarks: where their data is to be had, how a line of it is asked, and how often their authors asked it. */
import { UsageError } from "../errors.ts";
import { bfclProblem } from "./bfcl.ts";
import { choiceProblem } from "./choices.ts";
import { liveBenchProblem } from "./livebench.ts";
import { ownProblem } from "./own.ts";
import { type Problem, type Row, textIn } from "./problem.ts";

/** A benchmark: what it is called, and how a line of its data becomes a question. */
export interface Bench {
  readonly name: string;
  readonly title: string;
  /** What the number that is compared is called. */
  readonly metric: string;
  /** Replies to each problem, as QwQ's authors drew them. */
  readonly samples: number;
  /** Where the data comes from, in words. */
  readonly source: string;
  /** Whether it comes with the package. */
  readonly shipped: boolean;
  /** The problem of a line, read and as it stands; `number` counts from 1. Throws FormatError E_EVAL_DATA. */
  readonly problem: (row: Row, number: number, where: string, line: string) => Problem;
}

/** QwQ's authors' repository, which holds the prompts that they measured with. */
const AUTHORS = "https://github.com/QwenLM/QwQ (eval/data), Apache-2.0";
/** What they ask for in mathematics, and QwQ's model card too. */
const BOXED = "Please reason step by step, and put your final answer within \\boxed{}.";

const BENCHES: readonly Bench[] = [
  {
    name: "aime24",
    title: "AIME 2024",
    metric: "pass@1",
    samples: 64,
    source: AUTHORS,
    shipped: true,
    problem: prompted("aime24", "math"),
  },
  {
    name: "aime25",
    title: "AIME 2025",
    metric: "pass@1",
    samples: 64,
    source: AUTHORS,
    shipped: true,
    problem: prompted("aime25", "math"),
  },
  {
    name: "ifeval",
    title: "IFEval",
    metric: "prompt, strict",
    samples: 1,
    source: AUTHORS,
    shipped: true,
    problem: prompted("ifeval", "ifeval"),
  },
  {
    name: "livecodebench",
    title: "LiveCodeBench v5, August 2024 to February 2025",
    metric: "pass@1",
    samples: 8,
    source: AUTHORS,
    shipped: false,
    problem: prompted("lcb", "livecodebench"),
  },
  {
    name: "bfcl",
    title: "Berkeley Function Calling Leaderboard",
    metric: "AST accuracy",
    samples: 1,
    source: "https://github.com/ShishirPatil/gorilla (berkeley-function-call-leaderboard/bfcl_eval/data), Apache-2.0",
    shipped: false,
    problem: bfclProblem,
  },
  {
    name: "math500",
    title: "MATH-500",
    metric: "pass@1",
    samples: 1,
    source: "https://huggingface.co/datasets/HuggingFaceH4/MATH-500 (test.jsonl), MIT",
    shipped: false,
    problem: mathProblem,
  },
  {
    name: "gpqa",
    title: "GPQA Diamond",
    metric: "pass@1",
    samples: 8,
    source: "https://huggingface.co/datasets/Idavidrein/gpqa (behind a form; asks not to be put online in plain text)",
    shipped: false,
    problem: (row, number, where) => choiceProblem("gpqa", row, number, where),
  },
  {
    name: "livebench",
    title: "LiveBench, the tasks that are graded here",
    metric: "mean score",
    samples: 1,
    source: "https://github.com/LiveBench/LiveBench (livebench/download_questions.py), Apache-2.0",
    shipped: false,
    problem: liveBenchProblem,
  },
];

/** Names that `qwq eval` takes, besides a file's. */
export const NAMES: readonly string[] = BENCHES.map(({ name }) => name);

/** The benchmark of that name; that of a file of one's own where it ends in .jsonl. Throws UsageError E_ARG_BENCH. */
export function benchOf(name: string): Bench {
  const known = BENCHES.find((bench) => bench.name === name);
  if (known !== undefined) return known;
  if (!name.endsWith(".jsonl")) {
    throw new UsageError("E_ARG_BENCH", "eval", {
      expected: `${NAMES.join(", ")}, or a file that ends in .jsonl`,
      actual: name,
      hint: "qwq eval --help describes the file.",
    });
  }
  const own = { metric: "pass@1", samples: 1, source: name, shipped: false, problem: ownProblem };
  return { name: "own", title: name.replace(/^.*\//, ""), ...own };
}

/** A line whose "prompt" is asked as it stands. */
function prompted(prefix: string, grader: string) {
  return (row: Row, number: number, where: string): Problem => {
    const own = row["question_id"] ?? row["id"] ?? row["key"];
    const id = own === undefined ? `${prefix}-${String(number).padStart(2, "0")}` : String(own);
    return { id, grader, row, messages: [{ role: "user", content: textIn(row, "prompt", where) }] };
  };
}

function mathProblem(row: Row, number: number, where: string): Problem {
  const id = typeof row["unique_id"] === "string" ? row["unique_id"] : `math-${number}`;
  const content = `${textIn(row, "problem", where)}\n${BOXED}`;
  const part = typeof row["subject"] === "string" ? row["subject"] : undefined;
  return { id, grader: "math", row, part, messages: [{ role: "user", content }] };
}
