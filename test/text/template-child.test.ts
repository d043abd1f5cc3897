import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const child = fileURLToPath(new URL("../../src/text/template-child.ts", import.meta.url));

test("the child says it is ready, answers one job, and ends by itself", { timeout: 20_000 }, async () => {
  const running = fork(child, { execArgv: ["--import", "tsx"], serialization: "advanced", stdio: "ignore" });
  const said: unknown[] = [];
  running.on("message", (message) => {
    said.push(message);
    if (message === "ready") running.send({ template: "{{ n }}", variables: new Map([["n", 2n ** 64n]]) });
  });
  const code = await new Promise((resolve) => running.on("exit", resolve));
  expect(said).toEqual(["ready", { text: "18446744073709551616" }]);
  expect(code).toBe(0);
});
