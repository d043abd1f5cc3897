/**
 * What judging costs: `npx tsx kernels/bench/oracle.ts REFERENCE CANDIDATE MODEL` writes results/oracle.json.
 *
 * REFERENCE and CANDIDATE are full bundles as test/hf/oracle makes them of SmolLM2 (docs/oracle.md). The bundles are opened,
 * hashed and compared five times, the fastest counts; one replay of every layer follows. On a machine that others share, the
 * processor time says more than the clock.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { compareBundles } from "../../src/oracle/compare.ts";
import { replay } from "../../src/oracle/replay.ts";

const [reference = "", candidate = "", model = ""] = process.argv.slice(2);

function timed<T>(work: () => T) {
  const [began, used] = [performance.now(), process.cpuUsage()];
  const value = work();
  const { user, system } = process.cpuUsage(used);
  return { value, seconds: (performance.now() - began) / 1000, processor: (user + system) / 1e6 };
}

function compared() {
  const [ours, theirs] = [openBundle(reference), openBundle(candidate)];
  const report = compareBundles(ours, theirs);
  ours.close();
  theirs.close();
  return report;
}

const runs = Array.from({ length: 5 }, () => timed(compared));
const best = runs.reduce((a, b) => (b.seconds < a.seconds ? b : a));
const checkpoint = openCheckpoint(model, { pin: 2 ** 30 });
const bundle = openBundle(candidate);
const again = timed(() => replay(bundle, checkpoint));
const round = (x: number) => Number(x.toFixed(2));
const results = {
  machine: { processor: cpus()[0]!.model.trim(), cores: cpus().length, node: process.version },
  policy: again.value.policy,
  taps: best.value.taps.length,
  rows: best.value.rows.length,
  compare: { seconds: round(best.seconds), processor: round(best.processor), verdict: best.value.verdict },
  replay: { seconds: round(again.seconds), processor: round(again.processor), verdict: again.value.verdict },
};
writeFileSync(join(import.meta.dirname, "results/oracle.json"), `${JSON.stringify(results, null, 2)}\n`);
console.log(results);
