/**
 * A second process changes the model's file at a random moment of a run, after it was opened. The run ends with an error
 * and its exit code, or with the very tokens of an undisturbed run, where nothing was read after the change. It never
 * crashes, hangs, or goes on with other weights.
 *
 * Rounds: QWQ_ROUNDS of each way of reading, 50 unless told.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Config } from "../../src/config.ts";
import { exitCode } from "../../src/cli/exit.ts";
import { outcome } from "../../src/cli/supervise.ts";
import { QwqError } from "../../src/errors.ts";
import { SMALL, writeFolder } from "../support/checkpoints.ts";
import { MAIN, qwq } from "../support/cli.ts";
import { mappable } from "../support/mapping.ts";

const ROUNDS = Number(process.env["QWQ_ROUNDS"] ?? 50);
/** Some seven million parameters, so that a run reads for about a second. */
const MODEL: Config = { ...SMALL, layers: 8, channels: 256, headSize: 64, rope: { ...SMALL.rope, D: 64 }, feedForward: 1024 }; // prettier-ignore

const folder = mkdtempSync(join(tmpdir(), "qwq-sabotage-"));
const file = join(folder, "model.safetensors");
const intact = join(folder, "intact");
const ids = join(folder, "ids.json");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each a shell command for the file "$1" with an intact copy "$2". */
const CHANGES: Readonly<Record<string, string>> = {
  truncates: 'truncate -s 1M "$1"',
  "cuts the last page of": 'truncate -s -100 "$1"',
  empties: ': > "$1"',
  "writes over": 'dd if=/dev/urandom of="$1" bs=1M seek=2 count=16 conv=notrunc status=none',
  "punches a hole in": 'fallocate -p -o 1M -l 24M "$1"',
  touches: 'touch "$1"',
  lengthens: 'echo >> "$1"',
  replaces: 'cp "$2" "$1.new" && mv "$1.new" "$1"',
  "copies another over": 'cp "$2" "$1"',
  deletes: 'rm "$1"',
};

const args = (io: string) =>
  ["run", "-m", folder, "--ids", ids, "--io", io, "--pin-bytes", "0"].concat(
    ["--greedy", "--max-tokens", "8", "--json", "--verbose"],
  ); // prettier-ignore

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly ids: readonly number[] | undefined;
  readonly stderr: string;
}

/** Runs the model; `open` is called once the files are open. */
function run(io: string, open: () => void): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args(io)], { stdio: ["ignore", "pipe", "pipe"] });
  const hanging = setTimeout(() => child.kill("SIGKILL"), 60_000);
  let [stdout, stderr, told] = ["", "", false];
  child.stdout.on("data", (piece: Buffer) => (stdout += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => {
    stderr += piece.toString();
    if (told || !stderr.includes("Weights are ")) return;
    told = true;
    open();
  });
  return new Promise((resolve) =>
    child.on("close", (code, signal) => {
      clearTimeout(hanging);
      resolve({ code, signal, ids: endOf(stdout), stderr });
    }),
  );
}

function endOf(stdout: string): readonly number[] | undefined {
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  return last.includes('"end"') ? (JSON.parse(last) as { ids: number[] }).ids : undefined;
}

beforeAll(() => {
  writeFolder(folder, MODEL);
  copyFileSync(file, intact);
  writeFileSync(ids, JSON.stringify(Array.from({ length: 16 }, (_, i) => (i * 7) % MODEL.vocabulary)));
});

describe.each(mappable ? ["pread", "mmap"] : ["pread"])("a run with --io %s", (io) => {
  let clean: Ended;
  let milliseconds = 0;
  const seen: Record<string, number> = {};

  beforeAll(async () => {
    copyFileSync(intact, file);
    let began = 0;
    clean = await run(io, () => (began = performance.now()));
    milliseconds = performance.now() - began;
    expect([clean.code, clean.ids?.length], clean.stderr).toEqual([0, 8]);
  });
  afterAll(() => console.log(`--io ${io}, ${milliseconds.toFixed(0)} ms a run:`, seen));

  const rounds = Array.from({ length: ROUNDS }, (_, i) => [i, Object.keys(CHANGES)[i % Object.keys(CHANGES).length]!]);
  it.each(rounds as [number, string][])("round %i: another process %s its file", async (_, change) => {
    copyFileSync(intact, file);
    const wait = Math.random() * milliseconds;
    let other: ChildProcess | undefined;
    const ended = await run(io, () => {
      const script = `sleep ${wait / 1000}; ${CHANGES[change]!}`;
      other = spawn("sh", ["-c", script, "sh", file, intact], { stdio: "ignore" });
    });
    if (other?.exitCode === null) await once(other, "exit"); // it must not meet the next round
    const said = `${change} after ${wait.toFixed(0)} ms: exit ${ended.code}, ${ended.signal}; ${ended.stderr}`;
    expect(ended.signal, said).toBeNull();
    expect([0, 74], said).toContain(ended.code);
    if (ended.code === 0) expect(ended.ids, said).toEqual(clean.ids);
    else expect(ended.stderr, said).toMatch(/qwq: .+ expected .+, got .+/);
    const kind = ended.code === 0 ? "the right tokens" : (/SIGBUS|EFAULT|where the file ends|written again|got \d+/.exec(ended.stderr)?.[0] ?? "another error").replace(/got \d+/, "another length"); // prettier-ignore
    seen[kind] = (seen[kind] ?? 0) + 1;
  });

  it("some rounds ended in an error, so that there was something to see", () => {
    const errors = Object.entries(seen).filter(([kind]) => kind !== "the right tokens");
    expect(errors.length).toBeGreaterThan(0);
  });
});

describe.skipIf(!mappable)("the moment that no check can cover", () => {
  it("R1: a file cut short while a mapped window is in use ends the child by SIGBUS, which is exit 74 and a hint", async () => {
    copyFileSync(intact, file);
    const script = `
      import { truncateSync } from "node:fs";
      import { openCheckpoint } from "./src/files/checkpoint.ts";
      const { source } = openCheckpoint(process.argv[1], { io: "mmap" });
      const info = source.tensors.get("model.layers.7.mlp.up_proj.weight");
      source.window(info, 0, info.bytes, (bytes) => {
        truncateSync(process.argv[1] + "/model.safetensors", 4096);
        console.log(bytes.reduce((sum, byte) => sum + byte, 0));
      });`;
    const cut = ["--import", "tsx", "--input-type=module", "-e", script, folder];
    const error = await outcome(spawn(process.execPath, cut, { stdio: "ignore" }));
    expect(error).toBeInstanceOf(QwqError);
    expect([(error as QwqError).code, exitCode(error)]).toEqual(["E_IO_MAP_FAULT", 74]);
    expect(error.message).toContain("retry with --io=pread");
  });
});

it("the commands of this test change files here", () => {
  for (const script of Object.values(CHANGES)) {
    copyFileSync(intact, file);
    expect(spawnSync("sh", ["-c", script, "sh", file, intact]).status, script).toBe(0);
  }
});

it("an undisturbed run is the same mapped and read", async () => {
  copyFileSync(intact, file);
  const results = await Promise.all(["pread", "auto"].map((io) => qwq(args(io))));
  expect(new Set(results.map(({ stdout }) => JSON.stringify(endOf(stdout)))).size).toBe(1);
});
