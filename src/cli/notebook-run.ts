/** `qwq notebook run`, `check` and `build`. */
import { readdirSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { IoError } from "../errors.ts";
import { writeAtomically } from "../files/output.ts";
import { builtPath, stale } from "../notebook/check.ts";
import { toIpynb } from "../notebook/ipynb.ts";
import { type Problem, problemText } from "../notebook/problem.ts";
import { type Ran, readSource, runNotebook } from "../notebook/run.ts";
import { typeProblems } from "../notebook/types.ts";
import { EXIT } from "./exit.ts";
import { integer } from "./options.ts";
import { note, print } from "./terminal.ts";

const HELP = {
  run: `
Runs the cells and their exercises; exit code 1 if one fails.

Example:
  qwq notebook run notebooks/03-rms-norm.ts`,
  check: `
Checks types, runs the cells and their exercises, and compares with the outputs
in the .ipynb beside each source. Exit code 1 if anything differs or fails; the
cell is named.

Examples:
  qwq notebook check notebooks
  qwq notebook check notebooks/03-rms-norm.ts --limit 120`,
  build: `
Runs each source and writes the .ipynb beside it. What fails is not written.

Example:
  qwq notebook build notebooks`,
} as const;

interface Options {
  readonly limit: number;
  readonly jobs?: number;
  readonly types?: boolean;
}

function command(
  name: keyof typeof HELP,
  description: string,
  act: (paths: string[], options: Options) => Promise<void>,
) {
  return new Command(name)
    .description(description)
    .argument("<path...>", "notebooks (.ts), or folders of them")
    .option("--limit <seconds>", "how long a cell may take", integer(1, 3600), 60)
    .option("--jobs <n>", "notebooks at a time (default: one a core)", integer(1, 64))
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP[name])
    .action(act);
}

export const run = (): Command =>
  command("run", "runs notebooks from their source", (paths, options) => all(paths, options, () => []));

export const check = (): Command =>
  command("check", "reruns notebooks and names what is stale or fails", async (paths, options) => {
    const sources = expand(paths);
    const types = options.types === false ? [] : typeProblems(sources);
    await all(sources, options, (ran) => {
      const built = statSync(builtPath(ran.path), { throwIfNoEntry: false }) && readSource(builtPath(ran.path));
      return [...types.filter(({ path }) => path === ran.path), ...stale(ran, built)];
    });
  }).option("--no-types", "leave types unchecked");

export const build = (): Command =>
  command("build", "runs notebooks and writes their .ipynb", (paths, options) =>
    all(paths, options, (ran) => {
      const text = toIpynb(ran.cells, ran.outputs);
      if (ran.problems.length === 0)
        writeAtomically(builtPath(ran.path), (write) => write(new TextEncoder().encode(text)));
      return [];
    }),
  );

/** Runs all, so many at a time, and tells of each in order; `more` are problems beside those of the run. */
async function all(paths: readonly string[], options: Options, more: (ran: Ran) => readonly Problem[]): Promise<void> {
  const start = performance.now();
  const sources = expand(paths);
  const waiting = [...sources];
  let failed = 0;
  const work = async (): Promise<void> => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      const ran = await runNotebook(path, { limit: options.limit * 1000 });
      const problems = [...ran.problems, ...(ran.problems.length > 0 ? [] : more(ran))];
      print(`${problems.length === 0 ? "ok  " : "FAIL"} ${path}  ${ran.seconds.toFixed(1)} s\n`);
      for (const problem of problems) print(`     ${problemText(problem)}\n`);
      if (problems.length > 0) failed++;
    }
  };
  await Promise.all(Array.from({ length: options.jobs ?? availableParallelism() }, work));
  note(
    `${sources.length - failed} of ${sources.length} notebooks in ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
  if (failed > 0) process.exitCode = EXIT.divergence;
}

/** The notebooks that these paths name: of a folder, its files named as notebooks are, 01-tokens.ts. */
function expand(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() === false) return [path];
    const names = stat === undefined ? [] : readdirSync(path).filter((name) => /^\d\d-.*\.ts$/.test(name));
    if (names.length > 0) return names.sort().map((name) => join(path, name));
    throw new IoError("E_IO_OPEN", path, {
      path,
      expected: "a notebook, or a folder of them: 01-tokens.ts",
      actual: stat === undefined ? "nothing of that name" : "a folder without one",
      hint: "Check the path.",
    });
  });
}
