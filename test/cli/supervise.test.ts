/** What a mapped file's faults look like to whoever called the command. */
import { spawn } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exitCode } from "../../src/cli/exit.ts";
import { ChildEnded, ended, isLarge, isSupervised, outcome, supervise } from "../../src/cli/supervise.ts";
import { QwqError } from "../../src/errors.ts";
import { goldenJson } from "../support/golden.ts";
import { qwqOnTiny as qwq } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { mappable } from "../support/mapping.ts";
import type { Recorded } from "../support/models.ts";

const tiny = goldenJson<Recorded>("model/tiny.json");
const run = (script: string) => spawn(process.execPath, ["-e", script], { stdio: "ignore" });

describe("supervise", () => {
  it("does nothing for commands that do not map", async () => {
    await supervise({});
    await supervise({ io: "pread" });
    await supervise({ io: "auto" });
  });

  it("takes a model of a gibibyte and more for large, one that is not there for none", () => {
    const folder = temporaryFolder();
    expect(isLarge(folder)).toBe(false);
    for (const name of ["a.safetensors", "b.safetensors", "c.gguf"]) writeFileSync(join(folder, name), "");
    for (const name of ["a.safetensors", "b.safetensors"]) truncateSync(join(folder, name), 2 ** 29 - 1);
    truncateSync(join(folder, "c.gguf"), 2 ** 30);
    expect([isLarge(folder), isLarge(join(folder, "c.gguf")), isLarge("/nowhere"), isLarge(undefined)]).toEqual([false, true, false, false]); // prettier-ignore
    truncateSync(join(folder, "a.safetensors"), 2 ** 29 + 1);
    expect(isLarge(folder)).toBe(true);
  });

  it("knows its own children only", () => {
    expect(isSupervised({ QWQ_SUPERVISOR: "7" }, 7)).toBe(true);
    expect(isSupervised({ QWQ_SUPERVISOR: "7" }, 8)).toBe(false);
    expect(isSupervised({}, 7)).toBe(false);
  });

  it("R1: SIGBUS is E_IO_MAP_FAULT, exit 74, and says to read instead", async () => {
    const error = await outcome(run("process.kill(process.pid, 'SIGBUS'); setTimeout(() => 0, 1e5)"));
    expect(error).toBeInstanceOf(QwqError);
    expect([(error as QwqError).code, exitCode(error)]).toEqual(["E_IO_MAP_FAULT", 74]);
    expect(error.message).toBe(
      "mmap: expected mapped files that can be read, got SIGBUS. " +
        "The model's file was changed or the disk failed; retry with --io=pread.",
    );
  });

  it("R19: SIGKILL is E_MEM_KILLED, exit 75", () => {
    const error = ended(null, "SIGKILL");
    expect([(error as QwqError).code, exitCode(error)]).toEqual(["E_MEM_KILLED", 75]);
  });

  it.each([
    [0, null, 0],
    [65, null, 65],
    [null, "SIGTERM", 143],
    [null, "SIGSEGV", 139],
  ] as const)("the child's end by %s or %s is the exit code %d", (code, signal, expected) => {
    const error = ended(code, signal);
    expect(error instanceof ChildEnded && error.code).toBe(expected);
  });

  it("passes SIGTERM on, and listens no longer when the child has ended", async () => {
    const before = process.listenerCount("SIGTERM");
    const child = run("setTimeout(() => 0, 1e5)");
    const end = outcome(child);
    expect(process.listenerCount("SIGTERM")).toBe(before + 1);
    process.emit("SIGTERM", "SIGTERM");
    const error = await end;
    expect(error instanceof ChildEnded && error.code).toBe(143);
    expect(process.listenerCount("SIGTERM")).toBe(before);
  });
});

describe.skipIf(!mappable)("qwq run --io mmap", () => {
  it("answers as it does by reading, from stdin too, and says with --verbose that it maps", async () => {
    const args = ["run", "--io", "mmap", "--verbose", "--json", "--greedy", "--max-tokens", "8", "-"];
    const { code, stdout, stderr } = await qwq(args, { input: "Hello" });
    const end = JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as { ids: number[] };
    expect([code, end.ids]).toEqual([0, tiny.greedy.slice(0, 8)]);
    expect(stderr).toContain("Weights are mapped.\n");
  });

  it("ends with the exit code and the sentence of the error, once", async () => {
    const { code, stderr } = await qwq(["run", "-m", "/nowhere/model.gguf", "--io", "mmap", "Hello"]);
    expect(code).toBe(66);
    expect(stderr.match(/qwq: /g)).toHaveLength(1);
  });
});

it("qwq run --io auto reads without native code; --io mmap says why it cannot map, exit 2", async () => {
  const env = { NODE_OPTIONS: "--no-addons" };
  const auto = await qwq(["run", "--greedy", "--quiet", "--max-tokens", "2", "Hello"], { env });
  expect(auto.code).toBe(0);
  const mmap = await qwq(["run", "--io", "mmap", "Hello"], { env });
  expect(mmap.code).toBe(2);
  expect(mmap.stderr).toMatch(/^qwq: mmap: expected files that can be mapped, got .+\. Read them instead: --io=pread\.\n$/);
}); // prettier-ignore
