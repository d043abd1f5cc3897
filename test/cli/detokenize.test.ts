import { describe, expect, it } from "vitest";
import { qwqOnTiny as qwq } from "../support/cli.ts";

describe("qwq detokenize", () => {
  it.concurrent("prints a JSON string for an array of ids", async () => {
    expect(await qwq(["detokenize", "[64, 508]"])).toEqual({ code: 0, stdout: '"a<|im_end|>"\n', stderr: "" });
  });

  it.concurrent("puts U+FFFD where bytes are no UTF-8, and nothing for ids without a token", async () => {
    const half = JSON.parse((await qwq(["tokenize", "é"])).stdout) as number[];
    const input = `[${half[0]!}]\n[543]\n[]\n`;
    const ran = await qwq(["detokenize", "--lines", "-"], { input });
    expect(ran.stdout).toBe(`${half.length > 1 ? '"\ufffd"' : '"é"'}\n""\n""\n`);
  });

  it.concurrent("names the line of an id that is none", async () => {
    const ran = await qwq(["detokenize", "--lines", "-"], { input: "[1]\n[2, 3.0]\n" });
    expect(ran.code).toBe(65);
    expect(ran.stderr).toBe(
      'qwq: stdin, line 2: expected "ids[1]" to be an integer, got 3.0. Give ids as qwq tokenize prints them: [1,2,3].\n',
    );
  });
});
