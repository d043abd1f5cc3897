/**
 * Shows that a changed number in src makes the notebooks that show it fail, by name: plants a change into a copy of the built
 * package, checks the notebooks there, and takes it out again. `npm run notebooks:planted`
 *
 * Each change must be found by at least the notebooks that it names, and without any change nothing may fail.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Plant {
  readonly what: string;
  /** The built file, below dist/src. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The notebooks, by number, that must fail. */
  readonly found: readonly string[];
}

const PLANTS: readonly Plant[] = [
  {
    what: "RMSNorm divides by the mean square of one channel more",
    file: "reference/rms-norm.js",
    from: "squares / C + eps",
    to: "squares / (C + 1) + eps",
    found: ["03", "09", "11", "14", "15"],
  },
  {
    what: "RoPE counts places from 1",
    file: "reference/rope.js",
    from: "(pos + t) * f[d]",
    to: "(pos + t + 1) * f[d]",
    found: ["05", "15"],
  },
  {
    what: "attention forgets the root: scores through D",
    file: "reference/attention.js",
    from: "1 / Math.sqrt(D)",
    to: "1 / D",
    found: ["06", "07", "09", "11", "14", "15", "16"],
  },
  {
    what: "linear adds 1 where there is no bias",
    file: "reference/linear.js",
    from: "(bias?.[first + o + r] ?? 0)",
    to: "(bias?.[first + o + r] ?? 1)",
    found: ["04", "09", "11", "13", "14", "15", "16"],
  },
  {
    what: "a mapped tensor begins one weight early",
    file: "files/mmap-source.js",
    from: "mapping.bytes(info.offset + from, length)",
    to: "mapping.bytes(info.offset + from - 2, length)",
    found: ["11"],
  },
  {
    what: "Q4_0 takes 7 away from every fourth integer",
    file: "quant/q4_0.js",
    from: "(n0 & 15) - 8",
    to: "(n0 & 15) - 7",
    found: ["12"],
  },
  {
    what: "YaRN's ramp ends a pair earlier",
    file: "reference/frequencies.js",
    from: "Math.ceil(last)",
    to: "Math.floor(last)",
    found: ["14"],
  },
  {
    what: "the oracle counts two noises as one",
    file: "oracle/compare.js",
    from: "z: r / own",
    to: "z: r / (2 * own)",
    found: ["15"],
  },
  {
    what: "advantages divide by the deviation of a sample",
    file: "training/stages/grpo.js",
    from: "d * d, 0) / rewards.length",
    to: "d * d, 0) / (rewards.length - 1)",
    found: ["16"],
  },
  {
    what: "of all pairs the latest is merged first",
    file: "text/merge.js",
    from: "ranks[i] < ranks[best]",
    to: "ranks[i] > ranks[best]",
    found: ["01"],
  },
  {
    what: "a row of the embedding begins one number late",
    file: "reference/embed.js",
    from: "subarray(id * C, (id + 1) * C)",
    to: "subarray(id * C + 1, (id + 1) * C + 1)",
    found: ["02", "11"],
  },
  {
    what: "SwiGLU opens as GELU's approximation does",
    file: "reference/swiglu.js",
    from: "Math.exp(-g[i])",
    to: "Math.exp(-1.702 * g[i])",
    found: ["08", "09", "11", "13", "14", "15"],
  },
  {
    what: "top-p is forgotten",
    file: "generate/sampling.js",
    from: "s.topP < 1",
    to: "s.topP < 0.5",
    found: ["10"],
  },
  {
    what: "int8's scale is of 128 steps",
    file: "quant/int8.js",
    from: "/ 127);",
    to: "/ 128);",
    found: ["12"],
  },
  {
    what: "QwQ has ten key heads",
    file: "config.js",
    from: "keyHeads: 8,",
    to: "keyHeads: 10,",
    found: ["11", "12", "13", "14", "17"],
  },
];

const root = join(import.meta.dirname, "..");

function copied(): string {
  const folder = mkdtempSync(join(tmpdir(), "planted-"));
  for (const name of ["dist", "notebooks", "package.json", "tsconfig.json"]) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  for (const name of ["golden", "node_modules", "src", "kernels", "docs"])
    symlinkSync(join(root, name), join(folder, name));
  return folder;
}

/** The numbers of the notebooks that fail there, and what is said of each. */
function failing(folder: string): ReadonlyMap<string, string> {
  const said = run(folder).split("\n");
  const fails = said.flatMap((line, i) => {
    const [, number] = /^FAIL notebooks\/(\d\d)/.exec(line) ?? [];
    return number === undefined ? [] : [[number, (said[i + 1] ?? "").trim()] as const];
  });
  return new Map(fails);
}

function run(folder: string): string {
  try {
    const words = ["dist/src/cli/main.js", "notebook", "check", "notebooks", "--no-types"];
    return execFileSync(process.execPath, words, {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

const folder = copied();
let wrong = 0;
const before = failing(folder);
for (const [number, text] of before) console.log(`without any change, ${number} fails: ${text}`);
for (const { what, file, from, to, found } of PLANTS) {
  const path = join(folder, "dist/src", file);
  const text = readFileSync(path, "utf8");
  if (!text.includes(from)) throw new Error(`${file} has no "${from}": mend the plant`);
  writeFileSync(path, text.replace(from, to));
  const fails = failing(folder);
  writeFileSync(path, text);
  const missed = found.filter((number) => !fails.has(number));
  console.log(`${what} (${file}): ${[...fails.keys()].sort().join(", ")} fail`);
  for (const [, line] of [...fails].sort()) console.log(`  ${line}`);
  if (missed.length > 0) console.log(`  NOT FOUND by ${missed.join(", ")}`);
  wrong += missed.length;
}
rmSync(folder, { recursive: true });
if (wrong + before.size > 0) process.exitCode = 1;
