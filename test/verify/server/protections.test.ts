import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { Sandbox } from "../../../src/verify/server/protections.ts";

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

describe.skipIf(!jailed)("in the jail", () => {
  /** What a shell finds in there. */
  async function inside(script: string, filtered = true): Promise<string> {
    const open = await Sandbox.open(["files", "network", "processes", "user", "limits"]);
    try {
      const { command } = open.command("python", 2 ** 27, 10);
      const before = command.slice(0, command.indexOf("-I") - 1 - (filtered ? 0 : open.filter.length));
      const shell = [...before, "/bin/sh", "-c", script];
      return execFileSync(shell[0]!, shell.slice(1), { env: {}, encoding: "utf8" }).trim();
    } finally {
      open.close();
    }
  }

  it("there are only the system's folders, and nothing can be written", async () => {
    const listed = await inside("ls / /empty /proc; pwd; for d in / /empty /usr /dev; do touch $d/x 2>&1; done; true");
    const node = process.execPath.split("/")[1]!;
    const others = ["home", "root", "etc", "tmp", "var", "opt"].filter((name) => name !== node);
    for (const name of others) expect(listed.split("\n")).not.toContain(name);
    expect(listed.match(/Read-only file system/g)).toHaveLength(4);
    expect(listed).toContain("\n/empty\n");
  });

  it("it is the first process, has no right and nobody's name", async () => {
    expect(await inside("echo $$; id -u; kill -9 $PPID 2>&1; unshare -m true 2>&1; true")).toMatch(
      /^1\n(\d+)\n[^]*(Operation not permitted|Function not implemented)/,
    );
  });

  it("there is no network", async () => {
    const found = await inside("/usr/bin/python3 -I -c 'import socket; print(socket.if_nameindex())'", false);
    expect(found).toBe("[(1, 'lo')]");
  });
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
