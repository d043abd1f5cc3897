import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { web } from "../../../src/agent/tools/web.ts";

const signal = new AbortController().signal;

async function serve() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    if (request.url === "/text") response.end("some text");
    else if (request.url === "/long") response.end("x".repeat(2 ** 21));
    else if (request.url === "/away") response.writeHead(302, { location: "http://localhost:1/x" }).end();
    else if (request.url === "/near") response.writeHead(302, { location: "/text" }).end();
    else if (request.url === "/round") response.writeHead(302, { location: "/round" }).end();
    else response.writeHead(404).end("no");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tool = web([host]);
  return { host, asked, get: async (url: string) => tool.run({ url }, signal) };
}

it("texts are fetched from hosts that are named, redirects among them too", async () => {
  const { host, get } = await serve();
  expect(await get(`http://${host}/text`)).toBe("some text");
  expect(await get(`http://${host}/near`)).toBe("some text");
});

it("nothing else is: other hosts and ports, redirects to them, other schemes, what is long or is not there", async () => {
  const { host, asked, get } = await serve();
  for (const url of [
    "http://localhost:1/",
    "http://127.0.0.1:1/",
    "file:///etc/passwd",
    "nonsense",
    `http://${host}@localhost:1/`,
  ]) {
    await expect(get(url)).rejects.toMatchObject({ name: "ToolError" });
  }
  expect(asked).toEqual([]);
  for (const path of ["/away", "/long", "/gone", "/round"]) {
    await expect(get(`http://${host}${path}`)).rejects.toMatchObject({ name: "ToolError" });
  }
});
