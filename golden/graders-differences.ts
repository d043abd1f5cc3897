/**
 * Lists where our grader of mathematics and math-verify differ, in golden/graders/math-judged.json. What has been judged
 * keeps its judgement; what is new comes without one, and `npm run test:graders` fails until it has one.
 *
 *   npx tsx golden/graders-differences.ts
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { agreement, differences, judgedDifferences } from "../test/graders/agreement.ts";
import { judgeMath } from "../test/graders/math.ts";

const NAME = "math-judged.json";
const known = new Map(judgedDifferences(NAME).map((one) => [JSON.stringify([one.expected, one.reply]), one.judgement]));
const judged = await judgeMath();
const rows = differences(judged).map(({ expected, reply, official, ours }) => {
  const judgement = known.get(JSON.stringify([expected, reply])) ?? "";
  return { expected, reply, official, ours, judgement };
});
writeFileSync(join(import.meta.dirname, "graders", NAME), `${JSON.stringify(rows, null, 2)}\n`);
const open = rows.filter(({ judgement }) => judgement === "").length;
console.log(`${judged.length} pairs, ${rows.length} differences (${(100 * agreement(judged)).toFixed(2)} %), ${open} to judge`);
