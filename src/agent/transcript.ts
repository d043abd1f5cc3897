/** Transcripts: what an agent did, a line for each event; read again, and played again without the model. */
import { FormatError, UsageError } from "../errors.ts";
import { readWhole } from "../files/input.ts";
import { linesOf } from "../files/journal.ts";
import type { Question, Responder, Said } from "../ask/responder.ts";
import { parseReply } from "../text/reply.ts";
import type { AgentEvent } from "./agent.ts";
import type { Result, Toolbox } from "./toolbox.ts";

const MOST_BYTES = 2 ** 28;
const TYPES = ["start", "reply", "result", "end"];

/** Reads one. Throws IoError E_IO_OPEN; FormatError E_AGENT_TRANSCRIPT. */
export function readTranscript(path: string): AgentEvent[] {
  return linesOf(new TextDecoder().decode(readWhole(path, MOST_BYTES, "E_LIMIT_INPUT"))).map((line, i) => {
    try {
      const event = JSON.parse(line) as AgentEvent;
      if (TYPES.includes(event.type)) return event;
    } catch {
      // said below
    }
    throw new FormatError("E_AGENT_TRANSCRIPT", path, {
      path,
      expected: `an event in line ${i + 1}`,
      actual: line.slice(0, 60),
      hint: "Give a file that qwq agent --transcript has written.",
    });
  });
}

/** Says what the model said, reply after reply, to whoever asks. Throws UsageError E_AGENT_REPLAY where it has said all. */
export class ReplayResponder implements Responder {
  readonly name: string;
  readonly atOnce = 1;
  private readonly replies: Extract<AgentEvent, { type: "reply" }>[];

  constructor(events: readonly AgentEvent[]) {
    this.replies = events.filter((event) => event.type === "reply");
    this.name = events.find((event) => event.type === "start")?.model ?? "recorded";
  }

  async ask({ signal }: Question): Promise<Said> {
    signal?.throwIfAborted();
    const reply = this.replies.shift();
    if (reply === undefined) {
      throw new UsageError("E_AGENT_REPLAY", "replay", { expected: "another reply in the transcript", actual: "none" });
    }
    const { thinking, answer, calls, reason, tokens } = reply;
    const text = calls.map((raw) => `<tool_call>${raw}</tool_call>`).join("");
    const { toolCalls } = parseReply(text, { opened: false, toolCalls: true });
    return { thinking, answer, toolCalls, reason, tokens, seconds: 0 };
  }

  async close(): Promise<void> {}
}

/** A result that is another than the recorded one. */
export interface Difference {
  readonly step: number;
  readonly name: string;
  readonly recorded: string;
  readonly now: string;
}

/** Carries out every call of a transcript again, and says which results are others now. Throws as `Toolbox.call`, where the signal comes. */
export async function callAgain(
  events: readonly AgentEvent[],
  toolbox: Toolbox,
  signal: AbortSignal,
): Promise<Difference[]> {
  const found: Difference[] = [];
  const results = (step: number) =>
    events.filter((event) => event.type === "result" && event.step === step) as Result[];
  for (const event of events) {
    if (event.type !== "reply" || event.calls.length === 0) continue;
    const text = event.calls.map((raw) => `<tool_call>${raw}</tool_call>`).join("");
    const now = await toolbox.callAll(parseReply(text, { opened: false, toolCalls: true }).toolCalls, signal);
    results(event.step).forEach(({ name, content }, i) => {
      const other = now[i]?.content ?? "nothing";
      if (other !== content) found.push({ step: event.step, name, recorded: content, now: other });
    });
  }
  return found;
}
