import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const child = fileURLToPath(new URL("../../src/text/template-child.ts", import.meta.url));

test(
  "the child says it is ready, answers its jobs, and ends when its parent lets go",
  { timeout: 20_000 },
  async () => {
    const running = fork(child, { execArgv: ["--import", "tsx"], serialization: "advanced", stdio: "ignore" });
    const said: unknown[] = [];
    const job = (n: bigint) => running.send({ template: "{{ n }}", variables: new Map([["n", n]]) });
    running.on("message", (message) => {
      said.push(message);
      if (said.length === 3) running.disconnect();
      else job(2n ** BigInt(63 + said.length));
    });
    const code = await new Promise((resolve) => running.on("exit", resolve));
    expect(said).toEqual(["ready", { text: "18446744073709551616" }, { text: "36893488147419103232" }]);
    expect(code).toBe(0);
  },
);
