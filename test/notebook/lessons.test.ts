/** What notebooks/README.md promises of every notebook. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromIpynb } from "../../src/notebook/ipynb.ts";
import { parseSource } from "../../src/notebook/source.ts";

const folder = join(import.meta.dirname, "../../notebooks");
const ALL = 17;
const names = readdirSync(folder).filter((name) => /^\d\d-.*\.ts$/.test(name));
const lesson = (name: string) => parseSource(readFileSync(join(folder, name), "utf8"), name);
const lines = (text: string) => text.split("\n").filter((line) => line.trim() !== "").length;
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const prose = (text: string) => text.replace(/```[^]*?```/g, "");

it("there are notebooks, and the README lists each", () => {
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !readme.includes(`](${name.replace(/ts$/, "ipynb")})`))).toEqual([]);
});

describe.each(names)("%s", (name) => {
  const cells = lesson(name);
  const code = cells.filter(({ kind }) => kind === "code");
  const text = cells.filter(({ kind }) => kind === "markdown");

  it("has code cells of at most twelve lines, six in the median", () => {
    const over = code.filter((cell) => lines(cell.text) > 12).map(({ line }) => line);
    expect(over, "cells longer than 12 lines begin here").toEqual([]);
    expect(median(code.map((cell) => lines(cell.text)))).toBeLessThanOrEqual(6);
  });

  it("has more prose than code", () => {
    const letters = (all: readonly string[]) => all.join("").length;
    expect(letters(text.map((cell) => prose(cell.text)))).toBeGreaterThan(letters(code.map((cell) => cell.text)));
  });

  it("begins with its number and title, shows a picture and has an exercise that is judged", () => {
    expect(cells[0]!.text).toMatch(new RegExp(`^# ${name.slice(0, 2)} · `));
    expect(cells.some(({ tags }) => tags.includes("exercise"))).toBe(true);
    expect(readFileSync(join(folder, name.replace(/ts$/, "ipynb")), "utf8")).toContain("data:image/svg+xml");
  });

  it("is built from this text, and its links lead somewhere", () => {
    const built = fromIpynb(readFileSync(join(folder, name.replace(/ts$/, "ipynb")), "utf8"), name);
    expect(built.map(({ kind, text }) => ({ kind, text }))).toEqual(cells.map(({ kind, text }) => ({ kind, text })));
    const links = text.flatMap((cell) => [...cell.text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to]) => to!));
    // Until all are written, a notebook may point on to one that is still to come.
    const toCome = (to: string) => names.length < ALL && /^\d\d-[\w-]+\.ipynb$/.test(to);
    expect(links.filter((to) => !existsSync(join(folder, to)) && !toCome(to))).toEqual([]);
  });
});
