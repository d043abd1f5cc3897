/** The committed sketches are what is recorded today, to the byte, whatever the engine: the same on Node 20 and 24. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { compareBundles } from "../../src/oracle/compare.ts";
import { qwqOnTiny as qwq } from "../support/cli.ts";
import { bundleOf, recorded, run } from "../support/engine.ts";
import { PLANTED } from "../support/bugs.ts";
import { temporaryFolder } from "../support/folder.ts";
import { goldenPath } from "../support/golden.ts";

const TINY = goldenPath("oracle/tiny.oracle");

it("the embedded model's is recorded again to the byte", async () => {
  const out = join(temporaryFolder(), "tiny.oracle");
  const ids = JSON.stringify(openBundle(TINY).manifest.input.ids);
  const args = ["-m", "golden/model/tiny", "--tier", "sketch", "--noise", "all", "-o", out];
  expect((await qwq(["oracle", "record", "--ids", "-", ...args], { input: ids })).code).toBe(0);
  for (const name of readdirSync(TINY)) {
    expect(readFileSync(join(out, name)).equals(readFileSync(join(TINY, name))), name).toBe(true);
  }
});

it("passes Hugging Face's own float32, and finds a bug at its first tap", () => {
  const reference = openBundle(TINY);
  const of = (values: Parameters<typeof bundleOf>[1]) =>
    compareBundles(reference, openBundle(bundleOf("tiny", values)));
  expect(of(recorded("tiny")).verdict).toBe("pass");
  const { bug } = PLANTED.find(({ code }) => code === "rope-interleaved")!;
  expect(of(run("tiny", 1, bug))).toMatchObject({ verdict: "fail", first: { tap: "1.qr" } });
});

it("SmolLM2's has every tap of 30 layers for 16 tokens in less than 2 MB, and its hashes are right", () => {
  const path = goldenPath("oracle/smollm2.oracle");
  const bundle = openBundle(path);
  expect(bundle.manifest.taps).toHaveLength(30 * 15 + 3);
  expect(bundle.manifest.input.ids).toHaveLength(16);
  for (const { name } of bundle.manifest.taps) expect(bundle.read(name)!.shape).toEqual([16, 48]);
  bundle.close();
  expect(readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0)).toBeLessThan(2e6);
});
