/** Honest programs, a right one and a wrong one for each problem. The wrong ones fail at an edge, as they do in life. */
import type { Json, RunRequest } from "../../src/verify/server/protocol.ts";

export interface Pair {
  readonly name: string;
  readonly right: RunRequest;
  readonly wrong: RunRequest;
}

type Tests = readonly (readonly [args: readonly Json[], expected: Json])[];
type Problem = readonly [name: string, right: string, wrong: string, tests: Tests];

/** Each is the body of f, as an arrow function. */
const JAVASCRIPT: readonly Problem[] = [
  [
    "the sum of a list",
    "(a) => a.reduce((x, y) => x + y, 0)",
    "(a) => a.reduce((x, y) => x + y)",
    [
      [[[1, 2, 3]], 6],
      [[[]], 0],
    ],
  ],
  [
    "the largest of a list",
    "(a) => Math.max(...a)",
    "(a) => a.reduce((x, y) => (y > x ? y : x), 0)",
    [
      [[[1, 9, 3]], 9],
      [[[-5, -2]], -2],
    ],
  ],
  [
    "a word backwards",
    "(s) => [...s].reverse().join('')",
    "(s) => s.split('').reverse().join('')",
    [
      [["abc"], "cba"],
      [["a😀"], "😀a"],
    ],
  ],
  [
    "a palindrome",
    "(s) => { const t = s.toLowerCase(); return t === [...t].reverse().join(''); }",
    "(s) => s === [...s].reverse().join('')",
    [
      [["Anna"], true],
      [["ab"], false],
    ],
  ],
  [
    "a factorial",
    "(n) => (n < 2 ? 1 : n * f(n - 1))",
    "(n) => (n === 1 ? 1 : n > 0 ? n * f(n - 1) : 0)",
    [
      [[5], 120],
      [[0], 1],
    ],
  ],
  [
    "Fibonacci's numbers",
    "(n) => { let [a, b] = [0, 1]; for (; n > 0; n--) [a, b] = [b, a + b]; return a; }",
    "(n) => (n < 2 ? 1 : f(n - 1) + f(n - 2))",
    [
      [[10], 55],
      [[0], 0],
    ],
  ],
  [
    "the greatest common divisor",
    "(a, b) => (b === 0 ? a : f(b, a % b))",
    "(a, b) => { for (let d = a; d > 0; d--) if (a % d === 0 && b % d === 0) return d; }",
    [
      [[12, 18], 6],
      [[0, 7], 7],
    ],
  ],
  [
    "a prime",
    "(n) => { if (n < 2) return false; for (let d = 2; d * d <= n; d++) if (n % d === 0) return false; return true; }",
    "(n) => { for (let d = 2; d * d < n; d++) if (n % d === 0) return false; return n > 1; }",
    [
      [[7], true],
      [[9], false],
      [[1], false],
    ],
  ],
  [
    "the primes below",
    "(n) => { const s = Array(n).fill(true), p = []; for (let i = 2; i < n; i++) if (s[i]) { p.push(i); for (let j = i * i; j < n; j += i) s[j] = false; } return p; }",
    "(n) => { const p = []; for (let i = 2; i <= n; i++) if (p.every((q) => i % q)) p.push(i); return p; }",
    [
      [[10], [2, 3, 5, 7]],
      [[11], [2, 3, 5, 7]],
    ],
  ],
  [
    "FizzBuzz",
    "(n) => (n % 15 === 0 ? 'FizzBuzz' : n % 3 === 0 ? 'Fizz' : n % 5 === 0 ? 'Buzz' : String(n))",
    "(n) => (n % 3 === 0 ? 'Fizz' : n % 5 === 0 ? 'Buzz' : n % 15 === 0 ? 'FizzBuzz' : String(n))",
    [
      [[3], "Fizz"],
      [[30], "FizzBuzz"],
      [[7], "7"],
    ],
  ],
  [
    "each once, in order",
    "(a) => [...new Set(a)]",
    "(a) => a.filter((x, i) => x !== a[i - 1])",
    [[[[1, 2, 1, 3]], [1, 2, 3]]],
  ],
  [
    "numbers in order",
    "(a) => a.slice().sort((x, y) => x - y)",
    "(a) => a.slice().sort()",
    [
      [[[3, 1, 2]], [1, 2, 3]],
      [[[10, 9, 1]], [1, 9, 10]],
    ],
  ],
  [
    "how often each comes",
    "(s) => { const c = {}; for (const x of s) c[x] = (c[x] ?? 0) + 1; return c; }",
    "(s) => { const c = {}; for (const x of s) c[x] = (c[x] ?? 1) + 1; return c; }",
    [[["aab"], { a: 2, b: 1 }]],
  ],
  [
    "anagrams",
    "(a, b) => [...a].sort().join() === [...b].sort().join()",
    "(a, b) => [...a].every((x) => b.includes(x))",
    [
      [["abc", "cab"], true],
      [["aab", "abb"], false],
    ],
  ],
  [
    "brackets that match",
    "(s) => { const o = []; for (const c of s) { if ('([{'.includes(c)) o.push(c); else if (o.pop() !== { ')': '(', ']': '[', '}': '{' }[c]) return false; } return o.length === 0; }",
    "(s) => { let n = 0; for (const c of s) { n += '([{'.includes(c) ? 1 : -1; if (n < 0) return false; } return n === 0; }",
    [
      [["([])"], true],
      [["([)]"], false],
    ],
  ],
  [
    "two that sum to it",
    "(a, t) => { const seen = new Map(); for (let i = 0; i < a.length; i++) { if (seen.has(t - a[i])) return [seen.get(t - a[i]), i]; seen.set(a[i], i); } return []; }",
    "(a, t) => { for (let i = 0; i < a.length; i++) { const j = a.indexOf(t - a[i]); if (j >= 0) return [i, j]; } return []; }",
    [
      [
        [[2, 7, 11], 9],
        [0, 1],
      ],
      [
        [[3, 4, 3], 6],
        [0, 2],
      ],
    ],
  ],
  [
    "a place by halves",
    "(a, x) => { let [l, r] = [0, a.length]; while (l < r) { const m = (l + r) >> 1; if (a[m] < x) l = m + 1; else r = m; } return a[l] === x ? l : -1; }",
    "(a, x) => { let [l, r] = [0, a.length - 1]; while (l < r) { const m = (l + r) >> 1; if (a[m] === x) return m; if (a[m] < x) l = m + 1; else r = m - 1; } return -1; }",
    [
      [[[1, 3, 5, 7], 5], 2],
      [[[1, 3], 3], 1],
      [[[], 1], -1],
    ],
  ],
  [
    "lists merged in order",
    "(a, b) => [...a, ...b].sort((x, y) => x - y)",
    "(a, b) => { const c = []; while (a.length && b.length) c.push(a[0] < b[0] ? a.shift() : b.shift()); return c; }",
    [
      [
        [
          [1, 4],
          [2, 3],
        ],
        [1, 2, 3, 4],
      ],
    ],
  ],
  [
    "a table turned",
    "(m) => (m.length ? m[0].map((_, i) => m.map((r) => r[i])) : [])",
    "(m) => m.map((r, i) => r.map((_, j) => m[j]?.[i] ?? null))",
    [
      [
        [
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
        ],
        [
          [1, 4],
          [2, 5],
          [3, 6],
        ],
      ],
    ],
  ],
  ["lists made flat", "(a) => a.flat(Infinity)", "(a) => a.flat()", [[[[1, [2, [3]]]], [1, 2, 3]]]],
  [
    "pieces of a list",
    "(a, n) => { const c = []; for (let i = 0; i < a.length; i += n) c.push(a.slice(i, i + n)); return c; }",
    "(a, n) => { const c = []; for (let i = 0; i + n <= a.length; i += n) c.push(a.slice(i, i + n)); return c; }",
    [
      [
        [[1, 2, 3], 2],
        [[1, 2], [3]],
      ],
    ],
  ],
  [
    "words with capitals",
    "(s) => s.replace(/\\b[a-z]/g, (c) => c.toUpperCase())",
    "(s) => s[0].toUpperCase() + s.slice(1)",
    [[["to be"], "To Be"]],
  ],
  [
    "vowels",
    "(s) => (s.match(/[aeiou]/gi) ?? []).length",
    "(s) => s.match(/[aeiou]/g).length",
    [
      [["Ape"], 2],
      [["xyz"], 0],
    ],
  ],
  [
    "Caesar's letters",
    "(s, k) => s.replace(/[a-z]/g, (c) => String.fromCharCode(((c.charCodeAt(0) - 97 + k + 26) % 26) + 97))",
    "(s, k) => s.replace(/[a-z]/g, (c) => String.fromCharCode(c.charCodeAt(0) + k))",
    [
      [["xyz", 2], "zab"],
      [["abc", -1], "zab"],
    ],
  ],
  [
    "a number in twos",
    "(n) => n.toString(2)",
    "(n) => { let s = ''; while (n > 0) { s = (n % 2) + s; n >>= 1; } return s; }",
    [
      [[5], "101"],
      [[0], "0"],
    ],
  ],
  [
    "Roman numbers",
    "(n) => { let s = ''; for (const [v, r] of [[1000, 'M'], [900, 'CM'], [500, 'D'], [400, 'CD'], [100, 'C'], [90, 'XC'], [50, 'L'], [40, 'XL'], [10, 'X'], [9, 'IX'], [5, 'V'], [4, 'IV'], [1, 'I']]) while (n >= v) { s += r; n -= v; } return s; }",
    "(n) => { let s = ''; for (const [v, r] of [[1000, 'M'], [500, 'D'], [100, 'C'], [50, 'L'], [10, 'X'], [5, 'V'], [1, 'I']]) while (n >= v) { s += r; n -= v; } return s; }",
    [[[1994], "MCMXCIV"]],
  ],
  [
    "the digits' sum",
    "(n) => [...String(Math.abs(n))].reduce((a, d) => a + +d, 0)",
    "(n) => [...String(n)].reduce((a, d) => a + +d, 0)",
    [
      [[123], 6],
      [[-45], 9],
    ],
  ],
  [
    "a power",
    "(b, n) => b ** n",
    "(b, n) => { let p = 1; for (let i = 0; i < n; i++) p *= b; return p; }",
    [
      [[2, 10], 1024],
      [[2, -1], 0.5],
    ],
  ],
  [
    "the middle value",
    "(a) => { const s = [...a].sort((x, y) => x - y), m = s.length >> 1; return s.length % 2 ? s[m] : (s[m - 1] + s[m]) / 2; }",
    "(a) => [...a].sort((x, y) => x - y)[a.length >> 1]",
    [
      [[[3, 1, 2]], 2],
      [[[1, 2, 3, 4]], 2.5],
    ],
  ],
  [
    "the longest word",
    "(s) => s.split(' ').reduce((a, w) => (w.length > a.length ? w : a), '')",
    "(s) => s.split(' ').sort((a, b) => a.length - b.length).pop()",
    [
      [["an old oak"], "old"],
      [["one two"], "one"],
    ],
  ],
  [
    "the best run",
    "(a) => { let best = -Infinity, here = 0; for (const x of a) { here = Math.max(x, here + x); best = Math.max(best, here); } return best; }",
    "(a) => { let best = 0, here = 0; for (const x of a) { here = Math.max(0, here + x); best = Math.max(best, here); } return best; }",
    [
      [[[1, -3, 4, -1, 2]], 5],
      [[[-2, -1]], -1],
    ],
  ],
  [
    "steps up a stair",
    "(n) => { let [a, b] = [1, 1]; while (n-- > 0) [a, b] = [b, a + b]; return a; }",
    "(n) => n",
    [
      [[3], 3],
      [[5], 8],
    ],
  ],
  [
    "coins",
    "(c, t) => { const d = [0, ...Array(t).fill(Infinity)]; for (let i = 1; i <= t; i++) for (const x of c) if (x <= i) d[i] = Math.min(d[i], d[i - x] + 1); return d[t] === Infinity ? -1 : d[t]; }",
    "(c, t) => { let n = 0; for (const x of [...c].sort((a, b) => b - a)) { n += Math.floor(t / x); t %= x; } return t ? -1 : n; }",
    [
      [[[1, 3, 4], 6], 2],
      [[[2], 3], -1],
    ],
  ],
  [
    "letters from one word to another",
    "(a, b) => { const d = Array.from({ length: a.length + 1 }, (_, i) => [i]); for (let j = 0; j <= b.length; j++) d[0][j] = j; for (let i = 1; i <= a.length; i++) for (let j = 1; j <= b.length; j++) d[i][j] = Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)); return d[a.length][b.length]; }",
    "(a, b) => { let n = Math.abs(a.length - b.length); for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) n++; return n; }",
    [
      [["kitten", "sitting"], 3],
      [["abc", "bc"], 1],
    ],
  ],
  [
    "islands",
    "(g) => { let n = 0; const sink = (y, x) => { if (g[y]?.[x] !== 1) return; g[y][x] = 0; sink(y + 1, x); sink(y - 1, x); sink(y, x + 1); sink(y, x - 1); }; g.forEach((r, y) => r.forEach((v, x) => { if (v === 1) { n++; sink(y, x); } })); return n; }",
    "(g) => g.flat().filter((v) => v === 1).length",
    [
      [
        [
          [
            [1, 1, 0],
            [0, 0, 1],
          ],
        ],
        2,
      ],
    ],
  ],
  [
    "a way through a graph",
    "(e, a, b) => { const seen = new Set([a]), line = [a]; while (line.length) { const x = line.shift(); if (x === b) return true; for (const [p, q] of e) if (p === x && !seen.has(q)) { seen.add(q); line.push(q); } } return false; }",
    "(e, a, b) => e.some(([p, q]) => p === a && q === b)",
    [
      [
        [
          [
            [1, 2],
            [2, 3],
          ],
          1,
          3,
        ],
        true,
      ],
      [[[[1, 2]], 2, 1], false],
    ],
  ],
  [
    "subsets",
    "(a) => a.reduce((s, x) => [...s, ...s.map((t) => [...t, x])], [[]])",
    "(a) => a.map((x) => [x])",
    [[[[1, 2]], [[], [1], [2], [1, 2]]]],
  ],
  [
    "orders",
    "(a) => (a.length < 2 ? [a] : a.flatMap((x, i) => f([...a.slice(0, i), ...a.slice(i + 1)]).map((p) => [x, ...p])))",
    "(a) => a.map((_, i) => [...a.slice(i), ...a.slice(0, i)])",
    [
      [
        [[1, 2, 3]],
        [
          [1, 2, 3],
          [1, 3, 2],
          [2, 1, 3],
          [2, 3, 1],
          [3, 1, 2],
          [3, 2, 1],
        ],
      ],
    ],
  ],
  [
    "a date's days",
    "(y) => (y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0) ? 366 : 365)",
    "(y) => (y % 4 === 0 ? 366 : 365)",
    [
      [[2024], 366],
      [[1900], 365],
    ],
  ],
  [
    "waiting for it",
    "async (n) => { await new Promise((r) => setTimeout(r, 2)); return n * 2; }",
    "async (n) => setTimeout(() => n * 2, 2)",
    [[[4], 8]],
  ],
];

