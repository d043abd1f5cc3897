/** The steps of the course: what a learner writes, in which file, and what can be worked out by hand. */
import { host, type Host, type Tensor } from "../tensor.ts";
import type { Ops } from "../ops.ts";

/** What a learner's file exports, before anything of it is known. */
export type Written = Readonly<Record<string, unknown>>;
/** An equation as it is called with the small numbers of a case. */
type Call = (...inputs: unknown[]) => unknown;

/** Small numbers whose result a person can check. */
export interface Case {
  /** The inputs in words. */
  readonly says: string;
  /** Applies the learner's function. */
  readonly run: (call: Call) => unknown;
  readonly expected: readonly number[];
}

/** One step. */
export interface Step {
  readonly name: string;
  /** The function to write; of the page, the first of three. */
  readonly exports: keyof Ops | "block";
  readonly title: string;
  /** Where to read. */
  readonly essay: string;
  readonly cases: readonly Case[];
}

const rows = (...values: readonly (readonly number[])[]): Host<string> =>
  host([values.length, values[0]!.length], Float32Array.from(values.flat()));
const vector = (...values: readonly number[]): Host<string> => host([values.length], Float32Array.from(values));

/** Feeds a cache twice, forgets all but one token, and feeds it again; what it then holds, keys before values. */
function fed(call: Call): Tensor<string> {
  const shape = { layers: 1, keyHeads: 1, headSize: 1 };
  const [cache] = call(shape, 8) as {
    append(k: unknown, v: unknown): { keys: Host<string>; values: Host<string> };
    truncate(n: number): void;
  }[];
  cache!.append(rows([1], [2]), rows([3], [4]));
  cache!.append(rows([5]), rows([6]));
  cache!.truncate(1);
  const { keys, values } = cache!.append(rows([7]), rows([8]));
  return rows([...keys.data, ...values.data]);
}

/** In the order of the course: easy ones first, then the order of the page. */
export const STEPS: readonly Step[] = [
  {
    name: "embed",
    exports: "embed",
    title: "a number becomes a row",
    essay: "docs/ops/embed.md",
    cases: [
      {
        says: "E = ((1, 2), (3, 4), (5, 6)), ids (2, 0)",
        run: (call) => call(rows([1, 2], [3, 4], [5, 6]), Uint32Array.of(2, 0)),
        expected: [5, 6, 1, 2],
      },
    ],
  },
  {
    name: "add",
    exports: "add",
    title: "the residual stream",
    essay: "docs/ops/add.md",
    cases: [
      { says: "x = (1, 2), y = (0.5, -2)", run: (call) => call(rows([1, 2]), rows([0.5, -2])), expected: [1.5, 0] },
    ],
  },
  {
    name: "rms-norm",
    exports: "rmsNorm",
    title: "only the direction counts",
    essay: "docs/ops/rms-norm.md",
    cases: [
      {
        says: "x = (3, 4, 0, 0), g = (1, 1, 1, 1), eps 0",
        run: (call) => call(rows([3, 4, 0, 0]), vector(1, 1, 1, 1), 0),
        expected: [1.2, 1.6, 0, 0],
      },
      {
        says: "x = (1, 1), g = (2, 3), eps 3",
        run: (call) => call(rows([1, 1]), vector(2, 3), 3),
        expected: [1, 1.5],
      },
    ],
  },
  {
    name: "linear",
    exports: "linear",
    title: "rows against the input, and the bias",
    essay: "docs/ops/linear.md",
    cases: [
      {
        says: "x = (1, 2), W = ((1, 0), (0, 1), (1, 1)), b = (0, 0, 10)",
        run: (call) => call(rows([1, 2]), rows([1, 0], [0, 1], [1, 1]), vector(0, 0, 10)),
        expected: [1, 2, 13],
      },
      {
        says: "x = (1, 2), W = ((3, 4)), no b",
        run: (call) => call(rows([1, 2]), rows([3, 4])),
        expected: [11],
      },
    ],
  },
  {
    name: "swiglu",
    exports: "swiglu",
    title: "channels that open",
    essay: "docs/ops/swiglu.md",
    cases: [
      {
        says: "gate = (1, -1), up = (2, 2)",
        run: (call) => call(rows([1, -1]), rows([2, 2])),
        expected: [1.4621172, -0.5378828],
      },
      {
        says: "gate = (1000, -1000), up = (2, 2): e to the 1000 is more than a number holds",
        run: (call) => call(rows([1000, -1000]), rows([2, 2])),
        expected: [2000, 0],
      },
    ],
  },
  {
    name: "rope",
    exports: "rope",
    title: "place as an angle",
    essay: "docs/ops/rope.md",
    cases: [
      {
        says: "x = (1, 0, 0, 0), D = 4, theta 10000, place 1",
        run: (call) => call(rows([1, 0, 0, 0]), 1, { D: 4, theta: 10000, yarn: undefined }),
        expected: [0.5403023, 0, 0.841471, 0],
      },
      {
        says: "x = (0, 1, 0, 0), D = 4, theta 10000, place 40959: the angle is rounded to float32",
        run: (call) => call(rows([0, 1, 0, 0]), 40959, { D: 4, theta: 10000, yarn: undefined }),
        expected: [0, 0.3781943, 0, 0.9257262],
      },
    ],
  },
  {
    name: "attention",
    exports: "attention",
    title: "who looks at whom",
    essay: "docs/ops/attention.md",
    cases: [
      {
        says: "q = k = ((1), (2)), v = ((10), (20)), D = 1",
        run: (call) => call(rows([1], [2]), rows([1], [2]), rows([10], [20]), 1),
        expected: [10, 18.807971],
      },
      {
        says: "q = k = ((30), (30)), v = ((10), (20)), D = 1: e to the 900 is more than a number holds",
        run: (call) => call(rows([30], [30]), rows([30], [30]), rows([10], [20]), 1),
        expected: [10, 15],
      },
    ],
  },
  {
    name: "cache",
    exports: "cache",
    title: "nothing is computed twice",
    essay: "docs/ops/cache.md",
    cases: [
      {
        says: "keys 1, 2 and values 3, 4, then 5 and 6, truncate(1), then 7 and 8: keys, then values",
        run: fed,
        expected: [1, 7, 3, 8],
      },
    ],
  },
  { name: "model", exports: "block", title: "the page itself", essay: "docs/reading-order.md", cases: [] },
];
