import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CodeClient } from "../../../src/verify/client.ts";
import { type CodeTask, CodeGrader } from "../../../src/verify/livecodebench/grader.ts";

const client = await CodeClient.start();
const python = (await client.health()).languages.includes("python");
let grader: CodeGrader;
beforeAll(() => {
  grader = new CodeGrader(client);
});
afterAll(() => client.close());

const fenced = (source: string) => `Here it is.\n\`\`\`\n${source}\n\`\`\``;
const SUM: CodeTask = {
  language: "javascript",
  tests: {
    kind: "input",
    tests: [
      { stdin: "1 2\n", stdout: "3" },
      { stdin: "5 5", stdout: "10.0\n" },
    ],
  },
};

it("a program is right where it passes all tests", async () => {
  const source =
    "const [a, b] = require('fs').readFileSync(0, 'utf8').trim().split(' ').map(Number); console.log(a + b);";
  const grade = await grader.grade(SUM, fenced(source));
  expect(grade).toEqual({ right: true, extracted: source, reason: "All 2 tests passed." });
  expect(await grader.grade(SUM, fenced("console.log(3)"))).toMatchObject({
    right: false,
    reason: "Of 2 tests 1 passed, then failed: another output.",
  });
});

it("a reply without a program is wrong", async () => {
  expect(await grader.grade(SUM, "It is 3.")).toMatchObject({ right: false, extracted: "" });
});

describe.skipIf(!python)("Python", () => {
  const add: CodeTask = { tests: { kind: "call", entry: "add", tests: [{ args: [[1, 2]], expected: 3 }] } };

  it("methods of Solution and functions, with the names that are taken for granted", async () => {
    const method =
      "class Solution:\n    def add(self, nums: List[int]) -> int:\n        return sum(Counter(nums).elements())";
    expect(await grader.grade(add, fenced(method))).toMatchObject({ right: true });
    expect(await grader.grade(add, fenced("def add(nums):\n    return math.gcd(*nums) + 2"))).toMatchObject({
      right: true,
    });
    expect(await grader.grade(add, fenced("def add(nums):\n    return 4"))).toMatchObject({ right: false });
    expect((await grader.grade(add, fenced("def add(nums) return"))).reason).toContain("error: SyntaxError");
  });
});
