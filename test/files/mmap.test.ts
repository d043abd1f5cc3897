import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { impossible, mapCalls } from "../../src/files/mmap.ts";
import { startThread } from "../../src/thread.ts";
import { mappable } from "../support/mapping.ts";

it.skipIf(!mappable)("mapCalls binds the system's calls once; a failed call is -1 with its errno", () => {
  const calls = mapCalls();
  expect(mapCalls()).toBe(calls);
  expect(calls.pageSize % 4096).toBe(0);
  expect(calls.mmap(2 ** 30, 4096)).toBe(2n ** 64n - 1n);
  expect(calls.errno()).toBe(9); // EBADF
  expect(calls.madvise(1n, 4096, 4)).toBe(-1);
  expect(calls.errno()).toBe(22); // EINVAL
});

it.skipIf(!mappable)("5,000 calls on another thread, more than koffi has room for at once, are no error", () => {
  const { madviseLater, pageSize } = mapCalls();
  for (let call = 0; call < 5000; call++) madviseLater(0n, pageSize, 4);
});

it.skipIf(!mappable)("a second thread of the process maps, too", { timeout: 20_000 }, async () => {
  mapCalls();
  const thread = startThread("../support/maps", import.meta.url, null);
  expect(await once(thread, "message")).toEqual([mapCalls().pageSize]);
});

it("R40: without native code mapCalls is a sentence that says why and what to do", () => {
  const script = `import { mapCalls } from "./src/files/mmap.ts";
    try { mapCalls(); } catch (error) { console.log(error.code, error.message); }`;
  const args = ["--no-addons", "--import", "tsx", "--input-type=module", "-e", script];
  const said = execFileSync(process.execPath, args, { encoding: "utf8" });
  expect(said).toMatch(
    /^E_ARG_IO mmap: expected files that can be mapped, got .+\. Read them instead: --io=pread\.\n$/,
  );
});

it("impossible is a usage error with the reason", () => {
  const error = impossible("no koffi");
  expect(error).toBeInstanceOf(UsageError);
  expect(error.message).toBe("mmap: expected files that can be mapped, got no koffi. Read them instead: --io=pread.");
});
