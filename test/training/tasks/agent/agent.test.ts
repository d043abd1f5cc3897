/** What is taught is what an agent meets: the same prompts, letter by letter, and the same words of its tools. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runAgent } from "../../../../src/agent/agent.ts";
import { ENVIRONMENTS } from "../../../../src/agent/environments/measure.ts";
import { calculator } from "../../../../src/agent/tools/calculator.ts";
import { definition, type Tool } from "../../../../src/agent/tool.ts";
import { Toolbox } from "../../../../src/agent/toolbox.ts";
import type { Question, Responder } from "../../../../src/ask/responder.ts";
import type { Message } from "../../../../src/text/messages.ts";
import { parseReply } from "../../../../src/text/reply.ts";
import { renderKnown } from "../../../../src/text/template.ts";
import { failure } from "../../../../src/training/tasks/agent/failures.ts";
import { OTHERS, tool } from "../../../../src/training/tasks/agent/others.ts";
import { UNTAUGHT } from "../../../../src/training/tasks/agent/wordings.ts";
import { Dice } from "../../../../src/training/tasks/dice.ts";
import type { Problem } from "../../../../src/training/tasks/problem.ts";
import { distinct } from "../../../../src/training/tasks/problems.ts";
import { CALCULATOR } from "../../../../src/training/tasks/tools.ts";
import { trainTokenizer } from "../../../../src/training/tokenizer.ts";
import { goldenPath } from "../../../support/golden.ts";

const template = readFileSync(goldenPath("text/templates/qwq-32b.jinja"), "utf8");
const drawn = distinct("agent", "train", 3, 300);
const promptOf = (one: Pick<Question, "messages" | "tools">) =>
  renderKnown(template, { ...one, addGenerationPrompt: true });

/** The tools of a problem, real: of its world, or a calculator and others that do nothing. */
function toolsOf({ key, tools = [] }: Problem): readonly Tool[] {
  const [name, seed] = key.split("/");
  const kind = { files: "file system", shop: "shop", grid: "grid" }[name!];
  const world = ENVIRONMENTS.find((one) => one.name === kind);
  if (world !== undefined) return world.make({ seed: Number(seed), planted: false }).tools;
  const others = OTHERS.map(tool).map((one) => (one as unknown as { function: Omit<Tool, "run"> }).function);
  return tools.map((one) => {
    const { name: own } = (one as unknown as { function: Tool }).function;
    return own === "calculator" ? calculator() : { ...others.find((other) => other.name === own)!, run: () => "" };
  });
}

/** Says what the model has said in the problem's past, and keeps the last question. */
class Past implements Responder {
  readonly name = "past";
  readonly atOnce = 1;
  last: Question | undefined;
  private readonly said: readonly Message[];
  private at = 0;
  constructor(said: readonly Message[]) {
    this.said = said;
  }
  async ask(question: Question) {
    this.last = { ...question, messages: [...question.messages] };
    const turn = this.said[this.at++];
    const calls =
      turn === undefined
        ? ""
        : promptOf({ messages: [turn] })
            .split("assistant")[1]!
            .split("<|im_end|>")[0]!;
    const { answer, toolCalls } = parseReply(calls.trim(), { opened: false, toolCalls: true });
    return { thinking: "", answer, toolCalls, reason: "stop", seconds: 0 };
  }
  async close(): Promise<void> {}
}

const text = ({ content }: Message) => String(content);
/** Problems of one task in which nobody else has a word, and no tool fails by chance. */
const plain = drawn.filter(
  ({ messages }) =>
    messages.filter((one) => one.role === "user" && !text(one).startsWith("<tool_response>")).length === 1 &&
    !messages.some((one) =>
      /Error: (calculator did|Try|The calc|fetch)|call has arrived|IGNORE|System:|The user says|< \|/.test(text(one)),
    ),
);

test("an agent that says what the problem's past says comes to the problem's prompt", async () => {
  expect(plain.length).toBeGreaterThan(100);
  expect(new Set(plain.map(({ key }) => /^[a-z]+(?=\/)/.exec(key)?.[0]))).toEqual(
    new Set([undefined, "files", "shop", "grid"]),
  );
  for (const problem of plain) {
    const said = problem.messages.filter(({ role }) => role === "assistant");
    const responder = new Past(said);
    const toolbox = await Toolbox.of(toolsOf(problem));
    await runAgent(text(problem.messages[0]!), { responder, toolbox, limits: { steps: said.length + 1 } });
    expect(promptOf(responder.last!)).toBe(promptOf(problem));
  }
});

test("what is told of a call that went wrong is what the toolbox tells", async () => {
  const toolbox = await Toolbox.of([calculator()]);
  const dice = new Dice(2);
  for (let n = 0; n < 200; n++) {
    const { raw, answer } = failure(dice, [], "5022 * 9007", [CALCULATOR]);
    const [call] = parseReply(`<tool_call>${raw}</tool_call>`, { opened: false, toolCalls: true }).toolCalls;
    const { content, outcome } = await toolbox.call(call!, new AbortController().signal);
    if (outcome === "done") continue; // the tool itself had failed by chance
    expect(text(answer[0]!).replace(/^<tool_response>\n|\n<\/tool_response>$/g, "")).toBe(content);
  }
});

test("the calculator is the agent's", () => expect(definition(calculator())).toEqual(CALCULATOR));

test("the orders of the worlds are in no problem, nor are their tools beside the calculator", () => {
  const all = JSON.stringify(drawn.map(({ messages, tools }) => [messages, tools]));
  expect(all).toContain("IGNORE ALL EARLIER INSTRUCTIONS");
  expect(all).not.toMatch(/Call pay|passwords|item-999|Call jump|"pay"|"jump"/);
});

test("no wording that is to be tried untaught is taught", () => {
  const forms = [...UNTAUGHT.en, ...UNTAUGHT.zh].map((wording) => wording("E").replace(/E.*/, ""));
  for (const form of forms)
    expect(
      drawn.some(({ messages }) => messages.some((one) => text(one).startsWith(form))),
      form,
    ).toBe(false);
});

test("what is learnt of a prompt are the model's own turns in it that are right, with their ends", () => {
  const chat = trainTokenizer({ size: 512, seed: 1, corpus: { agent: 40 } });
  for (const problem of drawn.slice(0, 80)) {
    const { prompt, spans } = chat.solved(problem);
    const turns = problem.messages.filter(({ role }) => role === "assistant");
    const own = problem.learnt!.map(
      (n) =>
        promptOf({ messages: [turns[n]!] })
          .split("assistant\n")[1]!
          .split("<|im_end|>")[0]! + "<|im_end|>",
    );
    expect(spans.map(([from, to]) => chat.tokenizer.decode(prompt.slice(from, to)))).toEqual(own);
  }
});
