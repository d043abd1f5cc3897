/** Tests a learner's file in a thread of its own, which can be ended when it does not end by itself. */
import { parentPort, workerData } from "node:worker_threads";
import { QwqError } from "../errors.ts";
import { checkStep, type Finding } from "./check.ts";
import { readWritten } from "./read.ts";
import { STEPS, type Written } from "./steps.ts";

const { file, step } = workerData as { file: string; step: string };

async function finding(): Promise<Finding> {
  let written: Written;
  try {
    written = await readWritten(file);
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof QwqError) return { kind: "wrong", says: message.replace(/\.$/, "") };
    return { kind: "wrong", says: `the file cannot be read as TypeScript: ${message.split("\n")[0]!}` };
  }
  return checkStep(
    STEPS.find(({ name }) => name === step)!,
    written,
  );
}

parentPort!.postMessage(await finding());
