/** chat-server.mjs as a process, which tests start, kill and start again. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export interface ChatServerOptions {
  readonly port?: number;
  readonly data: string;
  readonly failing?: number;
  /** A file in which every prompt and seed that was answered whole is written down. */
  readonly log?: string;
  readonly style?: "reasoning_content" | "reasoning" | "text";
  readonly salt?: number;
}

export interface ChatServer {
  readonly url: string;
  readonly port: number;
  kill(): Promise<void>;
}

/** Starts one; it ends with the test. */
export async function chatServer(options: ChatServerOptions): Promise<ChatServer> {
  const script = join(import.meta.dirname, "chat-server.mjs");
  const child: ChildProcess = spawn(process.execPath, [script, JSON.stringify({ port: 0, ...options })], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [said] = (await once(child.stdout!, "data")) as [Buffer];
  const port = Number(/listening (\d+)/.exec(said.toString())![1]);
  const kill = async () => {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  return { url: `http://127.0.0.1:${port}`, port, kill };
}
