import { join } from "node:path";
import { expect, it } from "vitest";
import { line, parseLog, readLog, writeLog } from "../../src/training/log.ts";
import { failure, temporaryFolder } from "../support/folder.ts";

const entry = { stage: "one", step: 3, of: 60, values: { loss: 1 / 3, reward: 0.5 } };

it("an entry is one line of JSON, its numbers to seven digits", () => {
  const sample = { question: "1 + 1 = ?", reply: "ones: 1+1=2\n</think>\n\n2", reward: 1 };
  expect(line({ ...entry, sample })).toBe(
    `{"stage":"one","step":3,"of":60,"values":{"loss":0.3333333,"reward":0.5},"sample":${JSON.stringify(sample)}}`,
  );
});

it("a log is read as it was written", () => {
  const folder = temporaryFolder();
  writeLog(folder, `${line(entry)}\n${line({ ...entry, step: 4 })}\n`);
  expect(readLog(join(folder, "log.jsonl")).map(({ step }) => step)).toEqual([3, 4]);
});

it("a line that is no JSON is named", () => {
  const error = failure(() => parseLog('{"stage":"one"}\n{', "log.jsonl"));
  expect([error.code, error.expected]).toEqual(["E_TRAIN_LOG", "a JSON object in line 2"]);
});
