/** Mathematics: math-verify on 2,565 pairs, lm-eval's scorer of AIME on all 60 problems. */
import { expect, it } from "vitest";
import { agreement, differences, judgedDifferences } from "./agreement.ts";
import { judgeAime, judgeMath } from "./math.ts";

it("agrees with math-verify on at least 99 % of at least 2,000 pairs, and each difference has been judged", async () => {
  const judged = await judgeMath();
  expect(judged.length).toBeGreaterThanOrEqual(2000);
  const differing = differences(judged).map(({ expected, reply, official, ours }) => ({
    expected,
    reply,
    official,
    ours,
  }));
  const known = judgedDifferences("math-judged.json");
  expect(differing).toEqual(known.map(({ expected, reply, official, ours }) => ({ expected, reply, official, ours })));
  for (const { judgement } of known) expect(judgement).toMatch(/^(ours|theirs|either): /);
  expect(agreement(judged)).toBeGreaterThanOrEqual(0.99);
});

it("agrees with lm-eval's scorer of AIME on replies to all 60 problems", async () => {
  const judged = await judgeAime();
  expect(new Set(judged.map(({ expected }) => expected)).size).toBeGreaterThan(50);
  expect(differences(judged)).toEqual([]);
});
