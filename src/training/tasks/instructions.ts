/** Instructions whose keeping can be checked: how many, of what, in which form, with which word and without which. */
import type { Rule, Separator } from "../../verify/rules.ts";
import type { Dice } from "./dice.ts";
import { type Language, type Problem, reply } from "./problem.ts";

/** Things to name, in both languages. */
const THINGS = {
  animals: {
    en: ["cat", "dog", "cow", "pig", "horse", "duck", "fish", "bird"],
    zh: ["猫", "狗", "牛", "猪", "马", "鸭", "鱼", "鸟"],
  },
  colors: {
    en: ["red", "blue", "green", "white", "black", "pink", "gray", "brown"],
    zh: ["红", "蓝", "绿", "白", "黑", "粉", "灰", "棕"],
  },
  fruits: {
    en: ["apple", "pear", "plum", "fig", "lemon", "grape", "peach", "melon"],
    zh: ["苹果", "梨", "李子", "枣", "橙子", "葡萄", "桃", "瓜"],
  },
} as const;

/** In Chinese with their measure word; in English a theme's own name says it. */
const NAMES = { animals: "种动物", colors: "种颜色", fruits: "种水果" } as const;

type Theme = keyof typeof THINGS;
const THEMES = Object.keys(THINGS) as Theme[];

/** What is asked of a list. */
interface Wish {
  readonly theme: Theme;
  readonly count: number;
  readonly by: Separator;
  readonly upper: boolean;
  /** The place in the theme's list of a word that must come, or must not. */
  readonly word: number | undefined;
  readonly without: boolean;
  /** Whether the answer's language is not the question's. */
  readonly foreign: boolean;
}

/** How each wish is said, after the first. */
const SAID: Readonly<Record<Language, Readonly<Record<"line" | "json" | "upper" | "foreign", string>>>> = {
  en: { line: "one per line", json: "as a JSON array", upper: "in upper case", foreign: "in Chinese" },
  zh: { line: "每行一个", json: "用JSON数组", upper: "用大写", foreign: "用英文" },
};

const WITH: Readonly<Record<Language, (word: string, without: boolean) => string>> = {
  en: (word, without) => `${without ? "without" : "with"} ${word}`,
  zh: (word, without) => `${without ? "不要" : "要有"}${word}`,
};

/** Draws an instruction of any split. */
export function instruction(dice: Dice): Problem {
  const language = dice.chance(0.5) ? "en" : "zh";
  const draw = dice.below(10);
  return draw < 6 ? list(dice, language) : draw < 8 ? record(dice, language) : repeated(dice, language);
}

/** "Name 3 animals, one per line, in upper case, with dog." */
function list(dice: Dice, language: Language): Problem {
  const foreign = dice.chance(0.15);
  const spoken = foreign === (language === "en") ? "zh" : "en";
  // A word in another language than the question's would have to be said in both.
  const word = !foreign && dice.chance(0.5) ? dice.below(8) : undefined;
  const wish: Wish = {
    theme: dice.pick(THEMES),
    count: dice.between(1, 5),
    by: dice.pick(["comma", "comma", "line", "json"] as const),
    upper: spoken === "en" && dice.chance(0.3),
    word,
    without: word !== undefined && dice.chance(0.5),
    foreign,
  };
  const { theme, count, by, upper, without } = wish;
  const of = THINGS[theme][spoken];
  const chosen = choose(dice, of, wish);
  const parts = wishes(wish, language, of);
  const rules: Rule[] = [
    { rule: "items", of, count, by },
    { rule: "language", is: spoken },
    { rule: "thoughts", is: language },
    ...(spoken === "zh" ? [] : [{ rule: "case", is: upper ? "upper" : "lower" } as const]),
    ...(word === undefined ? [] : [{ rule: without ? "absent" : "contains", text: of[word]! } as const]),
  ];
  return {
    kind: "instruction",
    key: `list ${theme} ${count} ${by} ${upper ? "upper" : "as is"} ${without ? "no" : "with"} ${word ?? "any"}`,
    language,
    messages: [{ role: "user", content: sentence(parts, language) }],
    answer: written(chosen, wish, spoken),
    check: { type: "rules", rules },
    solution(slip) {
      const items = slip === undefined ? chosen : [...chosen, of.find((item) => !chosen.includes(item))!];
      return reply([sentence(parts.slice(0, 1), language, true), ...parts.slice(1)], written(items, wish, spoken));
    },
  };
}

