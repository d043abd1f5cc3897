import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readMixing, withMixing } from "../../golden/mixing/table.ts";
import { detectLanguage } from "../../src/verify/detect.ts";
import { languageMixing } from "../../src/verify/mixing.ts";

const mixing = (text: string, question = "How many apples are left?") => languageMixing(text, question, detectLanguage);

const ENGLISH =
  "Okay, let me think about this step by step. There were twelve apples in the basket at first, and five of them were eaten. " +
  "So the number that is left must be seven. Wait, I should check whether any were added in the meantime.";
const CHINESE = "好的，我们一步一步来。篮子里原来有十二个苹果，吃掉了五个，所以还剩七个。让我再检查一遍题目。";

describe("languageMixing", () => {
  it("finds nothing where there is one language, with its formulas, names and terms", () => {
    for (const text of [
      ENGLISH,
      CHINESE,
      `${ENGLISH} Let α and β be angles, Δx small, and \\( \\text{其中} x > 0 \\). See https://ja.wikipedia.org/wiki/りんご.`,
      `${CHINESE}我们可以用 Python 的 sum() 函数，或者 O(n log n) 的算法，得到 AC。`,
      "りんごは全部で十二個ありました。そのうち五個を食べたので、残りは七個です。",
      "Изначально было двенадцать яблок, пять из них съели, значит осталось семь яблок в корзине.",
      "1 + 2 = 3",
      "",
    ]) {
      expect([text, mixing(text)]).toEqual([text, undefined]);
    }
  });

  it("finds a word of another writing, where it stands", () => {
    const text = `${ENGLISH} 因此 the answer is seven.`;
    expect(mixing(text)).toEqual({
      main: "en",
      stretches: [{ language: "zh", text: "因此", at: text.indexOf("因此") }],
    });
    expect(mixing(`${ENGLISH} Значит, the answer is seven.`)!.stretches).toMatchObject([{ language: "Cyrillic" }]);
    expect(mixing(`${CHINESE}${ENGLISH.slice(0, 60)}${CHINESE}`, "还剩几个苹果？")).toMatchObject({ main: "zh" });
    expect(mixing(`${ENGLISH} 따라서 seven.`)!.stretches).toMatchObject([{ language: "ko", text: "따라서" }]);
  });

  it("finds sentences of another language in the same writing", () => {
    const french =
      "Attendez, il faut d'abord vérifier combien de pommes restent dans le panier après le repas de midi.";
    expect(mixing(`${ENGLISH} ${french} ${ENGLISH}`)).toMatchObject({ main: "en", stretches: [{ language: "fr" }] });
  });

  it("takes for no mixing what the question is in, shows, or names, and what is quoted", () => {
    const text = `${ENGLISH} 因此 the answer is seven.`;
    expect(mixing(text, "Translate into Chinese: seven apples")).toBeUndefined();
    expect(mixing(text, "What does 苹果 mean?")).toBeUndefined();
    expect(mixing(`${ENGLISH} The sign said "欢迎光临" and nothing else.`)).toBeUndefined();
    expect(mixing(`${ENGLISH} \`print("你好世界")\``)).toBeUndefined();
  });

  it("takes as many words as a context holds in its stride", () => {
    const long = `${ENGLISH} `.repeat(500);
    const began = performance.now();
    expect(mixing(`${long}因此 ${long}`)!.stretches).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

it("docs/language-mixing.md has the figures of the committed results", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/language-mixing.md"), "utf8");
  expect(withMixing(page, readMixing())).toBe(page);
});
