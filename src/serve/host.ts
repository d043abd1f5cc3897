/** The other end of remote.ts: the thread in which the model computes. */
import type { MessagePort } from "node:worker_threads";
import { sent } from "../errors.ts";
import type { AnswerEvent } from "../library/answer.ts";
import type { Asked, Engine } from "./engine.ts";
import type { Order, Told } from "./remote.ts";

/** Answers what comes through the port. `onCall` is called before each call. Settles when it is told to close. */
export async function host(engine: Engine, port: MessagePort, onCall: () => void): Promise<void> {
  const stops = new Map<number, AbortController>();
  const say = (told: Told) => port.postMessage(told);
  const answer = async (call: number, asked: Asked) => {
    const stop = new AbortController();
    stops.set(call, stop);
    try {
      onCall();
      for await (const event of engine.generate(asked, stop.signal)) say({ call, event: plain(event, asked) });
      say({ call, done: true });
    } catch (error) {
      say({ call, error: sent(error) });
    } finally {
      stops.delete(call);
    }
  };
  say({ ready: { context: engine.context } });
  await new Promise<void>((resolve) =>
    port.on("message", (order: Order) => {
      if ("close" in order) resolve();
      else if ("stop" in order) stops.get(order.call)?.abort();
      else void answer(order.call, order.asked);
    }),
  );
  for (const stop of stops.values()) stop.abort();
  await engine.close();
  port.close();
}

/** An event without what nobody asked for: a probability takes the exponentials of a whole vocabulary. */
function plain(event: AnswerEvent, { options }: Asked): AnswerEvent {
  if (event.type !== "token" || options.top !== undefined) return event;
  const { type, id, text } = event;
  return { type, id, text, logprob: NaN };
}
