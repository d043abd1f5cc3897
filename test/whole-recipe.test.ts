/** The whole recipe's figures: what is said of them, and that they are of the settings that lie beside them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { PAGES, readFigures, withTables } from "../golden/recipe/tables.ts";
import { curves } from "../src/training/curves.ts";
import { readSettings } from "../src/training/settings.ts";

const folder = join(import.meta.dirname, "../golden/recipe");
const [figures, log] = readFigures();

it.each(PAGES)("the tables of %s are those of the committed figures and log", (path) => {
  const page = readFileSync(path, "utf8");
  expect(page).toContain("<!-- recipe-rates -->");
  expect(page).toBe(withTables(page, figures, log));
});

it("the pictures are those of the committed log", () => {
  const cold = log.filter(({ stage }) => stage === "cold");
  expect(readFileSync(join(folder, "cold.svg"), "utf8")).toBe(curves(cold));
  const rest = log.filter(({ stage }) => stage !== "cold");
  expect(readFileSync(join(folder, "reinforcement.svg"), "utf8")).toBe(curves(rest));
});

it("the log is of as many steps as the settings ask for", () => {
  const settings = readSettings(readFileSync(join(folder, "settings.json")), "settings.json");
  const steps = (["cold", "one", "judge", "two"] as const).map((name) => [name, settings[name].steps]);
  expect(steps.map(([name]) => [name, log.filter(({ stage }) => stage === name).length])).toEqual(steps);
  expect([...new Set(log.map(({ stage }) => stage))]).toEqual(steps.map(([name]) => name));
});
