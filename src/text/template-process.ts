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
  const renderer = new Renderer(limits);
  try {
    return await renderer.render(template, variables);
  } finally {
    renderer.close();
  }
}

/** The same for many renderings, one after the other in one process; and in another after one that had to be ended. */
export class Renderer {
  private child: ChildProcess | undefined;
  private readonly milliseconds: number;
  private readonly mebibytes: number;

  constructor({ milliseconds = 1000, mebibytes = 128 }: Limits = {}) {
    this.milliseconds = milliseconds;
    this.mebibytes = mebibytes;
  }

  /** Throws as `renderApart`. */
  async render(template: string, variables: Dict): Promise<string> {
    const ready = this.child !== undefined;
    this.child ??= started(this.mebibytes);
    const result = await exchange(this.child, ready, { template, variables }, this.milliseconds, this.mebibytes).catch(
      (reason: unknown) => {
        this.close(); // it may be at work still
        throw reason;
      },
    );
    return outcome(result);
  }

  close(): void {
    this.child?.kill("SIGKILL");
    this.child = undefined;
  }
}

function started(mebibytes: number): ChildProcess {
  return fork(fileURLToPath(new URL(`./template-child.${EXTENSION}`, import.meta.url)), {
    execArgv: [`--max-old-space-size=${mebibytes}`, ...LOADER],
    serialization: "advanced", // keeps Map and bigint
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
}

/** What is listened to while a child works; it has other listeners, of Node's own. */
const HEARD = ["error", "exit", "message"] as const;

/** Waits for the child to be ready, gives it the job, waits for the result. */
function exchange(
  child: ChildProcess,
  ready: boolean,
  job: { template: string; variables: Dict },
  milliseconds: number,
  mebibytes: number,
): Promise<RenderResult> {
  let timer: NodeJS.Timeout | undefined;
  return new Promise<RenderResult>((resolve, reject) => {
    let working = false;
    const give = () => {
      working = true;
      clearTimeout(timer);
      timer = setTimeout(() => reject(beyond(`at most ${milliseconds} ms to render`, "more")), milliseconds);
      child.send(job);
    };
    child.on("error", (cause) => reject(notStarted(cause)));
    child.on("exit", () =>
      reject(working ? beyond(`at most ${mebibytes} MiB of memory`, "more") : notStarted(undefined)),
    );
    child.on("message", (message: "ready" | RenderResult) => (message === "ready" ? give() : resolve(message)));
    if (ready) give();
    else timer = setTimeout(() => reject(notStarted(undefined)), START_MILLISECONDS);
  }).finally(() => {
    clearTimeout(timer);
    for (const event of HEARD) child.removeAllListeners(event);
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
