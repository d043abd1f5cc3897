import { expect, it, onTestFinished } from "vitest";
import { code } from "../../../src/agent/tools/code.ts";

it("programs run on the code execution server, and what they write or how they ended comes back", async () => {
  const tool = code({ required: ["limits"] });
  onTestFinished(() => tool.close!());
  const run = async (source: string, stdin?: string) =>
    tool.run({ language: "javascript", source, stdin }, new AbortController().signal);
  expect(await run("console.log(6 * 7)")).toBe("42\n");
  expect(await run("process.stdin.on('data', (d) => console.log(String(d).length))", "abc")).toBe("3\n");
  expect(await run("0")).toBe("The program wrote nothing.");
  await expect(run("throw new Error('bad')")).rejects.toThrow(/^The program ended by error/);
});
