import { describe, expect, it } from "vitest";
import { askedPause, checkList } from "../../src/hub/hub.ts";
import { escapePath, nextPage } from "../../src/hub/huggingface.ts";
import { exitCode } from "../../src/cli/exit.ts";
import { failure } from "../support/folder.ts";
import { fetchFrom, rejection } from "../support/hub.ts";
import { noise, shardedFiles } from "../support/hub-files.ts";
import { type Act, type HubOptions, HubServer } from "../support/hub-server.ts";

const files = shardedFiles();
const OID = "0".repeat(40);
const entry = (path: string, more: object = {}) => ({ type: "file", path, size: 1, oid: OID, ...more });

async function refused(options: Partial<HubOptions>, given: object = {}) {
  const server = await HubServer.start({ files, ...options });
  const error = await rejection(fetchFrom(server, given));
  return { error, server };
}

describe("a hub's refusals", () => {
  const saying = (status: number, code?: string): Act => ({
    status,
    headers: code === undefined ? {} : { "x-error-code": code },
  });
  const token = { env: { HF_TOKEN: "hf_x" } };

  it.each<[string, Act, object, string, number, RegExp]>([
    [
      "a wrong name, without a token",
      saying(401, "RepoNotFound"),
      {},
      "E_HUB_MISSING",
      66,
      /Check the name; for a private model, set HF_TOKEN/,
    ],
    [
      "a wrong name, with one",
      saying(404, "RepoNotFound"),
      token,
      "E_HUB_MISSING",
      66,
      /a model of that name on .*got none\. Check the name\.$/,
    ],
    ["a wrong revision", saying(404, "RevisionNotFound"), {}, "E_HUB_MISSING", 66, /that revision of it/],
    [
      "a gated model, without a token",
      saying(401, "GatedRepo"),
      {},
      "E_HUB_GATED",
      74,
      /got no token\. Accept its conditions on http:.*\/org\/name, then set HF_TOKEN/,
    ],
    [
      "a gated model, with another's token",
      saying(403, "GatedRepo"),
      token,
      "E_HUB_GATED",
      74,
      /got the token that HF_TOKEN holds/,
    ],
    [
      "a token that has expired",
      saying(401),
      token,
      "E_HUB_DENIED",
      74,
      /wrong, expired or without this right; see HF_TOKEN/,
    ],
    ["a token without the right", saying(403), token, "E_HUB_DENIED", 74, /status 403/],
    ["anything else", saying(418), {}, "E_NET_ANSWER", 74, /status 418/],
  ])("%s: asked once, and told what to do", async (_, act, given, code, exit, words) => {
    const { error, server } = await refused({ act: () => act }, given);
    expect([error.code, exitCode(error), server.asked.length]).toEqual([code, exit, 1]);
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain("hf_x");
  });

  it("a file of the list that is not there is named", async () => {
    const { error } = await refused({ list: [entry("gone.gguf")] }, { files: ["gone.gguf"] });
    expect([error.code, error.message]).toEqual(["E_HUB_MISSING", expect.stringContaining("expected gone.gguf on ")]);
  });

  it("ModelScope's come with the status of success, and its token as a cookie", async () => {
    const body = Buffer.from('{"Code": 10010205001, "Message": "not found", "Success": false}');
    const act = () => ({ status: 200, headers: { "content-type": "application/json" }, bytes: body });
    const given = { protocol: "modelscope", env: { MODELSCOPE_API_TOKEN: "ms_x", HF_TOKEN: "hf_x" } };
    const { error, server } = await refused({ act }, given);
    expect([error.code, error.message]).toEqual(["E_HUB_MISSING", expect.stringContaining('got "not found"')]);
    expect(server.asked[0]!.headers).toMatchObject({ cookie: "m_session_id=ms_x" });
    expect(server.asked[0]!.headers.authorization).toBeUndefined();
  });
});

