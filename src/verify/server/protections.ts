/** What stands between a program and this machine, found out when the server starts; and the commands that use it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QwqError } from "../../errors.ts";
import { entering, type Rlimits } from "./enter.ts";
import { JAVASCRIPT_GUEST } from "./guest-javascript.ts";
import { PYTHON_GUEST } from "./guest-python.ts";
import { Jail, NoJail, where } from "./jail.ts";
import type { Language } from "./protocol.ts";
import { filterOf, underFilter } from "./seccomp.ts";

/** Every protection, and what it does. */
export const PROTECTIONS = {
  files: "a mount namespace with a read-only system and an empty folder, and nothing else",
  network: "a network namespace without any network",
  processes: "a process namespace each, which ends with its program",
  user: "a user that owns nothing, without capabilities, that can gain none",
  limits: "limits of the system on memory, processes, file sizes and open files",
  calls: "a seccomp filter: only the system calls that Node and Python need, without sockets, namespaces and tracing",
  permission: "Node's permission model: no files, no processes, no threads, no addons, no inspector",
  environment: "no environment variables, and a working folder that is empty",
} as const;
/** What the code execution server keeps from a program: files, network, processes, user, limits, calls, permission, environment. */
export type Protection = keyof typeof PROTECTIONS;

/** Without these a Python program is not run at all: nothing else would keep it from files and network. */
const PYTHON_NEEDS: readonly Protection[] = ["files", "network", "processes", "user", "limits"];

/** What programs may take of private memory beside what is theirs: young objects, stacks, machine code, the guest. */
const BESIDE_BYTES: Record<Language, number> = { javascript: 112 * 2 ** 20, python: 48 * 2 ** 20 };
/** Node starts a dozen threads; a program in Python may start a few. */
const PROCESSES: Record<Language, number> = { javascript: 48, python: 16 };

/** How a program comes into its rooms: by one process of perl, or by the system's tools, a step each (slower, and the same). */
export type Way = "perl" | "tools";

/** The sandbox as it could be had here. */
export class Sandbox {
  readonly active: readonly Protection[];
  readonly missing: readonly { readonly protection: Protection; readonly reason: string }[];
  readonly languages: readonly Language[];
  private readonly jail: Jail | undefined;
  /** The words before a guest that have it run under a filter of system calls; none where there is no filter. */
  readonly filter: readonly string[];
  private readonly python: string | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), "qwq-run-"));
  private programs = 0;
  private readonly node = nodeHere();
  readonly way: Way;

  private constructor(jail: Jail | undefined, python: string | undefined, why: string, way: Way) {
    this.jail = jail;
    this.python = python;
    const filter = filterHere();
    this.filter = typeof filter === "string" ? [] : filter;
    this.way = way === "perl" && this.perlEnters() ? "perl" : "tools";
    const found: Record<Protection, string | undefined> = {
      files: jail ? undefined : why,
      network: jail ? undefined : why,
      processes: jail ? undefined : why,
      user: jail ? undefined : why,
      limits: tool("prlimit") ? undefined : "prlimit is not installed",
      calls: typeof filter === "string" ? filter : undefined,
      permission: permissionFlag() ? undefined : `Node ${process.version} has no permission model`,
      environment: undefined,
    };
    const names = Object.keys(PROTECTIONS) as Protection[];
    this.active = names.filter((name) => found[name] === undefined);
    this.missing = names
      .filter((name) => found[name] !== undefined)
      .map((protection) => ({ protection, reason: found[protection]! }));
    const safe = PYTHON_NEEDS.every((name) => this.active.includes(name));
    this.languages = python !== undefined && safe ? ["javascript", "python"] : ["javascript"];
  }

  /**
   * Finds out what there is. Programs come in by way of perl, where it can, unless told.
   *
   * throws  QwqError E_RUN_PROTECTION where one of `required` is not to be had
   */
  static async open(required: readonly Protection[], way: Way = "perl"): Promise<Sandbox> {
    const python = process.platform === "linux" ? findPython() : undefined;
    let jail: Jail | undefined;
    let why = `${process.platform} has no namespaces`;
    if (process.platform === "linux") {
      try {
        jail = await Jail.open([process.execPath, ...(python?.see ?? [])]);
      } catch (error) {
        if (!(error instanceof NoJail)) throw error;
        why = error.message;
      }
    }
    const sandbox = new Sandbox(jail, python?.program, why, way);
    const lacking = sandbox.missing.filter(({ protection }) => required.includes(protection));
    if (lacking.length === 0) return sandbox;
    sandbox.close();
    throw new QwqError("E_RUN_PROTECTION", "code server", {
      expected: `the protections ${required.join(", ")}`,
      actual: lacking.map(({ protection, reason }) => `no ${protection} (${reason})`).join(", "),
      hint: "Ask for fewer, or run it where Linux gives user namespaces.",
    });
  }

  /** The command that starts a guest, and the folder to start it in. */
  command(language: Language, memoryBytes: number, totalSeconds: number): { command: string[]; cwd: string } {
    const guest = language === "javascript" ? this.javascript(memoryBytes) : this.pythonWords();
    const limits = this.limits(language, memoryBytes, totalSeconds);
    return { command: [...this.before(limits), ...guest], cwd: this.jail ? "/" : this.folder };
  }

  close(): void {
    this.jail?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private limits(language: Language, memoryBytes: number, totalSeconds: number): Rlimits {
    const reserved = language === "javascript" ? this.node.reservedBytes : 0;
    const data = Math.ceil(memoryBytes + reserved + BESIDE_BYTES[language]);
    return {
      data,
      fsize: 0,
      core: 0,
      nofile: 64,
      cpu: Math.ceil(totalSeconds) + 5,
      // Memory that is shared with nobody counts as data; Python can also map memory that is "shared".
      ...(language === "python" && { as: data + 64 * 2 ** 20 }),
      // Without root there is one user for all programs, and the system counts what all of them have started.
      ...(this.jail && { nproc: PROCESSES[language] * (process.getuid!() === 0 ? 1 : 32) }),
    };
  }

  /** The words before a guest that have it run inside, with no rights, under limits and filter. */
  private before(limits: Rlimits): string[] {
    const user = this.jail?.user(this.programs++);
    if (this.jail && this.way === "perl") {
      return entering(tool("perl")!, this.jail.spaces, user, limits, filterOf(process.arch)!)!;
    }
    const flags = Object.entries(limits).map(([name, value]) => `--${name}=${value}`);
    const prlimit = tool("prlimit");
    if (this.jail) return [...this.jail.command(user, flags), ...this.filter];
    return [...(prlimit === undefined ? [] : [prlimit, ...flags, "--"]), ...this.filter];
  }

  /** Whether perl can do what the tools do: it is there, knows the numbers of the system's calls, and was tried. */
  private perlEnters(): boolean {
    const perl = tool("perl");
    const filter = filterOf(process.arch);
    if (!this.jail || !perl || !filter || this.filter.length === 0) return false;
    const words = entering(perl, this.jail.spaces, this.jail.user(0), this.limits("python", 2 ** 27, 10), filter);
    return words !== undefined && ends([...words, "/bin/sh", "-c", "exit 0"]) === undefined;
  }

  private javascript(memoryBytes: number): string[] {
    const heap = Math.max(16, Math.floor(memoryBytes / 2 ** 20));
    const permission = permissionFlag();
    return [
      process.execPath,
      ...(permission === undefined ? [] : [permission]),
      ...["--no-warnings", `--max-old-space-size=${heap}`, "--stack-size=900", ...this.node.flags],
      ...["-e", JAVASCRIPT_GUEST],
    ];
  }

  private pythonWords(): string[] {
    return [this.python!, "-I", "-S", "-B", "-c", PYTHON_GUEST];
  }
}

