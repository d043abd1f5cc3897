import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EMBEDDED_MODELS } from "../../src/files/embedded.ts";
import { QwQ } from "../../src/library/qwq.ts";
import { reference } from "../../src/reference/index.ts";
import { unwrap } from "../../src/reference/unwrap.ts";
import type { Content, Message } from "../../src/text/messages.ts";
import { exportModel } from "../../src/training/export.ts";
import { initial } from "../../src/training/initial.ts";
import { configOf, DEFAULTS } from "../../src/training/settings.ts";
import { CALCULATOR } from "../../src/training/tasks/tools.ts";
import { trainTokenizer } from "../../src/training/tokenizer.ts";
import { temporaryFolder } from "../support/folder.ts";
import { PYTHON } from "../support/real.ts";

/** Questions, and a conversation with a tool: as JSON, for the script. */
const PROMPTS = ["What is 347 + 586?", "计算 820 - 47。", "6 × 719 = ？"].map((content) => ({
  messages: [{ role: "user", content }],
}));
const CALL = { type: "function", function: { name: "calculator", arguments: { expression: "48231 * 917" } } };
const TASK = { role: "user", content: "Use the calculator: 48231 * 917" };
const TOLD = [
  { role: "assistant", content: "", tool_calls: [CALL] },
  { role: "tool", name: "calculator", content: "44227827" },
];
const WITH_TOOLS: readonly Asked[] = [[TASK], [TASK, ...TOLD]].map((messages) => ({ messages, tools: [CALCULATOR] }));
const COUNT = 96;

interface Asked {
  readonly messages: readonly Message[];
  readonly tools?: readonly Content[];
}

interface Said {
  readonly class: string;
  readonly parameters: number;
  readonly sampling: unknown[];
  readonly stop: number[];
  readonly said: readonly { readonly ids: number[]; readonly next: number[]; readonly logits: number[] }[];
}

/** A folder as a training leaves it, its weights drawn with ten times the spread, so that the logits differ. */
function drawn(): string {
  const { vocabulary, template, tokenizer } = trainTokenizer({ size: 448, seed: 1, corpus: { arithmetic: 200 } });
  const config = configOf(DEFAULTS, tokenizer.size);
  const parameters = initial(config, 1);
  for (const { data } of [parameters.E, parameters.U]) for (let i = 0; i < data.length; i++) data[i]! *= 10;
  const path = join(temporaryFolder(), "model");
  exportModel(path, { config, parameters, vocabulary, template, limit: COUNT });
  return path;
}

const QWQ = [true, 0.6, 40, 0.95];
const FOLDERS: [string, () => string, readonly Asked[], readonly unknown[]][] = [
  ["just exported, of drawn weights", drawn, PROMPTS, QWQ],
  ["the embedded reasoner", () => EMBEDDED_MODELS.reasoner.path, PROMPTS, QWQ],
  ["the embedded toolcaller", () => EMBEDDED_MODELS.toolcaller.path, [...PROMPTS, ...WITH_TOOLS], [false]],
];

describe.skipIf(!existsSync(PYTHON))("a trained model in transformers (npm run setup)", () => {
  it.each(FOLDERS)(
    "%s: the same prompt, the same greedy tokens, logits within their bound",
    async (_, folder, prompts, sampling) => {
      const path = folder();
      const script = join(import.meta.dirname, "reasoner.py");
      const asked = prompts.map((prompt) => JSON.stringify(prompt));
      const text = execFileSync(PYTHON, [script, path, `${COUNT}`, ...asked], { encoding: "utf8", stdio: "pipe" });
      const theirs = JSON.parse(text.trim().split("\n").at(-1)!) as Said;
      const qwq = await QwQ.load(path, { backend: reference });
      expect(theirs.class).toBe("Qwen2ForCausalLM");
      expect(theirs.sampling.slice(0, sampling.length)).toEqual(sampling);
      expect(theirs.stop).toHaveLength(2);
      for (const [n, { messages, tools }] of prompts.entries()) {
        const { ids, next, logits } = theirs.said[n]!;
        expect([...(await qwq.promptIds(messages, { tools }))]).toEqual(ids);
        const answer = await qwq.answer(messages, { tools, greedy: true, maxTokens: COUNT, seed: 1 });
        expect(answer.ids).toEqual(next);
        const { data, shape } = unwrap(qwq.forward(ids), "test");
        const ours = data.subarray(data.length - shape[1]!);
        // A norm bound: float32 sums of up to 432 products in each of 4 layers, 2^-24 each, some hundred of them.
        const size = Math.sqrt(logits.reduce((sum, x) => sum + x * x, 0));
        const error = Math.sqrt(logits.reduce((sum, x, i) => sum + (x - ours[i]!) ** 2, 0));
        expect(error / size).toBeLessThan(100 * 2 ** -24);
      }
      qwq.close();
    },
  );
});
