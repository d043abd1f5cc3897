import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { qwq, start } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { tinyFolder } from "../support/hub.ts";
import { noise, shardedFiles } from "../support/hub-files.ts";
import { COMMIT, HubServer, sha256 } from "../support/hub-server.ts";

/** What the environment says of a server and an empty home. */
function world(server: HubServer, cache = temporaryFolder()) {
  return { cache, env: { HF_ENDPOINT: server.url, HF_HOME: cache, HF_HUB_CACHE: cache } };
}

describe("qwq download", () => {
  it("prints the folder, and tells what came; the model then runs by its name, offline", async () => {
    const server = await HubServer.start({ files: tinyFolder() });
    const { env, cache } = world(server);
    const made = await qwq(["download", "org/name"], { env });
    expect(made.stdout).toBe(`${join(cache, "models--org--name/snapshots", COMMIT)}\n`);
    expect([made.code, made.stderr]).toEqual([0, expect.stringMatching(/^5 files, \d+\.\d kB; .*\/s\n$/)]);
    const asked = server.asked.length;
    const ran = await qwq(["run", "-m", "org/name", "--offline", "--seed", "1", "--max-tokens", "2", "--raw", "a"], {
      env,
    });
    expect([ran.code, server.asked.length]).toEqual([0, asked]);
  });

  it("--json is one object with every file, its hash and whether it was there", async () => {
    const server = await HubServer.start({ files: shardedFiles() });
    const { env } = world(server);
    const args = ["download", "org/name@main", "--file", "tok*", "--file", "model-00001*", "--json"];
    const made = await qwq(args, { env });
    const file = (path: string, fromCache: boolean) => {
      const bytes = shardedFiles()[path]!;
      return { path, bytes: bytes.length, sha256: sha256(bytes), fromCache };
    };
    const names = ["tokenizer.json", "model-00001-of-00002.safetensors"];
    expect(JSON.parse(made.stdout)).toMatchObject({ repo: "org/name", revision: "main", commit: COMMIT });
    expect(JSON.parse(made.stdout).files).toEqual(names.map((name) => file(name, false)));
    const again = await qwq(args, { env });
    expect(JSON.parse(again.stdout).files).toEqual(names.map((name) => file(name, true)));
    expect(again.stderr).toBe("");
  });

  it("--dry-run lists bytes and names, and fetches nothing", async () => {
    const server = await HubServer.start({ files: shardedFiles() });
    const { env, cache } = world(server);
    const { stdout } = await qwq(["download", "org/name", "--dry-run"], { env });
    expect(stdout).toContain("300,000  model-00001-of-00002.safetensors\n");
    expect(stdout).toMatch(/^600,\d{3} {2}5 files, 600\.\d kB, at 976055f8c83f394f35dbd3ab09a285a984907bd0\n$/m);
    expect(readdirSync(cache)).toEqual([]);
  });

  it("Ctrl-C ends it with 130 and keeps what has come, from where the same command goes on", async () => {
    const server = await HubServer.start({
      files: { "a.gguf": noise(400_000) },
      act: (url, before) => (url === "/a.gguf" && before === 0 ? { stall: true, after: 100_000 } : undefined),
    });
    const { env, cache } = world(server);
    const args = ["download", "org/name", "--file", "a.gguf"];
    const { child, ended } = start(args, { env });
    const blobs = join(cache, "models--org--name", "blobs");
    await vi.waitFor(() => expect(statSync(join(blobs, readdirSync(blobs)[0]!)).size).toBe(100_000), 20_000);
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([130, "Interrupted. What has come stays; the same command goes on from there.\n"]);
    expect((await qwq(args, { env })).code).toBe(0);
    expect(server.asked.at(-1)!.headers.range).toBe("bytes=100000-");
  });

  it.each<[string, string[], number, string]>([
    ["a path", ["./model"], 2, "download: expected the name of a model, such as Qwen/QwQ-32B"],
    ["a hub that nobody runs", ["org/name", "--endpoint", "http://127.0.0.1:1"], 74, "got ECONNREFUSED"],
    ["a file that is not there", ["org/name", "--file", "x*"], 2, 'a file called "x*"'],
    ["a pickle", ["org/name", "--file", "*.bin"], 65, "can run programs"],
  ])("refuses %s", async (_, args, code, words) => {
    const server = await HubServer.start({ files: shardedFiles() });
    const ran = await qwq(["download", ...args], world(server));
    expect([ran.code, ran.stdout]).toEqual([code, ""]);
    expect(ran.stderr).toContain(words);
  });
});

