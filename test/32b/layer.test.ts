/**
 * One layer of QwQ-32B's shape, fetched from a hub on this computer and replayed: what it fetches, and what it holds. Writes
 * kernels/bench/results/layer-32b.json. It needs 1 GB of disk and a minute, and neither the model nor Python.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { QWQ_32B } from "../../src/config.ts";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { downloadLayers } from "../../src/hub/layers.ts";
import { block } from "../../src/model.ts";
import { writeBundle } from "../../src/oracle/bundle.ts";
import { type Ops } from "../../src/ops.ts";
import { dimsOf } from "../../src/oracle/taps.ts";
import { reference } from "../../src/reference/index.ts";
import { type Host, host } from "../../src/tensor.ts";
import { drawn } from "../support/small.ts";
import { totals, type Watched, watched } from "../support/watched.ts";
import { layerServer, type LayerServer } from "./layer-server.ts";
import { machine } from "./machine.ts";

const LAYER = 40;
const IDS = [4340, 525];
const MOST = 1.5e9;
const root = join(import.meta.dirname, "../..");

/** What an engine gives of a layer: what comes in, and every tap; with a fault of the keys, where one is wanted. */
function bundle(folder: string, out: string, fault: number): string {
  const checkpoint = openCheckpoint(folder);
  const T = IDS.length;
  const x = host<"T C">([T, QWQ_32B.channels], drawn(T * QWQ_32B.channels, 3));
  const { weights } = checkpoint;
  const W = [...weights.layers()][LAYER]![1];
  const rope: Ops["rope"] = (y, at, R) => reference.rope(y, at + fault, R);
  const ops = { ...reference, rope };
  const cache = reference.cache({ ...QWQ_32B, layers: 1 }, T)[0]!;
  const acts = block(ops, W, x, cache, weights.rope, weights.eps);
  checkpoint.close();
  const taps = [["in", x] as const, ...Object.entries(acts)].map(([short, data]) => {
    const name = short === "in" ? `${LAYER - 1}.out` : `${LAYER}.${short}`;
    const stats = { absmax: 0, rms: 0, nonfinite: 0 };
    return { name, dims: dimsOf(name), data: data as Host<string>, rows: IDS.map((_, t) => t), stats };
  });
  const head = {
    role: "candidate" as const,
    engine: "a test",
    model: {},
    producer: {},
    policy: "f32",
    input: { ids: IDS },
  };
  writeBundle(out, head, taps);
  return out;
}

describe("one layer of QwQ-32B's shape", () => {
  const folder = mkdtempSync(join(tmpdir(), "qwq-layer-"));
  let server: LayerServer;
  let right: Watched;
  let wrong: Watched;
  let sent: number;

  beforeAll(async () => {
    server = await layerServer();
    const home = join(folder, "home");
    const env = { HF_ENDPOINT: server.url, HF_HOME: home, HF_HUB_CACHE: home };
    const part = await downloadLayers("Qwen/QwQ-32B", { layers: () => new Set([LAYER]), env });
    const [good, bad] = [bundle(part, join(home, "good.oracle"), 0), bundle(part, join(home, "bad.oracle"), 1)];
    const before = server.sent();
    const [again, other] = [join(folder, "again"), join(folder, "other")];
    const run = (at: string, command: string, ...args: string[]) =>
      watched("env", [
        ...Object.entries({ ...env, HF_HOME: at, HF_HUB_CACHE: at }).map(([name, value]) => `${name}=${value}`),
        ...[
          "node",
          join(root, "dist/src/cli/main.js"),
          "oracle",
          command,
          ...args,
          "-m",
          "Qwen/QwQ-32B",
          "--format",
          "json",
        ],
      ]);
    right = await run(again, "replay", good, "--layers", `${LAYER}`);
    sent = server.sent() - before;
    wrong = await run(other, "diagnose", bad, "--layer", `${LAYER}`);
  });

  afterAll(() => {
    server?.close();
    rmSync(folder, { recursive: true, force: true });
    if (right?.code !== 0 || wrong?.code !== 1) return;
    const cost = ({ seconds, samples }: Watched) => ({ seconds, ...totals(samples) });
    const text = JSON.stringify(
      {
        machine: machine(root),
        layer: LAYER,
        tokens: IDS.length,
        fetchedBytes: sent,
        replay: cost(right),
        diagnose: cost(wrong),
      },
      undefined,
      2,
    );
    writeFileSync(join(root, "kernels/bench/results/layer-32b.json"), `${text}\n`);
  });

  it("is all that is fetched: 975 MB and the headers of two shards at most", () => {
    expect(sent).toBeGreaterThan(975_210_496);
    expect(sent).toBeLessThan(977e6);
  });

  it("says what it will fetch, and what it will read, before it does", () => {
    const [first, second] = right.stderr.split("\n");
    expect(first).toBe("Fetches layer 40 of Qwen/QwQ-32B: 975.2 MB of 65.5 GB.");
    expect(second).toMatch(/^Reads 975\.2 MB of weights, .*: 1 of 64 layers\.$/);
  });

  it("passes a right engine, and finds and names a wrong one", () => {
    expect([right.code, JSON.parse(right.stdout)]).toMatchObject([0, { verdict: "pass" }]);
    const found = JSON.parse(wrong.stdout) as { first: { tap: string }; diagnosis: { code: string }[] };
    expect([wrong.code, found.first.tap, found.diagnosis[0]?.code]).toEqual([1, "40.qr", "rope-offset"]);
  });

  it("takes at most 1.5 GB of memory", () => {
    expect(totals(right.samples).peakBytes).toBeLessThan(MOST);
    expect(totals(wrong.samples).peakBytes).toBeLessThan(MOST);
  });
});
