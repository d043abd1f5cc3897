import { expect, it } from "vitest";
import { qwq } from "../support/cli.ts";

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
