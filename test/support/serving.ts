/** `qwq serve` as a process, and its clients. */
import { readFileSync } from "node:fs";
import OpenAI from "openai";
import { type Ran, start } from "./cli.ts";

export interface Serving {
  readonly url: string;
  readonly client: OpenAI;
  /** Bytes of memory that its process has now. */
  memory(): number;
  /** Sends a body as it is. */
  post(path: string, body: string | object, headers?: Record<string, string>): Promise<Response>;
  /** Ends it as Ctrl-C does. */
  end(): Promise<Ran>;
}

/** Starts one of the embedded model, unless told, on a free port. */
export async function serving(args: readonly string[] = [], env: Record<string, string> = {}): Promise<Serving> {
  const { child, ended } = start(["serve", "--port", "0", "--quiet", ...args], { env });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (data: Buffer) => resolve(String(data)));
    void ended.then(({ stderr }) => reject(new Error(stderr)));
  });
  const url = /^listening (\S+)/.exec(line)![1]!;
  return {
    url,
    client: new OpenAI({ baseURL: `${url}/v1`, apiKey: env["QWQ_API_KEY"] ?? "none", maxRetries: 0 }),
    memory: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))![1]) * 1024,
    post: (path, body, headers = {}) =>
      fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    end: () => {
      child.kill("SIGINT");
      return ended;
    },
  };
}
