/**
 * In the place of src/text/template-process.ts: templates that nobody has checked are rendered in a worker, which is ended
 * when its time is up. A browser sets the bound on memory itself.
 */
import { type Limits, outcome } from "../text/template-limits.ts";
import { beyond, type Dict } from "../text/jinja/value.ts";
import type { RenderResult } from "../text/template-result.ts";
import { Worker } from "./node/worker_threads.ts";

export type { Limits } from "../text/template-limits.ts";

/** `render` in a worker of its own. Throws as `render`; LimitError E_TPL_LIMIT when it took too long. */
export async function renderApart(template: string, variables: Dict, limits: Limits): Promise<string> {
  const milliseconds = limits.milliseconds ?? 1000;
  const worker = new Worker("text/template", { workerData: { template, variables } });
  try {
    return outcome(
      await new Promise<RenderResult>((resolve, reject) => {
        worker.on("error", reject);
        worker.on("message", (said: "ready" | RenderResult) => {
          if (said !== "ready") return resolve(said);
          setTimeout(() => reject(beyond(`at most ${milliseconds} ms to render`, "more")), milliseconds);
        });
      }),
    );
  } finally {
    worker.terminate();
  }
}
