/**
 * Judges what plant.py and engines.py wrote, and keeps the results beside this file:
 *
 *   tsx test/hf/oracle/judge.ts planted FOLDER           every planted bug: located, named, and what end-to-end gates say
 *   tsx test/hf/oracle/judge.ts engines FOLDER MODEL [0,1,... [POLICY,...]]   correct engines: none may fail
 *
 * Each verdict of an engine says by which commit of src/oracle it was made, and is saved as soon as it is there.
 * With prompts, or policies, only those runs are judged; the others keep the verdict that the results have, if they have one.
 * Planted bugs in number formats that FOLDER has not are kept in the same way.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Checkpoint, openCheckpoint } from "../../../src/files/checkpoint.ts";
import { type BundleTap, writeBundle } from "../../../src/oracle/bundle.ts";
import { type Bundle, openBundle } from "../../../src/oracle/bundle-read.ts";
import { compareBundles } from "../../../src/oracle/compare.ts";
import { diagnose } from "../../../src/oracle/diagnose.ts";
import { measureNoise } from "../../../src/oracle/noise.ts";
import { oracleOps } from "../../../src/oracle/numbers/ops.ts";
import { policyOf, REFERENCE } from "../../../src/oracle/numbers/policies.ts";
import { record } from "../../../src/oracle/record.ts";
import { replay } from "../../../src/oracle/replay.ts";
import type { Report, TapResult } from "../../../src/oracle/report.ts";

/** The commit that last changed the oracle: a verdict is by the oracle of its day. */
const BY = execFileSync("git", ["log", "-1", "--format=%h", "--", "src/oracle"], { encoding: "utf8" }).trim();

const [mode, folder = "", modelPath = "", prompts = "", policies = ""] = process.argv.slice(2);
const digits = (x: number) => Number(x.toPrecision(3));

/** The reference of a model on a prompt, with its noise under these policies; made once. */
async function referenceOf(
  checkpoint: Checkpoint,
  ids: readonly number[],
  path: string,
  names: readonly string[],
): Promise<Bundle> {
  if (!existsSync(path)) {
    const all = Uint32Array.from(ids);
    const taps: BundleTap[] = await record(oracleOps({ policy: REFERENCE, order: "exact" }), checkpoint, all, {
      tier: "full",
    });
    const head = { role: "reference", model: {}, producer: {}, policy: "f32", input: { ids: [...ids] } } as const;
    writeBundle(path, head, taps, measureNoise(checkpoint, all, { policies: names.map(policyOf), local: false }));
  }
  return openBundle(path);
}

interface Planted {
  readonly dtype: string;
  readonly fault: string;
  readonly code: string | null;
  readonly layer: number;
  readonly first: readonly string[];
  readonly model: string;
  readonly bundle: string;
}

/** How the engine's logits pass for those of the reference, as end-to-end tests look at them. */
function gates(reference: Bundle, candidate: Bundle) {
  const [x, y] = [reference.read("logits")!, candidate.read("logits")!];
  let [dot, xx, yy, error] = [0, 0, 0, 0];
  for (let i = 0; i < x.data.length; i++) {
    const [a, b] = [x.data[i]!, y.data[i]!];
    [dot, xx, yy, error] = [dot + a * b, xx + a * a, yy + b * b, error + (a - b) ** 2];
  }
  const [T, V] = x.shape as [number, number];
  const best = (data: Float32Array, t: number) =>
    data.subarray(t * V, (t + 1) * V).reduce((at, v, i, row) => (v > row[at]! ? i : at), 0);
  const same = Array.from({ length: T }, (_, t) => best(x.data, t) === best(y.data, t)).filter(Boolean).length;
  return {
    cosine: Number((dot / Math.sqrt(xx * yy)).toPrecision(6)),
    nmse: digits(error / xx),
    top1: digits(same / T),
  };
}

const zAt = (taps: readonly TapResult[], names: readonly string[]) =>
  Math.max(0, ...taps.filter(({ tap }) => names.includes(tap)).map(({ z }) => z));

