import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { qwq } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { npy, zip } from "../support/npz.ts";

function npz(
  members: Record<string, Uint8Array> = { "0.q.npy": npy([2, 80], new Array<number>(160).fill(0.5)) },
): string {
  const path = join(temporaryFolder(), "taps.npz");
  writeFileSync(path, zip(members));
  return path;
}

describe("qwq oracle import", () => {
  it("writes a candidate bundle, and says what is in it", async () => {
    const [out, ids] = [join(temporaryFolder(), "c.oracle"), join(temporaryFolder(), "ids.json")];
    writeFileSync(ids, "[1, 2]");
    const args = ["--ids", ids, "-m", "golden/model/tiny", "--policy", "bf16-hf-eager", "--engine", "mine", "-o", out];
    const ran = await qwq(["oracle", "import", "npz", npz(), ...args]);
    expect(ran).toEqual({ code: 0, stdout: "", stderr: "1 taps of 2 tokens.\n" });
    const { manifest } = openBundle(out);
    expect(manifest).toMatchObject({
      role: "candidate",
      engine: "mine",
      policy: "bf16-hf-eager",
      input: { ids: [1, 2] },
    });
    expect(manifest.taps.map(({ name, shape }) => [name, shape])).toEqual([["0.q", [2, 80]]]);
  });

  it("takes names from a map", async () => {
    const [folder, map] = [temporaryFolder(), join(temporaryFolder(), "map.json")];
    writeFileSync(map, '{"hidden_3": "3.out"}');
    const path = npz({ "hidden_3.npy": npy([1, 4], [1, 2, 3, 4]), "input_ids.npy": npy([1], [9], "<i8") });
    const ran = await qwq(["oracle", "import", "npz", path, "--map", map, "--quiet", "-o", join(folder, "c")]);
    expect(ran).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(openBundle(join(folder, "c")).manifest.taps[0]!.name).toBe("3.out");
  });

  it("prints where the Python files lie", async () => {
    for (const format of ["hf", "onnx"]) {
      const ran = await qwq(["oracle", "import", format, "--hook"]);
      expect([ran.code, existsSync(ran.stdout.trimEnd())]).toEqual([0, true]);
    }
  });

  it.each<[number, string, (folder: string) => string[]]>([
    [2, "expected --ids FILE", (folder) => ["npz", npz(), "-o", join(folder, "x")]],
    [2, "expected -o FOLDER", () => ["npz", npz()]],
    [2, "expected PATH", (folder) => ["npz", "-o", join(folder, "x")]],
    [2, "'tensorrt' is invalid", (folder) => ["tensorrt", npz(), "-o", join(folder, "x")]],
    [2, "expected --against BUNDLE", () => ["eval-callback", "package.json"]],
    [2, "expected --ids FILE", (folder) => ["hf", "golden/model/tiny", "-o", join(folder, "x")]],
    [2, "expected hf or onnx with --hook", () => ["npz", "--hook"]],
    [65, "expected a ZIP archive", (folder) => ["npz", "package.json", "--ids", ids(), "-o", join(folder, "x")]],
    [
      65,
      "expected 0.q with 80 columns",
      (folder) => [
        "npz",
        npz({ "0.q.npy": npy([1, 3], [1, 2, 3]) }),
        "--ids",
        ids(),
        "-m",
        "golden/model/tiny",
        "-o",
        join(folder, "x"),
      ],
    ],
    [
      65,
      "expected at most 2 rows",
      (folder) => ["npz", npz({ "0.q.npy": npy([3, 1], [1, 2, 3]) }), "--ids", ids(), "-o", join(folder, "x")],
    ],
    [66, "expected a file", (folder) => ["npz", "no.npz", "--ids", ids(), "-o", join(folder, "x")]],
    [73, "expected a name that is free", (folder) => ["npz", npz(), "--ids", ids(), "-o", folder]],
    [
      74,
      "expected Python",
      (folder) => ["hf", "golden/model/tiny", "--ids", ids(), "--python", "no-such-python", "-o", join(folder, "x")],
    ],
  ])("ends with %i: %s", async (code, text, args) => {
    const folder = temporaryFolder();
    const ran = await qwq(["oracle", "import", ...args(folder)]);
    expect([ran.code, ran.stdout]).toEqual([code, ""]);
    expect(ran.stderr).toContain(text);
    expect(readdirSync(folder)).toEqual([]);
  });
});

function ids(): string {
  const path = join(temporaryFolder(), "ids.json");
  writeFileSync(path, "[1,2]");
  return path;
}
