/** Our verdicts beside lm-eval's, on the replies of golden/graders/ifeval-verdicts. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type Instruction, type InstructionId, readInstruction } from "../../src/verify/ifeval/arguments.ts";
import { checkInstructions } from "../../src/verify/ifeval/check.ts";
import { readIfevalTask } from "../../src/verify/ifeval/task.ts";
import { goldenPath } from "../support/golden.ts";

interface Row {
  readonly task?: number;
  readonly id?: string;
  readonly args?: Record<string, unknown>;
  readonly reply: string;
  readonly strict: string;
  readonly loose: string;
}

/** Types whose verdict hangs on the language of a text. */
export const LANGUAGE_TYPES: ReadonlySet<string> = new Set<InstructionId>([
  "language:response_language",
  "change_case:english_capital",
  "change_case:english_lowercase",
]);

/** Verdicts on one type of instruction. */
export interface Tally {
  verdicts: number;
  /** Those of lm-eval that say the instruction is followed. */
  followed: number;
  same: number;
  /** Where lm-eval says now this, now that. */
  undecided: number;
}

export interface Agreement {
  readonly replies: number;
  readonly tasks: number;
  /** Replies on which every verdict is the same, of those where lm-eval has one. */
  readonly whole: { readonly without: Count; readonly with: Count };
  readonly types: ReadonlyMap<string, Tally>;
  readonly differences: readonly Difference[];
}

export interface Count {
  same: number;
  of: number;
}

export interface Difference {
  readonly instruction: Instruction;
  readonly how: "strict" | "loose";
  readonly official: boolean;
  readonly reply: string;
}

function lines<T>(name: string): T[] {
  const bytes = readFileSync(goldenPath(name));
  return (name.endsWith(".gz") ? gunzipSync(bytes) : bytes)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}

/** Compares every verdict. */
export function ifevalAgreement(): Agreement {
  const tasks = lines<Record<string, unknown>>("eval/ifeval.jsonl").map(readIfevalTask);
  const rows = lines<Row>("graders/ifeval-verdicts.jsonl.gz");
  const types = new Map<string, Tally>();
  const differences: Difference[] = [];
  const whole = { without: { same: 0, of: 0 }, with: { same: 0, of: 0 } };
  for (const row of rows) {
    const instructions = row.task === undefined ? [readInstruction(row.id!, row.args!)] : tasks[row.task]!.instructions;
    const found = compare(row, instructions, types);
    differences.push(...found);
    const kind = instructions.some(({ id }) => LANGUAGE_TYPES.has(id)) ? [whole.with] : [whole.with, whole.without];
    for (const count of kind) {
      count.of++;
      if (found.length === 0) count.same++;
    }
  }
  return {
    replies: rows.length,
    tasks: new Set(rows.flatMap(({ task }) => task ?? [])).size,
    whole,
    types,
    differences,
  };
}

function compare(row: Row, instructions: readonly Instruction[], types: Map<string, Tally>): Difference[] {
  const ours = checkInstructions(row.reply, instructions);
  return (["strict", "loose"] as const).flatMap((how) =>
    instructions.flatMap((instruction, index) => {
      const tally = types.get(instruction.id) ?? { verdicts: 0, followed: 0, same: 0, undecided: 0 };
      types.set(instruction.id, tally);
      const said = row[how][index];
      if (said === "?") {
        tally.undecided++;
        return [];
      }
      const official = said === "1";
      tally.verdicts++;
      if (official) tally.followed++;
      if (ours[how][index] === official) {
        tally.same++;
        return [];
      }
      return [{ instruction, how, official, reply: row.reply }];
    }),
  );
}
