#!/usr/bin/env node
/** The `qwq` command. */
import { errorText, exitCode } from "./exit.ts";
import { program } from "./program.ts";
import { endOnSignals, Interrupted } from "./signals.ts";
import { ChildEnded, isSupervised } from "./supervise.ts";
import { endOnClosedPipe } from "./terminal.ts";

/** Commands that may compute for long without a pause: a signal kills them, lest it wait. A shell sees the same code. */
const DEAF = ["inspect", "tokenize", "detokenize", "template", "oracle", "learn", "notebook"];

async function main(): Promise<void> {
  endOnClosedPipe();
  if (!DEAF.includes(process.argv[2] ?? "") && !isSupervised()) endOnSignals();
  try {
    await (await program(process.argv.slice(2))).parseAsync();
  } catch (error) {
    if (error instanceof ChildEnded || error instanceof Interrupted) {
      process.exitCode = error.code;
      return;
    }
    const text = errorText(error, process.argv.includes("--verbose"));
    if (text !== "") process.stderr.write(`${text}\n`);
    process.exitCode = exitCode(error);
  }
}

await main();
