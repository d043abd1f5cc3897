/**
 * R21: processes are killed (SIGKILL) at random moments while they write, 500 in all; what has a name must be whole. This
 * shows what the death of a process does. What a failing power supply does it cannot show, since the system lives on and
 * keeps what was written; for that, files are put on the disk (fsync) before they take their names.
 *
 * The seed of the moments is printed; CRASH_SEED=N repeats them (what the processes were doing then is chance).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { readManifest } from "../../src/files/manifest.ts";
import { writeAtomically } from "../../src/files/output.ts";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { quantize } from "../../src/quantize/quantize.ts";
import { synthesise } from "../../src/synth/synth.ts";
import { writeFolder } from "../support/checkpoints.ts";
import { goldenPath } from "../support/golden.ts";

const root = join(import.meta.dirname, "../..");
const DIST = pathToFileURL(join(root, "dist/src")).href;
const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1e6);
const CONFIG = fs.readFileSync(goldenPath("model/tiny/config.json"), "utf8");
const LANES = 2;
const home = fs.mkdtempSync(join(tmpdir(), "qwq-crash-"));
const writer = join(home, "writer.mjs");

beforeAll(() => {
  console.log(`CRASH_SEED=${SEED}`);
  const { ES2022 } = ts.ScriptTarget;
  const source = fs.readFileSync(join(import.meta.dirname, "writer.ts"), "utf8");
  const options = { target: ES2022, module: ts.ModuleKind.ES2022 };
  fs.writeFileSync(writer, ts.transpileModule(source, { compilerOptions: options }).outputText);
});
afterAll(() => fs.rmSync(home, { recursive: true }));

const TEMPORARY = /\.(\d+)\.[0-9a-f]{8}\.tmp$/;

function temporaries(folder: string): string[] {
  return fs.readdirSync(folder).filter((name) => name.startsWith(".") && TEMPORARY.test(name));
}

/** Draws in [0, 1) by a fixed rule. */
function drawing(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

async function started(kind: string, folder: string, first: number): Promise<ChildProcess> {
  const env = { PATH: process.env["PATH"], CONFIG, MODEL: join(home, "model") };
  const child = spawn(process.execPath, [writer, DIST, kind, folder, `${first}`], { env, stdio: "pipe" });
  const errors: Buffer[] = [];
  child.stderr.on("data", (piece: Buffer) => errors.push(piece));
  const said = await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  if (child.exitCode !== null || !String(said[0]).startsWith("ready"))
    throw new Error(Buffer.concat(errors).toString());
  return child;
}

interface Kills {
  readonly kills: number;
  /** How many were writing when they died: they left a temporary file or folder, or some of many files. */
  readonly during: number;
  /** How many must have been. */
  readonly expected: number;
}

/** Whether the process left something half written. */
function hasTemporary(folder: string, _: number, pid: number): boolean {
  return temporaries(folder).some((name) => TEMPORARY.exec(name)![1] === `${pid}`);
}

/**
 * Kills `kills` writers, one after another in each lane, at most `most` ms after they began. `look` is shown the folder
 * after each and says where the next begins; it fails the test where anything is torn. How often a kill falls into a
 * write depends on the disk, so the lanes go on until a quarter of `kills` did, at most to four times as many.
 */
async function kill(
  kind: string,
  kills: number,
  most: number,
  look: (folder: string) => number,
  wasWriting: (folder: string, next: number, pid: number) => boolean = hasTemporary,
): Promise<Kills> {
  let [killed, during] = [0, 0];
  const enough = () => (killed >= kills && during > kills / 4) || killed >= 4 * kills;
  const lane = async (number: number) => {
    const draw = drawing(SEED + number);
    const folder = join(home, `${kind}-${number}`);
    fs.mkdirSync(folder);
    for (let next = 0; !enough(); killed++) {
      const child = await started(kind, folder, next);
      await new Promise((resolve) => setTimeout(resolve, draw() * most));
      expect(child.exitCode, `the writer of ${kind} ended by itself`).toBe(null);
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
      if (wasWriting(folder, next, child.pid!)) during++;
      next = look(folder);
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  return { kills: killed, during, expected: kills / 4 };
}

/** A test that kills between two writes tells nothing. */
function expectDuring({ kills, during, expected }: Kills): void {
  console.log(`${during} of ${kills} were killed in a write`);
  expect(during).toBeGreaterThan(expected);
}

/** Leaves of a lane, made two hours old. */
function aged(folder: string): string[] {
  const left = temporaries(folder);
  const then = Date.now() / 1000 - 7200;
  for (const name of left) fs.utimesSync(join(folder, name), then, then);
  return left;
}

/** The number in a text that the writer numbered; undefined where it is not whole. */
function numberIn(text: string): number | undefined {
  const [body = "", hash] = text.split("\n");
  return createHash("sha256").update(body).digest("hex") === hash ? Number(body.split(" ")[0]) : undefined;
}

it("a plain write is torn by these kills, and this test sees it", async () => {
  let torn = 0;
  const { kills } = await kill(
    "plain",
    40,
    100,
    (folder) => {
      const path = join(folder, "out");
      const text = fs.existsSync(path) ? fs.readFileSync(path, "utf8") : "";
      const parts = text.split(/(?<=\n[0-9a-f]{64})/);
      if (text !== "" && (parts.length !== 40 || parts.some((part) => numberIn(part) === undefined))) torn++;
      else if (text === "" && fs.existsSync(path)) torn++;
      return 0;
    },
    () => true,
  );
  console.log(`${torn} of ${kills} files were torn`);
  expect(torn).toBeGreaterThan(0);
});

it("150 kills: a file is the old or the new one, never half and never an older one; what is left behind is swept", async () => {
  const last = new Map<string, number>();
  const killed = await kill("file", 150, 60, (folder) => {
    const path = join(folder, "out");
    if (!fs.existsSync(path)) return 0;
    const number = numberIn(fs.readFileSync(path, "utf8"));
    expect(number, path).toBeDefined();
    expect(number).toBeGreaterThanOrEqual(last.get(folder) ?? 0);
    last.set(folder, number!);
    return number! + 1;
  });
  expectDuring(killed);
  for (const folder of last.keys()) {
    expect(aged(folder).length).toBeGreaterThan(0);
    writeAtomically(join(folder, "out"), (write) => write(Buffer.from("done")));
    expect(fs.readdirSync(folder)).toEqual(["out"]);
  }
});

it("100 kills: a manifest is whole, its numbers of one writing", async () => {
  const killed = await kill("manifest", 100, 60, (folder) => {
    const path = join(folder, "model.manifest.json");
    if (!fs.existsSync(path)) return 0;
    const { producer, files, tensors } = readManifest(path);
    const n = Number(producer.get("n"));
    const sha256 = createHash("sha256").update(`${n}`).digest("hex");
    expect([...files.values()]).toMatchObject([{ bytes: n, sha256 }]);
    expect(tensors.size).toBe(771);
    for (const { crc32, shape } of tensors.values()) expect([crc32, shape[0]]).toEqual([sha256.slice(0, 8), n]);
    return n + 1;
  });
  expectDuring(killed);
});

it("100 kills: every bundle that has a name opens, its hashes those of its taps", async () => {
  const seen = new Map<string, number>();
  const killed = await kill("bundle", 100, 60, (folder) => {
    const names = fs.readdirSync(folder).filter((name) => !name.startsWith("."));
    for (const name of names) {
      const bundle = openBundle(join(folder, name));
      const n = Number(/^(\d+)\.oracle$/.exec(name)?.[1]);
      for (const tap of ["n1", "q", "out"]) {
        const { data } = bundle.read(`0.${tap}`)!;
        expect(data.length).toBe(64 * 80);
        expect(data.every((value) => value === Math.fround(n))).toBe(true);
      }
      bundle.close();
      fs.rmSync(join(folder, name), { recursive: true });
      seen.set(folder, Math.max(seen.get(folder) ?? 0, n + 1));
    }
    return seen.get(folder) ?? 0;
  });
  console.log(`${[...seen.values()].reduce((a, b) => a + b, 0)} bundles were written whole`);
  expectDuring(killed);
});

it("100 kills: the shards of a synthetic checkpoint are whole, and the same command ends with the right bytes", async () => {
  const whole = join(home, "whole");
  const options = { seed: 5n, shardBytes: 20_000, threads: 1 };
  await synthesise(whole, { text: CONFIG, path: "config" }, options);
  const right = new Map(fs.readdirSync(whole).map((name) => [name, fs.readFileSync(join(whole, name))]));
  expect(right.size).toBeGreaterThan(5);
  let completed = 0;
  const look = (folder: string): number => {
    for (let n = 0; ; n++) {
      const out = join(folder, `${n}`);
      const done = fs.existsSync(`${out}.done`);
      if (!fs.existsSync(out)) {
        if (done) continue; // seen and removed
        return n;
      }
      const names = fs.readdirSync(out).filter((name) => !name.startsWith("."));
      for (const name of names) expect(fs.readFileSync(join(out, name)).equals(right.get(name)!), name).toBe(true);
      if (!done) return n;
      expect(fs.readdirSync(out).sort()).toEqual([...right.keys()].sort());
      fs.rmSync(out, { recursive: true });
      completed++;
    }
  };
  const killed = await kill("synth", 100, 250, look, (folder, next) => {
    const out = join(folder, `${next}`);
    return fs.existsSync(out) && fs.readdirSync(out).length > 0 && !fs.existsSync(`${out}.done`);
  });
  console.log(`${completed} checkpoints were completed in spite of them`);
  expectDuring(killed);
  for (let lane = 0; lane < LANES; lane++) {
    const folder = join(home, `synth-${lane}`);
    const out = join(folder, `${look(folder)}`);
    await synthesise(out, { text: CONFIG, path: "config" }, options);
    expect(fs.readdirSync(out).sort()).toEqual([...right.keys()].sort());
    for (const [name, bytes] of right) expect(fs.readFileSync(join(out, name)).equals(bytes), name).toBe(true);
  }
});

it("50 kills: what qwq quantize made has its name when it is whole, folders and files", async () => {
  const model = join(home, "model");
  fs.mkdirSync(model);
  const checkpoint = openCheckpoint(writeFolder(model));
  const made = { folder: join(home, "int8"), file: join(home, "q8_0.gguf") };
  await quantize(checkpoint, made.folder, "int8", { threads: 1, shardBytes: 20_000 });
  await quantize(checkpoint, made.file, "q8_0", { threads: 1 });
  checkpoint.close();
  const last = new Map<string, number>();
  const killed = await kill("quantize", 50, 300, (folder) => {
    for (const name of fs.readdirSync(folder).filter((name) => !name.startsWith("."))) {
      const path = join(folder, name);
      if (name.endsWith(".gguf")) expect(fs.readFileSync(path).equals(fs.readFileSync(made.file))).toBe(true);
      else {
        expect(fs.readdirSync(path).sort()).toEqual(fs.readdirSync(made.folder).sort());
        for (const file of fs.readdirSync(path))
          expect(fs.readFileSync(join(path, file)).equals(fs.readFileSync(join(made.folder, file))), file).toBe(true);
      }
      fs.rmSync(path, { recursive: true });
      last.set(folder, Math.max(last.get(folder) ?? 0, Number.parseInt(name, 10) + 1));
    }
    return last.get(folder) ?? 0;
  });
  console.log(`${[...last.values()].reduce((a, b) => a + b, 0)} models were written whole`);
  expectDuring(killed);
});
