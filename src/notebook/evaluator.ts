/**
 * The process in which a notebook's cells are evaluated, one after the other, by V8's REPL mode: top-level `await`, and a
 * name may be declared anew. It tells its parent of every output as it comes. Nothing of a cell can be lost without a sign:
 * an error nobody caught is told as `late`, and only a process whose work is all done says `drained` before it ends.
 */
import { once } from "node:events";
import { Session } from "node:inspector/promises";
import { basename } from "node:path";
import { inspect } from "node:util";
import { constants, runInThisContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { type Asked, type Bundle, DISPLAY, type Fault, IMPORT, type Output, SHOWN, type Told } from "./messages.ts";

const notebook = process.argv[2]!;
const session = new Session();
/** 1 while a cell runs: an interrupt that comes too late must not stop the next. */
const running = new Int32Array(new SharedArrayBuffer(4));
/** Ends the wait for a cell that awaits what does not come. */
let interrupted: (() => void) | undefined;

const tell = (told: Told) => void process.send!(told);
const put = (output: Output) => tell({ type: "output", output });

function prepare(): void {
  for (const name of ["stdout", "stderr"] as const) {
    process[name].write = ((text: string | Uint8Array, ...rest: unknown[]) => {
      put({ type: "stream", name, text: typeof text === "string" ? text : Buffer.from(text).toString() });
      const done = rest.find((one) => typeof one === "function");
      if (done !== undefined) (done as () => void)();
      return true;
    }) as typeof process.stdout.write;
  }
  const load: unknown = runInThisContext("(specifier) => import(specifier)", {
    filename: notebook,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const globals = globalThis as unknown as Record<string | symbol, unknown>;
  globals[IMPORT] = load;
  globals[SHOWN] = (value: unknown) => put({ type: "display", data: forms(value) });
  process.on("uncaughtException", (error) => tell({ type: "late", fault: faultOf(error) }));
  process.on("unhandledRejection", (error) => tell({ type: "late", fault: faultOf(error) }));
  session.connect();
}

/**
 * JavaScript that runs for ever hears no message; another thread hears for it, and stops it. Until that thread is there, no
 * cell may begin.
 */
async function watch(): Promise<void> {
  const watcher = new Worker(
    `const { Session } = require("node:inspector");
     const { parentPort, workerData } = require("node:worker_threads");
     const session = new Session();
     session.connectToMainThread();
     new (require("node:net").Socket)({ fd: 4 }).on("data", () => {
       if (Atomics.load(workerData, 0) === 1) session.post("Runtime.terminateExecution");
     });
     parentPort.postMessage("there");`,
    { eval: true, workerData: running, execArgv: [] },
  );
  await once(watcher, "message");
  watcher.unref();
}

/** The forms in which a value is shown. */
function forms(value: unknown): Bundle {
  const own = (value as { [DISPLAY]?: () => Bundle } | null | undefined)?.[DISPLAY];
  if (typeof own === "function") return own.call(value);
  return { "text/plain": inspect(value, { depth: 4, maxArrayLength: 24, maxStringLength: 2000, breakLength: 100 }) };
}

/** The places of an error that lie in cells: `01-tokens.ts#3:2:5` is the third line and column of cell 3's script. */
function faultOf(error: unknown): Fault {
  const known = error instanceof Error;
  const stack = known ? (error.stack ?? "") : "";
  const places = [...stack.matchAll(/#cell(\d+):(\d+):\d+/g)].map(([, cell, line]) => ({
    cell: Number(cell),
    line: Number(line),
  }));
  return { name: known ? error.name : "Error", message: known ? error.message : inspect(error), places };
}

interface Remote {
  readonly objectId?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
}

/** Hands an object of the inspector's to a function of ours. */
async function hand(remote: Remote, take: (value: unknown) => void): Promise<void> {
  const globals = globalThis as unknown as Record<string, unknown>;
  globals["__take"] = take;
  const { result } = await session.post("Runtime.evaluate", { expression: "globalThis" });
  const { objectId, value, unserializableValue } = remote;
  const argument =
    objectId !== undefined ? { objectId } : unserializableValue !== undefined ? { unserializableValue } : { value };
  await session.post("Runtime.callFunctionOn", {
    functionDeclaration: "function (value) { __take(value); }",
    objectId: result.objectId!,
    arguments: [argument],
  });
  delete globals["__take"];
}

async function run(cell: number, code: string): Promise<void> {
  const stopped = new Promise<undefined>((resolve) => (interrupted = () => resolve(undefined)));
  Atomics.store(running, 0, 1);
  const evaluated = session.post("Runtime.evaluate", {
    expression: `${code}\n//# sourceURL=${basename(notebook)}#cell${cell}`,
    replMode: true,
    awaitPromise: true,
  } as never) as Promise<{
    result: Remote;
    exceptionDetails?: { text: string; lineNumber: number; exception?: Remote };
  }>;
  const answer = await Promise.race([evaluated, stopped]).catch(() => undefined);
  Atomics.store(running, 0, 0);
  interrupted = undefined;
  if (answer === undefined) {
    put({
      type: "error",
      fault: { name: "Interrupted", message: "the cell was stopped", places: [{ cell, line: 1 }] },
    });
  } else if (answer.exceptionDetails !== undefined) {
    const { exception, text, lineNumber } = answer.exceptionDetails;
    let fault: Fault = { name: "Interrupted", message: text, places: [] };
    if (exception !== undefined) await hand(exception, (error) => (fault = faultOf(error)));
    const places = fault.places.length > 0 ? fault.places : [{ cell, line: lineNumber + 1 }];
    put({ type: "error", fault: { ...fault, places } });
  } else {
    await hand(answer.result, (value) => {
      if (value !== undefined) put({ type: "result", data: forms(value) });
    });
  }
  // A promise that was rejected unheard is known a turn later.
  await new Promise((resolve) => setImmediate(resolve));
  tell({ type: "done" });
}

process.on("message", (asked: Asked) => {
  if (asked.type === "run") void run(asked.cell, asked.code);
  else if (asked.type === "interrupt") interrupted?.();
  else {
    process.once("beforeExit", () => process.send!({ type: "drained" } satisfies Told, () => process.disconnect()));
    process.channel!.unref();
  }
});

prepare();
await watch();
tell({ type: "ready" });
