/** A dozen of the hostile programs that `npm run test:hostile` runs all of: those that end soon, from every family. */
import { afterAll, expect, it } from "vitest";
import { Arena } from "../../code/arena.ts";
import { FAMILIES } from "../../code/hostile/index.ts";

const arena = await Arena.open();
const { languages } = await arena.client.health();
afterAll(() => arena.close());

const NAMES = [
  "a promise that nobody keeps",
  "a string that doubles",
  "one array of all bytes",
  "a file is read by bytes of its name",
  "a file is written",
  "a link is made and followed",
  "a connection to this machine",
  "a fork bomb",
  "a signal to the server",
  "JSON that always says 5",
  "out by the error of an import",
  "bytes that are no text",
];
const some = Object.values(FAMILIES)
  .flat()
  .filter(({ name, language }) => NAMES.includes(name) && language === "javascript");

it("each of the dozen is there", () => {
  expect(some.map(({ name }) => name).sort()).toEqual([...NAMES].sort());
});

it.each(some)("$name", async (hostile) => {
  const { verdict, harm } = await arena.attack(hostile);
  expect(harm).toEqual([]);
  expect(hostile.verdicts, JSON.stringify(verdict)).toContain(verdict.status);
  expect(await arena.healthy()).toBe(true);
});

it.skipIf(!languages.includes("python"))("the same in Python, by the system alone", async () => {
  const python = FAMILIES["does any of it in Python"]!.filter(({ name }) => NAMES.includes(name));
  expect(python.length).toBeGreaterThan(3);
  for (const hostile of python) {
    const { verdict, harm } = await arena.attack(hostile);
    expect(harm, hostile.name).toEqual([]);
    expect(hostile.verdicts, hostile.name).toContain(verdict.status);
  }
});
