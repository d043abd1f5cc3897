import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { withSignals } from "../../src/cli/signals.ts";
import { MAIN, qwqOnTiny as qwq } from "../support/cli.ts";

it("chat answers each line of stdin, and a later turn sees the earlier ones", async () => {
  const args = ["chat", "--quiet", "--greedy", "--max-tokens", "6"];
  const both = await qwq(args, { input: "Hello\nAgain\n" });
  const second = await qwq(args, { input: "Again\n" });
  const [first, again] = both.stdout.split("\n").filter((line) => line !== "");
  expect([both.code, both.stderr]).toEqual([0, ""]);
  expect(first).toBe((await qwq(["run", "--quiet", "--greedy", "--max-tokens", "6", "Hello"])).stdout.trim());
  expect(again).not.toBe(second.stdout.trim());
});

it("chat with nothing on stdin ends at once", async () => {
  expect(await qwq(["chat", "--quiet"])).toEqual({ code: 0, stdout: "", stderr: "" });
});

describe("while it answers", () => {
  /** A terminal that writes down which modes it was in. */
  function terminal(isRaw: boolean) {
    const modes: boolean[] = [];
    const setRawMode = (mode: boolean) => modes.push(mode);
    return { modes, stdin: { isRaw, setRawMode } as unknown as NodeJS.ReadStream };
  }

  it("the terminal is out of raw mode, so that Ctrl-C is a signal; after it, or an error, in it again", async () => {
    const { modes, stdin } = terminal(true);
    expect(await withSignals(stdin, () => Promise.resolve([...modes]))).toEqual([false]);
    expect(modes).toEqual([false, true]);
    await expect(withSignals(stdin, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(modes).toEqual([false, true, false, true]);
  });

  it("a pipe, and a terminal that is not raw, are left alone", async () => {
    const { modes, stdin } = terminal(false);
    expect(await withSignals(stdin, () => Promise.resolve(1))).toBe(1);
    expect(await withSignals(undefined, () => Promise.resolve(2))).toBe(2);
    expect(modes).toEqual([]);
  });
});

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s while it waits for a line ends it with %i", async (signal, code) => {
  const child = spawn(process.execPath, [MAIN, "chat"], { stdio: ["pipe", "pipe", "pipe"] });
  child.stderr.once("data", () => child.kill(signal)); // it has loaded the model, and says which
  expect(await once(child, "exit")).toEqual([code, null]);
});
