/** The kernel as Jupyter's client meets it: over zeromq, with signed messages. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Dealer, Subscriber } from "zeromq";
import { serveKernel } from "../../../src/notebook/kernel/kernel.ts";
import { type Message, Wire } from "../../../src/notebook/kernel/wire.ts";

const KEY = "secret";
const wire = new Wire(KEY);
const news: Message[] = [];
const [shell, control, iopub] = [new Dealer(), new Dealer(), new Subscriber()];
let folder: string;
let served: Promise<void>;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "kernel-"));
  const ports = await Promise.all(Array.from({ length: 5 }, freePort));
  const [shell_port, iopub_port, stdin_port, control_port, hb_port] = ports as [number, number, number, number, number];
  const at = (port: number) => `tcp://127.0.0.1:${port}`;
  const connection = {
    ip: "127.0.0.1",
    transport: "tcp",
    key: KEY,
    shell_port,
    iopub_port,
    stdin_port,
    control_port,
    hb_port,
  };
  served = serveKernel(connection, folder, "0.1.0");
  iopub.subscribe();
  shell.connect(at(shell_port));
  control.connect(at(control_port));
  iopub.connect(at(iopub_port));
  void (async () => {
    for await (const frames of iopub) news.push(wire.read(frames)!);
  })().catch(() => undefined);
  // What is published before the subscription has arrived is lost.
  while (news.length === 0) {
    await ask("kernel_info_request", {});
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}, 20_000);

afterAll(async () => {
  const stopped = await ask("shutdown_request", { restart: false }, control);
  expect(stopped.content).toEqual({ status: "ok", restart: false });
  await served;
  for (const socket of [shell, control, iopub]) socket.close();
  rmSync(folder, { recursive: true });
});

const sent = (socket: Dealer, type: string, content: object) =>
  socket.send(wire.write(type, content, undefined, []) as Buffer[]);

async function ask(type: string, content: object, socket = shell): Promise<Message> {
  await sent(socket, type, content);
  return wire.read(await socket.receive())!;
}

/** What was published about the last request once it was idle again: types, and what they say. */
async function told(): Promise<unknown[][]> {
  const idle = (message: Message | undefined) => message?.content["execution_state"] === "idle";
  await expect.poll(() => idle(news.at(-1)), { timeout: 10_000 }).toBe(true);
  const about = news.splice(0);
  return about.map(({ header, content }) => [header.msg_type, content["text"] ?? content["data"] ?? content["ename"]]);
}

it("runs a cell: prints, and shows its last value, before it says that it is idle", async () => {
  news.splice(0);
  const reply = await ask("execute_request", { code: "const a: number = 6;\nconsole.log('hello');\na * 7;" });
  expect(reply.content).toMatchObject({ status: "ok", execution_count: 1 });
  expect(await told()).toEqual([
    ["status", undefined],
    ["execute_input", undefined],
    ["stream", "hello\n"],
    ["execute_result", { "text/plain": "42" }],
    ["status", undefined],
  ]);
});

it("two thousand lines all arrive", async () => {
  await ask("execute_request", { code: "for (let i = 0; i < 2000; i++) console.log(i);" });
  const lines = (await told()).filter(([type]) => type === "stream").map(([, text]) => String(text));
  expect(lines.join("").trim().split("\n")).toHaveLength(2000);
});

it("a cell that fails says where, and those that wait behind it are aborted", async () => {
  await sent(shell, "execute_request", { code: "1;\nnull.x;" });
  await sent(shell, "execute_request", { code: "2;" });
  const [first, second] = [wire.read(await shell.receive())!, wire.read(await shell.receive())!];
  expect(first.content).toMatchObject({ status: "error", ename: "TypeError" });
  expect(first.content["traceback"]).toEqual([expect.stringMatching(/at cell \d+, line 2$/)]);
  expect(second.content).toMatchObject({ status: "aborted" });
  await new Promise((resolve) => setTimeout(resolve, 150));
});

it("an interrupt stops a cell, and what was defined stays", async () => {
  await ask("execute_request", { code: "const kept = 5;" });
  await sent(shell, "execute_request", { code: "for (;;) {}" });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await ask("interrupt_request", {}, control);
  expect(wire.read(await shell.receive())!.content).toMatchObject({ status: "error", ename: "Interrupted" });
  await new Promise((resolve) => setTimeout(resolve, 150));
  news.splice(0);
  await ask("execute_request", { code: "kept;" });
  expect(await told()).toContainEqual(["execute_result", { "text/plain": "5" }]);
});

it("what is signed by somebody else is not heard", async () => {
  await shell.send(new Wire("other").write("execute_request", { code: "1;" }, undefined, []) as Buffer[]);
  const reply = await ask("is_complete_request", { code: "" });
  expect(reply.header.msg_type).toBe("is_complete_reply");
});
