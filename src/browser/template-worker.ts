/** The worker in which unknown templates are rendered: one job, one answer. */
import type { Dict } from "../text/jinja/value.ts";
import { result } from "../text/template-result.ts";
import { parentPort, workerData } from "./node/worker_threads.ts";

const { template, variables } = workerData as { template: string; variables: Dict };
parentPort.postMessage("ready");
parentPort.postMessage(result(template, variables));
