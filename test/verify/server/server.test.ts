import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CodeServer } from "../../../src/verify/server/server.ts";

let server: CodeServer;
beforeAll(async () => {
  server = await CodeServer.start({ concurrency: 1, places: 1, bodyBytes: 100_000 });
});
afterAll(() => server.close());

const PROGRAM = { language: "javascript", source: "(a) => a", tests: [{ args: [1], expected: 1 }] };

async function post(body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; said: unknown }> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(`http://127.0.0.1:${server.port}/run`, { method: "POST", body: text, headers });
  return { status: response.status, said: await response.json() };
}

it("judges a program over HTTP", async () => {
  expect(await post(PROGRAM)).toMatchObject({ status: 200, said: { status: "passed", passed: 1 } });
});

it("says how it is", async () => {
  const health = await (await fetch(`http://127.0.0.1:${server.port}/health`)).json();
  expect(health).toMatchObject({ status: "ok", running: 0, waiting: 0 });
  expect(health).toEqual(JSON.parse(JSON.stringify(server.health())));
});

it("refuses what it cannot take, and says why", async () => {
  expect(await post("{")).toMatchObject({ status: 400, said: { code: "E_RUN_REQUEST" } });
  expect(await post({ ...PROGRAM, source: undefined })).toMatchObject({
    status: 400,
    said: { code: "E_RUN_REQUEST", error: "source: expected a string, got nothing." },
  });
  expect(await post({ ...PROGRAM, limits: { memoryBytes: 1e12 } })).toMatchObject({ status: 400 });
  expect(await post("x".repeat(100_001))).toMatchObject({ status: 413, said: { code: "E_RUN_BODY" } });
  expect(await post(PROGRAM, { origin: "https://example.com" })).toMatchObject({ status: 403 });
  const response = await fetch(`http://127.0.0.1:${server.port}/`);
  expect(response.status).toBe(404);
});

it("is there for 127.0.0.1 alone", async () => {
  const outside = await new Promise((resolve) => {
    httpRequest({ host: "127.0.0.2", port: server.port, path: "/health" }, () => resolve("answered"))
      .on("error", (error: NodeJS.ErrnoException) => resolve(error.code))
      .end();
  });
  expect(outside).toBe("ECONNREFUSED");
});

it("with the line full it says so, and goes on", async () => {
  const slow = { ...PROGRAM, source: "async () => { await new Promise((r) => setTimeout(r, 400)); return 1; }" };
  const answers = await Promise.all([post(slow), post(slow), post(slow), post(slow)]);
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([200, 200, 503, 503]);
  expect(await post(PROGRAM)).toMatchObject({ said: { status: "passed" } });
});

it("ends a program whose asker has left, and the next gets its turn", async () => {
  const left = new AbortController();
  const body = JSON.stringify({ ...PROGRAM, source: "for (;;);", limits: { seconds: 30 } });
  const url = `http://127.0.0.1:${server.port}/run`;
  const asked = fetch(url, { method: "POST", body, signal: left.signal });
  setTimeout(() => left.abort(), 200);
  await expect(asked).rejects.toThrow();
  const began = performance.now();
  expect(await post(PROGRAM)).toMatchObject({ said: { status: "passed" } });
  expect(performance.now() - began).toBeLessThan(10_000);
});

it("refuses to start with fewer protections than asked for", async () => {
  const unknown = { required: ["files", "network"] as const };
  const { missing } = server.health();
  if (missing.length === 0) {
    const full = await CodeServer.start(unknown);
    expect(full.health().protections).toEqual(expect.arrayContaining(["files", "network"]));
    return full.close();
  }
  await expect(CodeServer.start({ required: [missing[0]!.protection as never] })).rejects.toMatchObject({
    code: "E_RUN_PROTECTION",
  });
});
