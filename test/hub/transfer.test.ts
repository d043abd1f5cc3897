import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/folder.ts";
import { blobs, fetchFrom, hasty, rejection } from "../support/hub.ts";
import { noise } from "../support/hub-files.ts";
import { type Act, HubServer, sha256 } from "../support/hub-server.ts";

const BYTES = noise(400_000);
const HASH = sha256(BYTES);
const FILES = { "a.gguf": BYTES };
const WANTED = { files: ["a.gguf"] };

/** A server that does `act` on requests for the file's bytes; `before` counts those. */
function misbehaving(act: (before: number) => Act | undefined): Promise<HubServer> {
  return HubServer.start({ files: FILES, act: (url, before) => (url === "/a.gguf" ? act(before) : undefined) });
}

/** The file arrives right, whatever the server does; returns what it was asked. */
async function arrives(act: (before: number) => Act | undefined) {
  const server = await misbehaving(act);
  const world = hasty();
  const { folder } = await fetchFrom(server, WANTED, world);
  expect(sha256(readFileSync(join(folder, "a.gguf")))).toBe(HASH);
  const asked = server.asked.filter(({ at, url }) => at === "cdn" && url === "/a.gguf");
  return { ranges: asked.map(({ headers }) => headers.range), asked, pauses: world.pauses };
}

/** It does not; the cache has no such blob then, and no snapshot. */
async function fails(act: (before: number) => Act | undefined, options: object = {}) {
  const cache = temporaryFolder();
  const server = await misbehaving(act);
  const world = hasty();
  const error = await rejection(fetchFrom(server, { ...WANTED, ...options, cache }, world));
  expect(blobs(cache).filter((name) => !name.endsWith(".incomplete"))).toEqual([]);
  expect(readdirSync(join(cache, "models--org--name", "snapshots"))).toEqual([]);
  return {
    error,
    left: blobs(cache),
    pauses: world.pauses,
    asked: server.asked.filter(({ at }) => at === "cdn").length,
  };
}

describe("a file that is cut", () => {
  it("goes on where it stopped, however often, if it comes on; of the very body that was cut", async () => {
    const { ranges, asked, pauses } = await arrives((before) => (before < 8 ? { after: 50_000 } : undefined));
    expect(ranges).toEqual([undefined, ...[1, 2, 3, 4, 5, 6, 7].map((n) => `bytes=${n * 50_000}-`)]);
    expect(asked[1]!.headers["if-range"]).toBe(`"${HASH}"`);
    expect(pauses.every((pause) => pause === 375)).toBe(true); // each a first failure after progress
  });

  it("begins anew where the server ignores Range, or has another body by now", async () => {
    expect((await arrives((before) => (before === 0 ? { after: 1000 } : { whole: true }))).ranges).toHaveLength(2);
    await arrives((before) => (before === 0 ? { after: 1000, headers: { etag: '"old"' } } : undefined));
  });

  it("is given up after five attempts that bring nothing new, each after a longer pause", async () => {
    const { error, pauses, left } = await fails((before) =>
      before === 0 ? { after: 1000 } : { after: 500, whole: true },
    );
    expect([error.code, left.length]).toEqual(["E_NET_CUT", 1]);
    expect(pauses).toEqual([375, 750, 1500, 3000]);
  });
});

