/** Processes that have started and wait, because a start takes longer than most programs. */
import { Child } from "./child.ts";
import type { Sandbox } from "./protections.ts";
import { DEFAULT_LIMITS, type Language, type Limits, MOST } from "./protocol.ts";

export class Pool {
  private readonly sandbox: Sandbox;
  private readonly size: number;
  private readonly idle = new Map<Language, Child[]>();
  private readonly all = new Set<Child>();
  private closed = false;

  /** `size` processes wait for each language that has been asked for. */
  constructor(sandbox: Sandbox, size: number) {
    this.sandbox = sandbox;
    this.size = size;
  }

  /** A process for one program, that waits for it. Throws IoError E_RUN_PROCESS. */
  async take(language: Language, limits: Limits): Promise<Child> {
    // Memory is limited when a process starts, so only those of the usual limit can wait for their program.
    const usual = limits.memoryBytes === DEFAULT_LIMITS.memoryBytes;
    const child = (usual ? this.waiting(language).shift() : undefined) ?? this.start(language, limits.memoryBytes);
    if (usual) this.fill(language);
    await child.ready;
    return child;
  }

  /** Has processes wait. */
  fill(language: Language): void {
    const waiting = this.waiting(language);
    while (!this.closed && waiting.length < this.size) {
      const child = this.start(language, DEFAULT_LIMITS.memoryBytes);
      waiting.push(child);
      void child.exit.then(() => {
        const at = waiting.indexOf(child);
        if (at >= 0) waiting.splice(at, 1);
      });
    }
  }

  /** Ends every process. */
  async close(): Promise<void> {
    this.closed = true;
    const children = [...this.all];
    for (const child of children) child.kill();
    await Promise.all(children.map((child) => child.exit));
  }

  private start(language: Language, memoryBytes: number): Child {
    const { command, cwd } = this.sandbox.command(language, memoryBytes, MOST.totalSeconds);
    const child = new Child(command, cwd);
    this.all.add(child);
    void child.exit.then(() => this.all.delete(child));
    return child;
  }

  private waiting(language: Language): Child[] {
    const found = this.idle.get(language) ?? [];
    this.idle.set(language, found);
    return found;
  }
}
