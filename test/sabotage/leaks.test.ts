/** Models are opened, run and closed a thousand times: nothing stays open, mapped or in memory. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { OPERATIONS, type Run } from "../support/operations.ts";

const folder = mkdtempSync(join(tmpdir(), "qwq-leaks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const opening = OPERATIONS.filter(({ name }) => name.startsWith("open "));
const status = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(readFileSync("/proc/self/status", "utf8"))![1]!); // prettier-ignore

/** What a process holds: open files, threads, mapped files of ours. */
const held = () => ({
  files: readdirSync("/proc/self/fd").length,
  threads: status("Threads"),
  mapped: readFileSync("/proc/self/maps", "utf8").split("\n").filter((line) => line.includes(folder)).length,
}); // prettier-ignore

it.skipIf(process.platform !== "linux").each(opening.map((operation, i) => [operation.name, operation, i] as const))(
  "%s, a thousand times, leaves what it found",
  async (_, operation, i) => {
    const run: Run = await operation.prepare(mkdtempSync(join(folder, `${i}-`)));
    const right = await run("");
    for (let round = 0; round < 100; round++) await run("");
    const before = held();
    const rss = status("RssAnon");
    for (let round = 0; round < 1000; round++) expect(await run("")).toBe(right);
    expect(held()).toEqual(before);
    console.log(`${operation.name}: RssAnon ${status("RssAnon") - rss} KiB more after 1,000 times`);
  },
);
