/** Our cache and huggingface_hub's are one; and a download that is killed, over and over, ends whole. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { qwq, start } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { fetchFrom, tinyFolder } from "../support/hub.ts";
import { noise, shardedFiles } from "../support/hub-files.ts";
import { HubServer, sha256 } from "../support/hub-server.ts";
import { PYTHON } from "../support/real.ts";

interface Seen {
  readonly folder: string;
  readonly hashes: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  readonly repositories: readonly string[];
  readonly refs: readonly string[];
}

/** What huggingface_hub makes of this cache; `null` where it finds no such model. */
async function python(cache: string, env: object, ...args: string[]): Promise<Seen | null> {
  const script = join(import.meta.dirname, "download.py");
  const { stdout } = await promisify(execFile)(PYTHON, [script, ...args], {
    env: { PATH: process.env["PATH"], HF_HOME: cache, HF_HUB_CACHE: cache, HF_HUB_DISABLE_XET: "1", ...env },
  });
  return JSON.parse(stdout) as Seen | null;
}

const hashesOf = (files: Readonly<Record<string, Uint8Array>>, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, sha256(files[name]!)]));

describe.skipIf(!existsSync(PYTHON))("huggingface_hub", () => {
  it("finds what we wrote, offline: the snapshot, each file, the branch, and nothing odd in the cache", async () => {
    const cache = temporaryFolder();
    const files = { ...shardedFiles(), "Q4/x.gguf": noise(5000) };
    const server = await HubServer.start({ files });
    expect(await python(cache, { HF_HUB_OFFLINE: "1" }, "read")).toBeNull();
    const made = await fetchFrom(server, { cache });
    await fetchFrom(server, { cache, files: ["*.gguf"] });
    const names = [...made.files.map(({ path }) => path), "Q4/x.gguf"];
    expect(await python(cache, { HF_HUB_OFFLINE: "1" }, "read")).toEqual({
      folder: made.folder,
      hashes: hashesOf(files, names),
      warnings: [],
      repositories: ["org/name"],
      refs: ["main"],
    });
  });

  it("fetches nothing again of what we fetched, from the same hub", async () => {
    const cache = temporaryFolder();
    const files = tinyFolder();
    const server = await HubServer.start({ files });
    await fetchFrom(server, { cache });
    const cdn = () => server.asked.filter(({ at }) => at === "cdn").length;
    const before = cdn();
    const seen = await python(cache, { HF_ENDPOINT: server.url }, "write");
    expect([seen?.hashes, cdn()]).toEqual([hashesOf(files, Object.keys(files)), before]);
  });

  it("writes what we open by its name, and what our download then takes as it is", async () => {
    const cache = temporaryFolder();
    const server = await HubServer.start({ files: tinyFolder() });
    const seen = await python(cache, { HF_ENDPOINT: server.url }, "write");
    const checkpoint = openCheckpoint("org/name", { env: { HF_HUB_CACHE: cache } });
    expect(checkpoint.path).toBe(seen?.folder);
    checkpoint.close();
    const made = await fetchFrom(server, { cache });
    expect([made.folder, made.files.every(({ fromCache }) => fromCache)]).toEqual([seen?.folder, true]);
  });

  it("has left a part: our download gets the rest", async () => {
    const cache = temporaryFolder();
    const server = await HubServer.start({ files: tinyFolder() });
    await python(cache, { HF_ENDPOINT: server.url }, "write", "*.json");
    const made = await fetchFrom(server, { cache });
    expect(made.files.filter(({ fromCache }) => !fromCache).map(({ path }) => path)).toEqual(["model.safetensors"]);
    openCheckpoint("org/name", { env: { HF_HUB_CACHE: cache } }).close();
  });
});

it("two processes that download the same at once both end with it whole", async () => {
  const bytes = noise(2 ** 24);
  const server = await HubServer.start({ files: { "a.gguf": bytes } });
  const cache = temporaryFolder();
  const env = { HF_ENDPOINT: server.url, HF_HOME: cache, HF_HUB_CACHE: cache };
  const ran = await Promise.all(["1", "2"].map(() => qwq(["download", "org/name", "--file", "*"], { env })));
  expect(ran.map(({ code }) => code)).toEqual([0, 0]);
  expect(sha256(readFileSync(join(ran[0]!.stdout.trim(), "a.gguf")))).toBe(sha256(bytes));
  expect(readdirSync(join(cache, "models--org--name/blobs"))).toEqual([sha256(bytes)]);
});

it("50 kills at any moment: never a wrong blob, never half a snapshot, and the last run ends whole", async () => {
  const bytes = noise(2 ** 25);
  const server = await HubServer.start({ files: { "a.gguf": bytes } });
  const cache = temporaryFolder();
  const repository = join(cache, "models--org--name");
  const env = { HF_ENDPOINT: server.url, HF_HOME: cache, HF_HUB_CACHE: cache };
  const args = ["download", "org/name", "--file", "a.gguf", "--quiet"];
  const began = performance.now();
  expect((await qwq(args, { env })).code).toBe(0);
  const whole = performance.now() - began;
  const hash = sha256(bytes);
  const check = () => {
    const blob = join(repository, "blobs", hash);
    const names = existsSync(join(repository, "snapshots")) ? readdirSync(join(repository, "snapshots")) : [];
    const snapshot = names.find((name) => !name.startsWith(".")); // a killed run's own folder, which the next one removes
    if (existsSync(blob)) expect(sha256(readFileSync(blob))).toBe(hash);
    if (snapshot !== undefined)
      expect(sha256(readFileSync(join(repository, "snapshots", snapshot, "a.gguf")))).toBe(hash);
    return snapshot !== undefined;
  };
  for (let kills = 0; kills < 50;) {
    if (check()) rmSync(repository, { recursive: true });
    const { child, ended } = start(args, { env });
    await setTimeout(whole * (0.4 + 0.6 * Math.random())); // before that, Node itself is starting
    child.kill("SIGKILL");
    if ((await ended).code === null) kills++;
  }
  expect((await qwq(args, { env })).code).toBe(0);
  expect(check()).toBe(true);
  expect(readdirSync(join(repository, "blobs"))).toEqual([hash]);
  const { length: resumed } = server.asked.filter(({ headers }) => headers.range !== undefined);
  expect(resumed).toBeGreaterThan(5); // else the kills came at no interesting moment
});
