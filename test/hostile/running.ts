/** Faults while a model runs, and arguments of the caller. */
import { Tokenizer } from "../../src/text/tokenizer.ts";
import { checkSampling, distribution, QWQ_DEFAULTS } from "../../src/generate/sampling.ts";
import type { Row } from "./row.ts";

const INPUT = "test/files/input.test.ts";
const MAPPED = "test/files/mmap-source.test.ts";
const MAPPING = "test/files/mapping.test.ts";
const GENERATE = "test/generate/generate.test.ts";
const SAMPLING = "test/generate/sampling.test.ts";
const RUN = "test/cli/run.test.ts";
const TOKENIZER = "test/text/tokenizer.test.ts";
const OUTPUT = "test/files/output.test.ts";
const SHELL = "test/hostile/shell.test.ts";

const r = (number: number, input: string, does: string, tests: readonly string[], more: Partial<Row> = {}): Row => ({
  id: `R${number}`,
  input,
  does,
  tests,
  ...more,
});

const sampling = (wrong: Partial<Record<keyof typeof QWQ_DEFAULTS, number>>) => () =>
  checkSampling({ ...QWQ_DEFAULTS, ...wrong, greedy: false });

const bytes = new Tokenizer({ tokens: ["a"], merges: [], added: [], pattern: "gpt2", nfc: false });

