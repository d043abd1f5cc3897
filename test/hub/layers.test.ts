import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { downloadLayers } from "../../src/hub/layers.ts";
import type { Stored } from "../../src/tensor.ts";
import { PLANTED } from "../support/bugs.ts";
import { qwqOnTiny as qwq } from "../support/cli.ts";
import { bundleOf, run } from "../support/engine.ts";
import { failure, temporaryFolder } from "../support/folder.ts";
import { goldenPath } from "../support/golden.ts";
import { hasty, rejection, tinyFolder } from "../support/hub.ts";
import { type HubOptions, HubServer } from "../support/hub-server.ts";

/** A model of three layers, and of two in shards. */
const TINY = tinyFolder();
const sharded = () => {
  const folder = goldenPath("model/sharded");
  const names = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile());
  const tokenizer = { "tokenizer.json": TINY["tokenizer.json"]! };
  return { ...Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))])), ...tokenizer };
};

async function fetched(server: HubServer, layers: readonly number[], home = temporaryFolder(), plan: number[] = []) {
  const env = { HF_ENDPOINT: server.url, HF_HOME: home, HF_HUB_CACHE: home };
  const onPlan = (bytes: number, of: number) => void plan.push(bytes, of);
  return downloadLayers("org/name", { layers: () => new Set(layers), env, onPlan }, hasty());
}

const start = (files: HubOptions["files"], act?: HubOptions["act"]) =>
  HubServer.start({ files, ...(act !== undefined && { act }) });

describe("layers of a model from a hub", () => {
  it.each([
    ["one file", TINY, "model/tiny"],
    ["shards", sharded(), "model/sharded"],
  ])("of %s: those layers' weights and no others, by ranges", async (_, files, name) => {
    const [server, plan] = [await start(files), [] as number[]];
    const folder = await fetched(server, [1], undefined, plan);
    const [part, whole] = [openCheckpoint(folder), openCheckpoint(goldenPath(name))];
    const inside = [...whole.source.tensors.values()].filter(
      ({ name: n }) => n.includes(".layers.1.") || n === "model.norm.weight",
    );
    expect([...part.source.tensors.keys()].sort()).toEqual(inside.map(({ name: n }) => n).sort());
    expect(plan[0]).toBe(inside.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(plan[1]).toBeGreaterThan(2 * plan[0]!);
    const layer = (of: typeof part) => [...of.weights.layers()][1]![1].Wq as Stored<"HD C">;
    const [a, b] = [part, whole].map((of) => {
      const { shape, widen } = layer(of);
      const values = new Float32Array(shape[0]! * shape[1]!);
      widen(0, shape[0]!, values);
      return values;
    });
    expect(a).toEqual(b);
    // what is not there is an error, never a zero
    expect(failure(() => [...part.weights.layers()][0]![1].Wq).code).toBe("E_PART_ABSENT");
    expect(failure(() => (part.weights.U as Stored<"V C">).widen(0, 1, new Float32Array(64))).code).toBe(
      "E_PART_ABSENT",
    );
    part.close();
    whole.close();
  });

  it("is not asked for twice, and goes on after a cut", async () => {
    let cut = 0;
    const server = await start(TINY, (url, _, { headers, at }) =>
      at === "cdn" &&
      url.includes("model.safetensors") &&
      headers.range?.startsWith("bytes=0-") === false &&
      cut++ === 0
        ? { after: 20 }
        : undefined,
    );
    const home = temporaryFolder();
    const folder = await fetched(server, [0, 2], home);
    expect(cut).toBeGreaterThan(1);
    expect(folder).toMatch(/qwq-parts\/org--name\/\w+\/layers-0-2$/);
    const asked = server.count("model.safetensors");
    expect(await fetched(server, [2, 0], home)).toBe(folder);
    expect(server.count("model.safetensors")).toBe(asked);
  });

  it("leaves nothing behind where the server has no parts of files", async () => {
    const home = temporaryFolder();
    const server = await start(TINY, (url) => (url.includes("model.safetensors") ? { whole: true } : undefined));
    expect((await rejection(fetched(server, [1], home))).code).toBe("E_NET_ANSWER");
    expect(existsSync(join(home, "qwq-parts"))).toBe(false);
  });
});

it("qwq oracle replay of one layer of a model that is not here fetches that layer alone, and says so first", async () => {
  const server = await start(TINY);
  const home = temporaryFolder();
  const env = { HF_ENDPOINT: server.url, HF_HOME: home, HF_HUB_CACHE: home };
  const bundle = join(temporaryFolder(), "b.oracle");
  expect((await qwq(["oracle", "record", "--prompt", "The tide", "--noise", "none", "-o", bundle])).code).toBe(0);
  const ran = await qwq(["oracle", "replay", bundle, "-m", "org/name", "--layers", "1"], { env });
  expect([ran.code, ran.stdout.split("\n")[0]]).toEqual([0, expect.stringMatching(/^PASS/)]);
  expect(ran.stderr).toMatch(/^Fetches layer 1 of org\/name: [\d.]+ kB of [\d.]+ kB\.\n/);
  const wide = bundleOf("tiny", run("tiny", 1, PLANTED.find(({ code }) => code === "rope-offset")!.bug));
  const args = ["-m", "org/name", "--layer", "1", "--quiet", "--format", "json"];
  const diagnosed = await qwq(["oracle", "diagnose", wide, ...args], { env });
  expect([diagnosed.code, diagnosed.stderr]).toEqual([1, ""]);
  const found = JSON.parse(diagnosed.stdout) as { first: { tap: string }; diagnosis: { code: string }[] };
  expect([found.first.tap, found.diagnosis[0]?.code]).toEqual(["1.qr", "rope-offset"]);
  const wrong = await qwq(["oracle", "replay", bundle, "-m", "org/name", "--layers", "9"], { env });
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("layers from 0 to 2")]);
});
