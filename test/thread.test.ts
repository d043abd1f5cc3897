import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { startThread } from "../src/thread.ts";
import { temporaryFolder } from "./support/folder.ts";

const TEXT = 'import { parentPort, workerData } from "node:worker_threads"; parentPort.postMessage(workerData';

it.each([
  ["as TypeScript", "worker.ts", `${TEXT} satisfies number);`, "main.ts"],
  ["as JavaScript", "worker.js", `${TEXT});`, "main.js"],
])("a thread starts %s and has its data", async (_, file, text, from) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, file), text);
  const thread = startThread("./worker", pathToFileURL(join(folder, from)).href, 42);
  const ended = once(thread, "exit");
  expect(await once(thread, "message")).toEqual([42]);
  await ended;
});
