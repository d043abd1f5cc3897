#!/usr/bin/env node
/** The `qwq` command. */
import { errorText, exitCode } from "./exit.ts";
import { program } from "./program.ts";
import { endOnClosedPipe } from "./terminal.ts";

async function main(): Promise<void> {
  endOnClosedPipe();
  try {
    await program().parseAsync();
  } catch (error) {
    const text = errorText(error, process.argv.includes("--verbose"));
    if (text !== "") process.stderr.write(`${text}\n`);
    process.exitCode = exitCode(error);
  }
}

await main();
