import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { lives, ownFolder } from "../../../kernels/wasm/lives.ts";

const linux = process.platform === "linux";

it.runIf(linux)("a thread is seen while it lives, and no longer", async () => {
  const code = `require("node:worker_threads").parentPort.postMessage(require("node:fs").realpathSync("/proc/thread-self"));
    setInterval(() => undefined, 1000);`;
  const worker = new Worker(code, { eval: true });
  const folder = await new Promise<string>((resolve) => worker.once("message", resolve));
  expect(folder).not.toBe(ownFolder());
  expect(lives(folder)).toBe(true);
  await worker.terminate();
  expect(lives(folder)).toBe(false);
});

it.runIf(linux)("the caller's own", () => {
  expect(ownFolder()).toMatch(/^\/proc\/\d+\/task\/\d+$/);
  expect(lives(ownFolder())).toBe(true);
});

it("one of which the system does not tell is taken to live", () => {
  expect(lives(undefined)).toBe(true);
});
