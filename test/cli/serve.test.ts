/** `qwq serve` as a shell starts it. */
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { qwq, start } from "../support/cli.ts";

/** Starts one on a free port; its address once it listens. */
async function serving(args: readonly string[], env: Record<string, string> = {}) {
  const { child, ended } = start(["serve", "--port", "0", "--quiet", ...args], { env });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (data: Buffer) => resolve(String(data)));
    void ended.then(({ stderr }) => reject(new Error(stderr)));
  });
  const [, url, id] = /^listening (\S+) (\S+)\n$/.exec(line)!;
  return { child, ended, url: url!, id: id! };
}

const ask = (url: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
const messages = [{ role: "user", content: "What is 347 + 586?" }];

describe("qwq serve", () => {
  it("answers, finishes what was asked when it is told to end, and ends with 0", async () => {
    const { child, ended, url, id } = await serving([]);
    expect(id).toBe("qwq-embedded");
    const response = await ask(url, { messages, stream: true, temperature: 0 });
    const reader = response.body!.pipeThrough(new TextDecoderStream());
    let text = "";
    for await (const piece of reader) {
      if (text === "") child.kill("SIGTERM");
      text += piece;
    }
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
  });

  it("asks for a key where there is one, and for a name where there is one", async () => {
    const { child, ended, url, id } = await serving(["--alias", "sums"], { QWQ_API_KEY: "secret" });
    expect(id).toBe("sums");
    expect((await ask(url, { messages })).status).toBe(401);
    expect((await ask(url, { messages, model: "sums" }, { authorization: "Bearer secret" })).status).toBe(200);
    child.kill("SIGINT");
    expect((await ended).code).toBe(0);
  });

  it("cut off by --grace 0, it ends with the signal's code, and says why in the stream", async () => {
    const { child, ended, url } = await serving(["--grace", "0", "--backend", "reference"]);
    const response = await ask(url, { messages, stream: true, n: 16 });
    let text = "";
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      if (text === "") child.kill("SIGTERM");
      text += piece;
    }
    expect(text).toContain('"code":"shutting_down"');
    expect((await ended).code).toBe(143);
  });

  it("says what is wrong with an address", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    expect(await qwq(["serve", "--quiet", "--port", String(port)])).toEqual({
      code: 74,
      stdout: "",
      stderr: `qwq: 127.0.0.1:${port}: expected an address to listen on, got EADDRINUSE. Choose another --port or --host.\n`,
    });
    other.close();
  });
});
