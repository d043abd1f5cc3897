import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { brokenRules, checkRules, type Rule, shareKept, words } from "../../src/verify/rules.ts";

const after = (answer: string, thoughts = "2 animals") => `${thoughts}\n</think>\n\n${answer}`;
const animals = ["cat", "dog", "cow"];
const items = (count: number, by: "comma" | "line" | "json"): Rule => ({ rule: "items", of: animals, count, by });

const KEPT: readonly (readonly [Rule, string])[] = [
  [{ rule: "words", min: 3, max: 3 }, "It's a dog."],
  [{ rule: "words", max: 4 }, "我有狗。"],
  [{ rule: "words", min: 2, max: 2 }, "well-known dog"],
  [{ rule: "lines", min: 2, max: 2 }, "cat\n\ndog"],
  [{ rule: "contains", text: "dog" }, "A Dog, a cat"],
  [{ rule: "contains", text: "狗" }, "小狗"],
  [{ rule: "contains", text: "3.5" }, "it is 3.5 m"],
  [{ rule: "absent", text: "cat" }, "concatenate"],
  [{ rule: "absent", text: "猫" }, "狗"],
  [{ rule: "starts", text: "Yes" }, "Yes, it is."],
  [{ rule: "ends", text: "!" }, "Yes!"],
  [{ rule: "case", is: "upper" }, "CAT, DOG 2"],
  [{ rule: "case", is: "lower" }, "cat, dog 2"],
  [{ rule: "language", is: "en" }, "a dog"],
  [{ rule: "language", is: "zh" }, "我有3只狗和JS。"],
  [{ rule: "fields", are: { name: "小明", age: 12 } }, '{"age": 12, "name": "小明"}'],
  [{ rule: "fields", are: { a: 1.5, b: true } }, '{"a": 1.5, "b": true}'],
  [items(2, "comma"), "cat, dog."],
  [items(2, "comma"), "CAT，dog"],
  [items(2, "line"), "cat\ndog"],
  [items(2, "json"), '["cat", "dog"]'],
  [{ rule: "repeats", text: "cat", count: 3 }, "cat cat cat"],
  [{ rule: "repeats", text: "苹果", count: 2 }, "苹果 苹果"],
  [{ rule: "repeats", text: "苹果", count: 2 }, "苹果苹果"],
];

const BROKEN: readonly (readonly [Rule, string, string])[] = [
  [{ rule: "words", min: 4 }, "It's a dog.", "It has 3 words, not 4 or more."],
  [{ rule: "words", max: 2 }, "我有狗。", "It has 3 words, not 2 or fewer."],
  [{ rule: "lines", max: 1 }, "cat\ndog", "It has 2 lines, not 1 or fewer."],
  [{ rule: "contains", text: "dog" }, "doggy", 'It does not contain "dog".'],
  [{ rule: "absent", text: "cat" }, "a CAT.", 'It contains "cat".'],
  [{ rule: "absent", text: "a.c" }, "x a.c y", 'It contains "a.c".'],
  [{ rule: "starts", text: "Yes" }, "No", 'It does not start with "Yes".'],
  [{ rule: "ends", text: "!" }, "No", 'It does not end with "!".'],
  [{ rule: "case", is: "upper" }, "CAT, dog", "It is not in upper case."],
  [{ rule: "case", is: "upper" }, "123", "It is not in upper case."],
  [{ rule: "case", is: "lower" }, "Cat", "It is not in lower case."],
  [{ rule: "language", is: "en" }, "a 狗", "It is not in English."],
  [{ rule: "language", is: "en" }, "123", "It is not in English."],
  [{ rule: "language", is: "zh" }, "a dog 狗", "It is not in Chinese."],
  [{ rule: "fields", are: { age: 12 } }, "age 12", "It is not a JSON object."],
  [{ rule: "fields", are: { age: 12 } }, '{"age": 13}', 'Its "age" is not 12.'],
  [{ rule: "fields", are: { age: 12 } }, '{"age": "12"}', 'Its "age" is not 12.'],
  [{ rule: "fields", are: { age: 12 } }, '{"age": 12, "age": 13}', "It is not a JSON object."],
  [{ rule: "fields", are: { age: 12 } }, '{"age": 12, "x": 1}', 'It has a field "x" that was not asked for.'],
  [items(2, "comma"), "cat", "It has 1 items, not 2."],
  [items(2, "comma"), "cat, cat", "An item comes twice."],
  [items(2, "comma"), "cat, car", '"car" is not one of those asked for.'],
  [items(2, "line"), "cat, dog", "It has 1 items, not 2."],
  [items(2, "line"), "cat\n\ndog", "It has 3 items, not 2."],
  [items(2, "json"), "cat, dog", "It is not a JSON array of texts."],
  [items(2, "json"), '["cat", 1]', "It is not a JSON array of texts."],
  [{ rule: "repeats", text: "cat", count: 3 }, "cat cat", 'It is not "cat" 3 times.'],
  [{ rule: "repeats", text: "cat", count: 2 }, "cat dog", 'It is not "cat" 2 times.'],
  [{ rule: "repeats", text: "苹果", count: 2 }, "苹果苹", 'It is not "苹果" 2 times.'],
];

