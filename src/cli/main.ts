#!/usr/bin/env node
/** The `qwq` command. */
import { errorText, exitCode } from "./exit.ts";
import { program } from "./program.ts";
import { Interrupted } from "./signals.ts";
import { ChildEnded } from "./supervise.ts";
import { endOnClosedPipe } from "./terminal.ts";

async function main(): Promise<void> {
  endOnClosedPipe();
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
