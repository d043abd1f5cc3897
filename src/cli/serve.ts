/** `qwq serve`: OpenAI's interface over HTTP. */
import { basename } from "node:path";
import { Command } from "commander";
import { IoError } from "../errors.ts";
import { type Checkpoint, openCheckpoint } from "../files/checkpoint.ts";
import { EMBEDDED } from "../files/embedded.ts";
import { servedModel } from "../serve/model.ts";
import { RemoteEngine } from "../serve/remote.ts";
import { QwqServer, type ServeOptions } from "../serve/server.ts";
import { readText } from "./input.ts";
import type { ServeData } from "./serve-worker.ts";
import { startThread } from "../thread.ts";
import { bytes, integer, type ModelOptions, withModelOptions } from "./options.ts";
import { onInterrupt } from "./signals.ts";
import { note, print } from "./terminal.ts";
import { VERSION } from "./version.ts";

interface Options extends ModelOptions {
  readonly host: string;
  readonly port: number;
  readonly apiKeyFile?: string;
  readonly alias?: string;
  readonly parallel: number;
  readonly queue: number;
  readonly body: number;
  readonly grace: number;
}

const EXAMPLES = `
Examples:
  qwq serve
  qwq serve -m Qwen/QwQ-32B --port 9000 --alias qwq-32b
  QWQ_API_KEY=secret qwq serve --host 0.0.0.0
  curl http://127.0.0.1:8080/v1/chat/completions \\
    -H 'content-type: application/json' \\
    -d '{"messages": [{"role": "user", "content": "What is 347 + 586?"}]}'

A page to chat with is at http://127.0.0.1:8080/. See docs/serve.md.`;

export function serve(): Command {
  const command = new Command("serve")
    .description("Serves a model to clients of OpenAI's interface.")
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .option("--port <n>", "the port; 0 takes a free one", integer(0, 65535), 8080)
    .option("--api-key-file <file>", "keys that may ask, one a line (or one in the variable QWQ_API_KEY)")
    .option("--alias <name>", "what clients call the model (default: the model's own name)")
    .option("--parallel <n>", "answers at the same time, and conversations that are remembered", integer(1, 256), 1)
    .option("--queue <n>", "requests that may wait", integer(0, 1_000_000), 1000)
    .option("--body <bytes>", "the longest request", bytes, 4 * 2 ** 20)
    .option("--grace <seconds>", "how long answers may go on after Ctrl-C", integer(0, 86_400), 30)
    .addHelpText("after", EXAMPLES);
  return withModelOptions(command).action(act);
}

async function act(options: Options): Promise<void> {
  const keys = await readKeys(options.apiKeyFile);
  const checkpoint = openCheckpoint(options.model ?? EMBEDDED, { io: "pread" });
  const engine = await startEngine(options, checkpoint);
  const id = options.alias ?? (options.model === undefined ? "qwq-embedded" : basename(options.model));
  const model = servedModel(id, checkpoint, engine, VERSION);
  const interrupt = onInterrupt();
  const { host, port, parallel, queue: places, body: bodyBytes } = options;
  const server = await start(model, { host, port, keys, parallel, places, bodyBytes, onError: told });
  const at = host.includes(":") ? `[${host}]` : host;
  print(`listening http://${at}:${server.port} ${id}\n`);
  if (!options.quiet && keys.length === 0 && host !== "127.0.0.1") note("No API key: whoever reaches it may ask.");
  const stopped = new Promise<undefined>((resolve) => {
    interrupt.signal.addEventListener("abort", () => resolve(undefined));
  });
  const failure = await Promise.race([stopped, engine.ended]);
  if (!options.quiet && failure === undefined) note("Answering what was asked; once more ends at once.");
  if (!(await server.close(failure === undefined ? options.grace * 1000 : 0))) process.exitCode = interrupt.exitCode();
  checkpoint.close();
  interrupt.done();
  if (failure !== undefined) throw failure;
}

/** The tokenizer of a large model, which this thread has beside the one that computes, and what a server takes. */
const OWN_BYTES = 200e6;

/** The thread that computes. What `--memory` promises holds for both threads. */
async function startEngine(options: Options, checkpoint: Checkpoint): Promise<RemoteEngine> {
  const { parallel, memory } = options;
  const stops = new Int32Array(new SharedArrayBuffer(4));
  const given = memory === undefined ? options : { ...options, memory: Math.max(1, memory - OWN_BYTES) };
  const data: ServeData = { options: given, parallel, stops };
  try {
    return await RemoteEngine.open(startThread("./serve-worker", import.meta.url, data), stops, parallel === 1);
  } catch (error) {
    checkpoint.close();
    throw error;
  }
}

async function start(model: Parameters<typeof QwqServer.start>[0], options: ServeOptions): Promise<QwqServer> {
  try {
    return await QwqServer.start(model, options);
  } catch (cause) {
    await model.engine.close();
    model.checkpoint.close();
    throw new IoError("E_IO_LISTEN", `${options.host}:${options.port}`, {
      expected: "an address to listen on",
      actual: cause instanceof Error && "code" in cause ? String(cause.code) : String(cause),
      hint: "Choose another --port or --host.",
      cause,
    });
  }
}

async function readKeys(file: string | undefined): Promise<string[]> {
  const lines = file === undefined ? [] : (await readText(file)).split("\n");
  return [process.env["QWQ_API_KEY"] ?? "", ...lines].map((key) => key.trim()).filter((key) => key !== "");
}

function told(error: unknown): void {
  note(`qwq serve: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}
