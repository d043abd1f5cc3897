/**
 * The loop of an agent: the model replies; what it calls is carried out, all calls of a reply together; what comes of them is
 * told to it; until it calls nothing more, or a limit is met.
 */
import { setMaxListeners } from "node:events";
import type { Drawing, Responder, Said } from "../ask/responder.ts";
import type { Content, Message } from "../text/messages.ts";
import type { ToolCall } from "../text/reply.ts";
import { guarded } from "./guarded.ts";
import type { Result, Toolbox } from "./toolbox.ts";

/** Why it ended. `length`: a reply was cut by its limit. `stuck`: the same calls with the same results, three times. */
export type End = "answer" | "steps" | "tokens" | "time" | "length" | "stuck" | "interrupted";

/** How far an agent may go. */
export interface AgentLimits {
  /** Replies; 16 unless told. */
  readonly steps?: number | undefined;
  /** Tokens of all replies together; 65,536 unless told. */
  readonly tokens?: number | undefined;
  /** Of everything; 3,600 unless told. */
  readonly seconds?: number | undefined;
}

/** What happens, in its order; a transcript is these, a line each. */
export type AgentEvent =
  | {
      readonly type: "start";
      readonly model: string;
      readonly messages: readonly Message[];
      readonly tools: readonly Content[];
    }
  | ({ readonly type: "reply"; readonly step: number } & Reply)
  | ({ readonly type: "result"; readonly step: number } & Result)
  | {
      readonly type: "end";
      readonly end: End;
      readonly answer: string;
      readonly steps: number;
      readonly tokens: number;
    };

/** A reply as a transcript has it: calls as the model wrote them. */
export interface Reply {
  readonly thinking: string;
  readonly answer: string;
  readonly calls: readonly string[];
  readonly reason: string;
  readonly tokens?: number | undefined;
}

/** What an agent works with. */
export interface AgentOptions {
  /** Who replies: a model here, or a server. */
  readonly responder: Responder;
  readonly toolbox: Toolbox;
  /** How replies are drawn; as the responder does it unless told. */
  readonly drawing?: Drawing | undefined;
  readonly seed?: number | undefined;
  /** The system message; none unless told. */
  readonly system?: string | undefined;
  readonly limits?: AgentLimits | undefined;
  /** Whether results are told to the model; where false it hears only that its call arrived. For measurements. */
  readonly feedback?: boolean | undefined;
  /** Ends it as `interrupted`. */
  readonly signal?: AbortSignal | undefined;
  /** Hears what happens, in its order. */
  readonly onEvent?: ((event: AgentEvent) => void) | undefined;
  /** Hears a reply as it is written. */
  readonly onText?: ((text: string, of: "thinking" | "answer") => void) | undefined;
}

/** What a run came to. */
export interface Outcome {
  readonly end: End;
  /** The last reply's answer. */
  readonly answer: string;
  /** Replies. */
  readonly steps: number;
  /** Of all replies together. */
  readonly tokens: number;
  /** The whole conversation. */
  readonly messages: readonly Message[];
}

const CHARACTERS_A_TOKEN = 3.5;
/** How often the same calls may come to the same results. */
const PATIENCE = 3;

/** Runs an agent on a task, or on a conversation that ends in one. Throws as the responder does. */
export async function runAgent(task: string | readonly Message[], options: AgentOptions): Promise<Outcome> {
  const agent = new Agent(task, options);
  return agent.run();
}

class Agent {
  private readonly options: AgentOptions;
  private readonly messages: Message[];
  private readonly stop: AbortSignal;
  private readonly timer: AbortSignal;
  private steps = 0;
  private tokens = 0;
  private calls = 0;
  private last = "";
  private same = 0;

  constructor(task: string | readonly Message[], options: AgentOptions) {
    const { system, signal, limits = {} } = options;
    const turns = typeof task === "string" ? [{ role: "user", content: task }] : task;
    this.options = options;
    this.messages = system === undefined ? [...turns] : [{ role: "system", content: system }, ...turns];
    this.timer = AbortSignal.timeout((limits.seconds ?? 3600) * 1000);
    this.stop = signal === undefined ? this.timer : AbortSignal.any([signal, this.timer]);
    setMaxListeners(0, this.stop); // every call listens
  }

