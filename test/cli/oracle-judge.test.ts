import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { host } from "../../src/tensor.ts";
import { PLANTED } from "../support/bugs.ts";
import { qwqOnTiny as qwq } from "../support/cli.ts";
import { bundleOf, recorded, run } from "../support/engine.ts";
import { temporaryFolder } from "../support/folder.ts";
import { model } from "../support/models.ts";

const { ids } = model("tiny");

async function reference(...more: string[]): Promise<string> {
  const folder = temporaryFolder();
  const file = join(folder, "ids.json");
  writeFileSync(file, JSON.stringify([...ids]));
  const path = join(folder, "reference.oracle");
  expect(await qwq(["oracle", "record", "--ids", file, "-o", path, ...more])).toMatchObject({ code: 0 });
  return path;
}

const json = (text: string) => JSON.parse(text) as Record<string, unknown>;
const bug = (name: string) => PLANTED.find((planted) => planted.name === name)!.bug;

describe("qwq oracle compare, replay, diagnose", () => {
  it("tell a correct engine from one with interleaved RoPE, and name that", async () => {
    const [ours, right] = [await reference(), bundleOf("tiny", recorded("tiny"))];
    const wrong = bundleOf("tiny", run("tiny", 0, bug("rope-interleaved")));
    const passed = await Promise.all(
      [
        ["compare", ours, right],
        ["replay", right],
        ["diagnose", right],
      ].map((args) => qwq(["oracle", ...args, "--format", "json"])),
    );
    for (const { code, stdout } of passed) {
      expect(code).toBe(0);
      expect(json(stdout)).toMatchObject({ verdict: "pass", first: null, diagnosis: [] });
    }
    expect(json(passed[2]!.stdout)).toMatchObject({ none: true });
    const failed = await Promise.all(
      [
        ["compare", ours, wrong],
        ["replay", wrong],
        ["diagnose", wrong],
      ].map((args) => qwq(["oracle", ...args, "--format", "json"])),
    );
    for (const { code, stdout } of failed) {
      expect(code).toBe(1);
      expect(json(stdout)).toMatchObject({ verdict: "fail", first: { tap: "0.qr" } });
      expect(Object.keys((json(stdout)["taps"] as object[])[0]!)).toEqual(
        expect.arrayContaining(["tap", "r", "noise", "z"]),
      );
    }
    expect(json(failed[2]!.stdout)).toMatchObject({
      none: false,
      diagnosis: expect.arrayContaining([expect.objectContaining({ code: "rope-interleaved" })]) as unknown,
    });
    expect((json(failed[2]!.stdout)["diagnosis"] as { code: string }[])[0]!.code).toBe("rope-interleaved");
  });

  it("end with 3 where a --strict candidate lacks a tap, 4 for another prompt, 7 for too little, 2 for a policy nobody knows", async () => {
    const ours = await reference();
    const some = bundleOf("tiny", recorded("tiny"), { want: (name) => name.startsWith("1.") });
    const ran = (...args: string[]) => qwq(["oracle", "compare", ours, ...args, "--format", "json"]);
    expect((await ran(some)).code).toBe(0);
    const strict = await ran(some, "--strict");
    expect([strict.code, json(strict.stdout)["verdict"]]).toEqual([3, "incomparable"]);
    expect(strict.stderr).toContain("expected every tap and row of the reference");
    expect((await ran(some, "--min-coverage", "90%")).code).toBe(7);
    expect((await ran(some, "--min-coverage", "0.2")).code).toBe(0);
    const other = await ran(bundleOf("tiny", recorded("tiny"), { input: { ids: [...ids].reverse() } }));
    expect([other.code, json(other.stdout)["verdict"]]).toEqual([4, "incomparable"]);
    expect((await ran(some, "--policy", "posit")).code).toBe(2);
    expect((await ran(some, "--min-coverage", "2")).code).toBe(2);
  });

  it("end with 5 and say where a candidate is first not finite, 65 for a bundle cut short, 66 for one that is not there", async () => {
    const values = new Map(recorded("tiny"));
    const { shape, data } = values.get("2.down")!;
    values.set(
      "2.down",
      host(
        shape,
        data.map((x, i) => (i === 161 ? NaN : x)),
      ),
    );
    const broken = bundleOf("tiny", values);
    for (const args of [
      ["compare", await reference(), broken],
      ["replay", broken],
      ["diagnose", broken],
    ]) {
      const ran = await qwq(["oracle", ...args, "--format", "json"]);
      expect(ran.code).toBe(5);
      expect(ran.stderr).toBe(
        "qwq: 2.down: expected finite values, got NaN at position 2, column 1. The engine overflows there, or before.\n",
      );
      expect(json(ran.stdout)).toMatchObject({ verdict: "fail", notFinite: { tap: "2.down", row: 2, column: 1 } });
    }
    const file = join(broken, "taps-00001.safetensors");
    truncateSync(file, readFileSync(file).length - 100);
    expect((await qwq(["oracle", "replay", broken])).code).toBe(65);
    expect((await qwq(["oracle", "replay", join(broken, "x")])).code).toBe(66);
  });

  it("end with 73 where --out cannot be a folder, and with 66 for a folder that is no bundle", async () => {
    const right = bundleOf("tiny", recorded("tiny"));
    const told = async (...args: string[]) => {
      const { code, stderr } = await qwq(["oracle", "replay", ...args]);
      return [code, stderr];
    };
    const file = join(right, "manifest.json");
    expect(await told(right, "--format", "json", "--out", file)).toEqual([
      73,
      `qwq: ${file}: expected a folder, or a name that is free, got a file. Name another folder.\n`,
    ]);
    const none = temporaryFolder();
    expect(await told(none)).toEqual([
      66,
      `qwq: ${none}: expected a bundle, a folder with manifest.json, got ENOENT. qwq oracle record and qwq oracle import write bundles.\n`,
    ]);
  });

  it("judge the --rows that are asked for, by --kappa noises, under --dtype", async () => {
    const values = new Map(recorded("tiny"));
    const { shape, data } = values.get("1.mid")!;
    values.set(
      "1.mid",
      host(
        shape,
        data.map((x, i) => (i < shape[1]! ? 2 * x : x)),
      ),
    );
    const [ours, first] = [await reference(), bundleOf("tiny", values)];
    const codes = await Promise.all(
      [
        ["compare", ours, first],
        ["compare", ours, first, "--rows", "0"],
        ["replay", first],
        ["replay", first, "--rows", "skip-first"],
        ["replay", first, "--rows", "last"],
        ["replay", first, "--rows", "11"],
        ["replay", first, "--kappa", "1e12"],
        ["replay", first, "--kappa", "0"],
        ["replay", first, "--dtype", "bf16", "--policy", "f32"],
        ["replay", first, "--dtype", "posit"],
      ].map(async (args) => (await qwq(["oracle", ...args])).code),
    );
    expect(codes).toEqual([1, 1, 1, 0, 0, 2, 0, 2, 2, 2]);
    const strict = await qwq([
      "oracle",
      "replay",
      bundleOf("tiny", recorded("tiny")),
      "--kappa",
      "0.01",
      "--rows",
      "last",
    ]);
    expect(strict.code).toBe(1);
    const low = await qwq(["oracle", "replay", first, "--dtype", "bf16", "--rows", "1-3", "--format", "json"]);
    expect(json(low.stdout)).toMatchObject({ policy: "bf16-hf-eager", rows: [1, 2, 3], coverage: { fraction: 1 } });
  });

  it("say nothing of bugs where nothing is to be diagnosed, nor of coverage where nothing was compared", async () => {
    const passed = await qwq(["oracle", "diagnose", bundleOf("tiny", recorded("tiny"))]);
    expect(passed.stdout).not.toContain("known bugs");
    const values = new Map(recorded("tiny"));
    values.set("0.q", host(values.get("0.q")!.shape, new Float32Array(11 * 80).fill(NaN)));
    const broken = await qwq(["oracle", "diagnose", bundleOf("tiny", values)]);
    expect(broken.stdout).toBe(
      "NOT FINITE  0.q has NaN at position 0, column 0\nnext  qwq oracle explain overflow-f16\n",
    );
  });

  it("refuse a model whose hash is another, and measure noise that the reference lacks", async () => {
    const named = bundleOf("tiny", recorded("tiny"), { model: { config_sha256: "0".repeat(64) } });
    expect((await qwq(["oracle", "replay", named])).code).toBe(4);
    const bare = await reference("--noise", "none");
    const right = bundleOf("tiny", recorded("tiny"));
    expect((await qwq(["oracle", "compare", bare, right])).code).toBe(0);
  });

  it("judge by --atol and --rtol in place of noise, and refuse what is no bound", async () => {
    const [ours, wrong] = [await reference("--noise", "none"), bundleOf("tiny", run("tiny", 1, bug("bias-k")))];
    const ran = (...args: string[]) => qwq(["oracle", ...args, "--format", "json"]);
    const compared = await ran("compare", ours, wrong, "--atol", "1e-5", "--rtol", "1e-3");
    expect([compared.code, json(compared.stdout)]).toMatchObject([
      1,
      { first: { tap: "1.k", inputs: [{ tap: "1.n1" }] }, measure: { by: "bounds", atol: 1e-5, rtol: 1e-3 } },
    ]);
    const codes = await Promise.all(
      [
        ["compare", ours, wrong, "--atol", "1e3"],
        ["replay", wrong, "--rtol", "1e3", "--atol", "1e3"],
        ["replay", wrong, "--rtol", "1e-3"],
        ["replay", wrong, "--atol", "NaN"],
        ["replay", wrong, "--atol", "Infinity"],
        ["replay", wrong, "--rtol", "-1"],
        ["replay", wrong, "--rtol", "1", "--kappa", "3"],
      ].map(async (args) => (await ran(...args)).code),
    );
    expect(codes).toEqual([0, 0, 1, 2, 2, 2, 2]);
    for (const command of [
      ["kl", ours, wrong],
      ["verify", ours],
      ["show", ours],
      ["invariants", wrong],
    ]) {
      expect(await qwq(["oracle", ...command, "--atol", "1"])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("unknown option '--atol'") as unknown,
      });
    }
  });

  it("judge by a --budget, which refuses unknown keys and patterns, and is written by show --budget", async () => {
    const [ours, wrong] = [await reference(), bundleOf("tiny", run("tiny", 1, bug("bias-k")))];
    const folder = temporaryFolder();
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const budget = (taps: object) => file("budget.json", JSON.stringify({ format: "oracle-budget/1", taps }));
    const measured = await qwq(["oracle", "show", ours, "--budget", "f32"]);
    const written = file("measured.json", measured.stdout);
    const right = bundleOf("tiny", recorded("tiny"));
    expect((await qwq(["oracle", "compare", ours, right, "--budget", written])).code).toBe(0);
    const found = await qwq(["oracle", "compare", ours, wrong, "--budget", written, "--format", "json"]);
    expect([found.code, json(found.stdout)]).toMatchObject([1, { first: { tap: "1.k" }, budget: written }]);
    const codes: (number | null)[] = [];
    for (const taps of [{ "1.k": { atol: 1e3 } }, { "3.k": { atol: 1 } }, { "1.k": { tol: 1 } }]) {
      codes.push((await qwq(["oracle", "replay", wrong, "--budget", budget(taps)])).code);
    }
    codes.push((await qwq(["oracle", "replay", wrong, "--budget", join(folder, "none.json")])).code);
    codes.push((await qwq(["oracle", "show", ours, "--local"])).code);
    expect(codes).toEqual([0, 65, 65, 66, 2]);
  });

  it("take --kv-dtype and --weights, and refuse formats and models that contradict them", async () => {
    const right = bundleOf("tiny", recorded("tiny"), { weights_dtype: "Q8_0" });
    const ran = async (...args: string[]) => {
      const { code, stdout, stderr } = await qwq(["oracle", "replay", right, "--format", "json", ...args]);
      return [code, code === 2 ? stderr.split("\n")[0] : json(stdout)["policy"]];
    };
    expect(await ran("--kv-dtype", "fp16")).toEqual([1, "f32+kv-f16"]); // its keys and values are float32's
    expect(await ran("--kv-dtype", "f32")).toEqual([0, "f32"]);
    expect(await ran("--weights", "original")).toEqual([0, "f32+weights-q8_0"]);
    expect(await ran("--weights", "same", "-m", "golden/model/tiny")).toEqual([
      2,
      "qwq: --weights: expected a model with weights in Q8_0, as the bundle says: golden/model/tiny, got bf16. Give with -m the file that the engine ran, or say --weights original.",
    ]);
    expect((await ran("--kv-dtype", "q4_0"))[0]).toBe(2);
    expect((await ran("--weights", "mine"))[0]).toBe(2);
    expect((await qwq(["oracle", "kl", right, right, "--kv-dtype", "f16"])).code).toBe(2);
  });
});