describe("a server that lies", () => {
  it.each<[string, Act]>([
    ["a Content-Length too long", { length: 500_000 }],
    ["a Content-Length too short", { length: 1000 }],
    ["more bytes than the list says", { bytes: noise(500_000) }],
    ["more bytes than the list says, in chunks", { bytes: noise(500_000), length: -1 }],
    ["fewer bytes than the list says, in chunks", { bytes: noise(1000), length: -1 }],
    ["fewer bytes than the list says", { bytes: noise(1000) }],
  ])("%s, once: it is asked again; always: an error with both lengths", async (_, act) => {
    await arrives((before) => (before === 0 ? act : undefined));
    const { error } = await fails(() => act);
    expect(error.code).toMatch(/^E_NET_(ANSWER|CUT)$/);
    expect(error.message).toMatch(/400000|connection/);
  });

  it("wrong bytes, once: they are removed and come again", async () => {
    expect((await arrives((before) => (before === 0 ? { bytes: noise(400_000, 9) } : undefined))).ranges).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("wrong bytes, always: E_HASH with both hashes, and nothing stays", async () => {
    const wrong = noise(400_000, 9);
    const { error, left, asked } = await fails(() => ({ bytes: wrong }));
    expect([error.code, left, asked]).toEqual(["E_HASH", [], 2]);
    expect(error.message).toBe(
      `org/name/a.gguf: expected sha256 ${HASH}, got ${sha256(wrong)}, twice. What came was removed. The server or the way to it changes files; try another endpoint.`,
    );
  });

  it("a web page in the file's place, with the status of success", async () => {
    const { error, asked } = await fails(() => ({
      status: 200,
      headers: { "content-type": "text/html" },
      bytes: noise(9),
    }));
    expect([error.code, asked]).toEqual(["E_NET_ANSWER", 1]);
    expect(error.message).toContain("a web page");
  });

  it("a part that is not the one asked for is not put in its place", async () => {
    const headers = { "content-range": "bytes 0-398999/400000", "content-length": "399000" };
    const other = { status: 206, headers, bytes: BYTES.subarray(0, 399_000) };
    const { pauses } = await arrives((before) => [{ after: 1000 }, other][before]);
    expect(pauses).toHaveLength(2); // after either, and not found by its hash at the end
  });
});

describe("a server in need", () => {
  it("429 and 503 are waited for: as long as Retry-After says, in seconds or until a date", async () => {
    const later = (after: string) => ({ status: 429, headers: { "retry-after": after } });
    const past = "Thu, 01 Jan 1970 00:00:00 GMT";
    const { pauses } = await arrives((before) => [later("7"), later(past), { status: 503 }, { status: 500 }][before]);
    expect(pauses).toEqual([7000, 0, 1500, 3000]);
  });

  it("a server that asks to come back in an hour is taken at its word", async () => {
    const { error, pauses } = await fails(() => ({ status: 429, headers: { "retry-after": "3600" } }));
    expect([error.code, pauses]).toEqual(["E_NET_ANSWER", []]);
    expect(error.message).toContain("in 60 minutes");
  });

  it("silence for ever is given up, before the first byte and after", async () => {
    const { error } = await fails(() => ({ stall: true }), { stall: 60 });
    expect(error.code).toBe("E_NET_TIMEOUT");
    const after = await fails((before) => ({ stall: true, after: before === 0 ? 1000 : 0 }), { stall: 60 });
    expect([after.error.code, after.left.length]).toEqual(["E_NET_TIMEOUT", 1]);
  });
});

describe("what a killed process has left", () => {
  /** A name as Partial gives it: of another computer, or of a process that has ended. */
  const name = (host: string) => `${HASH}.qwq-${host}-999999999-00000000.incomplete`;

  async function resume(content: Uint8Array, host: string, old: boolean): Promise<string | undefined> {
    const cache = temporaryFolder();
    const server = await misbehaving(() => undefined);
    await fetchFrom(server, { ...WANTED, cache });
    const folder = join(cache, "models--org--name", "blobs");
    const path = join(folder, name(host));
    writeFileSync(path, content);
    writeFileSync(join(folder, HASH), "damaged");
    if (old) utimesSync(path, 0, 0);
    const { folder: snapshot } = await fetchFrom(server, { ...WANTED, cache });
    expect(sha256(readFileSync(join(snapshot, "a.gguf")))).toBe(HASH);
    return server.asked.at(-1)!.headers.range;
  }

  it("is gone on with once nobody has written it for an hour, wherever it was", async () => {
    expect(await resume(BYTES.subarray(0, 123_456), "abcdef01", true)).toBe("bytes=123456-");
    expect(await resume(BYTES.subarray(0, 123_456), "abcdef01", false)).toBeUndefined();
  });

  it("is hashed too: a wrong part is found at the end, and all of it comes again", async () => {
    expect(await resume(noise(123_456, 7), "abcdef01", true)).toBeUndefined();
  });

  it("of several, the longest is gone on with, and the others go when the file is whole", async () => {
    const cache = temporaryFolder();
    const server = await misbehaving(() => undefined);
    const folder = join(cache, "models--org--name", "blobs");
    mkdirSync(folder, { recursive: true });
    for (const [host, bytes] of [
      ["abcdef01", 1000] as const,
      ["abcdef02", 3000] as const,
      ["abcdef03", 2000] as const,
    ]) {
      writeFileSync(join(folder, name(host)), BYTES.subarray(0, bytes));
      utimesSync(join(folder, name(host)), 0, 0);
    }
    await fetchFrom(server, { ...WANTED, cache });
    expect([server.asked.at(-1)!.headers.range, blobs(cache)]).toEqual(["bytes=3000-", [HASH]]);
  });

  it("is dropped where it is longer than the file", async () => {
    expect(await resume(noise(400_001), "abcdef01", true)).toBeUndefined();
  });
});
