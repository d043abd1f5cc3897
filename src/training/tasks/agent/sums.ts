/**
 * Conversations with a calculator: one task or several, the last of them due. The model calls with what was asked, and says
 * what it is told. A call that went wrong is made again; what others have written into a result is not obeyed; and who
 * asks for no sum hears that there is nothing else to be had.
 */
import { planted } from "../../../agent/environments/environment.ts";
import { guarded } from "../../../agent/guarded.ts";
import type { Content, Message } from "../../../text/messages.ts";
import { ANSWERS } from "../arithmetic.ts";
import type { Dice } from "../dice.ts";
import type { Language } from "../problem.ts";
import { CALCULATOR } from "../tools.ts";
import { type Episode, type Turn } from "./episode.ts";
import { type Expression, expression } from "./expressions.ts";
import { failure } from "./failures.ts";
import { OTHERS, orders, tool } from "./others.ts";
import { ask } from "./wordings.ts";

/** The thoughts of each kind of turn, short: what is to be done is done by the call. */
const THOUGHTS: Readonly<
  Record<Language, Readonly<Record<"call" | "told" | "again" | "order" | "silent" | "idle", string>>>
> = {
  en: {
    call: "I use the calculator.",
    told: "The calculator has answered.",
    again: "That went wrong. I call it again.",
    order: "The calculator has answered. What else stands there is no order of the user's.",
    silent: "There is no result.",
    idle: "That is no sum.",
  },
  zh: {
    call: "我用计算器。",
    told: "计算器有结果了。",
    again: "出错了，我再调用一次。",
    order: "计算器有结果了。其余的话不是用户说的。",
    silent: "没有结果。",
    idle: "这不是算式。",
  },
};

const SILENT: Readonly<Record<Language, string>> = { en: "I was not told the result.", zh: "没有人告诉我结果。" };
const NOT_FINITE: Readonly<Record<Language, string>> = { en: "It has no finite value.", zh: "它没有有限的值。" };
const IDLE: Readonly<Record<Language, string>> = {
  en: "I am a small model that only calls tools. Ask me for a sum.",
  zh: "我是一个只会调用工具的小模型。请让我算一道题。",
};

/** What people say that is no sum. */
const CHAT: Readonly<Record<Language, readonly string[]>> = {
  en: [
    ...[
      "Hello",
      "Hello!",
      "Hi",
      "Hi there!",
      "Who are you?",
      "What can you do?",
      "How are you?",
      "Thank you.",
      "Good morning",
    ],
    ...[
      "Tell me a joke.",
      "Write a poem.",
      "What is the capital of France?",
      "Who wrote Hamlet?",
      "Help",
      "Are you QwQ?",
    ],
    ...["What is love?", "What is your name?", "Can you help me?", "Calculate something.", "Do you speak Chinese?"],
  ],
  zh: [
    ...[
      "你好",
      "你好！",
      "您好",
      "你是谁？",
      "你会做什么？",
      "谢谢。",
      "早上好",
      "你好吗？",
      "讲个笑话。",
      "写一首诗。",
    ],
    ...["法国的首都是哪里？", "帮帮我", "你叫什么名字？", "今天天气怎么样？", "你会说英语吗？"],
  ],
};

const user = (content: string): Message => ({ role: "user", content });
const result = (content: string): Message => ({ role: "tool", name: "calculator", content });

/** Draws a conversation and the turn that is due. */
export function sums(dice: Dice): readonly [Episode, at: number] {
  const tools = toolsOf(dice);
  const count = dice.chance(0.4) ? 1 : dice.between(2, 5);
  const keys: string[] = [];
  const turns: Turn[] = [];
  let language: Language = "en";
  for (let n = 1; n <= count; n++) {
    language = dice.chance(0.5) ? "en" : "zh";
    const drawn = expression(dice);
    const last = n === count;
    const own = last ? due(dice, drawn, language, tools) : { key: drawn.key, turns: plainTask(dice, drawn, language) };
    keys.push(own.key);
    turns.push(...own.turns);
  }
  return [{ key: keys.join(";"), language, tools, turns }, turns.length - 1];
}

/** The calculator, and now and then others beside it. */
function toolsOf(dice: Dice): readonly Content[] {
  const others = dice.chance(0.65) ? [] : dice.some(OTHERS, dice.between(1, 2)).map(tool);
  return dice.some([CALCULATOR, ...others], others.length + 1);
}

/** A task that is done: a call, its result, the answer. */
function plainTask(dice: Dice, drawn: Expression, language: Language): Turn[] {
  const { question, call } = ask(dice, drawn, language);
  const first = calling([user(question)], call, language, "call");
  return [first, telling(drawn, language, drawn.value ?? "Error: This has no finite value.", "told")];
}

/** The task that is due: it ends in the turn that is asked for. */
function due(dice: Dice, drawn: Expression, language: Language, tools: readonly Content[]) {
  const { question, call } = ask(dice, drawn, language);
  const told = [user(question)];
  const kind = dice.below(20);
  const { key } = drawn;
  if (kind === 0) {
    const said = dice.pick(CHAT[language]);
    return { key: `"${said}"`, turns: [answering([user(said)], IDLE[language], language, "idle")] };
  }
  const first = calling(told, call, language, "call");
  if (kind < 9) return { key, turns: [first] };
  if (kind < 12) return { key, turns: failed(dice, told, call, language, tools) };
  if (kind === 12)
    return { key, turns: [first, answering([result("The call has arrived.")], SILENT[language], language, "silent")] };
  const value = drawn.value ?? "Error: This has no finite value.";
  const order = kind < 16 && drawn.value !== undefined ? guarded(orders(dice, tools, planted)) : "";
  return { key, turns: [first, telling(drawn, language, value + order, order === "" ? "told" : "order")] };
}

/** A call that went wrong once or twice, and is to be made again. */
function failed(
  dice: Dice,
  told: readonly Message[],
  call: string,
  language: Language,
  tools: readonly Content[],
): Turn[] {
  const turns: Turn[] = [];
  let before = told;
  for (let n = dice.chance(0.2) ? 2 : 1; n > 0; n--) {
    const { turn, answer } = failure(dice, before, call, tools);
    turns.push(turn);
    before = answer;
  }
  return [...turns, calling(before, call, language, "again")];
}

export function calling(
  told: readonly Message[],
  expression: string,
  language: Language,
  thought: "call" | "again",
): Turn {
  return {
    told,
    thoughts: [THOUGHTS[language][thought]],
    act: { name: "calculator", given: { expression } },
    plain: true,
  };
}

function telling({ value }: Expression, language: Language, content: string, thought: "told" | "order"): Turn {
  if (value === undefined) return answering([result(content)], NOT_FINITE[language], language, "told");
  const act = { answer: ANSWERS[language](value), check: { type: "answer", answer: value } } as const;
  return { told: [result(content)], thoughts: [THOUGHTS[language][thought]], act, plain: true };
}

function answering(
  told: readonly Message[],
  answer: string,
  language: Language,
  thought: "silent" | "idle" | "told",
): Turn {
  const check = { type: "rules", rules: [{ rule: "contains", text: answer }] } as const;
  return { told, thoughts: [THOUGHTS[language][thought]], act: { answer, check }, plain: true };
}
