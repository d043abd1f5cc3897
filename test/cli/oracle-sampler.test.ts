import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { qwq } from "../support/cli.ts";
import { goldenPath } from "../support/golden.ts";

const path = goldenPath("sampler/cases.jsonl");

describe("qwq oracle sampler", () => {
  it("answers every golden case line by line: Hugging Face's ids, probabilities within 1e-6", async () => {
    const ran = await qwq(["oracle", "sampler", "--cases", path]);
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    const answers = ran.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { ids: number[]; probabilities: number[] });
    const cases = readFileSync(path, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as (typeof answers)[number]);
    expect(answers.map(({ ids }) => ids)).toEqual(cases.map(({ ids }) => ids));
    const worst = answers.flatMap(({ probabilities }, i) =>
      probabilities.map((p, j) => Math.abs(p - cases[i]!.probabilities[j]!)),
    );
    expect(worst.reduce((a, b) => Math.max(a, b), 0)).toBeLessThanOrEqual(1e-6); // float32 sums of up to 1,000 terms
  });

  it("names the line of a case that is none, after the answers before it", async () => {
    const input = '{"logits": [0, null]}\n{"logits": [1, "x"]}\n';
    expect(await qwq(["oracle", "sampler", "--cases", "-"], { input })).toEqual({
      code: 65,
      stdout: '{"ids":[0],"probabilities":[1]}\n',
      stderr:
        'qwq: stdin, line 2: expected "logits[1]" to be a finite number, got "x". The file is damaged or was edited by hand; get it again, or mend it there.\n',
    });
  });

  it("names the line of a setting out of its range, with exit code 2", async () => {
    const input = '{"logits": [0, 1], "top_p": 2}\n';
    const ran = await qwq(["oracle", "sampler", "--cases", "-"], { input });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/^qwq: stdin, line 1: [^\n]+\n$/);
  });
});
