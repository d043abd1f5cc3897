import { expect, it } from "vitest";
import { EXIT, exitCode } from "../../src/cli/exit.ts";
import { checkHost } from "../../src/files/host.ts";
import { failure } from "../support/folder.ts";

it("S44: a big-endian machine is refused with 75 before anything is read, this one is not", () => {
  checkHost();
  const error = failure(() => checkHost(Uint8Array.of(0, 1)));
  expect([error.code, exitCode(error)]).toEqual(["E_HOST_ENDIAN", EXIT.limit]);
  expect(error.message).toBe(
    "this machine: expected numbers kept with their lowest byte first, as x64 and ARM keep them, got the highest first. " +
      "Run qwq on another machine.",
  );
});