type InputProblem = readonly [
  name: string,
  right: string,
  wrong: string,
  tests: readonly (readonly [string, string])[],
];
const IN = "const t = require('fs').readFileSync(0, 'utf8').trim();";

const JAVASCRIPT_INPUT: readonly InputProblem[] = [
  [
    "a sum",
    `${IN} console.log(t.split(/\\s+/).map(Number).reduce((a, b) => a + b));`,
    `${IN} console.log(t.split(' ').map(Number).reduce((a, b) => a + b));`,
    [
      ["1 2\n", "3"],
      ["1\n2 3\n", "6"],
    ],
  ],
  [
    "lines backwards",
    `${IN} console.log(t.split('\\n').reverse().join('\\n'));`,
    `${IN} console.log([...t].reverse().join(''));`,
    [["a\nbc\n", "bc\na\n"]],
  ],
  [
    "how many words",
    `${IN} console.log(t ? t.split(/\\s+/).length : 0);`,
    `${IN} console.log(t.split(/\\s+/).length);`,
    [
      ["to be", "2"],
      ["\n", "0"],
    ],
  ],
  [
    "a triangle of stars",
    `${IN} for (let i = 1; i <= +t; i++) console.log('*'.repeat(i));`,
    `${IN} for (let i = 0; i < +t; i++) console.log('*'.repeat(i));`,
    [["3", "*\n**\n***\n"]],
  ],
  [
    "big numbers",
    `${IN} const [a, b] = t.split(' ').map(BigInt); console.log(String(a * b));`,
    `${IN} const [a, b] = t.split(' ').map(Number); console.log(String(a * b));`,
    [["123456789012 987654321098", "121932631136585886175176"]],
  ],
];

