/** A thread that compares answers, one after another; whoever asks ends it where it takes too long (judge.ts). */
import { parentPort } from "node:worker_threads";
import { sameAnswer } from "./compare.ts";
import { Evaluator } from "./evaluate.ts";

const evaluator = await Evaluator.open();
parentPort!.on("message", ({ expected, given }: { expected: string; given: string }) => {
  parentPort!.postMessage({ same: attempt(expected, given) });
});
parentPort!.postMessage({ ready: true });

/** An answer on which the comparison fails says nothing that could be compared. */
function attempt(expected: string, given: string): boolean {
  try {
    return sameAnswer(expected, given, evaluator);
  } catch {
    return false;
  }
}
