/** A thread that draws and encodes: see drawn.ts. */
import { workerData } from "node:worker_threads";
import { inThread } from "../quantize/work.ts";
import { type DrawnJob, takeDrawn } from "./drawn.ts";

const job = workerData as DrawnJob;
inThread(job.shared, () => takeDrawn(job));
