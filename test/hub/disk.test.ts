import { lstatSync, readdirSync, readFileSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { type Io, replaceIo, SYSTEM } from "../../src/files/io.ts";
import { temporaryFolder } from "../support/folder.ts";
import { blobs, fetchFrom, rejection } from "../support/hub.ts";
import { shardedFiles } from "../support/hub-files.ts";
import { HubServer } from "../support/hub-server.ts";
import { systemError } from "../support/io.ts";

/** These calls stand in place of the system's; the function that comes back ends that, as does the test. */
function replaced(calls: Partial<Io>): () => void {
  const restore = replaceIo({ ...SYSTEM, ...calls });
  onTestFinished(restore);
  return restore;
}

const free = (bytes: number) => ({ statfsSync: (path: string) => ({ ...statfsSync(path), bavail: bytes, bsize: 1 }) });
const start = () => HubServer.start({ files: shardedFiles() });

it("a disk that is too small for all files is told before the first of them comes, with the numbers", async () => {
  const cache = temporaryFolder();
  const server = await start();
  const total = (await fetchFrom(server, { dryRun: true })).files.reduce((sum, { bytes }) => sum + bytes, 0);
  const before = server.count("/resolve/");
  replaced(free(total - 1));
  const error = await rejection(fetchFrom(server, { cache }));
  expect([error.code, error.expected, error.actual]).toEqual([
    "E_LIMIT_DISK",
    `${total} bytes of free disk`,
    `${total - 1}`,
  ]);
  expect(server.count("/resolve/") - before).toBe(1); // the index, in memory
  replaced(free(total));
  await fetchFrom(server, { cache });
});

it("what is there already needs no room, nor what was left behind", async () => {
  const cache = temporaryFolder();
  const server = await start();
  const all = shardedFiles();
  await fetchFrom(server, { cache, files: ["model-00001*", "*.json"] });
  replaced(free(299_999));
  expect((await rejection(fetchFrom(server, { cache }))).expected).toBe("300000 bytes of free disk");
  const { sha256 } = (await fetchFrom(server, { dryRun: true })).files.find(({ path }) =>
    path.startsWith("model-00002"),
  )!;
  const part = join(cache, "models--org--name", "blobs", `${sha256!}.qwq-00000000-1-00000000.incomplete`);
  writeFileSync(part, all["model-00002-of-00002.safetensors"]!.subarray(0, 1), { flag: "wx" });
  replaced({ ...free(299_999), statSync: (path) => aged(path) });
  await fetchFrom(server, { cache });
});

/** As the system says, but long ago. */
function aged(path: string) {
  const stat = SYSTEM.statSync(path, { throwIfNoEntry: false });
  return stat && Object.assign(stat, { mtimeMs: 0 });
}

it("a disk that fills up on the way is an error that says so; what came is gone on with later", async () => {
  const cache = temporaryFolder();
  const server = await start();
  let writes = 0;
  const restore = replaced({
    writeSync: (fd, bytes, at, length, position) => {
      if (++writes > 5) throw systemError("ENOSPC");
      return SYSTEM.writeSync(fd, bytes, at, length, position);
    },
  });
  const error = await rejection(fetchFrom(server, { cache, jobs: 1 }));
  expect([error.code, error.actual]).toEqual(["E_OUT_WRITE", "ENOSPC"]);
  expect(blobs(cache).filter((name) => name.endsWith(".incomplete"))).toHaveLength(1);
  expect(readdirSync(join(cache, "models--org--name", "snapshots"))).toEqual([]);
  restore();
  const asked = server.asked.length;
  await fetchFrom(server, { cache });
  expect(server.asked.slice(asked).some(({ headers }) => /^bytes=[1-9]/.test(headers.range ?? ""))).toBe(true);
  expect(blobs(cache).filter((name) => name.endsWith(".incomplete"))).toEqual([]);
});

it("a system without links gets copies", async () => {
  replaced({
    symlinkSync: () => {
      throw systemError("EPERM");
    },
  });
  const { folder } = await fetchFrom(await start());
  for (const name of readdirSync(folder)) {
    expect(lstatSync(join(folder, name)).isFile()).toBe(true);
    expect(readFileSync(join(folder, name)).equals(shardedFiles()[name]!)).toBe(true);
  }
});

it("a cache that cannot be made is named", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  const error = await rejection(fetchFrom(await start(), { cache: join(file, "cache") }));
  expect([error.code, error.message]).toEqual(["E_OUT_WRITE", expect.stringContaining("ENOTDIR")]);
});
