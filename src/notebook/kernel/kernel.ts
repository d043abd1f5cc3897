/**
 * A Jupyter kernel over the same session that checks notebooks: what runs for a reader is what runs in a check.
 *
 * Cells are evaluated in a child, so that this process always hears an interrupt. Requests are answered in their order; those
 * that wait behind a cell that failed are aborted, as Jupyter wants it.
 */
import { join } from "node:path";
import { faultText, METADATA, toOutput } from "../ipynb.ts";
import type { Output } from "../messages.ts";
import { Session } from "../session.ts";
import { Language } from "./language.ts";
import { type Channel, type Connection, openSockets, type Sockets } from "./sockets.ts";
import { type Message, PROTOCOL, Wire } from "./wire.ts";

/** Milliseconds a cell of a person's may take: as long as a timer can wait. */
const UNLIMITED = 2 ** 31 - 1;
/** How long after a failed cell the cells behind it still count as queued. */
const QUEUED = 100;

type Answer = Readonly<Record<string, unknown>>;

/** Serves one connection until it is told to shut down, or the signal comes. `folder` is where cells import from. */
export async function serveKernel(
  connection: Connection,
  folder: string,
  version: string,
  signal?: AbortSignal,
): Promise<void> {
  const kernel = new Kernel(await openSockets(connection), connection.key, folder, version);
  await kernel.serve(signal);
}

class Kernel {
  private readonly sockets: Sockets;
  private readonly wire: Wire;
  private readonly folder: string;
  private readonly version: string;
  private readonly language: Language;
  private session: Session;
  private count = 0;
  private abortUntil = 0;
  private running: Message | undefined;
  private ended: () => void = () => undefined;

  constructor(sockets: Sockets, key: string, folder: string, version: string) {
    this.sockets = sockets;
    this.wire = new Wire(key);
    this.folder = folder;
    this.version = version;
    this.language = new Language(folder);
    this.session = this.begin();
  }

  async serve(signal?: AbortSignal): Promise<void> {
    const ended = new Promise<void>((resolve) => (this.ended = resolve));
    signal?.addEventListener("abort", () => this.ended(), { once: true });
    this.publish("status", { execution_state: "starting" }, undefined);
    for (const channel of [this.sockets.shell, this.sockets.control]) {
      void this.hear(channel).catch(() => this.ended());
    }
    await ended;
    await this.session.kill();
    await this.sockets.close();
  }

  private begin(): Session {
    return new Session(join(this.folder, "notebook.ts"), { limit: UNLIMITED, onOutput: (output) => this.put(output) });
  }

  private async hear(channel: Channel): Promise<void> {
    for await (const frames of channel.requests) {
      const message = this.wire.read(frames);
      if (message === undefined) continue;
      this.publish("status", { execution_state: "busy" }, message);
      const answer = await this.answer(message);
      if (answer !== undefined) {
        const type = message.header.msg_type.replace(/_request$/, "_reply");
        channel.send(this.wire.write(type, answer, message, message.identities));
      }
      this.publish("status", { execution_state: "idle" }, message);
      if (message.header.msg_type === "shutdown_request") this.ended();
    }
  }

  private async answer(message: Message): Promise<Answer | undefined> {
    const { header, content } = message;
    const code = String(content["code"] ?? "");
    const cursor = Number(content["cursor_pos"] ?? 0);
    switch (header.msg_type) {
      case "kernel_info_request":
        return this.information();
      case "execute_request":
        return this.execute(message, code);
      case "complete_request":
        return { status: "ok", metadata: {}, ...this.language.complete(code, cursor) };
      case "inspect_request": {
        const text = this.language.inspect(code, cursor);
        const data = text === undefined ? {} : { "text/plain": text };
        return { status: "ok", found: text !== undefined, data, metadata: {} };
      }
      case "is_complete_request":
        return { status: "unknown" };
      case "history_request":
        return { status: "ok", history: [] };
      case "comm_info_request":
        return { status: "ok", comms: {} };
      case "interrupt_request":
        this.abortUntil = performance.now() + QUEUED;
        this.session.interrupt();
        return { status: "ok" };
      case "shutdown_request":
        return { status: "ok", restart: content["restart"] === true };
      default:
        return undefined; // comm_open and others are news, not questions
    }
  }

  private information(): Answer {
    return {
      status: "ok",
      protocol_version: PROTOCOL,
      implementation: "qwq",
      implementation_version: this.version,
      language_info: { version: process.versions.node, ...METADATA.language_info },
      banner: `TypeScript by qwq ${this.version} on Node ${process.versions.node}`,
      help_links: [],
    };
  }

  private async execute(message: Message, code: string): Promise<Answer> {
    const { silent = false, stop_on_error: stops = true } = message.content;
    if (performance.now() < this.abortUntil) return { status: "aborted", execution_count: this.count };
    if (silent !== true) this.count++;
    this.running = silent === true ? undefined : message;
    if (silent !== true) this.publish("execute_input", { code, execution_count: this.count }, message);
    const { fault } = await this.session.run(code, this.count - 1);
    this.running = undefined;
    if (fault === undefined) {
      this.language.ran(code);
      return { status: "ok", execution_count: this.count, user_expressions: {}, payload: [] };
    }
    // A cell that ended its process leaves nothing behind; the next begins anew.
    if (fault.name === "Exit") this.session = this.begin();
    if (stops === true) this.abortUntil = performance.now() + QUEUED;
    const { name: ename, message: evalue } = fault;
    return { status: "error", execution_count: this.count, ename, evalue, traceback: [faultText(fault)] };
  }

  /** Publishes an output of the cell that runs. */
  private put(output: Output): void {
    if (this.running === undefined) return;
    if (output.type === "stream") return this.publish("stream", { name: output.name, text: output.text }, this.running);
    const { output_type, ...content } = toOutput(output, (lines) => lines.join(""));
    const counted = output.type === "result" ? { ...content, execution_count: this.count } : content;
    this.publish(String(output_type), counted, this.running);
  }

  private publish(type: string, content: object, parent: Message | undefined): void {
    this.sockets.publish(this.wire.write(type, content, parent, [Buffer.from(type)]));
  }
}
