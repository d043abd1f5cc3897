import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { Sandbox, type Way } from "../../../src/verify/server/protections.ts";

/** What a program finds that it has: rights (capget: effective, permitted, inheritable), limits, users, files. */
interface Possessions {
  readonly rights: readonly number[];
  readonly bounding: readonly number[];
  readonly noNewPrivileges: number;
  readonly filter: number;
  readonly dies: number;
  readonly id: number;
  readonly folder: string;
  readonly files: readonly number[];
  readonly limits: { readonly RLIMIT_NOFILE: readonly number[] } & Record<string, readonly number[]>;
}
const POSSESSIONS = `
import ctypes, json, os, resource, signal
libc = ctypes.CDLL(None, use_errno=True)
def prctl(what, *words):
    return libc.prctl(what, *(words + (0, 0, 0, 0))[:4])
head, rights = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
capget = 125 if os.uname().machine == "x86_64" else 90
asked = libc.syscall(capget, head, rights)
dies = ctypes.c_int()
prctl(2, ctypes.byref(dies))
def is_open(file):
    try:
        os.fstat(file)
        return True
    except OSError:
        return False
print(json.dumps({
    "asked": asked, "rights": list(rights), "bounding": [c for c in range(64) if prctl(23, c) == 1],
    "noNewPrivileges": prctl(39), "filter": prctl(21), "secureBits": prctl(27), "dumpable": prctl(3), "dies": dies.value,
    "users": [os.getresuid(), os.getresgid(), os.getgroups()], "id": os.getpid(), "parent": os.getppid(),
    "folder": os.getcwd(), "files": [f for f in range(64) if is_open(f)], "environment": sorted(os.environ),
    "mask": [os.umask(0), os.nice(0)], "root": sorted(os.listdir("/")), "name": os.uname().nodename,
    "limits": {n: resource.getrlimit(getattr(resource, n)) for n in dir(resource) if n.startswith("RLIMIT_")},
    "signals": [str(signal.getsignal(s)) for s in (1, 2, 13, 15, 17)],
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
}))
`;

const sandbox = await Sandbox.open([]);
const jailed = sandbox.active.includes("files");
sandbox.close();

it("what is there and what is missing is everything, and Node's permission model is there", () => {
  const missing = sandbox.missing.map(({ protection }) => protection);
  const all = ["calls", "environment", "files", "limits", "network", "permission", "processes", "user"];
  expect([...sandbox.active, ...missing].sort()).toEqual(all);
  expect(sandbox.active).toContain("permission");
  for (const { reason } of sandbox.missing) expect(reason).not.toBe("");
});

it("Node 20 and 24 both start with the strings of their snapshot as they are", () => {
  const { command } = sandbox.command("javascript", 2 ** 27, 10);
  expect(command.includes("--no-rehash-snapshot")).toBe(process.platform === "linux");
});

describe.skipIf(!jailed)("in the jail", () => {
  const WHOLE = ["files", "network", "processes", "user", "limits"] as const;

  /** What a command finds in there that is entered by one of two ways; without its filter where told. */
  async function inside(command: readonly string[], way: Way = "perl", filtered = true): Promise<string> {
    const open = await Sandbox.open(WHOLE, way);
    try {
      const guest = open.command("python", 2 ** 27, 10).command;
      const words = [...guest.slice(0, guest.indexOf("-I") - 1 - (filtered ? 0 : open.filter.length)), ...command];
      return execFileSync(words[0]!, words.slice(1), { env: {}, encoding: "utf8" }).trim();
    } finally {
      open.close();
    }
  }
  const shell = (script: string) => ["/bin/sh", "-c", script];

  it("there are only the system's folders, and nothing can be written", async () => {
    const listed = await inside(
      shell("ls / /empty /proc; pwd; for d in / /empty /usr /dev; do touch $d/x 2>&1; done; true"),
    );
    const node = process.execPath.split("/")[1]!;
    const others = ["home", "root", "etc", "tmp", "var", "opt"].filter((name) => name !== node);
    for (const name of others) expect(listed.split("\n")).not.toContain(name);
    expect(listed.match(/Read-only file system/g)).toHaveLength(4);
    expect(listed).toContain("\n/empty\n");
  });

  it("it is the first process, has no right and nobody's name", async () => {
    expect(await inside(shell("echo $$; id -u; kill -9 $PPID 2>&1; unshare -m true 2>&1; true"))).toMatch(
      /^1\n(\d+)\n[^]*(Operation not permitted|Function not implemented)/,
    );
  });

  it("there is no network", async () => {
    const list = "import socket; print(socket.if_nameindex())";
    const found = await inside(["/usr/bin/python3", "-I", "-c", list], "tools", false);
    expect(found).toBe("[(1, 'lo')]");
  });

  it.skipIf(sandbox.way !== "perl")(
    "perl leaves a program what the tools leave it: no right, no limit more",
    async () => {
      const [perl, tools] = await Promise.all(
        (["perl", "tools"] as const).map(
          async (way) => JSON.parse(await inside(["/usr/bin/python3", "-I", "-c", POSSESSIONS], way)) as Possessions,
        ),
      );
      const { dies, ...rest } = perl!;
      expect({ ...rest, dies: tools!.dies }).toEqual(tools);
      expect(dies).toBe(9); // with its parent, which the tools forget when they change the user
      expect(rest.rights).toEqual([0, 0, 0, 0, 0, 0]);
      expect(rest).toMatchObject({
        bounding: [],
        noNewPrivileges: 1,
        filter: 2,
        id: 1,
        folder: "/empty",
        files: [0, 1, 2],
      });
      expect(rest.limits.RLIMIT_NOFILE).toEqual([64, 64]);
    },
  );

  it.each(sandbox.way === "perl" ? (["perl", "tools"] as const) : (["tools"] as const))(
    "a guest that ends by code or by signal is seen to, by way of %s",
    async (way) => {
      const ended = async (command: readonly string[]) =>
        inside(command, way).catch((error: { status: number | null; signal: string | null }) => [
          error.status,
          error.signal,
        ]);
      expect(await ended(shell("exit 0"))).toBe("");
      expect(await ended(shell("exit 7"))).toEqual([7, null]);
      const falls = "import ctypes; ctypes.string_at(0)";
      expect(await ended(["/usr/bin/python3", "-I", "-c", falls])).toEqual([null, "SIGSEGV"]);
    },
  );
});

it.skipIf(sandbox.filter.length === 0)(
  "system calls that no guest needs are not there, and threads and forks are",
  () => {
    const code = `
import ctypes, os, threading
libc = ctypes.CDLL(None, use_errno=True)
for call in [41, 101, 165, 272, 425] if os.uname().machine == "x86_64" else [198, 117, 40, 97, 425]:
    libc.syscall(call, 2, 1, 0, 0, 0)
    print(ctypes.get_errno(), end=" ")
thread = threading.Thread(target=lambda: print("thread", end=" "))
thread.start()
thread.join()
child = os.fork()
if child == 0:
    os._exit(0)
print("fork" if os.waitpid(child, 0)[1] == 0 else "no fork", end="")
`;
    const [program, ...words] = [...sandbox.filter, "/usr/bin/env", "python3", "-I", "-c", code];
    expect(execFileSync(program!, words, { encoding: "utf8" })).toBe("38 38 38 38 38 thread fork");
  },
);
