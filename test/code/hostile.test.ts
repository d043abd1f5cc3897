/** Two hundred programs that try to do harm, or to be judged right without being it; each ends in its verdict. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Arena } from "./arena.ts";
import { FAMILIES } from "./hostile/index.ts";

const all = Object.values(FAMILIES).flat();
const arena = await Arena.open();
const { languages } = await arena.client.health();
afterAll(() => arena.close());

it("there are at least 100 of them in JavaScript and 40 in Python, no two of them the same", () => {
  expect(all.filter(({ language }) => language === "javascript").length).toBeGreaterThanOrEqual(100);
  expect(all.filter(({ language }) => language === "python").length).toBeGreaterThanOrEqual(40);
  expect(new Set(all.map(({ source }) => source)).size).toBe(all.length);
});

describe.each(Object.entries(FAMILIES))("a program that %s", (_, family) => {
  beforeAll(async () => {
    expect(await arena.healthy()).toBe(true);
  });

  it.each(family.filter(({ language }) => languages.includes(language)))(
    "$language $kind: $name: $verdicts",
    async (hostile) => {
      const { verdict, harm } = await arena.attack(hostile);
      expect(harm).toEqual([]);
      expect(hostile.verdicts, JSON.stringify(verdict).slice(0, 600)).toContain(verdict.status);
    },
  );

  afterAll(async () => {
    expect(await arena.healthy()).toBe(true);
  });
});
