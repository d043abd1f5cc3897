/** Tests a learner's file in a thread of its own, which can be ended when it does not end by itself. */
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { checkStep, type Finding } from "./check.ts";
import { STEPS, type Written } from "./steps.ts";

const { file, step } = workerData as { file: string; step: string };

async function finding(): Promise<Finding> {
  let written: Written;
  try {
    const { tsImport } = await import("tsx/esm/api");
    written = (await tsImport(pathToFileURL(file).href, import.meta.url)) as Written;
  } catch (error) {
    const { message } = error as Error;
    return { kind: "wrong", says: `the file cannot be read as TypeScript: ${message.split("\n")[0]!}` };
  }
  return checkStep(
    STEPS.find(({ name }) => name === step)!,
    written,
  );
}

parentPort!.postMessage(await finding());
