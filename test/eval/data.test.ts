import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { benchOf, NAMES } from "../../src/eval/benches.ts";
import { problemsOf, readData } from "../../src/eval/data.ts";
import { csvLines, gpqaLines } from "../../src/eval/gpqa.ts";
import { PythonRandom } from "../../src/eval/python-random.ts";
import { temporaryFolder } from "../support/folder.ts";

const SHA256: Readonly<Record<string, string>> = {
  aime24: "5a7a817807c8c2b6b541631deaa6d8c2eb7f0420e0f2373a25878921e920b6da",
  aime25: "9da60057135388687f3c594476b211538d0be8e7f3b2de6e680513281412c0ec",
};

describe("the problems that come with the package", () => {
  it.each(Object.entries(SHA256))("%s is the authors' own, to the byte", (name, sha256) => {
    const bytes = readFileSync(join(import.meta.dirname, `../../golden/eval/${name}.jsonl`));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  });

  it.each(Object.keys(SHA256))("%s has 30 problems, asked as they stand", async (name) => {
    const bench = benchOf(name);
    const { lines, from } = await readData(bench, undefined);
    const problems = problemsOf(bench, lines, from);
    expect(problems.map(({ id }) => id).slice(0, 2)).toEqual([`${name}-01`, `${name}-02`]);
    expect(problems.length).toBe(30);
    for (const { messages, row } of problems) expect(messages).toEqual([{ role: "user", content: row["prompt"] }]);
  });
});

it("ifeval is the authors' own, to the byte: 541 prompts, asked as they stand", async () => {
  const bytes = readFileSync(join(import.meta.dirname, "../../golden/eval/ifeval.jsonl"));
  const sha256 = "04c069cf5d5770952244f7b6bb38eb7b6e5faa143fc70995457a85de455e4cd2";
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  const bench = benchOf("ifeval");
  const { lines, from } = await readData(bench, undefined);
  expect(problemsOf(bench, lines, from).length).toBe(541);
});

describe("data of one's own", () => {
  const problem = (row: object, name = "own.jsonl") => problemsOf(benchOf(name), [JSON.stringify(row)], "x.jsonl")[0]!;

  it("chooses its grader by what it has", () => {
    expect(problem({ prompt: "a", answer: 1 })).toMatchObject({ id: "line-1", grader: "math" });
    expect(problem({ id: 7, prompt: "a", answer: "b", grader: "text" })).toMatchObject({ id: "7", grader: "text" });
    expect(problem({ prompt: "a", instruction_id_list: [], kwargs: [] }).grader).toBe("ifeval");
    expect(
      problem({
        messages: [
          { role: "system", content: "s" },
          { role: "user", content: "u" },
        ],
        answer: 1,
      }).messages.length,
    ).toBe(2);
    expect(problem({ prompt: "a", system: "s", answer: 1 }).messages[0]).toEqual({ role: "system", content: "s" });
  });

  it("is refused with its line where it is wrong", () => {
    const fail = (line: string, expected: string) =>
      expect(() => problemsOf(benchOf("own.jsonl"), ['{"id": "a", "prompt": "p"}', line], "x.jsonl")).toThrow(expected);
    fail("{", "x.jsonl, line 2: expected a JSON object, got {.");
    fail("[]", "x.jsonl, line 2: expected a JSON object, got [].");
    fail(
      '{"answer": 1}',
      'x.jsonl, line 2: expected "prompt" to be a text, got nothing. Is this the benchmark\'s own data?',
    );
    fail('{"id": "a", "prompt": "q"}', "x.jsonl: expected each id once, got a twice.");
    fail('{"prompt": "q", "messages": [1]}', "messages[0]");
    fail('{"prompt": "q", "choices": ["x"], "answer": "A"}', '"choices" to be 2 to 10 texts');
    fail(
      '{"prompt": "q", "choices": ["x", "y"], "answer": "C"}',
      '"answer" to be the letter or the index of a choice, got "C"',
    );
    expect(() => problemsOf(benchOf("own.jsonl"), [], "x.jsonl")).toThrow(
      "x.jsonl: expected at least one problem, got none.",
    );
  });
});

