/** The built command as a child process, as a shell would run it. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { program } from "../../src/cli/program.ts";

const root = join(import.meta.dirname, "../..");
export const MAIN = join(root, "dist/src/cli/main.js");

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** What it reads from stdin; nothing unless told. */
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** Closes the pipe from its stdout after so many bytes, as `head` does; 0 before anything is written. */
  readonly closeAfter?: number;
}

/** Runs `qwq` with these arguments in the root of the repository. Needs dist: npm run build. */
export function qwq(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return start(args, options).ended;
}

/** The same, for tests that do something to the process meanwhile. */
export function start(args: readonly string[], options: RunOptions = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: root,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...options.env },
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  let bytes = 0;
  if (options.closeAfter === 0) child.stdout.destroy();
  child.stdout.on("data", (piece: Buffer) => {
    out.push(piece);
    bytes += piece.length;
    if (bytes >= (options.closeAfter ?? Infinity)) child.stdout.destroy();
  });
  child.stderr.on("data", (piece: Buffer) => err.push(piece));
  child.stdin.on("error", () => undefined); // it may end before it has read everything
  child.stdin.end(options.input ?? "");
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
  return { child, ended };
}

/** The tiny model, whose every activation and token is known. */
export const TINY = "golden/model/tiny";

/** The same words with the tiny model named, where the command takes a model by an option and none is named. */
export async function onTiny(words: readonly string[]): Promise<readonly string[]> {
  const [first, second] = words;
  const command = (await program(words)).commands.find((one) => one.name() === first);
  const inner = command?.commands.find((one) => one.name() === second);
  const takes = (inner ?? command)?.options.some(({ long }) => long === "--model");
  if (!takes || words.includes("-m") || words.includes("--model")) return words;
  const at = inner === undefined ? 1 : 2;
  return [...words.slice(0, at), "-m", TINY, ...words.slice(at)];
}

/** Runs `qwq` on the tiny model unless another is named. */
export async function qwqOnTiny(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return qwq(await onTiny(args), options);
}
