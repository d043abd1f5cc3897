/** `qwq learn`: the course. */
import { Command } from "commander";
import type { Finding } from "../learn/check.ts";
import { runStep, stepOf } from "../learn/run.ts";
import { startCourse } from "../learn/start.ts";
import { type Step, STEPS } from "../learn/steps.ts";
import { findingText } from "../learn/words.ts";
import { EXIT } from "./exit.ts";
import { print, printJson } from "./terminal.ts";

const HELP = `
Steps: ${STEPS.map(({ name }) => name).join(", ")}.

Each starter file is one of src/reference without its body. A step's test runs
your function by hand-sized numbers, then in the place of the reference's in a
whole model, and names the first activation that is wrong. docs/course.md
says more. Works in a folder from which "qwq-ts" can be imported, such as one
inside this repository.

Exit codes: 0 done, 1 not yet.

Examples:
  qwq learn start mine
  qwq learn --in mine
  qwq learn rope --in mine`;

interface Options {
  readonly in: string;
  readonly json?: boolean;
}

export function learn(): Command {
  return new Command("learn")
    .description("the course: the reference with its bodies taken out, tested as you put them back")
    .argument("[step]", "a step, or start; the first that is not done unless told")
    .argument("[folder]", "with start: the folder to write the starter files into", "mine")
    .option("--in <folder>", "the folder of your files", "mine")
    .option("--json", 'as {"step", "finding"}; of start as {"folder", "files"}')
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP)
    .action((step: string | undefined, folder: string, options: Options) => act(step, folder, options));
}

async function act(name: string | undefined, folder: string, options: Options): Promise<void> {
  if (name === "start") {
    const files = startCourse(folder);
    if (options.json === true) return printJson({ folder, files });
    const where = folder === "mine" ? "" : ` --in ${folder}`;
    return print(`${folder}/ has the starter files. Begin with ${folder}/embed.ts, then: qwq learn${where}\n`);
  }
  if (name !== undefined) return say(stepOf(name), await runStep(stepOf(name), options.in), options);
  for (const step of STEPS) {
    const finding = await runStep(step, options.in);
    say(step, finding, options);
    if (finding.kind !== "done") return;
  }
  if (options.json !== true) print("All steps are done. The reference's own: src/reference, src/model.ts\n");
}

function say(step: Step, finding: Finding, { json }: Options): void {
  if (json === true) printJson({ step: step.name, finding });
  else print(findingText(step, finding));
  process.exitCode = finding.kind === "done" ? EXIT.done : EXIT.divergence;
}
