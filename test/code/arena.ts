/** Where hostile programs are let loose on a server, and what would be seen if one of them did harm. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { CodeClient, type RunRequest, type Verdict } from "../../src/verify/client.ts";
import { tmpdir } from "node:os";
import type { Hostile } from "./hostile/program.ts";

const SECRET = "the-canary-sings";
/** A program has 0.7 s for its test; what is added is the start of its process on a machine that is busy. */
const LIMITS = { seconds: 0.7, totalSeconds: 5 };
const MOST_SECONDS = 25;
/** Its limit of 128 MiB, 112 beside it, 48 that Node is born with, 64 of files that others share. */
const MOST_BYTES = 352 * 2 ** 20;

export class Arena {
  readonly client: CodeClient;
  /** The most memory that any one process below the server held while it was looked at. */
  peakBytes = 0;
  private readonly folder: string;
  private readonly listeners: readonly Server[];
  private readonly watch: NodeJS.Timeout;
  private contacts = 0;
  private port = 0;

  private constructor(client: CodeClient, folder: string, listeners: readonly Server[]) {
    this.client = client;
    this.folder = folder;
    this.listeners = listeners;
    for (const each of listeners) each.on("connection", (socket) => (this.contacts++, socket.destroy()));
    this.watch = setInterval(() => this.look(), 40);
  }

  static async open(): Promise<Arena> {
    process.env["QWQ_CANARY"] = SECRET;
    const folder = mkdtempSync(join(tmpdir(), "qwq-test-"));
    mkdirSync(join(folder, "inner"));
    writeFileSync(join(folder, "canary.js"), `// ${SECRET}\n`);
    const listeners = [createServer(), createServer()];
    await new Promise<void>((done) => listeners[0]!.listen(0, "127.0.0.1", done));
    if (process.platform === "linux") {
      await new Promise<void>((done) => listeners[1]!.listen(`\0qwq-canary-${process.pid}`, done));
    }
    const arena = new Arena(await CodeClient.start({ concurrency: 2 }), folder, listeners);
    arena.port = (listeners[0]!.address() as { port: number }).port;
    return arena;
  }

  async close(): Promise<void> {
    clearInterval(this.watch);
    await this.client.close();
    for (const each of this.listeners) each.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The verdict on a program, and every harm that it did. */
  async attack(hostile: Hostile): Promise<{ readonly verdict: Verdict; readonly harm: readonly string[] }> {
    const [contacts, began] = [this.contacts, performance.now()];
    const verdict = await this.client.run(this.request(hostile));
    const harm: string[] = [];
    const canary = join(this.folder, "canary.js");
    if (readFileSync(canary, "utf8") !== `// ${SECRET}\n`) harm.push("a file was changed");
    const names = readdirSync(this.folder).sort().join();
    if (names !== "canary.js,inner") harm.push(`the folder holds ${names}`);
    if (this.contacts > contacts) harm.push("the network was reached");
    if (JSON.stringify(verdict).includes(SECRET)) harm.push("a file was read");
    if (performance.now() - began > MOST_SECONDS * 1000) harm.push("it hung");
    if (this.peakBytes > MOST_BYTES) harm.push(`a process held ${(this.peakBytes / 2 ** 20).toFixed(0)} MiB`);
    return { verdict, harm };
  }

  /** Whether the server still judges rightly. */
  async healthy(): Promise<boolean> {
    const request = { language: "javascript" as const, entry: "f", source: "const f = (a, b) => a + b;" };
    const right = await this.client.run({ ...request, tests: [{ args: [2, 3], expected: 5 }] });
    const wrong = await this.client.run({ ...request, tests: [{ args: [2, 3], expected: 6 }] });
    const { status } = await this.client.health();
    return status === "ok" && right.status === "passed" && wrong.status === "failed";
  }

  private request({ language, kind, source }: Hostile): RunRequest {
    const known: Record<string, string> = {
      CANARY: join(this.folder, "canary.js"),
      OUT: join(this.folder, "out"),
      FOLDER: join(this.folder, "inner"),
      PORT: String(this.port),
      PID: String(this.client.pid),
      SERVER: new URL(this.client.url).port,
    };
    const told = source
      .replace(/\$([A-Z]+)/g, (whole, name: string) => known[name] ?? whole)
      .replaceAll("qwq-canary", `qwq-canary-${process.pid}`);
    return kind === "function"
      ? { language, source: told, entry: "f", tests: [{ args: [2, 3], expected: 5 }], limits: LIMITS }
      : { language, source: told, tests: [{ stdin: "2 3\n", stdout: "5\n" }], limits: LIMITS };
  }

  /** Notes how much memory the processes below the server hold. */
  private look(): void {
    if (process.platform !== "linux") return;
    const below = new Set([this.client.pid]);
    const parents = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b)
      .map((id) => ({
        id,
        stat: text(`/proc/${id}/stat`)
          .replace(/^.*\) /, "")
          .split(" "),
      }));
    for (let grew = true; grew;) {
      grew = false;
      for (const { id, stat } of parents) {
        if (below.has(id) || !below.has(Number(stat[1]))) continue;
        below.add(id);
        grew = true;
        this.peakBytes = Math.max(this.peakBytes, Number(stat[21]) * 4096);
      }
    }
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended
  }
}
