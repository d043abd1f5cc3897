import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { QwQ } from "../../src/library/qwq.ts";
import { goldenJson, goldenPath } from "../support/golden.ts";
import { PYTHON, QWEN_FOLDER, QWEN_TOKENIZER } from "../support/real.ts";

interface Conversation {
  readonly question: string;
  readonly prompt: string;
  readonly ids: number[];
  readonly greedy: number[];
  readonly text: string;
}

interface Record {
  readonly weights_sha256: string;
  readonly english: Conversation;
  readonly chinese: Conversation;
}

const recorded = goldenJson<Record>("hf/qwen-folder.json");
const available = existsSync(QWEN_FOLDER) || (existsSync(PYTHON) && existsSync(QWEN_TOKENIZER));

describe.skipIf(!available)("a folder saved by save_pretrained with the real Qwen tokenizer (npm run setup)", () => {
  beforeAll(() => {
    const make = [goldenPath("make_qwen_folder.py"), "--folder"];
    if (!existsSync(QWEN_FOLDER)) execFileSync(PYTHON, make, { stdio: "inherit" });
    const weights = readFileSync(join(QWEN_FOLDER, "model.safetensors"));
    expect(createHash("sha256").update(weights).digest("hex")).toBe(recorded.weights_sha256);
  });

  it.each(["english", "chinese"] as const)(
    "%s: prompt, ids, 24 greedy tokens and text are Hugging Face's",
    async (language) => {
      const { question, prompt, ids, greedy, text } = recorded[language];
      const qwq = await QwQ.load(QWEN_FOLDER);
      expect(await qwq.render([{ role: "user", content: question }])).toBe(prompt);
      expect([...qwq.tokenizer.encode(prompt)]).toEqual(ids);
      const answer = await qwq.answer(question, { greedy: true, maxTokens: greedy.length });
      expect(answer.ids).toEqual(greedy);
      expect(answer.text).toBe(text);
      qwq.close();
    },
  );
});
