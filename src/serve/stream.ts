/** Server-sent events, as OpenAI's clients read them. */
import { Readable } from "node:stream";
import { errorReply } from "./errors.ts";
import type { Chunk } from "./response.ts";

/** So long a proxy may hear nothing before it takes the server for dead. */
const QUIET_MILLISECONDS = 15_000;

/**
 * The stream of these chunks, then "[DONE]"; an error in place of the rest where one is thrown. A comment, which clients
 * pass over, comes whenever there has been nothing for long.
 */
export function eventStream(chunks: AsyncGenerator<Chunk, void>, onError: (error: unknown) => void): Readable {
  const stream = new Readable({ read() {} });
  void pump(lines(chunks, onError), stream);
  return stream;
}

/** Lines go on as they come: a client that does not read costs the memory of a reply, and not the turn of others. */
async function pump(all: AsyncGenerator<string, void>, stream: Readable): Promise<void> {
  for await (const line of all) {
    if (stream.destroyed) break;
    stream.push(line);
  }
  stream.push(null);
}

async function* lines(
  chunks: AsyncGenerator<Chunk, void>,
  onError: (error: unknown) => void,
): AsyncGenerator<string, void> {
  try {
    for await (const chunk of withSigns(chunks)) yield chunk === undefined ? ": wait\n\n" : data(JSON.stringify(chunk));
    yield data("[DONE]");
  } catch (error) {
    onError(error);
    yield data(JSON.stringify(errorReply(error).body));
  }
}

function data(text: string): string {
  return `data: ${text}\n\n`;
}

/** The chunks, and undefined after each time of silence. */
async function* withSigns(chunks: AsyncGenerator<Chunk, void>): AsyncGenerator<Chunk | undefined, void> {
  try {
    for (;;) {
      const next = chunks.next();
      while ((await orSilence(next)) === undefined) yield undefined;
      const { value, done } = await next;
      if (done) return;
      yield value;
    }
  } finally {
    await chunks.return();
  }
}

/** What comes, or undefined where nothing has for long. */
function orSilence<T>(next: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), QUIET_MILLISECONDS);
    next.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