/** The items in a random order, with the word that must come and without the one that must not. */
function choose(dice: Dice, of: readonly string[], { count, word, without }: Wish): string[] {
  if (word === undefined) return dice.some(of, count);
  const others = dice.some(
    of.filter((_, i) => i !== word),
    without ? count : count - 1,
  );
  return without ? others : dice.some([...others, of[word]!], count);
}

function wishes(
  { theme, count, by, upper, word, without, foreign }: Wish,
  language: Language,
  of: readonly string[],
): string[] {
  const said = SAID[language];
  return [
    language === "en" ? `${count} ${theme.slice(0, count === 1 ? -1 : undefined)}` : `${count}${NAMES[theme]}`,
    ...(by === "comma" ? [] : [said[by]]),
    ...(upper ? [said.upper] : []),
    ...(word === undefined ? [] : [WITH[language](of[word]!, without)]),
    ...(foreign ? [said.foreign] : []),
  ];
}

function sentence(parts: readonly string[], language: Language, bare = false): string {
  if (bare) return parts.join("");
  return language === "en" ? `Name ${parts.join(", ")}.` : `说出${parts.join("，")}。`;
}

function written(items: readonly string[], { by, upper }: Wish, language: Language): string {
  const cased = items.map((item) => (upper ? item.toUpperCase() : item));
  if (by === "line") return cased.join("\n");
  if (by === "json") return `[${cased.map((item) => JSON.stringify(item)).join(", ")}]`;
  return cased.join(language === "en" ? ", " : "，");
}

const PEOPLE: Readonly<Record<Language, readonly string[]>> = {
  en: ["Tom", "Amy", "Ben", "Lily", "Sam", "Ann"],
  zh: ["小明", "小红", "小华", "小丽", "小林", "小安"],
};

/** "Write the name Tom and the age 12 as JSON." */
function record(dice: Dice, language: Language): Problem {
  const [person, age] = [dice.below(6), dice.between(1, 99)];
  const name = PEOPLE[language][person]!;
  const json = (years: number) => `{"name": ${JSON.stringify(name)}, "age": ${years}}`;
  const question =
    language === "en"
      ? `Write the name ${name} and the age ${age} as JSON with "name" and "age".`
      : `把名字${name}和年龄${age}写成JSON，用"name"和"age"。`;
  return {
    kind: "instruction",
    key: `record ${person} ${age}`,
    language,
    messages: [{ role: "user", content: question }],
    answer: json(age),
    check: {
      type: "rules",
      rules: [
        { rule: "fields", are: { name, age } },
        { rule: "thoughts", is: language },
      ],
    },
    solution: (slip) =>
      reply(
        language === "en" ? [`name ${name}`, `age ${age}`] : [`名字${name}`, `年龄${age}`],
        json(slip === undefined ? age : age + slip.between(1, 9)),
      ),
  };
}

/** "Write the word cat 3 times." */
function repeated(dice: Dice, language: Language): Problem {
  const theme = dice.pick(THEMES);
  const [at, count] = [dice.below(8), dice.between(2, 6)];
  const upper = language === "en" && dice.chance(0.3);
  const word = THINGS[theme][language][at]!;
  const text = upper ? word.toUpperCase() : word;
  const times = (n: number) => Array<string>(n).fill(text).join(" ");
  const question =
    language === "en"
      ? `Write the word ${word} ${count} times${upper ? ", in upper case" : ""}.`
      : `把${word}写${count}遍。`;
  return {
    kind: "instruction",
    key: `repeat ${theme} ${at} ${count} ${upper ? "upper" : "as is"}`,
    language,
    messages: [{ role: "user", content: question }],
    answer: times(count),
    check: {
      type: "rules",
      rules: [
        { rule: "repeats", text, count },
        { rule: "thoughts", is: language },
      ],
    },
    solution: (slip) =>
      reply(
        [language === "en" ? `${count} times ${text}` : `${count}遍${text}`],
        times(slip === undefined ? count : count + slip.pick([1, -1])),
      ),
  };
}
