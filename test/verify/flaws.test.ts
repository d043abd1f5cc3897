import { expect, it } from "vitest";
import { detectLanguage } from "../../src/verify/detect.ts";
import { flawsOfReply, textLoop } from "../../src/verify/flaws.ts";

it("finds loops and mixing in a recorded reply, each with what it is", () => {
  const thinking = `Let me think about how many apples there are in the basket. 所以 there are seven. ${"Wait, let me check again. ".repeat(100)}`;
  const flaws = flawsOfReply({ thinking, answer: "Seven." }, "How many apples?", detectLanguage);
  expect(flaws).toMatchObject([
    { type: "endless_repetition", period: 7 },
    { type: "language_mixing", main: "en", stretches: [{ language: "zh", text: "所以" }] },
  ]);
  expect(
    flawsOfReply({ thinking: "Twelve minus five is seven.", answer: "Seven." }, "How many?", detectLanguage),
  ).toEqual([]);
});

it("counts a loop in words, and in characters of Chinese", () => {
  expect(textLoop("再检查一遍。".repeat(100))).toMatchObject({ period: 6 });
  expect(
    textLoop(Array.from({ length: 400 }, (_, i) => `Line ${i} of many words ${i * 7}.`).join("\n")),
  ).toBeUndefined();
});
