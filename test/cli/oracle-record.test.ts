import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { qwqOnTiny as qwq } from "../support/cli.ts";
import { worst } from "../support/divergence.ts";
import { temporaryFolder } from "../support/folder.ts";
import { model } from "../support/models.ts";
import { goldenJson } from "../support/golden.ts";

const tiny = model("tiny");
const { prompt } = goldenJson<{ readonly prompt: string }>("model/tiny.json");

describe("qwq oracle record", () => {
  it("records the golden prompt, from text and from ids alike: every tap within 4 floors of float64", async () => {
    const folder = temporaryFolder();
    const ids = join(folder, "ids.json");
    writeFileSync(ids, JSON.stringify(tiny.recorded.ids));
    const [text, numbers] = [join(folder, "text.oracle"), join(folder, "ids.oracle")];
    const both = await Promise.all([
      qwq(["oracle", "record", "--prompt", prompt, "-o", text]),
      qwq(["oracle", "record", "--ids", ids, "--chunk", "2", "-o", numbers]),
    ]);
    for (const ran of both) expect(ran).toEqual({ code: 0, stdout: "", stderr: "" });
    const [a, b] = [openBundle(text), openBundle(numbers)];
    expect(a.manifest).toEqual({ ...b.manifest, input: { ...b.manifest.input, text: prompt } });
    expect(a.manifest).toMatchObject({ role: "reference", policy: "f32", input: { ids: tiny.recorded.ids } });
    expect(a.manifest.taps).toHaveLength(48);
    for (const { name } of a.manifest.taps) {
      expect(worst(a.read(name)!.data, tiny.f64.values(name)), name).toBeLessThanOrEqual(4 * tiny.floors[name]!);
    }
  });

  it("writes the same bytes again, of the taps that are asked for", async () => {
    const folder = temporaryFolder();
    const record = (name: string, ...more: string[]) =>
      qwq([
        "oracle",
        "record",
        "--prompt",
        "Hi",
        "--layers",
        "0,2",
        "--taps",
        "qr,kr",
        "-o",
        join(folder, name),
        ...more,
      ]);
    await Promise.all([record("a", "--tier", "sketch"), record("b", "--tier", "sketch", "--backend", "reference")]);
    for (const file of readdirSync(join(folder, "a"))) {
      expect(readFileSync(join(folder, "a", file)).equals(readFileSync(join(folder, "b", file))), file).toBe(true);
    }
    const { manifest } = openBundle(join(folder, "a"));
    expect(manifest.taps.map(({ name, dims, shape, width }) => [name, dims, shape[1], width])).toEqual([
      ["0.qr", "T sketch", 48, 80],
      ["0.kr", "T sketch", 48, 16],
      ["2.qr", "T sketch", 48, 80],
      ["2.kr", "T sketch", 48, 16],
    ]);
    expect(readdirSync(folder).sort()).toEqual(["a", "b"]);
  });

  it.each<[string, string[], string]>([
    [
      "neither prompt nor ids",
      [],
      "qwq: oracle record: expected --ids FILE or --prompt TEXT, got neither. See qwq oracle record --help.\n",
    ],
    [
      "ids beyond the vocabulary",
      ["--ids", "-"],
      "qwq: stdin: ids[1]: expected an id from 0 to 543, got 544. Use the model's own tokenizer.\n",
    ],
    [
      "a layer the model lacks",
      ["--prompt", "Hi", "--layers", "3"],
      'qwq: --layers: expected layers from 0 to 2, such as 0,2 or 0-2, got "3". qwq oracle record --help has examples.\n',
    ],
    [
      "a backend there is not",
      ["--prompt", "Hi", "--backend", "cuda"],
      'qwq: --backend: expected one of auto, reference, wasm, wgsl, gpujs, got "cuda". This version has no other.\n',
    ],
  ])("refuses %s with exit code 2 and leaves nothing", async (_, args, stderr) => {
    const folder = temporaryFolder();
    const ran = await qwq(["oracle", "record", ...args, "-o", join(folder, "x")], { input: "[1,544]" });
    expect(ran).toEqual({ code: 2, stdout: "", stderr });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("ends with 65 and names the first activation that a NaN among the weights reaches", async () => {
    const folder = temporaryFolder();
    const broken = join(folder, "model");
    cpSync("golden/model/tiny", broken, { recursive: true });
    const file = join(broken, "model.safetensors");
    const bytes = readFileSync(file);
    const k = tiny.checkpoint.source.tensors.get("model.layers.1.self_attn.k_proj.weight")!;
    bytes.writeUInt16LE(0x7fc0, k.offset); // row 0, column 0
    writeFileSync(file, bytes);
    const ran = await qwq(["oracle", "record", "-m", broken, "--prompt", "Hi", "-o", join(folder, "x")]);
    expect(ran.code).toBe(65);
    expect(ran.stderr).toBe(
      "qwq: model: expected finite activations, got NaN at position 0, column 0 (1.k). Look for NaN and overflow in the weights with qwq inspect --weights.\n",
    );
    expect(readdirSync(folder)).toEqual(["model"]);
  });
});