async function judgePlanted(): Promise<void> {
  const list = JSON.parse(readFileSync(join(folder, "faults.json"), "utf8")) as Planted[];
  const models = new Map<string, Checkpoint>();
  const cells: Awaited<ReturnType<typeof judgedCell>>[] = [];
  for (const cell of list) {
    if (!models.has(cell.model)) models.set(cell.model, openCheckpoint(cell.model, { pin: 2 ** 30 }));
    const bundle = openBundle(cell.bundle);
    const { policy, input, taps } = bundle.manifest;
    const name = `${cell.fault}-${hashOf(policy, input.ids, cell.first.join(), taps)}`;
    cells.push(await once(name, () => judgedCell(cell, bundle, models.get(cell.model)!)));
    bundle.close();
  }
  const others = resultsOf<(typeof cells)[number]>("planted").filter(
    ({ dtype }) => !list.some((cell) => cell.dtype === dtype),
  );
  save("planted", [...others, ...cells]);
  summary(cells);
}

async function judgedCell({ first, ...cell }: Planted, bundle: Bundle, checkpoint: Checkpoint) {
  const reference = await referenceOf(
    checkpoint,
    bundle.manifest.input.ids,
    join(folder, `reference-${basename(cell.model)}.oracle`),
    ["f32", "bf16-hf-eager", "f16-hf-eager"],
  );
  const [compared, report] = [compareBundles(reference, bundle), diagnose(bundle, checkpoint)];
  const best = report.diagnosis[0];
  const z = zAt(report.taps, first);
  const passed = gates(reference, bundle);
  reference.close();
  return {
    dtype: cell.dtype,
    fault: cell.fault,
    code: cell.code,
    layer: cell.layer,
    planted: first.join(" "),
    /** Whether it stands above six noises of its policy (or its lean does): only such cells are counted. */
    above: z > 6 || (report.first?.leaning === true && first.includes(report.first.tap)),
    z: digits(z),
    compare: compared.first?.tap ?? null,
    replay: report.first?.tap ?? null,
    named: best === undefined ? null : best.code,
    variant: best?.variant ?? null,
    namedZ: best === undefined ? null : digits(best.z),
    margin: best === undefined ? null : digits(best.margin),
    none: report.none,
    ...passed,
  };
}

function summary(
  cells: readonly {
    dtype: string;
    code: string | null;
    above: boolean;
    planted: string;
    compare: string | null;
    replay: string | null;
    named: string | null;
    none: boolean | undefined;
  }[],
): void {
  for (const dtype of new Set(cells.map((cell) => cell.dtype))) {
    const above = cells.filter((cell) => cell.dtype === dtype && cell.above);
    const listed = above.filter(({ code }) => code !== null);
    const others = above.filter(({ code }) => code === null);
    const at = (tap: string | null, planted: string) => planted.split(" ").includes(tap ?? "");
    console.log(dtype, {
      cells: cells.filter((cell) => cell.dtype === dtype).length,
      listed: listed.length,
      "compare at its tap": listed.filter((cell) => at(cell.compare, cell.planted)).length,
      "replay at its tap": listed.filter((cell) => at(cell.replay, cell.planted)).length,
      named: listed.filter((cell) => cell.named === cell.code && cell.none === false).length,
      others: others.length,
      located: others.filter((cell) => at(cell.replay, cell.planted)).length,
      none: others.filter((cell) => cell.none === true).length,
    });
  }
}

/** What engines.py, own.ts, onnx_engines.py and llama.ts list: how the engine ran, on which prompt, and its bundle. */
interface EngineRun {
  readonly prompt: number;
  readonly bundle: string;
  /** The model it ran, where that is not the one given: a GGUF whose very weights are to be compared. */
  readonly model?: string;
}

interface Verdict {
  readonly taps: number;
  readonly compare: ReturnType<typeof worstIn>;
  readonly replay: ReturnType<typeof worstIn>;
  /** The commit of src/oracle that judged. */
  readonly by?: string;
}

/** What is said of a run, without where it lies. */
type Told = Omit<EngineRun, "bundle" | "model">;

/** Whether a run is one of those that were asked for. */
function isAsked({ prompt }: EngineRun, policy: string): boolean {
  const among = (list: string, one: string) => list === "" || list.split(",").includes(one);
  return among(prompts, `${prompt}`) && among(policies, policy);
}

