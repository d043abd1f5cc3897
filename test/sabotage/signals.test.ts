/** Signals at random moments: the exit code says which, what was begun is taken away, and the command can be run again. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Config } from "../../src/config.ts";
import { configJson, SMALL, writeFolder } from "../support/checkpoints.ts";
import { MAIN } from "../support/cli.ts";
import { mappable } from "../support/mapping.ts";

/** A pass over 16 tokens takes the reference a second or more. */
const SLOW: Config = { ...SMALL, layers: 4, channels: 512, headSize: 128, rope: { ...SMALL.rope, D: 128 }, feedForward: 4096 }; // prettier-ignore

const folder = mkdtempSync(join(tmpdir(), "qwq-signals-"));
const model = join(folder, "model");
const ids = join(folder, "ids.json");
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => {
  writeFileSync(join(folder, "config.json"), JSON.stringify(configJson(SLOW)));
  writeFileSync(ids, JSON.stringify(Array.from({ length: 16 }, (_, i) => i)));
});

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command; `running` gets it, and what it has said on stderr so far, whenever it says something. */
function run(args: readonly string[], running: (child: ChildProcess, stderr: string) => void): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (piece: Buffer) => (stdout += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => running(child, (stderr += piece.toString())));
  running(child, "");
  return new Promise((done) => child.on("close", (code, signal) => done({ code, signal, stdout, stderr })));
}

/** Sends a signal so many milliseconds from now. */
const later = (signal: NodeJS.Signals, wait: number) => (child: ChildProcess, stderr: string) => {
  if (stderr === "") setTimeout(() => child.kill(signal), wait);
};

describe.skipIf(!mappable)("a supervised run", () => {
  beforeAll(() => {
    mkdirSync(model);
    writeFolder(model, SLOW);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "R22: hears %s within its first pass, before there is a token, and ends with %i",
    async (signal, code) => {
      let sent = false;
      const args = ["run", "-m", model, "--ids", ids, "--io", "mmap", "--greedy", "--max-tokens", "4", "--json", "--verbose"]; // prettier-ignore
      const ended = await run(args, (child, stderr) => {
        if (sent || !stderr.includes(", seed ")) return;
        sent = true;
        setTimeout(() => child.kill(signal), 50); // the pass has begun; it takes five times as long on a fast machine
      });
      const end = JSON.parse(ended.stdout.trimEnd().split("\n").at(-1)!) as { ids: number[]; reason: string };
      expect([ended.code, end.reason, end.ids], ended.stderr).toEqual([code, "interrupted", []]);
    },
  );
});

describe.each([
  ["SIGINT", [130]],
  ["SIGTERM", [143]],
  ["SIGHUP", [129]],
] as const)("%s at random moments", (signal, codes) => {
  const exitOf = ({ code, signal: by }: Ended) => code ?? (by === null ? null : 128 + { SIGINT: 2, SIGTERM: 15, SIGHUP: 1, SIGKILL: 9 }[by as "SIGINT"]); // prettier-ignore

  it("R21: `synth` leaves whole shards, no half ones, and the same command completes them", async () => {
    const out = join(folder, `synth-${signal}`);
    const args = ["synth", out, "--config", join(folder, "config.json"), "--seed", "1", "--shard-bytes", "4MB"];
    for (let round = 0; round < 8; round++) {
      const ended = await run(args, later(signal, 50 + Math.random() * 700));
      expect([0, ...codes], ended.stderr).toContain(exitOf(ended));
      if (exitOf(ended) === 0) continue;
      const names = readdirSync(folder).includes(`synth-${signal}`) ? readdirSync(out) : [];
      if (names.includes("config.json")) continue; // it is written last: all was there when the signal came
      expect(names.filter((name) => !/^model-[\d-of]+\.safetensors$/.test(name) || name.endsWith(".tmp"))).toEqual([]);
    }
    const last = await run(args, () => undefined);
    expect(last.code, last.stderr).toBe(0);
    expect(readdirSync(out).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("`oracle record` leaves no bundle or a whole one", async () => {
    const out = join(folder, `bundle-${signal}`);
    for (let round = 0; round < 8; round++) {
      rmSync(out, { recursive: true, force: true });
      const args = ["oracle", "record", "--prompt", "The tide comes in", "-o", out];
      const ended = await run(args, later(signal, 50 + Math.random() * 700));
      expect([0, ...codes], ended.stderr).toContain(exitOf(ended));
      const whole = readdirSync(folder).includes(`bundle-${signal}`);
      if (whole) expect(readdirSync(out)).toContain("manifest.json");
      else expect(exitOf(ended)).not.toBe(0);
    }
  });
});
