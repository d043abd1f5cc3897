/** llama.cpp's server on SmolLM2, for one test. */
import { spawn } from "node:child_process";
import { type AddressInfo, createServer } from "node:net";
import { onTestFinished } from "vitest";
import { LLAMA_SERVER, SMOLLM2 } from "./real.ts";

/** A port that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Starts it on SmolLM2 and waits until it has loaded. */
export async function llamaServer(...more: string[]): Promise<string> {
  const port = await freePort();
  const args = ["-m", SMOLLM2, "--host", "127.0.0.1", "--port", `${port}`, "-c", "2048", "-np", "1", "--no-warmup"];
  const server = spawn(LLAMA_SERVER, [...args, ...more], { stdio: "ignore" });
  onTestFinished(() => void server.kill());
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`llama-server ended with ${server.exitCode}`);
    const health = await fetch(`${url}/health`).catch(() => undefined);
    if (health?.ok === true) return url;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