describe("a list that is not to be trusted", () => {
  it.each<[string, object[], string]>([
    ["a name that leads out", [entry("../x.safetensors")], "E_PATH_ESCAPE"],
    ["out of a folder", [entry("a/../../x")], "E_PATH_ESCAPE"],
    ["with backslashes", [entry("a\\..\\..\\x")], "E_PATH_ESCAPE"],
    ["an absolute name", [entry("/etc/passwd")], "E_PATH_ESCAPE"],
    ["a drive", [entry("C:\\x")], "E_PATH_ESCAPE"],
    ["NUL", [entry("a\0b")], "E_PATH_ESCAPE"],
    ["no name", [entry("")], "E_PATH_ESCAPE"],
    ["a folder's name", [entry("a/")], "E_PATH_ESCAPE"],
    ["one name twice", [entry("a"), entry("a")], "E_HUB_LIST"],
    ["a negative length", [entry("a", { size: -1 })], "E_HUB_LIST"],
    ["a length of text", [entry("a", { size: "1" })], "E_JSON_FIELD"],
    ["a hash that is a path", [entry("a", { oid: "../../x" })], "E_HUB_LIST"],
    ["a sha256 that is none", [entry("a", { lfs: { oid: "x".repeat(64), size: 1 } })], "E_HUB_LIST"],
    ["nothing to run", [entry("README.md")], "E_FORMAT_UNKNOWN"],
  ])("%s: an error by its code, and nothing is fetched", async (_, list, code) => {
    const { error, server } = await refused({ list });
    expect([error.code, server.count("resolve")]).toEqual([code, 0]);
  });

  it("a web page in place of JSON, and half a document", async () => {
    const page = { status: 200, headers: { "content-type": "text/html" }, bytes: Buffer.from("<html>") };
    expect((await refused({ act: () => page })).error.message).toContain("a network's login page");
    const half = { ...page, headers: { "content-type": "application/json" }, bytes: Buffer.from('{"sha": "') };
    expect((await refused({ act: () => half })).error.code).toBe("E_JSON_SYNTAX");
  });

  it("an index that names a shard that the repository lacks", async () => {
    const rest = Object.fromEntries(Object.entries(files).filter(([name]) => !name.includes("00002-of")));
    expect((await refused({ files: rest })).error.message).toContain(
      "model-00002-of-00002.safetensors, which its index names",
    );
  });

  it("more than 100,000 files", async () => {
    const list = Array.from({ length: 100_001 }, (_, i) => entry(`${i}`));
    expect((await refused({ list, page: 200_000 })).error.code).toBe("E_LIMIT_FILES");
    const files = list.map((_, i) => ({ path: `${i}`, bytes: 1, algorithm: "git-sha1" as const, hash: OID }));
    expect(failure(() => checkList("r", files)).code).toBe("E_LIMIT_FILES");
  });
});

describe("addresses", () => {
  it("the next page is the same server's", () => {
    const link = (url: string) => `<https://hub/first>; rel="first", <${url}>; rel="next"`;
    expect(nextPage(link("https://hub/b?cursor=2"), "https://hub/a")).toBe("https://hub/b?cursor=2");
    expect(nextPage(undefined, "https://hub/a")).toBeUndefined();
    expect(() => nextPage(link("https://evil/b"), "https://hub/a")).toThrow("got https://evil/b");
    expect(() => nextPage(link("https://hub/a"), "https://hub/a")).toThrow("a next page"); // it would never end
  });

  it("names are escaped, slashes kept", async () => {
    expect(escapePath("a b/c#d?e%.gguf")).toBe("a%20b/c%23d%3Fe%25.gguf");
    const server = await HubServer.start({ files: { "a b/c#d?e%.gguf": noise(2000) } });
    expect((await fetchFrom(server, { files: ["*"] })).files).toHaveLength(1);
  });
});

it("Retry-After is seconds or a date", () => {
  expect([askedPause("120", 0), askedPause("Thu, 01 Jan 1970 00:00:02 GMT", 500), askedPause("soon", 0)]).toEqual([
    120_000,
    1500,
    undefined,
  ]);
  expect(askedPause("Thu, 01 Jan 1970 00:00:02 GMT", 5000)).toBe(0);
});
