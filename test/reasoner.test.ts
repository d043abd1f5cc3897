/** The embedded model: what is said of it, and what it says. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { allControls } from "../golden/reasoner/controls.ts";
import type { Figures } from "../golden/reasoner/figures.ts";
import {
  CARD,
  ESSAY,
  readControls,
  readFigures,
  README,
  withEssay,
  withFigures,
  withReasoning,
} from "../golden/reasoner/tables.ts";
import { readRounds } from "../golden/reasoner/train.ts";
import { EMBEDDED } from "../src/files/embedded.ts";
import { wasmBackend } from "../kernels/wasm/index.ts";
import { QwQ } from "../src/library/qwq.ts";
import { curves } from "../src/training/curves.ts";
import { configOf, readSettings } from "../src/training/settings.ts";
import { distinct } from "../src/training/tasks/problems.ts";
import { checkText } from "../src/verify/check.ts";

const [figures, log] = readFigures();

describe("what is said of it", () => {
  it("the tables of its card, the essay's and the README's answer are those of the committed figures", () => {
    const [card, readme, essay] = [CARD, README, ESSAY].map((path) => readFileSync(path, "utf8"));
    expect(essay).toBe(withEssay(essay!, figures, log, readControls()));
    expect(card).toBe(withFigures(card!, figures, log));
    expect(readme).toBe(withReasoning(readme!, figures));
  });

  it("its controls are of as many steps as they were to have, one log after another", () => {
    const steps = allControls().map(({ stage, settings }) => {
      const course = { ...readRounds().settings, ...settings } as Record<string, { steps: number }>;
      return Array.from({ length: course[stage === "reject" ? "one" : stage]!.steps }, (_, k) => [stage, k + 1]);
    });
    expect(readControls().map(({ stage, step }) => [stage, step])).toEqual(steps.flat());
  });

  it("the picture is that of the committed log", () => {
    expect(readFileSync(join(EMBEDDED, "curves.svg"), "utf8")).toBe(curves(log));
  });

  it("takes at most 8 MB, and is of the shape that its settings say", async () => {
    expect(statSync(join(EMBEDDED, "model.safetensors")).size).toBeLessThan(8e6);
    const settings = readSettings(JSON.stringify(readRounds().settings), "training.json");
    const qwq = await QwQ.load();
    expect(qwq.checkpoint.config).toEqual(configOf(settings, qwq.checkpoint.config.vocabulary));
    qwq.close();
  });

  it("was never trained on the README's question", () => {
    expect(distinct("arithmetic", "test", 1, 30_000).some(({ key }) => key === "347+586")).toBe(true);
  });
});

describe("what it says", () => {
  it("to the README's question is what stands there, and right", async () => {
    const qwq = await QwQ.load();
    const { thinking, answer } = await qwq.answer(figures.answer.question, { seed: 1 });
    qwq.close();
    const said: Figures["answer"] = { question: figures.answer.question, thinking, answer };
    expect(said).toEqual(figures.answer);
    expect(answer).toContain("933");
  });

  it("to forty held-out problems in all six wordings is right as often as its card says, greedy", async () => {
    const backend = await wasmBackend({ threads: 1 });
    const qwq = await QwQ.load(EMBEDDED, { backend });
    const problems = distinct("arithmetic", "test", 77, 40);
    let right = 0;
    for (const { messages, check } of problems) {
      const { ids } = await qwq.answer([...messages], { greedy: true, seed: 1 });
      const text = qwq.tokenizer.decode(ids, { skipSpecial: true });
      if (check.type === "answer" && checkText(text, check).right) right++;
    }
    qwq.close();
    const forms = new Set(problems.map(({ messages }) => String(messages[0]!.content).replace(/[\d\s]/g, "")));
    expect(forms.size).toBeGreaterThanOrEqual(6);
    // At least the card's lower end, less three standard errors of forty trials.
    const { low } = figures.models.at(-1)!.ways.greedy;
    expect(right / 40).toBeGreaterThan(low - 3 * Math.sqrt((low * (1 - low)) / 40));
  });
});
