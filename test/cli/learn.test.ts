/** The course from start to end, as a learner takes it: starter files, wrong tries, and src itself for a solution. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runStep, stepOf } from "../../src/learn/run.ts";
import { STEPS } from "../../src/learn/steps.ts";
import { qwq } from "../support/cli.ts";

const root = join(import.meta.dirname, "../..");
const mine = "dist/learn-test"; // inside the package, so that it finds itself by its name
beforeAll(() => rmSync(join(root, mine), { recursive: true, force: true }));
afterAll(() => rmSync(join(root, mine), { recursive: true, force: true }));

const solution = (name: string) => (name === "model" ? "../src/model.js" : `../src/reference/${name}.js`);

it("goes from the starter files to the end, one step after the other", { timeout: 240_000 }, async () => {
  mkdirSync(join(root, "dist"), { recursive: true });
  const begun = await qwq(["learn", "start", mine]);
  expect(begun.stderr).toBe("");
  expect(begun.stdout).toContain(`Begin with ${mine}/embed.ts`);
  expect(existsSync(join(root, mine, "tsconfig.json"))).toBe(true);
  for (const { name } of STEPS) {
    const before = await qwq(["learn", name, "--in", mine]);
    expect(before.stdout).toContain(`${name}  not begun`);
    expect(before.code).toBe(1);
    copyFileSync(join(root, mine, `${name}.ts`), join(root, mine, `${name}.starter`));
    writeFileSync(join(root, mine, `${name}.ts`), `export * from "${solution(name)}";\n`);
  }
  const all = await qwq(["learn", "--in", mine]);
  expect(all.stdout.match(/^\S+ {2}done$/gm)).toEqual(STEPS.map(({ name }) => `${name}  done`));
  expect(all.stdout).toContain("All steps are done.");
  expect(all.code).toBe(0);
  copyFileSync(join(root, mine, "linear.starter"), join(root, mine, "linear.ts"));
  const next = await qwq(["learn", "--in", mine]);
  expect(next.stdout).toMatch(/rms-norm {2}done[^]*linear {2}not begun/);
  expect(next.stdout).not.toContain("swiglu");
  expect(next.code).toBe(1);
});

it("names a bug of a file that a learner wrote, says what to do without one, and does not start twice", async () => {
  const text = readFileSync(join(root, "docs/course/start/swiglu.ts"), "utf8");
  const body = `const h = zeros<"T F">(...gate.shape);
  gate.data.forEach((g, i) => (h.data[i] = (g * up.data[i]!) / (1 + Math.exp(-up.data[i]!))));
  return h;`;
  writeFileSync(join(root, mine, "swiglu.ts"), text.replace(/throw new Error\(.*\);/, body));
  const { stdout, code } = await qwq(["learn", "swiglu", "--in", mine]);
  expect(stdout).toContain("gate = (1, -1), up = (2, 2)");
  expect(code).toBe(1);
  expect((await qwq(["learn", "start", mine])).code).toBe(73);
  expect((await qwq(["learn", "embed", "--in", "dist/no-such"])).code).toBe(66);
  expect((await qwq(["learn", "embed", "--in", "package.json"])).code).toBe(66);
  expect((await qwq(["learn", "rop", "--in", mine])).code).toBe(2);
});

it("ends a loop that does not end, and says so of what is no TypeScript", async () => {
  writeFileSync(join(root, mine, "add.ts"), "export function add() { for (;;); }\n");
  expect(await runStep(stepOf("add"), join(root, mine), 8000)).toEqual({
    kind: "wrong",
    says: "it has not ended after 8 s. Is there a loop without an end?",
  });
  writeFileSync(join(root, mine, "add.ts"), "export function add( {\n");
  expect(await runStep(stepOf("add"), join(root, mine))).toMatchObject({
    kind: "wrong",
    says: expect.stringMatching(/^the file cannot be read as TypeScript: /),
  });
});
