/** POST /v1/chat/completions: from a request to the body of a response, or to the chunks of a stream. */
import { randomUUID } from "node:crypto";
import { writeJson } from "../json/write.ts";
import type { ToolCall } from "../text/reply.ts";
import type { ChatRequest } from "./chat-request.ts";
import { type ChoiceEnd, type ChoiceEvent, choiceOf } from "./choice.ts";
import type { Asked } from "./engine.ts";
import { languageOf, shapeOf } from "./grammars.ts";
import { type ContentLogprob, contentLogprobs } from "./logprobs.ts";
import { roomFor, type ServedModel } from "./model.ts";
import { type Chunk, fields, flawsOf, type Turns, usageOf } from "./response.ts";

/** A request that was found good: what each of its choices asks of the engine. */
export interface ChatWork {
  readonly request: ChatRequest;
  readonly model: ServedModel;
  readonly promptTokens: number;
  /** What the user said, and the system. */
  readonly question: string;
  readonly asked: (choice: number) => Asked;
}

/** Renders the conversation and checks that it fits. Throws RequestError, and as `Prompts.encode`. */
export async function prepareChat(model: ServedModel, request: ChatRequest): Promise<ChatWork> {
  const text = await model.prompts.render(request.messages, request.tools.length > 0 ? request.tools : undefined);
  const ids = model.prompts.tokenizer.encode(text);
  const prompt = { ids, reply: model.prompts.replyTo(text, request.tools.length > 0) };
  const maxTokens = roomFor(model, ids.length, request.maxTokens);
  const { sampling, seed, onLoop, thinkTokens, logprobs, penalties } = request;
  const shape = shapeOf(request);
  if (shape !== undefined) languageOf(shape); // a schema that cannot be followed is refused before the line
  const options = { ...sampling, maxTokens, onLoop, thinkTokens, top: logprobs };
  const asked = (choice: number): Asked => ({
    prompt,
    options: { ...options, seed: seed === undefined ? undefined : seed + choice },
    steered: { penalties, shape },
  });
  const said = request.messages.map((message) => message.get("content"));
  const question = said.filter((content) => typeof content === "string").join("\n");
  return { request, model, promptTokens: ids.length, question, asked };
}

/** The events of a choice when it is its turn. */
async function* events(work: ChatWork, choice: number, turns: Turns): AsyncGenerator<ChoiceEvent, void> {
  const { stop, parallel } = work.request;
  const leave = await turns.next();
  try {
    const options = { stop, oneCall: !parallel, everyToken: false, question: work.question };
    const all = choiceOf(work.model.engine, work.asked(choice), options, turns.signal);
    yield* turns.watch(all, work.promptTokens);
  } finally {
    leave();
  }
}

/** The whole response. */
export async function chatResponse(work: ChatWork, turns: Turns): Promise<object> {
  const ends: ChoiceEnd[] = [];
  const choices: object[] = [];
  for (let index = 0; index < work.request.n; index++) {
    const message = new Message(work);
    for await (const event of events(work, index, turns)) {
      message.add(event);
      if (event.type === "end") ends.push(event);
    }
    choices.push(message.choice(index));
  }
  const { model, promptTokens } = work;
  return { ...fields("chatcmpl", "chat.completion", model), choices, usage: usageOf(promptTokens, ends) };
}

/** A message that is put together. */
class Message {
  private readonly work: ChatWork;
  private thinking = "";
  private answer = "";
  private readonly calls: object[] = [];
  private readonly logprobs: ContentLogprob[] = [];
  private end: ChoiceEnd | undefined;

  constructor(work: ChatWork) {
    this.work = work;
  }

  add(event: ChoiceEvent): void {
    if (event.type === "thinking") this.thinking += event.text;
    else if (event.type === "answer") {
      this.answer += event.text;
      if (this.work.request.logprobs !== undefined) {
        this.logprobs.push(...contentLogprobs(this.work.model.prompts.tokenizer, event.tokens));
      }
    } else if (event.type === "tool_call") {
      if (event.call.error === undefined) this.calls.push(callOf(event.call));
      else this.answer += unread(event.call);
    } else if (event.type === "end") this.end = event;
  }

  choice(index: number): object {
    const { thinking, answer, calls, logprobs, end } = this;
    return {
      index,
      message: {
        role: "assistant",
        content: answer === "" && calls.length > 0 ? null : answer,
        refusal: null,
        ...(thinking !== "" && { reasoning_content: thinking }),
        ...(calls.length > 0 && { tool_calls: calls }),
      },
      logprobs: this.work.request.logprobs === undefined ? null : { content: logprobs, refusal: null },
      finish_reason: finishOf(end, calls.length),
      ...flawsOf(end),
    };
  }
}

/** The chunks of a stream, in OpenAI's order: the role, the pieces, why it ended, and the usage where it is wanted. */
export async function* chatChunks(work: ChatWork, turns: Turns): AsyncGenerator<Chunk, void> {
  const { request, model, promptTokens } = work;
  const head = fields("chatcmpl", "chat.completion.chunk", model);
  const usage = request.usage ? { usage: null } : {};
  const ends: ChoiceEnd[] = [];
  const chunk = (index: number, delta: object, more: object = {}): Chunk => ({
    ...head,
    choices: [{ index, delta, logprobs: null, finish_reason: null, ...more }],
    ...usage,
  });
  for (let index = 0; index < request.n; index++) {
    yield chunk(index, { role: "assistant", content: "" });
    let calls = 0;
    for await (const event of events(work, index, turns)) {
      if (event.type === "end") {
        ends.push(event);
        yield chunk(index, {}, { finish_reason: finishOf(event, calls), ...flawsOf(event) });
      } else {
        const piece = pieceOf(event, calls, work);
        if (piece !== undefined) yield chunk(index, piece.delta, piece.more);
        if (event.type === "tool_call" && event.call.error === undefined) calls++;
      }
    }
  }
  if (request.usage) yield { ...head, choices: [], usage: usageOf(promptTokens, ends) };
}

function pieceOf(event: ChoiceEvent, calls: number, { request, model }: ChatWork) {
  switch (event.type) {
    case "thinking":
      return { delta: { reasoning_content: event.text }, more: {} };
    case "answer": {
      const delta = { content: event.text };
      if (request.logprobs === undefined) return { delta, more: {} };
      const content = contentLogprobs(model.prompts.tokenizer, event.tokens);
      return { delta, more: { logprobs: { content, refusal: null } } };
    }
    case "tool_call":
      if (event.call.error !== undefined) return { delta: { content: unread(event.call) }, more: {} };
      return { delta: { tool_calls: [{ index: calls, ...callOf(event.call) }] }, more: {} };
    default:
      return undefined;
  }
}

function callOf({ name, arguments: given }: ToolCall) {
  const id = `call_${randomUUID().replaceAll("-", "").slice(0, 24)}`;
  return { id, type: "function", function: { name, arguments: writeJson(given) } };
}

/** A call that cannot be read is text, as it came. */
function unread({ raw }: ToolCall): string {
  return `<tool_call>${raw}</tool_call>`;
}

/** Calls that could not be read do not count. */
function finishOf(end: ChoiceEnd | undefined, calls: number): string {
  const reason = end?.reason ?? "stop";
  return reason === "tool_calls" && calls === 0 ? "stop" : reason;
}