  async run(): Promise<Outcome> {
    const { responder, toolbox, onEvent } = this.options;
    onEvent?.({ type: "start", model: responder.name, messages: [...this.messages], tools: toolbox.definitions });
    let answer = "";
    const end = await this.steadily((said) => (answer = said));
    const { steps, tokens, messages } = this;
    onEvent?.({ type: "end", end, answer, steps, tokens });
    return { end, answer, steps, tokens, messages };
  }

  /** Step after step; a limit of time, or the signal, ends it wherever it is. */
  private async steadily(say: (answer: string) => void): Promise<End> {
    const { steps = 16 } = this.options.limits ?? {};
    try {
      while (this.steps < steps) {
        const end = await this.step(say);
        if (end !== undefined) return end;
      }
      return "steps";
    } catch (error) {
      if (this.options.signal?.aborted) return "interrupted";
      if (this.timer.aborted) return "time";
      throw error;
    }
  }

  private async step(say: (answer: string) => void): Promise<End | undefined> {
    const { toolbox, onEvent } = this.options;
    const left = (this.options.limits?.tokens ?? 65_536) - this.tokens;
    if (left <= 0) return "tokens";
    const said = await this.reply(left);
    const step = ++this.steps;
    this.tokens += said.tokens ?? Math.ceil((said.thinking.length + said.answer.length) / CHARACTERS_A_TOKEN);
    const { thinking, answer, toolCalls, reason, tokens } = said;
    onEvent?.({ type: "reply", step, thinking, answer, calls: toolCalls.map(({ raw }) => raw), reason, tokens });
    say(answer);
    if (reason === "length" && toolCalls.length === 0)
      return this.tokens >= (this.options.limits?.tokens ?? 65_536) ? "tokens" : "length";
    if (toolCalls.length === 0) return "answer";
    const results = await toolbox.callAll(toolCalls, this.stop);
    for (const result of results) onEvent?.({ type: "result", step, ...result });
    this.remember(answer, toolCalls, results);
    return this.isStuck(toolCalls, results) ? "stuck" : undefined;
  }

  private reply(left: number): Promise<Said> {
    const { responder, toolbox, drawing = {}, seed, onText } = this.options;
    return responder.ask({
      messages: this.messages,
      tools: toolbox.definitions.length === 0 ? undefined : toolbox.definitions,
      drawing: { ...drawing, maxTokens: Math.min(drawing.maxTokens ?? left, left) },
      seed: seed === undefined ? undefined : (seed + this.steps) % 2 ** 31,
      signal: this.stop,
      onText,
    });
  }

  /** The model's turn, its thoughts left out as templates do, and the results of its calls. */
  private remember(answer: string, calls: readonly ToolCall[], results: readonly Result[]): void {
    const first = this.calls;
    this.calls += calls.length;
    const id = (i: number) => `call_${first + i + 1}`;
    const readable = calls.flatMap((call, i) => (call.name === "" ? [] : [{ ...written(call), id: id(i) }]));
    const broken = calls.filter(({ name }) => name === "").map(({ raw }) => `<tool_call>${raw}</tool_call>`);
    const content = [answer, ...broken].filter((part) => part !== "").join("\n");
    this.messages.push({ role: "assistant", content, ...(readable.length > 0 && { tool_calls: readable }) });
    const said = (i: number) => (this.options.feedback === false ? "The call has arrived." : results[i]!.content);
    calls.forEach(({ name }, i) => {
      if (name !== "") this.messages.push({ role: "tool", name, tool_call_id: id(i), content: said(i) });
    });
    // A call without a name has nothing that a server could match its result with; QwQ's template writes both alike.
    const lost = calls.flatMap(({ name }, i) => (name === "" ? [`<tool_response>\n${said(i)}\n</tool_response>`] : []));
    if (lost.length > 0) this.messages.push({ role: "user", content: lost.join("\n") });
  }

  private isStuck(calls: readonly ToolCall[], results: readonly Result[]): boolean {
    const now = JSON.stringify([calls.map(({ raw }) => raw), results.map(({ content }) => content)]);
    this.same = now === this.last ? this.same + 1 : 1;
    this.last = now;
    return this.same >= PATIENCE;
  }
}

/** A call as templates take it; one whose arguments could not be read has none: servers read them again, and refuse. */
function written({ name, arguments: given }: ToolCall): { readonly type: string; readonly function: Content } {
  return { type: "function", function: { name: guarded(name), arguments: given } };
}
