import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CodeClient } from "../../src/verify/client.ts";

let client: CodeClient;
beforeAll(async () => {
  client = await CodeClient.start();
});
afterAll(() => client.close());

it("verdicts come in the order of the requests", async () => {
  const requests = Array.from({ length: 12 }, (_, i) => ({
    language: "javascript" as const,
    source: `(a) => a % 3 === 0 ? a : -1`,
    tests: [{ args: [i], expected: i }],
  }));
  const verdicts = await client.runAll(requests, 4);
  expect(verdicts.map(({ status }) => status)).toEqual(requests.map((_, i) => (i % 3 === 0 ? "passed" : "failed")));
  expect((await client.health()).judged).toBe(12);
});

it("a refusal comes as an error with the server's code", async () => {
  const request = { language: "javascript" as const, source: "1", tests: [] };
  await expect(client.run(request)).rejects.toMatchObject({ code: "E_RUN_REQUEST" });
});

it("a server that is not there is said to be so", async () => {
  await expect(CodeClient.at("http://127.0.0.1:9").health()).rejects.toMatchObject({ code: "E_RUN_SERVER" });
});

/** Processes whose command line holds a word. */
function processes(word: string): number {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return ids.filter((id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, "utf8").includes(word);
    } catch {
      return false;
    }
  }).length;
}

it.skipIf(process.platform !== "linux")("nothing outlives the server, however it ends", async () => {
  const main = join(import.meta.dirname, "../../src/verify/server/main.ts");
  // A limit that only this server's processes have tells them from others.
  const server = spawn(process.execPath, ["--import", "tsx", main], { stdio: ["pipe", "pipe", "inherit"] });
  const port = await new Promise<string>((resolve) =>
    server.stdout.setEncoding("utf8").once("data", (text: string) => resolve(/\d+/.exec(text)![0])),
  );
  const mark = 70 + (process.pid % 900); // MiB, in the command line of its process
  const running = CodeClient.at(`http://127.0.0.1:${port}`)
    .run({
      language: "javascript",
      source: "for (;;);",
      tests: [{ args: [] }],
      limits: { seconds: 60, memoryBytes: mark * 2 ** 20 },
    })
    .catch((error: unknown) => error);
  const word = `--max-old-space-size=${mark}`;
  await expect.poll(() => processes(word), { timeout: 10_000 }).toBeGreaterThan(0);
  server.kill("SIGKILL");
  await running;
  await expect.poll(() => processes(word), { timeout: 10_000 }).toBe(0);
});
