/** The code execution server, as those see it who have programs to run: started, asked, closed. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { IoError, QwqError } from "../errors.ts";
import type { Protection } from "./server/protections.ts";
import type { Health, RunRequest, Verdict } from "./server/protocol.ts";
import type { ServerOptions } from "./server/server.ts";

export type { Protection } from "./server/protections.ts";
export type {
  CallTest,
  Health,
  InputTest,
  Json,
  Limits,
  RunRequest,
  Status,
  TestResult,
  Verdict,
} from "./server/protocol.ts";

/** All that a program should be kept from harm by; Linux gives it where user namespaces are allowed. */
export const ALL_PROTECTIONS: readonly Protection[] = [
  "files",
  "network",
  "processes",
  "user",
  "limits",
  "calls",
  "permission",
  "environment",
];

/** The source runs as TypeScript in development (where tsx loads it) and as JavaScript when installed. */
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const LOADER = EXTENSION === "ts" ? ["--import", "tsx"] : [];

export class CodeClient {
  readonly url: string;
  private readonly server: ChildProcess | undefined;

  private constructor(url: string, server: ChildProcess | undefined) {
    this.url = url;
    this.server = server;
  }

  /**
   * Starts a server of one's own.
   *
   * throws  QwqError E_RUN_PROTECTION where a protection that `required` names is not to be had; IoError E_RUN_PROCESS
   */
  static async start(options: ServerOptions = {}): Promise<CodeClient> {
    const main = fileURLToPath(new URL(`./server/main.${EXTENSION}`, import.meta.url));
    const server = spawn(process.execPath, [...LOADER, main, JSON.stringify(options)], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: process.env["PATH"] ?? "", TMPDIR: process.env["TMPDIR"] ?? "/tmp" },
    });
    const said = await new Promise<string>((resolve) => {
      let error = "";
      server.stdout.setEncoding("utf8").once("data", resolve);
      server.stderr.setEncoding("utf8").on("data", (data: string) => (error += data));
      server.once("error", (cause) => resolve(cause.message));
      server.once("close", () => resolve(error));
    });
    const port = /^listening (\d+)/.exec(said)?.[1];
    if (port === undefined) throw notStarted(said);
    // It may run on while its starter has nothing else to do; it ends with it.
    server.unref();
    for (const stream of [server.stdin, server.stdout, server.stderr]) (stream as { unref?: () => void }).unref?.();
    return new CodeClient(`http://127.0.0.1:${port}`, server);
  }

  /** The server's process, if it is one's own. */
  get pid(): number | undefined {
    return this.server?.pid;
  }

  /** One that runs already. */
  static at(url: string): CodeClient {
    return new CodeClient(url, undefined);
  }

  async health(): Promise<Health> {
    return (await this.ask("/health")) as Health;
  }

  /** Has one program judged. Throws QwqError with the server's code where the request is refused. */
  async run(request: RunRequest, signal?: AbortSignal): Promise<Verdict> {
    const body = JSON.stringify(request);
    const headers = { "content-type": "application/json" };
    return (await this.ask("/run", { method: "POST", body, headers, ...(signal && { signal }) })) as Verdict;
  }

  /** Has many judged, `atOnce` at a time; verdicts in the order of the requests. */
  async runAll(requests: readonly RunRequest[], atOnce = 8): Promise<readonly Verdict[]> {
    const verdicts: Verdict[] = [];
    let at = 0;
    const lane = async () => {
      while (at < requests.length) {
        const i = at++;
        verdicts[i] = await this.run(requests[i]!);
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, requests.length) }, lane));
    return verdicts;
  }

  /** Ends the server, if it is one's own. */
  async close(): Promise<void> {
    const { server } = this;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    server.ref();
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.stdin!.end();
    const timer = setTimeout(() => server.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(timer);
  }

  private async ask(path: string, init: RequestInit = {}): Promise<unknown> {
    let response: Response;
    try {
      response = await fetch(this.url + path, init);
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      throw new IoError("E_RUN_SERVER", `${this.url}${path}`, {
        expected: "an answer",
        actual: (cause as Error).message,
        hint: "Is the code server running?",
        cause,
      });
    }
    const said = (await response.json()) as { error?: string; code?: string };
    if (response.ok) return said;
    throw new QwqError(said.code ?? "E_RUN_SERVER", `code server (${response.status})`, { actual: said.error });
  }
}

function notStarted(said: string): QwqError {
  try {
    const { code, message } = JSON.parse(said) as { code?: string; message: string };
    if (code !== undefined) return new QwqError(code, message.replace(/\.$/, ""));
  } catch {
    // Not ours: what it said is the reason.
  }
  return new IoError("E_RUN_PROCESS", "code server", { expected: "a process that listens", actual: said.trim() });
}
