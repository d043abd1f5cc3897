/**
 * Templates nobody has checked, rendered in a child process: a loop that does not end, or one that fills the memory,
 * ends the child and not its parent.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { IoError, type QwqError } from "../errors.ts";
import { beyond, type Dict } from "./jinja/value.ts";
import { type Limits, outcome } from "./template-limits.ts";
import type { RenderResult } from "./template-result.ts";

export type { Limits } from "./template-limits.ts";

/** Time for Node itself to start, also on a machine that is busy. */
const START_MILLISECONDS = 20_000;

/** The source runs as TypeScript in development (where tsx loads it) and as JavaScript when installed. */
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const LOADER = EXTENSION === "ts" ? ["--import", "tsx"] : [];

/**
 * `render` in a process of its own.
 *
 * throws   as `render`; LimitError E_TPL_LIMIT when the child took too long or too much memory; IoError E_TPL_PROCESS
 *          when no process could be started
 */
export async function renderApart(template: string, variables: Dict, limits: Limits): Promise<string> {
  const mebibytes = limits.mebibytes ?? 128;
  const child = fork(fileURLToPath(new URL(`./template-child.${EXTENSION}`, import.meta.url)), {
    execArgv: [`--max-old-space-size=${mebibytes}`, ...LOADER],
    serialization: "advanced", // keeps Map and bigint
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  try {
    return outcome(await exchange(child, { template, variables }, limits.milliseconds ?? 1000, mebibytes));
  } finally {
    child.kill("SIGKILL");
  }
}

/** Waits for the child to be ready, gives it the job, waits for the result. */
function exchange(
  child: ChildProcess,
  job: { template: string; variables: Dict },
  milliseconds: number,
  mebibytes: number,
): Promise<RenderResult> {
  return new Promise((resolve, reject) => {
    let timer = setTimeout(() => reject(notStarted(undefined)), START_MILLISECONDS);
    let started = false;
    const settle = (then: () => void) => {
      clearTimeout(timer);
      then();
    };
    child.on("error", (cause) => settle(() => reject(notStarted(cause))));
    child.on("exit", () => {
      settle(() => reject(started ? beyond(`at most ${mebibytes} MiB of memory`, "more") : notStarted(undefined)));
    });
    child.on("message", (message: "ready" | RenderResult) => {
      if (message !== "ready") return settle(() => resolve(message));
      started = true;
      clearTimeout(timer);
      timer = setTimeout(() => reject(beyond(`at most ${milliseconds} ms to render`, "more")), milliseconds);
      child.send(job);
    });
  });
}

function notStarted(cause: unknown): QwqError {
  return new IoError("E_TPL_PROCESS", "chat template", {
    expected: "a process to render it in",
    actual: "none that started",
    hint: "Free some memory, or use a model whose template is known.",
    cause,
  });
}
