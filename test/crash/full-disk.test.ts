/**
 * R20, with faults of the system itself in place of ours: a disk of two pages, one that can only be read, a limit on the
 * size of files, and a quota that fsync tells of. The command says E_OUT_WRITE with 73, the old file stays, nothing is left.
 */
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MAIN } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";

const root = join(import.meta.dirname, "../..");

function works(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Commands that write, the place of their output, and what is said of a disk that is full. */
const WRITERS: readonly [name: string, args: string[], out: string][] = [
  ["a manifest", ["verify", "golden/model/tiny", "-o", "$D/old"], "old"],
  ["a bundle", ["oracle", "record", "--prompt", "Hello", "-o", "$D/x.oracle"], "x.oracle"],
];

interface Outcome {
  readonly code: number | null;
  readonly stderr: string;
  /** Names left in the folder, and what the old file holds. */
  readonly names: string;
  readonly old: string;
}

/** Runs qwq in a shell in which `before` has come to pass; $D is a folder that holds the file "old". */
function run(args: readonly string[], before: string, prefix = ""): Outcome {
  const folder = temporaryFolder();
  const quoted = args.map((arg) => `"${arg}"`).join(" ");
  const script = `set -e; D="${folder}"; ${before}
    set +e; ${prefix} "${process.execPath}" "${MAIN}" ${quoted} 2> "${folder}.err" >/dev/null; echo $?; ls -A "$D" | tr "\\n" " "; echo; cat "$D/old"`;
  const { stdout } = spawnSync("unshare", ["-rm", "bash", "-c", script], { cwd: root, encoding: "utf8" });
  const [code = "", names = "", old = ""] = stdout.split("\n");
  const stderr = fs.readFileSync(`${folder}.err`, "utf8");
  fs.rmSync(`${folder}.err`);
  return { code: Number(code), names: names.trim(), old, stderr };
}

const MOUNT = (options: string) => `mount -t tmpfs -o ${options} tmpfs "$D"; echo the old one > "$D/old";`;

describe.skipIf(!works("unshare", "-rm", "true"))("a command that cannot write", () => {
  it.each(WRITERS)("ENOSPC: %s on a disk of two pages", (_, args) => {
    const { code, stderr, names, old } = run(args, MOUNT("size=8k"));
    expect(stderr).toMatch(/^qwq: [^\n]*: expected a place to write, got ENOSPC\. The disk is full; [^\n]*\n$/);
    expect([code, names, old]).toEqual([73, "old", "the old one"]);
  });

  it.each(WRITERS)("EROFS: %s on a disk that can only be read", (_, args) => {
    const { code, stderr, names, old } = run(args, `${MOUNT("size=1m")} mount -o remount,ro "$D";`);
    expect(stderr).toMatch(
      /^qwq: [^\n]*: expected a place to write, got EROFS\. That disk can only be read; [^\n]*\n$/,
    );
    expect([code, names, old]).toEqual([73, "old", "the old one"]);
  });

  it.each(WRITERS)("EFBIG: %s longer than the shell's limit allows", (_, args) => {
    const { code, stderr, names, old } = run(args, `${MOUNT("size=9m")} ulimit -f 4;`);
    expect(stderr).toMatch(/^qwq: [^\n]*: expected a place to write, got EFBIG\.[^\n]*\n$/);
    expect([code, names, old]).toEqual([73, "old", "the old one"]);
  });

  it.skipIf(!works("strace", "-V"))("EDQUOT: told by fsync, when everything is written already", () => {
    const { code, stderr, names, old } = run(
      WRITERS[0]![1],
      MOUNT("size=9m"),
      'strace -f -qq -o "/dev/null" -e trace=fsync -e inject=fsync:error=EDQUOT',
    );
    expect(stderr).toMatch(
      /^qwq: [^\n]*: expected a place to write, got EDQUOT\. Your share of the disk is full; [^\n]*\n$/,
    );
    expect([code, names, old]).toEqual([73, "old", "the old one"]);
  });

  it("and one that can leaves its output, and nothing else", () => {
    const { code, stderr, names, old } = run(WRITERS[0]![1], MOUNT("size=9m"));
    expect([code, stderr, names, old]).toEqual([0, "", "old", "{"]);
  });
});
