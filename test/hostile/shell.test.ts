/** Rows of the catalogue that only whole processes show. */
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { onInterrupt } from "../../src/cli/signals.ts";
import { MAIN, qwq } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";

afterEach(() => vi.restoreAllMocks());

it("R23: the first Ctrl-C asks for an end, the second ends at once", () => {
  const left = vi.spyOn(process, "exit").mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
  const interrupt = onInterrupt();
  try {
    process.emit("SIGINT", "SIGINT");
    expect([interrupt.signal.aborted, left.mock.calls]).toEqual([true, []]);
    expect(() => process.emit("SIGTERM", "SIGTERM")).toThrow("exit 143");
  } finally {
    interrupt.done();
  }
});

it("R25: two megabytes through a pipe that is read slowly arrive whole", async () => {
  const text = JSON.stringify("tide ".repeat(100_000));
  const child = spawn(process.execPath, [MAIN, "tokenize", "--lines", "-"], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(`${text}\n`.repeat(4));
  const pieces: Buffer[] = [];
  await new Promise((resolve) => setTimeout(resolve, 500)); // the pipe is full before anything is taken from it
  child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
  await once(child, "close");
  const lines = Buffer.concat(pieces).toString().split("\n");
  expect(lines.map((line) => line.length > 100_000)).toEqual([true, true, true, true, false]);
  expect(new Set(lines.slice(0, 4)).size).toBe(1);
  expect(lines.join("\n").length).toBeGreaterThan(2 ** 21);
});

it("R38: of two processes that write one file, one wins whole", async () => {
  const file = join(temporaryFolder(), "out.bin");
  const writer = new URL("writer.ts", import.meta.url);
  const writers = ["a", "b"].map((letter) =>
    fork(writer, [file, letter], { execArgv: ["--import", "tsx"], stdio: ["ignore", "ignore", "inherit", "ipc"] }),
  );
  await Promise.all(writers.map((child) => once(child, "close")));
  expect(writers.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(["a", "b"].map((letter) => letter.repeat(2 ** 20))).toContain(readFileSync(file, "latin1"));
});

it("R39: another language, time zone, or size of the heap gives the same tokens", async () => {
  const args = ["run", "--seed", "1", "--max-tokens", "3", "--json", "Straße ISTANBUL 1.5"];
  const tokens = async (env: Record<string, string>) => {
    const { stdout, code } = await qwq(args, { env });
    return [code, stdout.split("\n").filter((line) => line.includes('"token"'))] as const;
  };
  const plain = await tokens({});
  expect([plain[0], plain[1].length]).toEqual([0, 3]);
  const other = { LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8", TZ: "Asia/Kathmandu" };
  expect(await tokens({ ...other, NODE_OPTIONS: "--max-old-space-size=300" })).toEqual(plain);
});