test.each(KEPT)("%j is kept by %j", (rule, answer) => {
  expect(checkRules(after(answer), [rule])).toMatchObject({ right: true });
});

test.each(BROKEN)("%j is broken by %j", (rule, answer, detail) => {
  expect(checkRules(after(answer), [rule])).toEqual({ right: false, reason: "broken", detail });
});

test("every rule is tried both ways", () => {
  const names = (rows: readonly (readonly [Rule, ...unknown[]])[]) => new Set(rows.map(([{ rule }]) => rule));
  expect(names(KEPT)).toEqual(names(BROKEN));
});

describe("thoughts", () => {
  const rule = (is: "en" | "zh"): Rule => ({ rule: "thoughts", is });
  test.each([
    ["ones: 7+6=13", "en", true],
    ["7+6=13", "en", true],
    ["7+6=13", "zh", true],
    ["个位：7+6=13", "zh", true],
    ["个位：7+6=13", "en", false],
    ["ones: 7+6=13", "zh", false],
  ] as const)("%s in %s: %s", (thoughts, is, right) => {
    expect(checkRules(after("13", thoughts), [rule(is)]).right).toBe(right);
  });
});

describe("what is tried to be paid without an answer", () => {
  const forbids: readonly Rule[] = [
    { rule: "absent", text: "cat" },
    { rule: "words", max: 3 },
    { rule: "lines", max: 1 },
  ];
  test.each([
    ["", "unfinished"],
    ["dog", "unfinished"],
    ["dog\n</think>", "empty"],
    ["dog\n</think>\n\n \n", "empty"],
    ["\n</think>\n\ncat\n</think>\n\ndog", "malformed"],
  ])("%j keeps no rule: %s", (reply, reason) => {
    expect(checkRules(reply, forbids).reason).toBe(reason);
    expect(checkRules(reply, []).reason).toBe(reason);
  });

  test("every broken rule is named", () => {
    expect(brokenRules(after("a CAT on my mat"), forbids)).toEqual([
      'It contains "cat".',
      "It has 5 words, not 3 or fewer.",
    ]);
    expect(checkRules(after("a CAT on my mat"), forbids).detail).toBe(
      'It contains "cat". It has 5 words, not 3 or fewer.',
    );
  });

  test("a list with anything beside what was asked for is refused", () => {
    const extra = fc.constantFrom("cat", "fish", "", "Here they are: cat", "cat and dog");
    fc.assert(
      fc.property(extra, fc.nat(2), (more, at) => {
        const list = ["cat", "dog", "cow"].toSpliced(at, 0, more);
        expect(checkRules(after(list.join(", ")), [items(3, "comma")]).right).toBe(false);
      }),
    );
  });

  test("never throws, and is quick", () => {
    const rules = BROKEN.map(([rule]) => rule);
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => void checkRules(after(text), rules)),
    );
    const start = process.cpuUsage();
    for (const bomb of ["a", "a-", " ", "狗", "[", '{"a":', ",", "\n"]) {
      checkRules(after(`x${bomb.repeat(Math.floor(19_000 / bomb.length))}x`), rules);
    }
    expect(process.cpuUsage(start).user).toBeLessThan(2e6); // microseconds
  });
});

test("words are counted as people do", () => {
  expect(words("Don't panic: it's 42, 我 well-known 狗s")).toEqual([
    "Don't",
    "panic",
    "it's",
    "42",
    "我",
    "well-known",
    "狗",
    "s",
  ]);
  expect(words(" ... ")).toEqual([]);
});

test("the share of its rules that a reply keeps; none where it has no answer", () => {
  const rules: Rule[] = [
    { rule: "language", is: "en" },
    { rule: "case", is: "upper" },
    { rule: "contains", text: "dog" },
    { rule: "absent", text: "cat" },
  ];
  expect(["DOG", "DOG, CAT", "cow", "\u732b"].map((answer) => shareKept(after(answer), rules))).toEqual([
    1, 0.75, 0.5, 0.25,
  ]);
  expect(shareKept("dog", rules)).toBe(0);
});
