/** A step's test on a learner's file: read as TypeScript, in a thread, with an end. */
import { join } from "node:path";
import { IoError, UsageError } from "../errors.ts";
import { io } from "../files/io.ts";
import { startThread } from "../thread.ts";
import type { Finding } from "./check.ts";
import { type Step, STEPS } from "./steps.ts";

/** A right answer takes a few seconds. */
const MOST_MS = 60_000;

/**
 * Tests the file of `step` in a learner's folder.
 *
 * throws   IoError E_IO_OPEN where the file is not there
 */
export function runStep(step: Step, folder: string, mostMs = MOST_MS): Promise<Finding> {
  const file = join(folder, `${step.name}.ts`);
  if (!isThere(file)) {
    throw new IoError("E_IO_OPEN", "learn", {
      path: file,
      expected: `a file ${file}`,
      actual: "none (no such file)",
      hint: "qwq learn start FOLDER writes the starter files; name the folder with --in.",
    });
  }
  const thread = startThread("./worker", import.meta.url, { file, step: step.name });
  return new Promise((resolve) => {
    const end = (finding: Finding) => {
      clearTimeout(timer);
      resolve(finding);
      void thread.terminate();
    };
    const late = `it has not ended after ${mostMs / 1000} s. Is there a loop without an end?`;
    const timer = setTimeout(() => end({ kind: "wrong", says: late.replace(/\.$/, "") }), mostMs);
    thread.once("message", end);
    thread.once("error", ({ message }) => end({ kind: "wrong", says: `it throws: ${message}` }));
    thread.once("exit", () => end({ kind: "wrong", says: "it ended the process" }));
  });
}

function isThere(path: string): boolean {
  try {
    return io().statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // something on the way is no folder
  }
}

/** The step of a name. Throws UsageError E_ARG_STEP. */
export function stepOf(name: string): Step {
  const found = STEPS.find((step) => step.name === name);
  if (found !== undefined) return found;
  throw new UsageError("E_ARG_STEP", "learn", {
    expected: `a step: ${STEPS.map((step) => step.name).join(", ")}`,
    actual: `"${name}"`,
    hint: "qwq learn without a step says which is next.",
  });
}
