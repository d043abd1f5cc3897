import { describe, expect, test } from "vitest";
import { parseReply } from "../../../src/text/reply.ts";
import { Dice } from "../../../src/training/tasks/dice.ts";
import { FLAWS, flawed, preference } from "../../../src/training/tasks/preferences.ts";
import { KINDS, splitOf } from "../../../src/training/tasks/problem.ts";
import { problems } from "../../../src/training/tasks/problems.ts";
import { checkText } from "../../../src/verify/check.ts";

const first = (kind: (typeof KINDS)[number], split: "train" | "test", count: number) => {
  const source = problems(kind, split, 4);
  return Array.from({ length: count }, () => source.next().value);
};
const verdict = (reply: string, check: ReturnType<typeof first>[number]["check"]) =>
  check.type === "program" ? undefined : checkText(reply, check).reason;

describe.each(KINDS)("%s", (kind) => {
  test("the same dice make the same pair; the reply that is liked has the lesser flaw, and the two differ", () => {
    const [one, two] = [new Dice(1), new Dice(1)];
    for (const problem of first(kind, "train", 300)) {
      const pair = preference(problem, one);
      expect(preference(problem, two)).toEqual(pair);
      expect(pair.chosen).not.toBe(pair.rejected);
      expect(FLAWS.indexOf(pair.flaws.chosen)).toBeLessThan(FLAWS.indexOf(pair.flaws.rejected));
    }
  });

  test("each flaw is what it is called", () => {
    const dice = new Dice(2);
    for (const problem of first(kind, "train", 200)) {
      const { check, answer, language } = problem;
      const reply = (flaw: (typeof FLAWS)[number]) => flawed(problem, flaw, dice);
      const parts = (text: string) => parseReply(text, { opened: true, toolCalls: false });
      expect(reply("none")).toBe(problem.solution());
      expect(verdict(reply("none")!, check) ?? "right").toBe("right");
      expect(["wrong", "broken", undefined]).toContain(verdict(reply("wrong")!, check));
      expect(verdict(reply("open")!, check) ?? "unfinished").toBe("unfinished");
      expect(verdict(reply("silent")!, check) ?? "empty").toBe("empty");
      const cut = parts(reply("cut")!).answer;
      const whole = parts(problem.solution()).answer;
      expect(whole.startsWith(cut) && cut.length < whole.length).toBe(true);
      const { thinking } = parts(reply("repeated")!);
      const counts = new Map<string, number>();
      for (const line of thinking.split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1);
      expect(Math.max(...counts.values())).toBeGreaterThanOrEqual(4);
      const [bare, foreign] = [reply("bare"), reply("foreign")];
      expect(bare === undefined).toBe(foreign === undefined);
      if (bare === undefined || foreign === undefined) continue;
      expect(parts(bare).answer).toBe(answer);
      expect(verdict(bare, check)).toBe("right");
      expect(verdict(foreign, check)).toBe("right");
      expect(/\p{Script=Han}/u.test(parts(foreign).answer)).toBe(language === "en");
    }
  });

  test("pairs of held-out problems are about keys that are not trained on", () => {
    expect(first(kind, "test", 50).every(({ key }) => splitOf(key) === "test")).toBe(true);
  });
});

test("every flaw is drawn on either side that it can be on, and half of the pairs have one reply without", () => {
  const dice = new Dice(3);
  const pairs = first("arithmetic", "train", 2000).map((problem) => preference(problem, dice));
  expect(new Set(pairs.map(({ flaws }) => flaws.chosen))).toEqual(new Set(FLAWS.slice(0, -1)));
  expect(new Set(pairs.map(({ flaws }) => flaws.rejected))).toEqual(new Set(FLAWS.slice(1)));
  const perfect = pairs.filter(({ flaws }) => flaws.chosen === "none").length;
  expect(Math.abs(perfect - 1000)).toBeLessThan(6 * Math.sqrt(500)); // six standard deviations
});
