/**
 * Node's worker_threads over a browser's workers. A script cannot be named here: every thread runs the one that the page
 * started, and its first message says what it is to do.
 */

/** What a thread does. Each is imported when it is wanted, since it begins at once. */
const WORK = {
  "kernels/wasm/worker": () => import("../../../kernels/wasm/worker.ts"),
  "text/template": () => import("../template-worker.ts"),
} as const;

/** The first message to a thread. */
interface Start {
  readonly start: keyof typeof WORK;
  readonly data: unknown;
}

export let workerData: unknown;

/** Messages of the thread that started this one. */
export const parentPort = {
  once(_: "message", listener: (data: unknown) => void): void {
    addEventListener("message", ({ data }) => listener(data), { once: true });
  },
  postMessage: (data: unknown) => postMessage(data),
};

/** Whether a message is a thread's first. */
export function isStart(data: object): data is Start {
  return "start" in data;
}

/** Does what a thread is there for. */
export async function run({ start, data }: Start): Promise<void> {
  workerData = data;
  await WORK[start]();
}

type Listener = (value: never) => void;

/** A thread. It says "exit" never: a browser does not tell. */
export class Worker {
  private readonly worker: globalThis.Worker;
  private readonly listeners = new Map<Listener, readonly [string, (event: Event) => void]>();

  constructor(start: keyof typeof WORK, { workerData: data }: { workerData: unknown }) {
    this.worker = new globalThis.Worker(self.location.href, { type: "module" });
    this.worker.postMessage({ start, data } satisfies Start);
  }

  on(name: string, listener: Listener): this {
    const heard = (event: Event) => {
      const value = event instanceof MessageEvent ? (event.data as unknown) : new Error((event as ErrorEvent).message);
      listener(value as never);
    };
    this.listeners.set(listener, [name, heard]);
    this.worker.addEventListener(name, heard);
    return this;
  }

  once(name: string, listener: Listener): this {
    const first: Listener = (value) => {
      this.removeListener(first);
      listener(value);
    };
    return this.on(name, first);
  }

  removeAllListeners(): this {
    for (const listener of [...this.listeners.keys()]) this.removeListener(listener);
    return this;
  }

  postMessage(data: unknown): void {
    this.worker.postMessage(data);
  }

  terminate(): void {
    this.worker.terminate();
  }

  /** No thread keeps a page open. */
  unref(): void {}

  private removeListener(listener: Listener): void {
    const [name, heard] = this.listeners.get(listener) ?? [];
    if (name !== undefined) this.worker.removeEventListener(name, heard!);
    this.listeners.delete(listener);
  }
}
