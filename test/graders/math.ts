/** What our grader of mathematics says of all that math-verify and lm-eval have judged. */
import { MathGrader } from "../../src/verify/math/grader.ts";
import { goldenLines, type Judged } from "./agreement.ts";

/** math-verify's pairs, with our verdicts. */
export async function judgeMath(): Promise<Judged[]> {
  return judge(goldenLines<[family: string, expected: string, reply: string, official: boolean]>("math.jsonl"));
}

/** lm-eval's, on all problems of AIME. */
export async function judgeAime(): Promise<Judged[]> {
  const lines = goldenLines<[expected: number, reply: string, official: boolean]>("aime.jsonl");
  return judge(lines.map(([expected, reply, official]) => ["aime", String(expected), reply, official]));
}

async function judge(lines: readonly (readonly [string, string, string, boolean])[]): Promise<Judged[]> {
  // Verdicts are compared here, not time: on a machine that is busy, five seconds may pass in a comparison of milliseconds.
  const grader = new MathGrader({ seconds: 60 });
  const judged: Judged[] = [];
  try {
    for (const [family, expected, reply, official] of lines) {
      const { right } = await grader.grade({ answer: expected }, reply);
      judged.push({ family, expected, reply, official, ours: right === true });
    }
  } finally {
    await grader.close();
  }
  return judged;
}
