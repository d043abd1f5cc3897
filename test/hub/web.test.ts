import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { networkFault } from "../../src/hub/fault.ts";
import { Web } from "../../src/hub/web.ts";
import { fetchFrom, hasty, rejection } from "../support/hub.ts";
import { noise, shardedFiles } from "../support/hub-files.ts";
import { type HubOptions, HubServer } from "../support/hub-server.ts";

const FILES = { "a.gguf": noise(5000) };
const WANTED = { files: ["a.gguf"], env: { HF_TOKEN: "hf_secret" } };
const start = (act?: HubOptions["act"]) => HubServer.start({ files: FILES, ...(act && { act }) });

describe("redirects", () => {
  it("the token goes to the hub with every request, and not to the CDN on another port", async () => {
    const server = await start();
    await fetchFrom(server, WANTED);
    const sent = (at: string) =>
      server.asked.filter((one) => one.at === at).map(({ headers }) => headers.authorization);
    expect(sent("hub")).toEqual(Array(3).fill("Bearer hf_secret"));
    expect(sent("cdn")).toEqual([undefined]);
  });

  it("nor to a foreign server that a list is moved to; a renamed repository of the same server keeps it", async () => {
    const foreign = await start();
    const server = await start((url) => (url.includes("/tree/") ? { redirect: `${foreign.url}${url}` } : undefined));
    await fetchFrom(server, WANTED);
    expect(foreign.asked[0]!.headers.authorization).toBeUndefined();
    const renamed = await start((url) =>
      url.startsWith("/api/models/org/name/") ? { redirect: url.replace("org/name", "new/name") } : undefined,
    );
    await fetchFrom(renamed, WANTED);
    expect(renamed.asked.every(({ at, headers }) => at === "cdn" || headers.authorization === "Bearer hf_secret")).toBe(
      true,
    );
  });

  it("in a circle are an error after ten, not tried again", async () => {
    const server = await start((url) => (url.includes("/revision/") ? { redirect: url } : undefined));
    const error = await rejection(fetchFrom(server, WANTED));
    expect([error.code, server.asked.length]).toEqual(["E_NET_REDIRECT", 11]);
  });

  it("to what is no web address are an error", async () => {
    const server = await start((url) => (url === "/a.gguf" ? { redirect: "file:///etc/passwd" } : undefined));
    const error = await rejection(fetchFrom(server, WANTED));
    expect(error.message).toMatch(/expected to be sent on to an http or https address, got file:\/\/\/etc\/passwd/);
  });
});

describe("no network", () => {
  it("a port that nobody listens on is one clear sentence, at once and without a second attempt", async () => {
    const world = hasty();
    const env = { HF_ENDPOINT: "http://127.0.0.1:1" };
    const error = await rejection(fetchFrom(await start(), { env }, world));
    expect([error.code, world.pauses]).toEqual(["E_NET_UNREACHABLE", []]);
    expect(error.message).toBe(
      "127.0.0.1:1: expected a server that can be reached, got ECONNREFUSED. Nothing listens there; check the address.",
    );
  });

  it("a name that is nobody's likewise", async () => {
    const env = { HF_ENDPOINT: "http://nobody.invalid" };
    const error = await rejection(fetchFrom(await start(), { env }));
    expect(error.code).toBe("E_NET_UNREACHABLE");
  });

  it("a server that has answered before is worth another attempt", () => {
    const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    expect([networkFault("http://a/b", refused, true).again, networkFault("http://a/b", refused, false).again]).toEqual(
      [true, false],
    );
    const untrusted = Object.assign(new Error("x"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    expect(networkFault("https://a/b", new AggregateError([untrusted]), true).again).toBe(false);
    expect(networkFault("https://a/b", untrusted, true).error.message).toContain("NODE_EXTRA_CA_CERTS");
  });
});

describe("proxies", () => {
  it("that the environment names are used, but for the hosts of NO_PROXY", async () => {
    const through: string[] = [];
    const proxy = createServer().on("connect", (request, socket) => {
      through.push(request.url!);
      const [host, port] = request.url!.split(":");
      const to = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        to.pipe(socket).pipe(to);
      });
      for (const one of [to, socket]) one.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    const HTTP_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const server = await HubServer.start({ files: shardedFiles() });
    await fetchFrom(server, { env: { HTTP_PROXY, NO_PROXY: "elsewhere" } });
    expect(through).toContain(server.url.slice("http://".length));
    through.length = 0;
    await fetchFrom(server, { env: { HTTP_PROXY, NO_PROXY: "127.0.0.1" } });
    expect(through).toEqual([]);
  });

  it("an address that is none is named", async () => {
    const { signal } = new AbortController();
    const options = {
      endpoint: new URL("http://a"),
      credential: undefined,
      stall: 1000,
      signal,
      env: { HTTP_PROXY: "nonsense" },
    };
    expect(await rejection(Web.open(options))).toMatchObject({ code: "E_ARG_PROXY" });
  });
});
