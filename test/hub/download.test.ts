import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { download } from "../../src/hub/download.ts";
import { temporaryFolder } from "../support/folder.ts";
import { blobs, fetchFrom, hasty, rejection, tinyFolder } from "../support/hub.ts";
import { noise, shardedFiles } from "../support/hub-files.ts";
import { COMMIT, gitHash, HubServer, sha256 } from "../support/hub-server.ts";

const SHARDS = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];

describe("download", () => {
  it("brings a model whole into the cache, where it opens by its name", async () => {
    const cache = temporaryFolder();
    const server = await HubServer.start({ files: tinyFolder() });
    const seen: number[][] = [];
    const made = await fetchFrom(server, { cache, onBytes: (done, total) => seen.push([done, total]) });
    expect(made).toMatchObject({ repo: "org/name", revision: "main", commit: COMMIT });
    expect(made.folder).toBe(join(cache, "models--org--name", "snapshots", COMMIT));
    const total = made.files.reduce((sum, { bytes }) => sum + bytes, 0);
    expect([seen[0], seen.at(-1)]).toEqual([
      [0, total],
      [total, total],
    ]);
    for (const { path, sha256: hash, fromCache } of made.files) {
      const bytes = readFileSync(join(made.folder, path));
      expect([bytes.equals(tinyFolder()[path]!), hash, fromCache], path).toEqual([true, sha256(bytes), false]);
    }
    const checkpoint = openCheckpoint("org/name", { env: { HF_HUB_CACHE: cache } });
    expect(checkpoint.path).toBe(made.folder);
    checkpoint.close();
  });

  it("writes the cache as huggingface_hub does: blobs by sha256 or git's sha1, relative links, the branch's commit", async () => {
    const cache = temporaryFolder();
    const files = shardedFiles();
    const server = await HubServer.start({ files });
    const { folder } = await fetchFrom(server, { cache });
    const wanted = ["config.json", ...SHARDS, "model.safetensors.index.json", "tokenizer.json"];
    expect(readdirSync(folder).sort()).toEqual(wanted);
    const name = (path: string) => (files[path]!.length < 1000 ? gitHash : sha256)(files[path]!);
    expect(blobs(cache)).toEqual(wanted.map(name).sort());
    for (const path of wanted) expect(readlinkSync(join(folder, path))).toBe(`../../blobs/${name(path)}`);
    expect(readFileSync(join(cache, "models--org--name", "refs", "main"), "utf8")).toBe(COMMIT);
    expect(readdirSync(cache).sort()).toEqual(["CACHEDIR.TAG", "models--org--name"]);
  });

  it("fetches nothing twice: not what the cache has, and of two files alike one", async () => {
    const cache = temporaryFolder();
    const server = await HubServer.start({
      files: { ...shardedFiles(), "vocab.json": shardedFiles()["tokenizer.json"]! },
    });
    await fetchFrom(server, { cache });
    expect(
      server.count("vocab.json") + server.count("resolve/976055f8c83f394f35dbd3ab09a285a984907bd0/tokenizer.json"),
    ).toBe(1);
    const before = server.count("resolve");
    let least = Infinity;
    const again = await fetchFrom(server, { cache, onBytes: (done) => (least = Math.min(least, done)) });
    expect(least).toBe(again.files.reduce((sum, { bytes }) => sum + bytes, 0)); // what is there counts as done
    expect([server.count("resolve"), again.files.every(({ fromCache }) => fromCache)]).toEqual([before, true]);
    expect(again.files.find(({ path }) => path === "config.json")?.sha256).toBe(sha256(shardedFiles()["config.json"]!));
  });

  it("a blob of the wrong length is fetched again", async () => {
    const cache = temporaryFolder();
    const server = await HubServer.start({ files: shardedFiles() });
    const { folder } = await fetchFrom(server, { cache });
    writeFileSync(join(folder, SHARDS[0]!), "short");
    const again = await fetchFrom(server, { cache });
    expect(again.files.filter(({ fromCache }) => !fromCache).map(({ path }) => path)).toEqual([SHARDS[0]]);
    expect(sha256(readFileSync(join(folder, SHARDS[0]!)))).toBe(sha256(shardedFiles()[SHARDS[0]!]!));
  });

  it("text alone leaves the weights out, config the tokenizer too; the rest comes on top", async () => {
    const cache = temporaryFolder();
    const server = await HubServer.start({ files: shardedFiles() });
    const names = (made: { files: readonly { path: string }[] }) => made.files.map(({ path }) => path).sort();
    expect(names(await fetchFrom(server, { cache, need: "config" }))).toEqual(["config.json"]);
    const { folder, ...text } = await fetchFrom(server, { cache, need: "text" });
    expect(names(text)).toEqual(["config.json", "tokenizer.json"]);
    await fetchFrom(server, { cache });
    expect(readdirSync(folder)).toHaveLength(5);
  });

  it("a dry run lists files and lengths, and writes nothing", async () => {
    const cache = temporaryFolder();
    const server = await HubServer.start({ files: shardedFiles() });
    const { files } = await fetchFrom(server, { cache, dryRun: true });
    expect(files.map(({ path, bytes }) => [path, bytes])).toContainEqual([SHARDS[0], 300_000]);
    expect(files.find(({ path }) => path === "config.json")?.sha256).toBeNull();
    expect(readdirSync(cache)).toEqual([]);
  });

  it("a branch or commit after @ is asked for, and kept under its name", async () => {
    const cache = temporaryFolder();
    const server = await HubServer.start({ files: shardedFiles() });
    const env = { HF_HUB_CACHE: cache, HF_HOME: cache, HF_ENDPOINT: server.url };
    await download("org/name@refs/pr/1", { env }, hasty());
    expect(server.count("/revision/refs/pr/1")).toBe(1);
    expect(readFileSync(join(cache, "models--org--name/refs/refs/pr/1"), "utf8")).toBe(COMMIT);
    await download(`org/name@${COMMIT}`, { env }, hasty());
    expect(readdirSync(join(cache, "models--org--name/refs"))).toEqual(["refs"]);
  });

  it("lists of 10,000 files come in pages, and files of any folder by their pattern", async () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`part/${i}.txt`, noise(4, i)]));
    const server = await HubServer.start({ files: { ...many, "Q4/a b.gguf": noise(5000) } });
    const { folder, files } = await fetchFrom(server, { files: ["*.gguf", "part/999?.txt"] });
    expect([server.count("/tree/"), files.length]).toEqual([11, 11]);
    expect(readFileSync(join(folder, "Q4/a b.gguf")).equals(noise(5000))).toBe(true);
    expect(readlinkSync(join(folder, "Q4/a b.gguf"))).toMatch(/^\.\.\/\.\.\/\.\.\/blobs\//);
  });

  it("ModelScope: its list, its addresses, every file by sha256, a snapshot named by its list", async () => {
    const cache = temporaryFolder();
    const server = await HubServer.start({ files: tinyFolder() });
    const made = await fetchFrom(server, { cache, protocol: "modelscope" });
    expect(server.asked[0]!.url).toBe("/api/v1/models/org/name/repo/files?Revision=master&Recursive=true");
    expect(server.count("/api/v1/models/org/name/repo?Revision=master&FilePath=config.json")).toBe(1);
    expect(blobs(cache)).toEqual([...new Set(made.files.map(({ sha256: hash }) => hash!))].sort());
    expect(made).toMatchObject({ revision: "master", commit: expect.stringMatching(/^[0-9a-f]{40}$/) });
    openCheckpoint("org/name", { env: { HF_HUB_CACHE: cache } }).close();
    expect((await fetchFrom(server, { cache, protocol: "modelscope" })).commit).toBe(made.commit);
  });

  it("an abort ends it with its own reason; what has come stays, and is not asked for again", async () => {
    const cache = temporaryFolder();
    const files = shardedFiles();
    const server = await HubServer.start({
      files,
      act: (url, before) => (url === `/${SHARDS[1]}` && before === 0 ? { stall: true, after: 100_000 } : undefined),
    });
    const ending = new AbortController();
    const reason = new Error("enough");
    let least = Infinity;
    const onBytes = (done: number, total: number) => {
      least = Math.min(least, done);
      if (done >= total - 200_000) ending.abort(reason); // all but what never comes
    };
    await expect(fetchFrom(server, { cache, jobs: 1, signal: ending.signal, onBytes })).rejects.toBe(reason);
    expect([least, blobs(cache).filter((name) => name.endsWith(".incomplete")).length]).toEqual([0, 1]);
    expect(readdirSync(join(cache, "models--org--name", "snapshots"))).toEqual([]);
    await fetchFrom(server, { cache });
    expect(server.asked.at(-1)!.headers.range).toBe("bytes=100000-");
  });

  it("two at once do not disturb each other", async () => {
    const cache = temporaryFolder();
    const server = await HubServer.start({ files: shardedFiles() });
    const [a, b] = await Promise.all([fetchFrom(server, { cache }), fetchFrom(server, { cache })]);
    expect(a.files.map(({ sha256: hash }) => hash)).toEqual(b.files.map(({ sha256: hash }) => hash));
    for (const { path } of a.files) expect(readFileSync(join(b.folder, path)).equals(shardedFiles()[path]!)).toBe(true);
    expect(blobs(cache).filter((name) => name.endsWith(".incomplete"))).toEqual([]);
  });

  it("the first file that fails ends the others, at once", async () => {
    const act = (url: string) => {
      if (url === `/${SHARDS[0]}`) return { stall: true };
      return url === `/${SHARDS[1]}` ? { status: 403 } : undefined;
    };
    const server = await HubServer.start({ files: shardedFiles(), act });
    expect((await rejection(fetchFrom(server))).code).toBe("E_HUB_DENIED");
  });

  it.each<[string, string]>([
    ["a path", "a/b/c"],
    ["one word", "gpt2"],
    ["an address", "https://huggingface.co/a/b"],
    ["two dots", "a/b@x/../../y"],
    ["what would be two names in the cache", "a--b/c"],
  ])("refuses %s as a model's name, before anything is asked", async (_, repo) => {
    expect(await rejection(download(repo, { env: { HF_ENDPOINT: "http://127.0.0.1:1" } }))).toMatchObject({
      code: "E_ARG_REPO",
    });
  });
});
