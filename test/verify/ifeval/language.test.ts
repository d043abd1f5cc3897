import { expect, test } from "vitest";
import { mayBe } from "../../../src/verify/ifeval/language.ts";
import { goldenJson } from "../../support/golden.ts";

const texts = goldenJson<Record<string, string[]>>("graders/languages.json");

test("the languages that IFEval asks for are told apart", () => {
  for (const [language, paragraphs] of Object.entries(texts)) {
    for (const text of paragraphs) {
      expect(mayBe(text, language), `${language}: ${text}`).toBe(true);
      expect(mayBe(text, language === "en" ? "de" : "en"), text).toBe(false);
    }
  }
});

test("a text without letters may be of any language; addresses and a few Latin words do not count", () => {
  expect(mayBe("123 !!! https://example.org a@example.org", "sw")).toBe(true);
  expect(mayBe(`${texts["hi"]!.join(" ")} OpenAI ChatGPT`, "hi")).toBe(true);
});