describe("a MODEL that is not on this computer", () => {
  it("is downloaded, and stderr says from where; a second time nobody is asked", async () => {
    const server = await HubServer.start({ files: tinyFolder() });
    const { env } = world(server);
    const args = ["perplexity", "-m", "org/name", "-"];
    const ran = await qwq(args, { env, input: "once upon a time" });
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringMatching(/^perplexity /)]);
    expect(ran.stderr).toMatch(
      /^org\/name is no path here; looking for it on http:\/\/127\.0\.0\.1:\d+\.\nDownloaded 5 files, 4\d\d\.\d kB\.\n$/,
    );
    const asked = server.asked.length;
    expect((await qwq(args, { env, input: "once upon a time" })).stderr).toBe("");
    expect(server.asked.length).toBe(asked);
  });

  it("is fetched as far as it is needed: no weights to tokenise, config.json alone to plan, then the rest", async () => {
    const server = await HubServer.start({ files: tinyFolder() });
    const { env } = world(server);
    expect((await qwq(["plan", "org/name", "--json"], { env })).code).toBe(0);
    const taps = await qwq(["oracle", "invariants", "golden/oracle/tiny.oracle", "-m", "org/name"], { env });
    expect(taps.code).toBe(3); // sketches are no taps; what counts here is that no weights were fetched
    expect([server.count("tokenizer.json"), server.count("model.safetensors")]).toEqual([0, 0]);
    const ids = await qwq(["tokenize", "-m", "org/name", "--quiet", "a"], { env });
    expect([ids.stdout, ids.stderr]).toEqual([(await qwq(["tokenize", "a"])).stdout, ""]);
    expect([server.count("/tokenizer.json"), server.count("model.safetensors")]).toEqual([2, 0]);
    expect((await qwq(["inspect", "org/name", "--json"], { env })).code).toBe(0);
    expect(server.count("/model.safetensors")).toBe(2); // the hub, and its CDN
  });

  it("--offline and HF_HUB_OFFLINE ask nobody", async () => {
    const server = await HubServer.start({ files: tinyFolder() });
    const { env } = world(server);
    const offline = await qwq(["tokenize", "-m", "org/name", "--offline", "a"], { env });
    const told = await qwq(["tokenize", "-m", "org/name", "a"], { env: { ...env, HF_HUB_OFFLINE: "1" } });
    expect([offline.code, told.code, server.asked]).toEqual([66, 66, []]);
    expect(offline.stderr).toContain("download it first");
  });

  it("a mistyped folder is an error of both: no path here, and no hub or no such model on it", async () => {
    const server = await HubServer.start({
      files: {},
      act: () => ({ status: 404, headers: { "x-error-code": "RepoNotFound" } }),
    });
    const missing = await qwq(["run", "-m", "modle/dir", "x"], world(server));
    expect([missing.code, missing.stderr.split("\n")[0]]).toEqual([
      66,
      `modle/dir is no path here; looking for it on ${server.url}.`,
    ]);
    expect(missing.stderr).toContain("qwq: modle/dir: expected a model of that name on");
    const env = { ...world(server).env, HF_ENDPOINT: "http://127.0.0.1:1" };
    const unreachable = await qwq(["run", "-m", "modle/dir", "x"], { env });
    expect([unreachable.code, unreachable.stderr.split("\n")[1]]).toEqual([
      66,
      "qwq: modle/dir: expected a model's folder or file, or a model on http://127.0.0.1:1, got no such path, and no such hub (ECONNREFUSED). Check the path, or the network.",
    ]);
  });

  it("what exists as a path wins, and what can only be a path is never looked up", async () => {
    const server = await HubServer.start({ files: tinyFolder() });
    const { env } = world(server);
    for (const model of ["golden/model", "a/b/c", "models/x.gguf"]) {
      expect((await qwq(["tokenize", "-m", model, "a"], { env })).code, model).not.toBe(0);
    }
    expect(server.asked).toEqual([]);
  });
});
