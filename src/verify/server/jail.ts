/**
 * Rooms of their own for hostile programs, made of what Linux gives without special rights: a user namespace, in it a file
 * system that holds only the system's programs (read-only, no /proc), no network, no neighbours.
 *
 * They are made once, by a process that holds them while the server lives: it reads its standard input, whose end (however
 * the server ends) ends it, and with it, because it is the first process of its process namespace, everything inside. Each
 * program enters, in a process namespace of its own, with no rights and small limits: by one process of perl (enter.ts), else
 * by nsenter, unshare, setpriv and prlimit.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";

const PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

/** The user that programs run as when the server is root: one of many that own nothing, each for one program at a time. */
const FIRST_USER = 1_900_000_000;
const USERS = 64;
const INNER_USER = 1000;

/** $1 ...: files and folders, beside the system's, that are to be seen in there. */
const HOLDER = String.raw`
set -e
read go
J=/sys
mount -t tmpfs -o mode=755,size=1m jail $J
cd $J
lend() { mount --rbind "$1" ".$1"; mount -o remount,bind,ro,nosuid,nodev ".$1"; }
for d in /usr /lib /lib64 /lib32 /bin /sbin /nix; do
  if [ -L $d ]; then cp -P $d .$d
  elif [ -d $d ]; then mkdir .$d; lend $d
  fi
done
mkdir old dev empty proc
mount --rbind /proc proc
for d in null zero urandom; do : > dev/$d; mount --bind /dev/$d dev/$d; done
for f in "$@"; do
  if [ -d "$f" ]; then mkdir -p ".$f"; else mkdir -p ".$(dirname "$f")"; : > ".$f"; fi
  lend "$f"
done
pivot_root . old
umount -l /old
rmdir /old
mount -o remount,bind,ro,nosuid,nodev /
umount -l /proc
echo ready
read end
`;

/** Something stands in the way of a jail; the message says what. */
export class NoJail extends Error {}

/** The rooms, open until `close`. */
export class Jail {
  private readonly holder: ChildProcess;
  private readonly root: boolean;

  private constructor(holder: ChildProcess, root: boolean) {
    this.holder = holder;
    this.root = root;
  }

  /** Makes the rooms; `see` are files and folders beside the system's that programs may read. Throws NoJail. */
  static async open(see: readonly string[]): Promise<Jail> {
    for (const tool of ["unshare", "nsenter", "setpriv", "prlimit", "mount", "umount", "pivot_root"]) where(tool);
    const root = process.getuid!() === 0;
    const flags = ["-U", "-m", "-n", "-i", "-u", "-p", "-f", "--kill-child", "--"];
    const outside = see.filter((path) => !path.startsWith("/usr/") && existsSync(path));
    const holder = spawn(where("unshare"), [...flags, "/bin/sh", "-c", HOLDER, "jail", ...outside], {
      env: { PATH },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true, // a Ctrl-C on the terminal is the server's to act on
    });
    const jail = new Jail(holder, root);
    try {
      await entered(holder);
      const id = `/proc/${holder.pid}`;
      const users = (own: number) => (root ? `0 0 1\n${INNER_USER} ${FIRST_USER} ${USERS}\n` : `0 ${own} 1\n`);
      if (!root) writeFileSync(`${id}/setgroups`, "deny");
      writeFileSync(`${id}/uid_map`, users(process.getuid!()));
      writeFileSync(`${id}/gid_map`, users(process.getgid!()));
      await made(holder);
      await jail.tried();
      return jail;
    } catch (error) {
      jail.close();
      if (error instanceof NoJail) throw error;
      throw new NoJail(error instanceof Error ? error.message : String(error));
    }
  }

  /** The folder of the rooms' namespaces. */
  get spaces(): string {
    return `/proc/${this.holder.pid}/ns`;
  }

  /** The user as whom the program of this number runs inside; `undefined` where there is but one, its own. */
  user(program: number): number | undefined {
    return this.root ? INNER_USER + (program % USERS) : undefined;
  }

  /** The words before a command that has it run inside, as `user`, with limits as prlimit takes them: a tool a step. */
  command(user: number | undefined, limits: readonly string[]): string[] {
    const of = this.spaces;
    const ids = user === undefined ? [] : [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"];
    return [
      where("nsenter"),
      ...["user", "net", "ipc", "uts"].map((kind) => `--${kind}=${of}/${kind}`),
      ...[`--mount=${of}/mnt`, `--pid=${of}/pid_for_children`, "--preserve-credentials", "--"],
      ...["unshare", "-p", "-f", "--kill-child", "--wd=/empty", "--"],
      ...["setpriv", ...ids, "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--"],
      ...["prlimit", ...limits, "--"],
    ].map((word) => (TOOLS.has(word) ? where(word) : word));
  }

  /** Ends everything inside. */
  close(): void {
    this.holder.stdin!.destroy();
    this.holder.kill("SIGKILL");
  }

  private async tried(): Promise<void> {
    const [program, ...words] = this.command(this.user(0), ["--core=0"]);
    await promisify(execFile)(program!, [...words, "/bin/sh", "-c", "exit 0"], { env: {}, timeout: 10_000 });
  }
}

const TOOLS = new Set(["unshare", "setpriv", "prlimit"]);

/** Where a tool lies. Throws NoJail. */
export function where(tool: string): string {
  for (const folder of PATH.split(":")) {
    const path = `${folder}/${tool}`;
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Perhaps in the next.
    }
  }
  throw new NoJail(`${tool} is not installed`);
}

/** Settles when the holder has its own user namespace. */
async function entered(holder: ChildProcess): Promise<void> {
  const own = readFileSync("/proc/self/uid_map", "utf8");
  for (let tries = 0; tries < 1000; tries++) {
    if (holder.exitCode !== null) throw new NoJail(await said(holder));
    if (readFileSync(`/proc/${holder.pid}/uid_map`, "utf8") !== own) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new NoJail("unshare made no user namespace");
}

/** Tells the holder that it is somebody now; settles when the rooms are made. */
async function made(holder: ChildProcess): Promise<void> {
  holder.stdin!.on("error", () => undefined);
  holder.stdin!.write("go\n");
  const ready = new Promise<boolean>((resolve) => {
    holder.stdout!.once("data", () => resolve(true));
    holder.once("exit", () => resolve(false));
  });
  if (!(await ready)) throw new NoJail(await said(holder));
}

async function said(holder: ChildProcess): Promise<string> {
  let text = "";
  holder.stderr!.setEncoding("utf8").on("data", (data: string) => (text += data));
  await new Promise((resolve) => setTimeout(resolve, 50));
  return text.trim() || "it ended";
}
