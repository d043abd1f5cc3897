/**
 * Where the processor's time of one run goes: milliseconds, user and system, of a process and all that it started, each
 * part with what stands before it. The time on the clock is that of the machine's other work too; this one hardly is, so it
 * can be compared on a machine that is busy. The parts take turns, in batches, and the median of the batches is shown.
 *
 *   npm run bench:code -- --parts [batches, 12 unless told]
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Writable } from "node:stream";
import { CodeClient, type CallTest, type InputTest, type RunRequest } from "../../src/verify/client.ts";
import { Sandbox, type Way } from "../../src/verify/server/protections.ts";
import { DEFAULT_LIMITS, MOST } from "../../src/verify/server/protocol.ts";
import { PROGRAMS } from "./code-programs.ts";

const BATCH = 8;
/** The kernel counts in hundredths of a second. */
const TICK_MS = 10;

interface Part {
  readonly name: string;
  readonly command: readonly string[];
  readonly request?: RunRequest;
}

/** Prints the parts. */
export async function printParts(batches: number): Promise<void> {
  const sandboxes = new Map<Way, Sandbox>();
  for (const way of ["perl", "tools"] as const) {
    const sandbox = await Sandbox.open([], way);
    if (sandbox.way === way) sandboxes.set(way, sandbox);
    else sandbox.close();
  }
  const parts = [...sandboxes.values()].flatMap(partsOf);
  const all = parts.map((): number[] => []);
  for (let batch = 0; batch < batches; batch++) {
    for (const [i, part] of parts.entries()) all[i]!.push(await batchOf(part));
  }
  for (const sandbox of sandboxes.values()) sandbox.close();
  console.log(`Node ${process.version}, the median of ${batches} batches of ${BATCH}\n`);
  console.log("| processor time of a run | ms |\n|---|---|");
  parts.forEach(({ name }, i) => row(name, median(all[i]!)));
  await printServer(Math.max(100, batches * BATCH));
}

function partsOf(sandbox: Sandbox): Part[] {
  const node = words(sandbox, "javascript");
  const [into, guest] = [node.slice(0, node.indexOf(process.execPath)), node.slice(node.indexOf(process.execPath))];
  const by = sandbox.way === "perl" ? "by perl" : "by the tools";
  const whole = Object.entries(PROGRAMS)
    .map(([name, program]) => ({ name: `${name}, ${by}`, request: program(1) }))
    .filter(({ request }) => sandbox.languages.includes(request.language))
    .map(({ name, request }) => ({ name, request, command: words(sandbox, request.language) }));
  const rooms = { name: `a process that does nothing, in the rooms ${by}`, command: [...into, "/bin/true"] };
  if (sandbox.way === "tools") return [rooms, ...whole];
  const hashes = guest.filter((word) => word !== "--no-rehash-snapshot");
  return [
    { name: "a process that does nothing", command: ["/bin/true"] },
    rooms,
    { name: "Node that does nothing, its hashes made anew", command: [...hashes.slice(0, -1), "0"] },
    { name: "Node that does nothing", command: [...guest.slice(0, -1), "0"] },
    { name: "Node with the guest, that is given no program", command: guest },
    ...whole,
  ];
}

function words(sandbox: Sandbox, language: RunRequest["language"]): string[] {
  return sandbox.command(language, DEFAULT_LIMITS.memoryBytes, MOST.totalSeconds).command;
}

/** Milliseconds of each run of a batch. */
async function batchOf(part: Part): Promise<number> {
  const before = childrenMs();
  for (let i = 0; i < BATCH; i++) await once(part);
  return (childrenMs() - before) / BATCH;
}

async function once({ name, command, request }: Part): Promise<void> {
  const child = spawn(command[0]!, command.slice(1), { env: {}, cwd: "/", stdio: ["pipe", "pipe", "pipe", "pipe"] });
  for (const stream of child.stdio) {
    stream?.on("error", () => undefined);
    if (stream && "resume" in stream) stream.resume();
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const control = child.stdio[3] as Writable;
  if (request !== undefined) control.write(messageOf(request));
  control.end();
  child.stdin!.end(request && "stdin" in request.tests[0]! ? request.tests[0].stdin : "");
  const code = await ended;
  if (code !== 0) throw new Error(`code-parts: expected "${name}" to end with 0, got ${code}. Run it by hand.`);
}

function messageOf({ source, entry, tests }: RunRequest): string {
  const args = (tests as readonly (CallTest | InputTest)[]).flatMap((t) =>
    "args" in t ? [JSON.stringify(t.args)] : [],
  );
  const { outputBytes } = DEFAULT_LIMITS;
  const calls = { kind: "calls", nonce: "-", source, entry, tests: args, outputBytes };
  const message = JSON.stringify(args.length > 0 ? calls : { kind: "program", source });
  return `${Buffer.byteLength(message)}\n${message}`;
}

/** Of all processes that this one, or one that it waited for, has waited for. */
function childrenMs(): number {
  const { cutime, cstime } = statOf("self");
  return TICK_MS * (cutime + cstime);
}

/** What proc(5) has in the places 14 to 17 of /proc/PID/stat, in ticks. */
function statOf(id: number | "self") {
  const from3 = readFileSync(`/proc/${id}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  const [utime, stime, cutime, cstime] = from3.slice(14 - 3, 18 - 3).map(Number) as [number, number, number, number];
  return { utime, stime, cutime, cstime };
}

/** What the server and the client themselves take, four requests at a time. */
async function printServer(runs: number): Promise<void> {
  const client = await CodeClient.start();
  const program = PROGRAMS["JavaScript, a function"]!;
  const requests = Array.from({ length: runs }, (_, i) => program(i));
  const own = () => {
    const { utime, stime } = statOf(client.pid!);
    return TICK_MS * (utime + stime);
  };
  await client.runAll(requests.slice(0, 16), 4);
  const [server, here] = [own(), process.cpuUsage()];
  await client.runAll(requests, 4);
  const { user, system } = process.cpuUsage(here);
  row("the server's own, a function in JavaScript", (own() - server) / runs);
  row("the client's own", (user + system) / 1000 / runs);
  await client.close();
}

function row(name: string, ms: number): void {
  console.log(`| ${name} | ${ms.toFixed(1)} |`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
