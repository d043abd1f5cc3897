import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkAll } from "../../src/verify/check.ts";
import { CodeClient } from "../../src/verify/client.ts";
import { ofRun, programOf } from "../../src/verify/program.ts";
import { codeOfAsync } from "../support/codes.ts";

const check = {
  type: "program",
  language: "javascript",
  entry: "f",
  tests: [
    { args: [1], expected: 3 },
    { args: [5], expected: 11 },
  ],
} as const;
const after = (answer: string) => `x * 2 + 1\n</think>\n\n${answer}`;
const body = "function f(x) {\n  return x * 2 + 1;\n}\n";

describe("what the server is asked", () => {
  test.each([
    ["a block", `\`\`\`js\n${body}\`\`\``],
    ["a block without a language", `\`\`\`\n${body}\`\`\``],
    ["a block with words around", `Here it is:\n\n\`\`\`javascript\n${body}\`\`\`\nIt doubles x.`],
  ])("%s", (_, answer) => {
    expect(programOf(after(answer), check)).toEqual({
      language: "javascript",
      source: body,
      entry: "f",
      tests: check.tests,
      stopAtFirst: true,
    });
  });

  test("the answer itself where there is no block", () => {
    expect(programOf(after(body), check)).toMatchObject({ source: body.trim() });
  });

  test.each([
    ["two blocks", `\`\`\`js\n${body}\`\`\`\n\`\`\`js\n${body}\`\`\``, "several"],
    ["a block that does not end", `\`\`\`js\n${body}`, "malformed"],
    ["another name", "```js\nconst g = (x) => x;\n```", "none"],
  ])("%s is no program", (_, answer, reason) => {
    expect(programOf(after(answer), check)).toMatchObject({ right: false, reason });
  });

  test("a program in the thoughts is none", () => {
    expect(programOf(`${body}\n</think>`, check)).toMatchObject({ reason: "empty" });
    expect(programOf(body, check)).toMatchObject({ reason: "unfinished" });
  });
});

test("a run that did not pass says how far it came", () => {
  const tests = [
    { status: "passed", seconds: 0 },
    { status: "timeout", seconds: 1 },
  ] as const;
  expect(ofRun({ status: "timeout", passed: 1, tests, seconds: 1, reason: "after 1 s" })).toEqual({
    right: false,
    reason: "wrong",
    detail: "1 of 2 tests passed, then timeout: after 1 s.",
  });
});

describe("by the server", () => {
  let client: CodeClient;
  beforeAll(async () => {
    client = await CodeClient.start();
  });
  afterAll(() => client.close());

  test("verdicts come in the order of the replies, with those that need no server among them", async () => {
    const sum = { type: "answer", answer: "13" } as const;
    const verdicts = await checkAll(
      [
        { reply: after(body), check },
        { reply: "7+6=13\n</think>\n\nThe answer is 13.", check: sum },
        { reply: after("function f(x) { return x * 3; }"), check },
        { reply: after("no code"), check },
        { reply: "7+6=13", check: sum },
        { reply: after("const f = (x) => 2 * x + 1; f"), check },
      ],
      client,
    );
    expect(verdicts.map(({ reason }) => reason)).toEqual(["right", "right", "wrong", "none", "unfinished", "right"]);
  });

  test.each([
    ["prints what is due", "function f() { console.log(3); console.log(11); }"],
    ["answers the first test alone", "function f() { return 3; }"],
    ["ends before the tests", "function f(x) {} process.exit(0);"],
    ["throws", "function f() { throw new Error('passed'); }"],
    ["is equal to everything", "function f() { return { valueOf: () => 3, toJSON: () => 3, x: 1 }; }"],
    ["makes everything equal", "Object.is = () => true; JSON.stringify = () => '3'; function f() { return 3; }"],
    ["loops", "function f() { for (;;); }"],
  ])("a program that %s is wrong", async (_, source) => {
    const short = { ...check, limits: { seconds: 1 } };
    const [verdict] = await checkAll([{ reply: after(source), check: short }], client);
    expect(verdict).toMatchObject({ right: false, reason: "wrong" });
  });

  test("programs without a server are a mistake of the caller", async () => {
    expect(await codeOfAsync(() => checkAll([{ reply: after(body), check }]))).toBe("E_VERIFY_SERVER");
  });
});
