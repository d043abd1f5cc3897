/** A process that runs jobs: what ends it, or keeps it for ever, ends no other. */
import { type Job, runJob } from "./run.ts";
import { BROKEN } from "./targets/broken.ts";
import { TARGETS } from "./targets.ts";

Error.stackTraceLimit = 0; // most cases end in an error, and nobody reads where it arose

process.on("message", (job: Job) => {
  const target = [...TARGETS, BROKEN].find(({ name }) => name === job.target)!;
  process.send?.(runJob(target, job));
});
process.send?.("ready");
process.on("disconnect", () => process.exit());
