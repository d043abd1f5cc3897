import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { PLANTED } from "../support/bugs.ts";
import { MAIN, qwqOnTiny as qwq } from "../support/cli.ts";
import { bundleOf, recorded, run } from "../support/engine.ts";
import { temporaryFolder } from "../support/folder.ts";
import { model } from "../support/models.ts";

const { ids } = model("tiny");

async function reference(): Promise<string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "ids.json"), JSON.stringify([...ids]));
  const path = join(folder, "reference.oracle");
  expect(await qwq(["oracle", "record", "--ids", join(folder, "ids.json"), "-o", path])).toMatchObject({ code: 0 });
  return path;
}

const bug = (name: string) => PLANTED.find((planted) => planted.name === name)!.bug;

it("show tells what a bundle holds, verify that it is right, kl how far logits are apart", async () => {
  const ours = await reference();
  const shown = await qwq(["oracle", "show", ours]);
  expect(shown.stdout).toContain("reference, f32, 11 tokens, 48 taps");
  expect(shown.stdout).toContain("0.qr     F32 [11 80]  positions 0 to 10");
  expect(JSON.parse((await qwq(["oracle", "show", ours, "--json"])).stdout)).toMatchObject({ role: "reference" });
  const verified = await qwq(["oracle", "verify", ours, "-m", "golden/model/tiny", "--json"]);
  expect([verified.code, JSON.parse(verified.stdout)]).toEqual([
    0,
    { hashed: 48, replayed: 48, z: expect.any(Number) as unknown },
  ]);
  const apart = await qwq(["oracle", "kl", ours, bundleOf("tiny", recorded("tiny")), "--json"]);
  expect(JSON.parse(apart.stdout)).toMatchObject({ flips: 0 });
});

it("verify ends with 65 for a changed byte, 6 for values that are not the model's, 4 for another model", async () => {
  const ours = await reference();
  const file = join(ours, "taps-00001.safetensors");
  const bytes = readFileSync(file);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(file, bytes);
  expect((await qwq(["oracle", "verify", ours])).code).toBe(65);
  const wrong = bundleOf("tiny", run("tiny", 1, bug("bias-k")));
  const ran = await qwq(["oracle", "verify", wrong, "-m", "golden/model/tiny"]);
  expect(ran.code).toBe(6);
  expect(ran.stderr).toContain("(1.k)");
  const other = bundleOf("tiny", recorded("tiny"), { model: { config_sha256: "0".repeat(64) } });
  expect((await qwq(["oracle", "verify", other, "-m", "golden/model/tiny"])).code).toBe(4);
});

it("bisect finds the layer with the engine's command, and ends with 74 where that fails", async () => {
  const ours = await reference();
  const wrong = bundleOf("tiny", run("tiny", 1, bug("gqa-tile")));
  const [folder, cut] = [temporaryFolder(), "engine.mjs"];
  // An engine that writes one layer's output: here cut out of a bundle that is there.
  writeFileSync(
    join(folder, cut),
    `import { cpSync, readFileSync, writeFileSync } from "node:fs";
     const [layer, out] = process.argv.slice(2);
     cpSync(${JSON.stringify(wrong)}, out, { recursive: true });
     const manifest = JSON.parse(readFileSync(out + "/manifest.json", "utf8"));
     manifest.taps = manifest.taps.filter(({ name }) => name === layer + ".out");
     writeFileSync(out + "/manifest.json", JSON.stringify(manifest));`,
  );
  const cmd = `${process.execPath} ${join(folder, cut)} {layer} {out}`;
  const ran = await qwq(["oracle", "bisect", ours, "--cmd", cmd, "--json", "--quiet"]);
  expect([ran.code, JSON.parse(ran.stdout)]).toEqual([1, { layer: 1, tap: "1.out", runs: 3 }]);
  const whole = await qwq(["oracle", "bisect", ours, "--cmd", `cp -r ${wrong} {out}`, "--quiet"]);
  expect(whole.stdout).toBe("layer 1 is the first that is wrong, in it 1.a (3 runs)\n");
  const wide = await qwq(["oracle", "bisect", ours, "--cmd", `cp -r ${wrong} {out}`, "--quiet", "--atol", "1e3"]);
  expect([wide.code, wide.stdout]).toEqual([0, "no layer is wrong (1 run)\n"]);
  const nothing = await qwq(["oracle", "bisect", ours, "--cmd", "true", "--quiet"]);
  expect([nothing.code, nothing.stderr]).toEqual([
    74,
    "qwq: --cmd: expected a bundle in the folder {out}, got none from true. Its command is given the folder as {out}; qwq oracle import makes one of other files.\n",
  ]);
  const failed = await qwq(["oracle", "bisect", ours, "--cmd", `${process.execPath} ${MAIN} no-such-command`]);
  expect(failed.code).toBe(74);
  expect((await qwq(["oracle", "bisect", ours, "--cmd", " "])).code).toBe(2);
});
