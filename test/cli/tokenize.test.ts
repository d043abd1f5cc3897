import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { nfc } from "../../src/text/nfc.ts";
import { qwqOnTiny as qwq } from "../support/cli.ts";
import { goldenPath } from "../support/golden.ts";

interface Case {
  readonly text: string;
  readonly ids: { readonly tiny: readonly number[] };
}

const cases = JSON.parse(readFileSync(goldenPath("text/encode.json"), "utf8")) as readonly Case[];

describe("qwq tokenize", () => {
  it.concurrent("prints ids as JSON.stringify does", async () => {
    expect(await qwq(["tokenize", "How are you doing?"])).toEqual({
      code: 0,
      stdout: `${JSON.stringify(cases[0]!.ids.tiny)}\n`,
      stderr: "",
    });
  });

  it.concurrent("prints [] for no text", async () => {
    expect((await qwq(["tokenize", ""])).stdout).toBe("[]\n");
  });

  it.concurrent("equals Hugging Face on every golden string, and detokenize gives each string back", async () => {
    const input = cases.map(({ text }) => `${JSON.stringify(text)}\n`).join("");
    const there = await qwq(["tokenize", "--lines", "-"], { input });
    expect(there.stdout).toBe(cases.map(({ ids }) => `${JSON.stringify(ids.tiny)}\n`).join(""));
    const back = await qwq(["detokenize", "--lines", "-"], { input: there.stdout });
    expect(back.stdout).toBe(cases.map(({ text }) => `${JSON.stringify(nfc(text))}\n`).join(""));
  });

  it.concurrent("keeps the contents of special tokens as text with --no-special", async () => {
    const [special, plain] = await Promise.all([
      qwq(["tokenize", "a<|im_end|>"]),
      qwq(["tokenize", "--no-special", "a<|im_end|>"]),
    ]);
    expect(special.stdout).toBe("[64,508]\n");
    expect((JSON.parse(plain.stdout) as number[]).length).toBeGreaterThan(2);
    expect((await qwq(["detokenize", "-"], { input: plain.stdout })).stdout).toBe('"a<|im_end|>"\n');
  });

  it.concurrent("reads text from stdin as it stands, the newline too", async () => {
    const [read, given] = await Promise.all([qwq(["tokenize", "-"], { input: "a\n" }), qwq(["tokenize", "a\n"])]);
    expect(read.stdout).toBe(given.stdout);
  });

  it.concurrent("prints what comes before a bad line, and names the line and its byte", async () => {
    const ran = await qwq(["tokenize", "--lines", "-"], { input: '"a"\n"b" c\n"d"\n' });
    expect(ran.stdout).toBe("[64]\n");
    expect(ran.code).toBe(65);
    expect(ran.stderr).toMatch(
      /^qwq: stdin, line 2: expected nothing after the JSON document, got "c" \(at byte 4\)\./,
    );
  });
});
