import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { qwq } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";

const TINY = "golden/model/tiny";

describe("qwq quantize", () => {
  it("writes a GGUF file that runs, and says what is in it: rows of 40 fit no block and are F16", async () => {
    const out = join(temporaryFolder(), "tiny.gguf");
    const ran = await qwq(["quantize", TINY, out, "--type", "q8_0"]);
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toMatch(/: 39 tensors \(F16 23, F32 16\) in one file, [\d,]+ bytes, .*\/s\n$/);
    const answer = await qwq(["run", "-m", out, "--greedy", "--max-tokens", "3", "--json", "Hello"]);
    expect(answer.code, answer.stderr).toBe(0);
    expect(answer.stdout.trim().split("\n")).toHaveLength(4);
  });

  it("writes an int8 folder with its tokenizer, one JSON object with --json", async () => {
    const out = join(temporaryFolder(), "int8");
    const ran = await qwq(["quantize", TINY, out, "--type", "INT8", "--json", "--threads", "1"]);
    expect(JSON.parse(ran.stdout)).toMatchObject({ out, type: "int8", tensors: 39, files: 1, complete: true });
    expect(readdirSync(out).sort()).toEqual([
      "config.json",
      "generation_config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    expect((await qwq(["inspect", "--weights", out])).code).toBe(0);
  });

  it("names the model and the tensor where a weight is not finite", async () => {
    const folder = temporaryFolder();
    cpSync(TINY, folder, { recursive: true });
    const bytes = readFileSync(join(folder, "model.safetensors"));
    bytes.writeUInt16LE(0x7fc0, bytes.length - 2); // the last value of the last tensor
    writeFileSync(join(folder, "model.safetensors"), bytes);
    const ran = await qwq(["quantize", folder, join(folder, "out"), "--type", "int8"]);
    expect(ran.stderr).toContain(
      `qwq: ${folder}: model.norm.weight: expected finite weights, got NaN in row 0, column 79`,
    );
    expect([ran.code, ran.stdout]).toEqual([65, ""]);
  });

  it.each<[string, string[], number, string]>([
    ["an unknown type, with those there are", [TINY, "OUT", "--type", "q3_k"], 2, 'q6_k, got "q3_k"'],
    ["a missing type", [TINY, "OUT"], 2, "--type"],
    ["a missing model", ["none", "OUT", "--type", "int8"], 66, "none"],
    ["an output that is there", [TINY, TINY, "--type", "int8"], 73, TINY],
  ])("refuses %s", async (_, args, code, words) => {
    const out = join(temporaryFolder(), "out");
    const ran = await qwq(["quantize", ...args.map((arg) => (arg === "OUT" ? out : arg))]);
    expect([ran.code, ran.stdout]).toEqual([code, ""]);
    expect(ran.stderr).toContain(words);
    expect(existsSync(out)).toBe(false);
  });
});
