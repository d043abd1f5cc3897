/** Programs for prompts of LiveCodeBench v5, each right, wrong, slow or crashing, with tests; all of them written here. */
import type { CodeTests } from "../../src/verify/livecodebench/tests.ts";

export interface Problem {
  /** The prompt's question_id. */
  readonly id: string;
  readonly tests: CodeTests;
  readonly programs: Readonly<Record<string, string>>;
}

const inputs = (...pairs: readonly (readonly [string, string])[]): CodeTests => ({
  kind: "input",
  tests: pairs.map(([stdin, stdout]) => ({ stdin, stdout })),
});

const calls = (entry: string, ...pairs: readonly (readonly [readonly never[] | readonly unknown[], unknown])[]) =>
  ({ kind: "call", entry, tests: pairs.map(([args, expected]) => ({ args, expected })) }) as CodeTests;

const method = (signature: string, body: string) => `class Solution:\n    def ${signature}:\n        ${body}`;

export const PROBLEMS: readonly Problem[] = [
  {
    id: "abc365_b",
    tests: inputs(["4\n8 2 5 1\n", "3\n"], ["8\n1 2 3 4 5 10 9 11\n", "6"], ["2\n1 2\n", "1\n"]),
    programs: {
      right: "n = int(input())\na = list(map(int, input().split()))\nprint(a.index(sorted(a)[-2]) + 1)",
      "right, as a decimal": "input()\na = list(map(int, input().split()))\nprint(float(a.index(sorted(a)[-2]) + 1))",
      "wrong: from 0": "input()\na = list(map(int, input().split()))\nprint(a.index(sorted(a)[-2]))",
      "wrong: words beside it":
        "input()\na = list(map(int, input().split()))\nprint('Answer:', a.index(sorted(a)[-2]) + 1)",
      slow: "input()\nwhile True:\n    pass",
      "crashing: no such place": "a = input().split()\nprint(a[1])",
      "crashing: does not parse": "print(input(",
    },
  },
  {
    id: "abc372_a",
    tests: inputs([".v.\n", "v\n"], ["chokudai\n", "chokudai\n"], ["...\n", "\n"]),
    programs: {
      right: "print(input().replace('.', ''))",
      "right, by sys": "import sys\ns = sys.stdin.read().strip()\nsys.stdout.write(''.join(c for c in s if c != '.'))",
      "wrong: strips alone": "print(input()[1:])",
      "wrong: an end with a code": "import sys\nprint(input().replace('.', ''))\nsys.exit(3)",
      slow: "import time\ns = input()\ntime.sleep(60)\nprint(s.replace('.', ''))",
      crashing: "raise RuntimeError(input())",
    },
  },
  {
    id: "abc374_a",
    tests: inputs(["takahashisan\n", "Yes\n"], ["aokikun\n", "No\n"], ["sansansann\n", "No"]),
    programs: {
      right: "print('Yes' if input().endswith('san') else 'No')",
      "right, with spaces": "print(' Yes ' if input()[-3:] == 'san' else ' No')",
      "wrong: anywhere": "print('Yes' if 'san' in input() else 'No')",
      "wrong: case": "print('YES' if input().endswith('san') else 'NO')",
      crashing: "def f():\n    return f()\ninput()\nf()",
    },
  },
  {
    id: "3636",
    tests: calls("isBalanced", [["1234"], false], [["24123"], true], [["00"], true]),
    programs: {
      right: method("isBalanced(self, num: str) -> bool", "return sum(map(int, num[::2])) == sum(map(int, num[1::2]))"),
      "wrong: always": method("isBalanced(self, num: str) -> bool", "return True"),
      "wrong: a text": method("isBalanced(self, num: str) -> bool", "return 'true'"),
      slow: method("isBalanced(self, num: str) -> bool", "return sum(1 for _ in iter(int, 1)) == 0"),
      "crashing: names": method("isBalanced(self, num: str) -> bool", "return digits(num)"),
      "crashing: no such method": method("balanced(self, num: str) -> bool", "return True"),
    },
  },
  {
    id: "3676",
    tests: calls("smallestNumber", [[5], 7], [[10], 15], [[3], 3], [[1000], 1023]),
    programs: {
      right: method("smallestNumber(self, n: int) -> int", "return (1 << n.bit_length()) - 1"),
      "wrong: a power too far": method("smallestNumber(self, n: int) -> int", "return (1 << (n + 1).bit_length()) - 1"),
      "right, as a float": method("smallestNumber(self, n: int) -> int", "return 2.0 ** n.bit_length() - 1"),
      crashing: method("smallestNumber(self, n: int) -> int", "return 1 // (n - n)"),
    },
  },
  {
    id: "3606",
    tests: calls("minElement", [[[10, 12, 13, 14]], 1], [[[1, 2, 3, 4]], 1], [[[999, 19, 199]], 10]),
    programs: {
      right: method("minElement(self, nums: List[int]) -> int", "return min(sum(map(int, str(n))) for n in nums)"),
      "wrong: the largest": method(
        "minElement(self, nums: List[int]) -> int",
        "return max(sum(map(int, str(n))) for n in nums)",
      ),
      "wrong: one test of three": method(
        "minElement(self, nums: List[int]) -> int",
        "return 10 if nums[0] == 999 else 2",
      ),
      "right, by names that come by themselves": method(
        "minElement(self, nums: List[int]) -> int",
        "return min(accumulate([reduce(add, map(int, str(n))) for n in nums], min))",
      ),
    },
  },
];

/** The same problems' programs in JavaScript; the truth is Node's. */
export const IN_JAVASCRIPT: readonly Problem[] = [
  {
    id: "abc365_b",
    tests: PROBLEMS[0]!.tests,
    programs: {
      right:
        "const [, a] = require('fs').readFileSync(0, 'utf8').split('\\n').map((l) => l.split(' ').map(Number)); console.log(a.indexOf([...a].sort((x, y) => y - x)[1]) + 1);",
      "wrong: sorted as texts":
        "const [, a] = require('fs').readFileSync(0, 'utf8').split('\\n').map((l) => l.split(' ').map(Number)); console.log(a.indexOf([...a].sort().at(-2)) + 1);",
      slow: "for (;;);",
      crashing: "null.x",
    },
  },
];