const PYTHON: readonly Problem[] = [
  ["the sum of squares", "def f(a): return sum(x * x for x in a)", "def f(a): return sum(a) ** 2", [[[[1, 2, 3]], 14]]],
  [
    "pairs",
    "def f(a): return [(x, y) for i, x in enumerate(a) for y in a[i + 1:]]",
    "def f(a): return list(zip(a, a[1:]))",
    [
      [
        [[1, 2, 3]],
        [
          [1, 2],
          [1, 3],
          [2, 3],
        ],
      ],
    ],
  ],
  [
    "the most common",
    "from collections import Counter\ndef f(s): return Counter(s).most_common(1)[0][0]",
    "def f(s): return max(s)",
    [[["abcb"], "b"]],
  ],
  [
    "rounding towards zero",
    "def f(a, b): return int(a / b)",
    "def f(a, b): return a // b",
    [
      [[7, 2], 3],
      [[-7, 2], -3],
    ],
  ],
  [
    "a table of words",
    "def f(s): return {w: len(w) for w in s.split()}",
    "def f(s): return {w: len(s) for w in s.split()}",
    [[["to be or"], { to: 2, be: 2, or: 2 }]],
  ],
];

const PYTHON_INPUT: readonly InputProblem[] = [
  [
    "a sum",
    "import sys\nprint(sum(map(int, sys.stdin.read().split())))",
    "print(sum(map(int, input().split())))",
    [["1 2\n3\n", "6"]],
  ],
  [
    "big numbers",
    "a, b = map(int, input().split())\nprint(a ** b)",
    "a, b = map(float, input().split())\nprint(a ** b)",
    [["3 50", "717897987691852588770249"]],
  ],
];

function calls(language: RunRequest["language"], source: string, tests: Tests): RunRequest {
  return { language, source, entry: "f", tests: tests.map(([args, expected]) => ({ args, expected })) };
}

function inputs(language: RunRequest["language"], source: string, tests: InputProblem[3]): RunRequest {
  return { language, source, tests: tests.map(([stdin, stdout]) => ({ stdin, stdout })) };
}

export const HONEST: readonly Pair[] = [
  ...JAVASCRIPT.map(([name, right, wrong, tests]) => ({
    name,
    right: calls("javascript", `const f = ${right};`, tests),
    wrong: calls("javascript", `const f = ${wrong};`, tests),
  })),
  ...PYTHON.map(([name, right, wrong, tests]) => ({
    name,
    right: calls("python", right, tests),
    wrong: calls("python", wrong, tests),
  })),
  ...JAVASCRIPT_INPUT.map(([name, right, wrong, tests]) => ({
    name,
    right: inputs("javascript", right, tests),
    wrong: inputs("javascript", wrong, tests),
  })),
  ...PYTHON_INPUT.map(([name, right, wrong, tests]) => ({
    name,
    right: inputs("python", right, tests),
    wrong: inputs("python", wrong, tests),
  })),
];
