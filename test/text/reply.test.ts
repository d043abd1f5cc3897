import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseReply, type Reply, type ReplyEvent, type ReplyOptions, ReplyParser } from "../../src/text/reply.ts";

const QWQ = { opened: true, toolCalls: true };
const PLAIN = { opened: false, toolCalls: true };
const CALL = '<tool_call>\n{"name": "f", "arguments": {"x": 1}}\n</tool_call>';

/** Thinking, answer and the names of the calls. */
function parts(text: string, options: ReplyOptions): [string, string, ...string[]] {
  const { thinking, answer, toolCalls } = parseReply(text, options);
  return [thinking, answer, ...toolCalls.map(({ name, error }) => (error === undefined ? name : "!"))];
}

/** The reply of pieces, and what their events say together. */
function inPieces(pieces: readonly string[], options: ReplyOptions): { reply: Reply; said: Reply } {
  const parser = new ReplyParser(options);
  const events: ReplyEvent[] = pieces.flatMap((piece) => parser.push(piece));
  const end = parser.end();
  events.push(...end.events);
  const text = (type: string) => events.map((e) => (e.type === type && e.type !== "tool_call" ? e.text : "")).join("");
  const toolCalls = events.flatMap((e) => (e.type === "tool_call" ? [e.call] : []));
  return { reply: end.reply, said: { thinking: text("thinking"), answer: text("answer"), toolCalls } };
}

describe("thoughts", () => {
  test.each([
    ["the opener is in the prompt", "Two and two.\n</think>\n\n4", QWQ, ["Two and two.", "4"]],
    ["the opener is repeated", "<think>\nTwo.\n</think>\n\n4", QWQ, ["Two.", "4"]],
    ["the opener is the model's own", "\n <think>\nTwo.\n</think>\n\n4", PLAIN, ["Two.", "4"]],
    ["the reply is cut off", "Two and", QWQ, ["Two and", ""]],
    ["the reply is cut off inside the closer", "Two</thi", QWQ, ["Two</thi", ""]],
    ["the thoughts are empty", "\n</think>\n\n4", QWQ, ["", "4"]],
    ["there is nothing", "", QWQ, ["", ""]],
    ["the closer comes twice", "a</think>b</think>c", QWQ, ["a", "b</think>c"]],
    ["a second opener stands inside", "a <think> b</think>c", QWQ, ["a <think> b", "c"]],
    ["the model does not think", "4\n", PLAIN, ["", "4\n"]],
    [
      "the model does not think and names the tags",
      "Write <think> or </think>.",
      PLAIN,
      ["", "Write <think> or </think>."],
    ],
    ["a tag only looks like one", "a <thinker> </thinking>", QWQ, ["a <thinker> </thinking>", ""]],
    ["line breaks stand inside the texts", "\na\n\nb\n</think>\n\nc\n\nd\n", QWQ, ["a\n\nb", "c\n\nd\n"]],
  ] as const)("are apart when %s", (_, text, options, want) => {
    expect(parts(text, options)).toEqual(want);
  });
});

describe("tool calls", () => {
  test.each([
    ["alone", `x</think>\n\n${CALL}`, QWQ, ["x", "", "f"]],
    ["two, one after another", `</think>${CALL}\n${CALL}`, QWQ, ["", "", "f", "f"]],
    [
      "with text around, which stays on lines of its own",
      `</think>\n\nSee.\n${CALL}\nDone.`,
      QWQ,
      ["", "See.\nDone.", "f"],
    ],
    ["not inside thoughts", `${CALL}</think>ok`, QWQ, [CALL, "ok"]],
    ["not where calls are off", CALL, { opened: false, toolCalls: false }, ["", CALL]],
    ["cut off with whole JSON", '<tool_call>{"name": "f", "arguments": {}}', PLAIN, ["", "", "f"]],
    ["cut off with half of it, as an error", '<tool_call>{"name": "f", "argu', PLAIN, ["", "", "!"]],
    ["that are not JSON, as errors", "<tool_call>f(x)</tool_call>then", PLAIN, ["", "then", "!"]],
    ["without a name, as errors", '<tool_call>{"arguments": {}}</tool_call>', PLAIN, ["", "", "!"]],
    [
      "whose arguments are no object, as errors",
      '<tool_call>{"name": "f", "arguments": "x"}</tool_call>',
      PLAIN,
      ["", "", "!"],
    ],
  ] as const)("are found %s", (_, text, options, want) => {
    expect(parts(text, options)).toEqual(want);
  });

  test("keep their text, and numbers as the model wrote them", () => {
    const raw = '\n{"name": "f", "arguments": {"big": 12345678901234567890, "one": 1.0}}\n';
    const [call] = parseReply(`<tool_call>${raw}</tool_call>`, PLAIN).toolCalls;
    expect(call?.raw).toBe(raw);
    expect(call?.arguments.get("big")).toMatchObject({ text: "12345678901234567890" });
    expect(call?.arguments.get("one")).toMatchObject({ text: "1.0" });
  });

  test("that cannot be read say why", () => {
    const [call] = parseReply("<tool_call>[1]</tool_call>", PLAIN).toolCalls;
    expect(call).toMatchObject({
      raw: "[1]",
      name: "",
      error: expect.stringContaining("to be an object, got an array") as string,
    });
  });
});

describe("any cut", () => {
  const word = fc.constantFrom(
    "<think>",
    "</think>",
    "<tool_call>",
    "</tool_call>",
    '{"name": "f", "arguments": {}}',
    "\n",
    "\n\n",
    " ",
    "a",
    "é😀",
    "<",
    "</",
    "thi",
    "nk>",
    "<tool",
  );
  const text = fc.array(word, { maxLength: 14 }).map((words) => words.join(""));
  const options = fc.record({ opened: fc.boolean(), toolCalls: fc.boolean() });

  test("gives the same reply, and events that add up to it", () => {
    fc.assert(
      fc.property(text, options, fc.array(fc.nat(200), { maxLength: 8 }), (whole, how, at) => {
        const cuts = [0, ...at.map((i) => i % (whole.length + 1)).sort((a, b) => a - b), whole.length];
        const pieces = cuts.slice(1).map((to, i) => whole.slice(cuts[i], to));
        const { reply, said } = inPieces(pieces, how);
        expect(said).toEqual(reply);
        expect(reply).toEqual(parseReply(whole, how));
      }),
      { numRuns: 3000 },
    );
  });

  test("into single characters too", () => {
    fc.assert(
      fc.property(text, options, (whole, how) => {
        const { reply, said } = inPieces(whole.split(""), how);
        expect(said).toEqual(reply);
        expect(reply).toEqual(parseReply(whole, how));
      }),
      { numRuns: 1000 },
    );
  });

  test("and text is given as soon as it is certain: only a tag's beginning and line breaks wait", () => {
    const parser = new ReplyParser(QWQ);
    expect(parser.push("Hm")).toEqual([{ type: "thinking", text: "Hm" }]);
    expect(parser.push(" <")).toEqual([{ type: "thinking", text: " " }]);
    expect(parser.push("b\n")).toEqual([{ type: "thinking", text: "<b" }]);
    expect(parser.push("</think>\n\nok")).toEqual([{ type: "answer", text: "ok" }]);
  });
});