/** The words that put a command under a filter of system calls, tried once; or why there are none. */
function filterHere(): readonly string[] | string {
  if (process.platform !== "linux") return `${process.platform} has no seccomp`;
  const [perl, setpriv] = [tool("perl"), tool("setpriv")];
  if (perl === undefined || setpriv === undefined) return `${perl ? "setpriv" : "perl"} is not installed`;
  const under = underFilter(perl);
  if (under === undefined) return `the numbers of system calls on ${process.arch} are not known here`;
  const words = [setpriv, "--no-new-privs", "--", ...under];
  const wrong = ends([...words, "/bin/sh", "-c", "exit 0"]);
  return wrong === undefined ? words : `the kernel takes no filter: ${wrong}`;
}

/** Why a command does not end well; `undefined` where it does. */
function ends(command: readonly string[]): string | undefined {
  try {
    execFileSync(command[0]!, command.slice(1), { env: {}, stdio: "pipe", timeout: 10_000 });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.trim().split("\n").at(-1) : String(error);
  }
}

/**
 * The strings of V8's snapshot keep the hashes that they were built with: a fifth of a start goes into making them anew.
 * Random hashes keep strangers' keys from slowing a server down; a guest has no keys but those of its own program.
 */
const FLAGS: readonly string[] = ["--no-rehash-snapshot"];

/** Of Node as it is here: which of `FLAGS` it knows, and the private memory of one that does nothing. */
function nodeHere(): { readonly flags: readonly string[]; readonly reservedBytes: number } {
  if (process.platform !== "linux") return { flags: [], reservedBytes: 0 };
  const text = "process.stdout.write(require('fs').readFileSync('/proc/self/status'))";
  for (const flags of [FLAGS, []]) {
    try {
      const words = [...flags, "-e", text];
      const status = execFileSync(process.execPath, words, {
        env: {},
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
      // 46 MiB in Node 20, more where V8 reserves all of its code's; the system counts it whether it is used or not.
      return { flags, reservedBytes: 1024 * Number(/VmData:\s+(\d+)/.exec(status)?.[1] ?? 2 ** 20) };
    } catch {
      // It does not know one of them.
    }
  }
  return { flags: [], reservedBytes: 2 ** 30 };
}

/** The flag of Node's permission model: it lost "experimental" on its way. */
function permissionFlag(): string | undefined {
  const flags = process.allowedNodeEnvironmentFlags;
  if (flags.has("--permission")) return "--permission";
  return flags.has("--experimental-permission") ? "--experimental-permission" : undefined;
}

/** The system's Python, else the first that is found, with what it must see of the file system. */
function findPython(): { readonly program: string; readonly see: readonly string[] } | undefined {
  for (const name of ["/usr/bin/python3", "python3"]) {
    try {
      const text = "import sys; print(sys.executable); print(sys.base_prefix)";
      const said = execFileSync(name, ["-I", "-c", text], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
      const [program, prefix] = said.trim().split("\n");
      return { program: program!, see: prefix!.startsWith("/usr") ? [] : [prefix!] };
    } catch {
      // Perhaps the other.
    }
  }
  return undefined;
}

function tool(name: string): string | undefined {
  try {
    return where(name);
  } catch {
    return undefined;
  }
}