/** The verdict that the results have of this run. */
function before(results: readonly (Told & Verdict)[], run: Told): (Told & Verdict) | undefined {
  const told = `${JSON.stringify(run).slice(0, -1)},`; // a result begins with what the run is
  return results.find((result) => JSON.stringify(result).startsWith(told));
}

async function judgeEngines(): Promise<void> {
  const list = JSON.parse(readFileSync(join(folder, "runs.json"), "utf8")) as EngineRun[];
  const name = `engines-${basename(folder)}`;
  const results = resultsOf<Told & Verdict>(name);
  const models = new Map<string, Checkpoint>();
  const open = (model: string) => {
    if (!models.has(model)) models.set(model, openCheckpoint(model, { pin: 2 ** 30 }));
    return models.get(model)!;
  };
  const known = list.map((run) => before(results, told(run)));
  for (const [i, run] of list.entries()) {
    const bundle = openBundle(run.bundle);
    if (isAsked(run, bundle.manifest.policy)) {
      known[i] = { ...told(run), ...(await verdictOf(bundle, run, run.model ?? modelPath, open)) };
      console.error(JSON.stringify(known[i]));
      save(
        name,
        known.filter((row) => row !== undefined),
      );
    }
    bundle.close();
  }
  for (const checkpoint of models.values()) checkpoint.close();
  const runs = known.filter((row) => row !== undefined);
  const having = (verdict: string) =>
    runs.filter(({ compare, replay }) => compare.verdict === verdict || replay.verdict === verdict).length;
  console.log({ runs: runs.length, failed: having("fail"), warned: having("warn") });
}

function told(run: EngineRun): Told {
  const said = Object.entries(run).filter(([key]) => key !== "bundle" && key !== "model");
  return Object.fromEntries(said) as unknown as Told;
}

async function verdictOf(
  bundle: Bundle,
  { prompt }: EngineRun,
  model: string,
  open: (model: string) => Checkpoint,
): Promise<Verdict> {
  const { taps, policy, input } = bundle.manifest;
  return once(hashOf(policy, input.ids, basename(model), taps), () => {
    const name = `reference${model === modelPath ? "" : `-${basename(model)}`}-${prompt}`;
    return judgedRun(bundle, open(model), join(folder, name));
  });
}

async function judgedRun(bundle: Bundle, checkpoint: Checkpoint, path: string): Promise<Verdict> {
  const { policy, input } = bundle.manifest;
  const reference = await referenceOf(checkpoint, input.ids, `${path}-${policy}.oracle`, [policy]);
  const compared = compareBundles(reference, bundle);
  reference.close();
  return {
    taps: compared.taps.length,
    compare: worstIn(compared),
    replay: worstIn(replay(bundle, checkpoint)),
    by: BY,
  };
}

function worstIn({ verdict, taps }: Report) {
  const worst = taps.reduce((most, tap) => (tap.z > most.z ? tap : most));
  return { verdict, z: digits(worst.z), tap: worst.tap, row: worst.row };
}

function hashOf(policy: string, ids: readonly number[], model: string, taps: readonly { readonly sha256: string }[]) {
  const all = JSON.stringify([policy, ids, model, taps.map(({ sha256 }) => sha256)]);
  return createHash("sha256").update(all).digest("hex").slice(0, 16);
}

/**
 * Each verdict is kept in the folder by what the engine computed, so that judging can be stopped and taken up again, and
 * runs that gave the same bits are judged once.
 */
async function once<V>(name: string, judge: () => Promise<V>): Promise<V> {
  const kept = join(folder, "judged", `${name}.json`);
  if (!existsSync(kept)) {
    mkdirSync(join(folder, "judged"), { recursive: true });
    writeFileSync(kept, JSON.stringify(await judge()));
  }
  return JSON.parse(readFileSync(kept, "utf8")) as V;
}

const resultsPath = (name: string) => join(import.meta.dirname, "results", `${name}.json`);

/** What was judged before. */
function resultsOf<V>(name: string): V[] {
  return existsSync(resultsPath(name)) ? (JSON.parse(readFileSync(resultsPath(name), "utf8")) as V[]) : [];
}

function save(name: string, rows: readonly object[]): void {
  writeFileSync(resultsPath(name), `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`);
}

await (mode === "planted" ? judgePlanted() : judgeEngines());
