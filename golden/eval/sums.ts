/**
 * Writes golden/eval/sums.jsonl: a hundred sums, differences and products that the embedded model was never trained on, in
 * the form of `qwq eval`'s own files.
 *
 *   npx tsx golden/eval/sums.ts
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { arithmetic } from "../../src/training/tasks/arithmetic.ts";
import { Dice } from "../../src/training/tasks/dice.ts";
import { splitOf } from "../../src/training/tasks/problem.ts";

const COUNT = 100;

/** The lines. */
export function sums(): string {
  const dice = new Dice(2024);
  const lines = new Map<string, string>();
  while (lines.size < COUNT) {
    const { key, language, messages, answer } = arithmetic(dice);
    if (splitOf(key) !== "test" || lines.has(key)) continue;
    const id = `sum-${String(lines.size + 1).padStart(3, "0")}`;
    lines.set(key, JSON.stringify({ id, prompt: messages[0]!.content, answer, part: language }));
  }
  return `${[...lines.values()].join("\n")}\n`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(join(import.meta.dirname, "sums.jsonl"), sums());
