/** The five sockets of a kernel, by zeromq, which is there only where it could be installed. */
import { IoError, QwqError } from "../../errors.ts";

/** What a connection file says. */
export interface Connection {
  readonly ip: string;
  readonly transport: string;
  readonly key: string;
  readonly shell_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly control_port: number;
  readonly hb_port: number;
}

/** Somewhere to hear requests from and to answer them. */
export interface Channel {
  readonly requests: AsyncIterable<Uint8Array[]>;
  send(frames: readonly Uint8Array[]): void;
}

export interface Sockets {
  readonly shell: Channel;
  readonly control: Channel;
  /** Tells everybody. */
  publish(frames: readonly Uint8Array[]): void;
  /** Waits until all that was sent is on its way, then closes. */
  close(): Promise<void>;
}

/** Opens them. Throws QwqError E_ZEROMQ_MISSING; IoError E_IO_LISTEN for an address that cannot be had. */
export async function openSockets(connection: Connection): Promise<Sockets> {
  const { Publisher, Reply, Router } = await load();
  const address = (port: number) => `${connection.transport}://${connection.ip}:${port}`;
  const [shell, control, stdin, heartbeat] = [new Router(), new Router(), new Router(), new Reply()];
  // A full queue would drop outputs.
  const iopub = new Publisher({ sendHighWaterMark: 0 });
  await bind(shell, address(connection.shell_port));
  await bind(control, address(connection.control_port));
  await bind(stdin, address(connection.stdin_port));
  await bind(iopub, address(connection.iopub_port));
  await bind(heartbeat, address(connection.hb_port));
  void (async () => {
    for await (const frames of heartbeat) await heartbeat.send(frames);
  })().catch(() => undefined);
  const senders = [shell, control, iopub].map((socket) => inTurn((frames) => socket.send(frames as Buffer[])));
  return {
    shell: { requests: shell, send: senders[0]!.send },
    control: { requests: control, send: senders[1]!.send },
    publish: senders[2]!.send,
    close: async () => {
      await Promise.all(senders.map(({ idle }) => idle()));
      for (const socket of [shell, control, stdin, iopub, heartbeat]) socket.close();
    },
  };
}

async function bind(socket: { bind(address: string): Promise<void> }, address: string): Promise<void> {
  try {
    await socket.bind(address);
  } catch (cause) {
    const actual = cause instanceof Error ? cause.message : String(cause);
    const hint = "Is another kernel there? Start the notebook again.";
    throw new IoError("E_IO_LISTEN", address, { expected: "an address to listen on", actual, hint, cause });
  }
}

/** A socket takes one message at a time. */
function inTurn(write: (frames: readonly Uint8Array[]) => Promise<void>) {
  let last = Promise.resolve();
  return {
    send: (frames: readonly Uint8Array[]) => void (last = last.then(() => write(frames)).catch(() => undefined)),
    idle: () => last,
  };
}

async function load() {
  try {
    return await import("zeromq");
  } catch (cause) {
    throw new QwqError("E_ZEROMQ_MISSING", "notebook kernel", {
      expected: "the package zeromq",
      hint: "Run: npm install zeromq@6.",
      cause,
    });
  }
}