export const RUNNING: readonly Row[] = [
  r(1, "a mapped file is cut short", "E_IO_CHANGED; E_IO_MAP_FAULT, exit 74, where the signal was faster", [
    MAPPED,
    MAPPING,
    "test/cli/supervise.test.ts",
  ]),
  r(2, "cut within its last page, which then reads as zeros", "E_IO_CHANGED", [MAPPED]),
  r(3, "bytes overwritten in place", "E_IO_CHANGED", [INPUT, MAPPED, "test/files/pread.test.ts"]),
  r(4, "overwritten, and its time put back", "E_IO_CHANGED", [INPUT, MAPPED]),
  r(
    5,
    "written through another mapping, after the first store",
    "qwq verify finds it: E_HASH",
    ["test/integrity/verify.test.ts > M12: finds one changed bit"],
    {
      differs: "No time of the file changes, so a run cannot see it without reading everything again.",
    },
  ),
  r(6, "a hole punched into it", "E_IO_CHANGED", [`${INPUT} > R4`], { differs: "Seen by its time of change, as R4." }),
  r(7, "deleted, or replaced under its name", "goes on: the old file stays whole", [INPUT, MAPPED]),
  r(8, "the disk cannot be read", "E_IO_READ", [INPUT, MAPPING]),
  r(9, "a read of fewer bytes, or of none", "read on; E_IO_EOF", [INPUT]),
  r(10, "a read interrupted, or to be tried again", "tried again 3 times; E_IO_READ", [INPUT, MAPPING]),
  r(11, "a place in a file that is negative or not whole", "E_ARG_OFFSET", [INPUT, MAPPING]),
  r(12, "a mapping that failed", "E_IO_MAP", [MAPPING]),
  r(13, "closed while a window is in use", "E_INTERNAL; windows afterwards E_IO_CLOSED", [MAPPED]),
  r(14, "a write into a mapped window", "the process ends: the map is read-only", [MAPPING]),
  r(
    15,
    "a thread that throws, or ends",
    "its error is thrown on",
    ["test/integrity/verify.test.ts > what goes wrong in a thread"],
    {
      differs: "One that ends without an error is E_WORKER_DIED, which no test brings about.",
    },
  ),
  r(16, "a thread that dies before others it should meet", "nothing of this", [], {
    never:
      "No two threads wait for each other: each has work of its own, and the main thread waits for all by promise.",
  }),
  r(17, "a thread that runs out of memory", "the process ends; what was written stays whole", [`${OUTPUT} > R21`], {
    differs: "V8 ends the process where it cannot throw; only a process apart would help, and templates have one.",
  }),
  r(18, "no memory for an array", "E_MEM_ALLOC", [INPUT]),
  r(19, "killed by the system for its memory", "E_MEM_KILLED, exit 75, where the run has a supervisor", [
    "test/cli/supervise.test.ts",
  ]),
  r(20, "no space, no permission, while writing", "E_OUT_WRITE; the old file stays", [OUTPUT]),
  r(21, "killed while writing", "the old file or the new one", [OUTPUT]),
  r(
    22,
    "Ctrl-C, a termination or a hang-up within a token",
    "exit 130, 143 or 129, what was made is whole",
    [`${RUN} > what was generated is printed whole`],
    {
      differs: "Within the token being computed, since the reference computes in the main thread.",
    },
  ),
  r(23, "Ctrl-C twice", "ends at once", [`${SHELL} > R23`]),
  r(24, "a closed output: qwq ... | head", "exit 0 for text, 74 for JSON", [`${RUN} > when its output pipe is closed`]),
  r(25, "a megabyte of output into a pipe", "all of it arrives", [`${SHELL} > R25`]),
  r(26, "a clock that is set back", "nothing happens", [], {
    never: "Times are differences of performance.now(), which nobody can set; no test may depend on time.",
  }),
  r(27, "a prompt longer than the context", "E_ARG_CONTEXT before a weight is read", [
    `${GENERATE} > E_ARG_CONTEXT`,
    `${RUN} > a prompt longer than the context`,
  ]),
  r(
    28,
    "a token id negative, beyond the rows, not whole",
    "E_ARG_TOKEN_ID",
    [`${GENERATE} > E_ARG_TOKEN_ID`, `${TOKENIZER} > an id of %s is refused`],
    {
      differs: "Rows of the embedding that no token has are taken as input, as everywhere else.",
    },
  ),
  r(29, "an empty prompt", "E_ARG_EMPTY", [`${GENERATE} > E_ARG_EMPTY`]),
  r(30, "half a surrogate pair in a prompt", "E_ARG_SURROGATE", [`${TOKENIZER} > half a surrogate pair is refused`], {
    cases: [["alone", () => bytes.encode("a\ud800"), "E_ARG_SURROGATE"]],
  }),
  r(31, "NUL, characters of four bytes, a word of a megabyte", "accepted, in linear time", [
    `${TOKENIZER} > a word of a megabyte`,
  ]),
  r(32, "a temperature of NaN, below 0, infinite", "E_ARG_SAMPLING; 0 is greedy", [`${SAMPLING} > temperature: NaN`], {
    cases: [
      ["NaN", sampling({ temperature: NaN }), "E_ARG_SAMPLING"],
      ["infinite", sampling({ temperature: Infinity }), "E_ARG_SAMPLING"],
      ["0", sampling({ temperature: 0 }), "accepted"],
    ],
  }),
  r(
    33,
    "top-p 0 or above 1, top-k below 0 or not whole, min-p, a penalty of 0",
    "E_ARG_SAMPLING",
    [`${SAMPLING} > topP: NaN`],
    {
      cases: [
        ["top-p 1.5", sampling({ topP: 1.5 }), "E_ARG_SAMPLING"],
        ["top-k -1", sampling({ topK: -1 }), "E_ARG_SAMPLING"],
        ["min-p -0.1", sampling({ minP: -0.1 }), "E_ARG_SAMPLING"],
        ["a penalty below 0", sampling({ repetitionPenalty: -1 }), "E_ARG_SAMPLING"],
      ],
    },
  ),
  r(34, "a seed negative, above 2^64 - 1, not whole, text", "E_ARG_SEED", [
    `${GENERATE} > E_ARG_SEED`,
    `${RUN} > a seed below 0`,
  ]),
  r(35, "0 or 1e12 new tokens", "E_ARG_LIMIT", [`${GENERATE} > E_ARG_LIMIT`]),
  r(
    36,
    "logits all minus infinity; equal ones",
    "E_NUM_NONFINITE; the lowest id",
    [`${SAMPLING} > nothing but minus infinity`, `${SAMPLING} > the lowest id among equals`],
    {
      cases: [
        ["all minus infinity", () => distribution(Float32Array.of(-Infinity), [], QWQ_DEFAULTS), "E_NUM_NONFINITE"],
      ],
    },
  ),
  r(37, "a cache that does not fit", "refused with the numbers, exit 75", [`${RUN} > a context that does not fit`]),
  r(38, "two processes that write one file", "the last one's, whole", [`${SHELL} > R38`]),
  r(39, "another language, time zone or heap", "the same output", [`${SHELL} > R39`]),
  r(40, "no koffi, or one that does not load", "files are read instead, with one sentence why", [
    "test/files/mmap.test.ts",
    "test/files/open-source.test.ts",
  ]),
];