describe("questions of multiple choice", () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({
    Question: `Q${i}?`,
    "Correct Answer": "right ",
    "Incorrect Answer 1": "w1",
    "Incorrect Answer 2": "w2",
    "Incorrect Answer 3": "w3",
  }));
  const lines = rows.map((row) => JSON.stringify(row));
  const problems = problemsOf(benchOf("gpqa"), gpqaLines(lines, "gpqa"), "gpqa");

  it("have their choices in an order that hides the right one, and remember which it was", () => {
    for (const { row, messages } of problems) {
      const letter = row["answer"] as string;
      expect(messages[0]!.content).toContain(`\n${letter}) right\n`);
    }
    const letters = problems.map(({ row }) => row["answer"]);
    for (const letter of "ABCD") expect(letters.filter((one) => one === letter).length).toBeGreaterThan(2);
  });

  it("stand in the order that Python's random.seed(0) and shuffle give, as lm-eval's do", () => {
    const list = [..."abcdefghijklmnopqrst"];
    new PythonRandom(0).shuffle(list);
    expect(list.join("")).toBe("ksqoarlcdjfhetgpibnm");
    const other = [0, 1, 2, 3];
    const random = new PythonRandom(4_294_967_295);
    const drawn = Array.from({ length: 6 }, () => (random.shuffle(other), other.join("")));
    expect(drawn).toEqual(["2301", "2130", "2013", "0132", "0132", "2031"]);
  });

  it("come from a table (CSV) too; one that is broken is said", () => {
    const text = '\ufeffQuestion,Correct Answer\r\n"a, ""b""\nc",d\r\n';
    expect(csvLines(text, "x.csv")).toEqual(['{"Question":"a, \\"b\\"\\nc","Correct Answer":"d"}']);
    expect(() => csvLines('Question\n"open', "x.csv")).toThrow(
      /x\.csv: expected a table \(CSV\), got Quote Not Closed/,
    );
    expect(() => gpqaLines(['{"Correct Answer": "d"}'], "x")).toThrow(
      /x, line 1: expected "Incorrect Answer 1" to be a text/,
    );
  });

  it("stand as they are where the answer is a letter", () => {
    const line = '{"prompt": "Which is a prime?", "choices": ["4", "7"], "answer": "B"}';
    const [only] = problemsOf(benchOf("mine.jsonl"), [line], "mine");
    expect(only).toMatchObject({ grader: "choice", row: { answer: "B" } });
    expect(only!.messages[0]!.content).toMatch(/^Which is a prime\?\n\nA\) 4\nB\) 7\n\n/);
  });
});

describe("where data is", () => {
  const LINE = '{"prompt": "p", "instruction_id_list": [], "kwargs": []}';

  it("may be a file, a folder that holds it, or an address", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "ifeval.jsonl"), `${LINE}\n\n`);
    const server = createServer((request, response) => {
      if (request.url === "/there") response.end(LINE);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const where of [folder, join(folder, "ifeval.jsonl"), `${url}/there`]) {
      expect((await readData(benchOf("ifeval"), where)).lines).toEqual([LINE]);
    }
    await expect(readData(benchOf("ifeval"), `${url}/gone`)).rejects.toThrow(
      `${url}/gone: expected the benchmark's data, got 404. Check the address.`,
    );
    await expect(readData(benchOf("bfcl"), folder)).rejects.toThrow(`${folder}: expected bfcl.jsonl in it, got none.`);
  });

  it("is asked for where nobody said it", async () => {
    await expect(readData(benchOf("livecodebench"), undefined)).rejects.toThrow(
      "livecodebench: expected --data FILE, FOLDER or URL, since its data does not come with qwq, got none. It is to be had from https://github.com/QwenLM/QwQ (eval/data), Apache-2.0.",
    );
    expect(() => benchOf("aime")).toThrow(
      `eval: expected ${NAMES.join(", ")}, or a file that ends in .jsonl, got aime. qwq eval --help describes the file.`,
    );
  });
});
