import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { strictly } from "../../src/cli/strict.ts";
import { expectedWeights } from "../../src/files/names.ts";
import { layOut } from "../../src/files/safetensors-write.ts";
import { configJson, SMALL, temporaryFolder, writeFolder } from "../support/checkpoints.ts";
import { MAIN, qwq } from "../support/cli.ts";
import { failure } from "../support/folder.ts";

/** Changes the last byte of a file. */
function change(path: string): void {
  const bytes = fs.readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  fs.writeFileSync(path, bytes);
}

describe("qwq verify", () => {
  it("without a manifest looks at everything, within 80 columns, and says what it could not check", async () => {
    const { code, stdout, stderr } = await qwq(["verify", "golden/model/tiny"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^golden\/model\/tiny\n\nfiles {7}5 files, 462\.9 kB, .*\/s\n/);
    expect(stdout).toContain("weights     39 tensors, all finite, the largest is 4.281 in size\n");
    expect(stdout).toContain("unchecked   that these are the publisher's bytes,\n");
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("writes a manifest, agrees with it, and ends with 1 at the first bit that differs, the tensor named", async () => {
    const path = writeFolder(temporaryFolder());
    const manifest = join(path, "model.manifest.json");
    const wrote = await qwq(["verify", "--write", path]);
    expect([wrote.code, wrote.stderr]).toEqual([0, ""]);
    expect(wrote.stdout).toContain(`written     ${manifest}\n`);
    const same = await qwq(["verify", path]);
    expect([same.code, same.stderr]).toEqual([0, ""]);
    expect(same.stdout).toContain(`all as ${manifest} says\n`);
    expect(same.stdout).not.toContain("unchecked");

    change(join(path, "model.safetensors"));
    const [text, json] = await Promise.all([qwq(["verify", path]), qwq(["verify", "--json", path])]);
    expect([text.code, json.code]).toEqual([1, 1]);
    expect(text.stderr).toMatch(
      /^qwq: .*model\.safetensors: expected sha256 [^\n]* \("model\.norm\.weight"\)\. Get [^\n]*\n$/,
    );
    expect(text.stdout).toContain("different   model.safetensors (sha256): ");
    expect(JSON.parse(json.stdout)).toMatchObject({
      verdict: "different",
      differences: [{ file: "model.safetensors", kind: "sha256", tensors: ["model.norm.weight"] }],
      damaged: [],
    });
    expect((await qwq(["verify", "--write", path])).code).toBe(0);
    expect((await qwq(["verify", path])).code).toBe(0);
  });

  it("compares with another manifest, and writes one elsewhere, which does not touch the model", async () => {
    const path = writeFolder(temporaryFolder());
    const elsewhere = join(temporaryFolder(), "good.json");
    expect((await qwq(["verify", "-o", elsewhere, path])).code).toBe(0);
    expect(fs.readdirSync(path).sort()).toEqual(["config.json", "model.safetensors"]);
    change(join(path, "model.safetensors"));
    expect((await qwq(["verify", path])).code).toBe(0);
    expect((await qwq(["verify", "--manifest", elsewhere, path])).code).toBe(1);
  });

  it("ends with 65 for a NaN, writes no manifest of it, and of a file cut short says what is wrong", async () => {
    const path = writeFolder(temporaryFolder(), SMALL);
    const file = join(path, "model.safetensors");
    const bytes = fs.readFileSync(file);
    bytes.fill(0xff, bytes.length - 4);
    fs.writeFileSync(file, bytes);
    const nan = await qwq(["verify", "--write", path]);
    expect([nan.code, nan.stderr]).toEqual([
      65,
      `qwq: ${file}: expected finite weights, got NaN in row 0, column 31 ("model.norm.weight"). The file is damaged; get it again.\n`,
    ]);
    expect(fs.existsSync(join(path, "model.manifest.json"))).toBe(false);
    fs.truncateSync(file, bytes.length - 1);
    const cut = await qwq(["verify", path]);
    expect([cut.code, cut.stdout]).toEqual([65, ""]);
  });

  it("F8, F10, M8: --strict makes errors of warnings, here and in inspect", async () => {
    const path = writeFolder(temporaryFolder());
    fs.linkSync(join(path, "model.safetensors"), join(temporaryFolder(), "another name"));
    for (const command of ["verify", "inspect"]) {
      const plain = await qwq([command, path]);
      expect(plain.code, command).toBe(0);
      expect(plain.stdout).toContain("W_HARD_LINK");
      const strict = await qwq([command, "--strict", path]);
      expect(strict.code, command).toBe(65);
      expect(strict.stderr).toContain("expected a model without warnings, as --strict demands, got ");
    }
  });

  it.skipIf(process.platform !== "linux")("Ctrl-C ends it with 130, and nothing is said of the model", async () => {
    const config = { ...SMALL, vocabulary: 4_000_000 }; // a gigabyte, of which nothing is on the disk
    const path = temporaryFolder();
    fs.writeFileSync(join(path, "config.json"), JSON.stringify(configJson(config)));
    const tensors = expectedWeights(config, "safetensors").map(({ name, shape }) => {
      return [name, { dtype: "F32", shape, bytes: { length: 4 * shape.reduce((a, b) => a * b, 1) } }] as const;
    });
    const { head, fileBytes } = layOut("model.safetensors", new Map(tensors), new Map());
    fs.writeFileSync(join(path, "model.safetensors"), head);
    fs.truncateSync(join(path, "model.safetensors"), fileBytes);
    const child = spawn(process.execPath, [MAIN, "verify", path], { stdio: ["ignore", "pipe", "pipe"] });
    const said: Buffer[] = [];
    child.stdout.on("data", (piece: Buffer) => said.push(piece));
    const { ino } = fs.statSync(join(path, "model.safetensors"));
    const fds = `/proc/${child.pid}/fd`;
    const reads = () =>
      fs.readdirSync(fds).some((fd) => fs.statSync(join(fds, fd), { throwIfNoEntry: false })?.ino === ino);
    while (child.exitCode === null && !reads()) await new Promise((resolve) => setTimeout(resolve, 5));
    const ended = once(child, "exit");
    child.kill("SIGINT");
    expect(await ended).toEqual([130, null]);
    expect(Buffer.concat(said).toString()).toBe("");
  });

  it.each<[string, string[], number]>([
    ["a model that is not there", ["none"], 66],
    ["a manifest that is not there", ["--manifest", "none.json", "golden/model/tiny"], 66],
    ["a manifest that is none", ["--manifest", "package.json", "golden/model/tiny"], 65],
    ["a place that cannot be written", ["-o", "/none/m.json", "golden/model/tiny"], 73],
  ])("refuses %s", async (_, args, code) => {
    const ran = await qwq(["verify", ...args]);
    expect([ran.code, ran.stdout]).toEqual([code, ""]);
    expect(ran.stderr).toMatch(/^qwq: [^\n]+\n$/);
  });
});

describe("strictly", () => {
  it("names the first warning, and how many there are", () => {
    expect(failure(() => strictly("m", ["a: W_ONE: one.", "b: W_TWO: two."])).message).toBe(
      "m: expected a model without warnings, as --strict demands, got 2, the first: a: W_ONE: one. " +
        "Mend what it says, or leave out --strict.",
    );
  });

  it("lets remarks about other programs pass", () => {
    strictly("m", ["a: W_ACTIVATIONS: its library also rounds."]);
  });
});
