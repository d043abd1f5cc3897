/** A thread of training: does one task after another, and says what came of each. It ends when it is terminated. */
import { parentPort, workerData } from "node:worker_threads";
import { QwqError } from "../../src/errors.ts";
import { Arena, type Compiled, instantiate } from "./kernels.ts";
import { Pass } from "./pass.ts";
import type { Plan } from "./plan.ts";
import { perform, type Task } from "./work.ts";

/** What a thread is started with. */
export interface Start {
  readonly compiled: Compiled;
  readonly memory: WebAssembly.Memory;
  readonly plan: Plan;
}

/** What it answers: a value, or what is left of an error on its way between threads. */
export type Answer = { readonly value: unknown } | { readonly fault: Fault };

/** An error in parts that can be sent. */
export interface Fault {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly where?: string | undefined;
  readonly expected?: string | undefined;
  readonly actual?: string | undefined;
  readonly hint?: string | undefined;
}

const { compiled, memory, plan } = workerData as Start;
const pass = new Pass(instantiate(compiled, memory), new Arena(memory), plan);

function answer(task: Task): Answer {
  try {
    return { value: perform(pass, task) };
  } catch (error) {
    if (!(error instanceof Error)) return { fault: { name: "Error", message: String(error) } };
    const { name, message } = error;
    if (!(error instanceof QwqError)) return { fault: { name, message } };
    const { code, where, expected, actual, hint } = error;
    return { fault: { name, message, code, where, expected, actual, hint } };
  }
}

parentPort!.on("message", (task: Task) => parentPort!.postMessage(answer(task)));
parentPort!.postMessage("ready");
