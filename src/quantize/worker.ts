/** A thread that encodes a model's weights: see work.ts. */
import { workerData } from "node:worker_threads";
import type { Job } from "./job.ts";
import { inThread, work } from "./work.ts";

const job = workerData as Job;
inThread(job.shared, () => work(job));
