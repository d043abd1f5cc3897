/** The system itself refuses: calls fail below Node, memory and numbers of files run out, the disk is full. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SMALL, writeFolder } from "../support/checkpoints.ts";
import { MAIN } from "../support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "qwq-system-"));
const model = join(folder, "in");
const run = ["run", "-m", model, "--ids", join(folder, "ids.json"), "--greedy", "--max-tokens", "3", "--json"];
/** Whether calls can be made to fail below a process: strace is there and may trace. */
const traceable = spawnSync("strace", ["-f", "-e", "inject=fsync:error=EIO", "-o", "/dev/null", "true"]).status === 0;

beforeAll(() => {
  spawnSync("mkdir", [model]);
  writeFolder(model, SMALL, { shards: 3 });
  writeFileSync(join(folder, "ids.json"), "[5, 9, 11]");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A shell command with `qwq` in it as "$0". */
function shell(command: string, ...args: readonly string[]) {
  const { status, signal, stdout, stderr } = spawnSync("bash", ["-c", command, process.execPath, MAIN, ...args], {
    encoding: "utf8",
    timeout: 80_000,
  });
  return { status, signal, stdout, stderr: stderr.replace(/^(strace|node): .*\n/gm, "") };
}

describe.skipIf(!traceable)("calls that fail below Node", () => {
  const inject = (what: string, ...args: readonly string[]) =>
    shell(`exec strace -f -qq -o /dev/null -P "${model}/model-00002-of-00003.safetensors" -e trace=all -e inject=${what} "$0" "$@"`, ...args); // prettier-ignore
  const clean = () => shell('exec "$0" "$@"', ...run).stdout;
  const ends = (stdout: string) => stdout.replace(/"timings":.*/g, "");

  it.each([
    ["EIO", 74],
    ["ENOMEM", 74],
  ])("R8: a shard whose every read fails with %s is exit %i with its name", (error, code) => {
    const { status, stderr } = inject(`pread64:error=${error}`, ...run);
    expect([status, stderr]).toEqual([code, expect.stringContaining(`model-00002-of-00003.safetensors: expected bytes that can be read, got ${error}`)]); // prettier-ignore
  });

  it.each([1, 2, 3, 5, 8, 13])(
    "R8: EIO at read %i of a shard is exit 74, or the right answer where there is none",
    (at) => {
      const { status, stdout } = inject(`pread64:error=EIO:when=${at}`, ...run);
      if (status === 0) expect(ends(stdout)).toBe(ends(clean()));
      else expect(status).toBe(74);
    },
  );

  it("R10: reads that are interrupted now and then are read again, with the same answer", () => {
    const { status, stdout } = inject("pread64:error=EINTR:when=2+3", ...run);
    expect([status, ends(stdout)]).toEqual([0, ends(clean())]);
  });

  it("R9: a shard that gives nothing more is exit 74: it ends too early", () => {
    const { status, stderr } = inject("pread64:retval=0:when=3+", ...run);
    expect([status, stderr]).toEqual([74, expect.stringContaining("where the file ends")]);
  });

  it.each([
    ["fsync", "EIO"],
    ["rename", "ENOSPC"],
  ])("R20: %s failing with %s below `oracle record` is exit 73 and leaves nothing", (call, error) => {
    const out = join(folder, "out");
    spawnSync("mkdir", [out]);
    const record = ["oracle", "record", "-m", model, "--ids", join(folder, "ids.json"), "-o", join(out, "a.oracle")];
    const { status, stderr } = shell(
      `exec strace -f -qq -o /dev/null -e inject=${call}:error=${error} "$0" "$@"`,
      ...record,
    );
    expect([status, stderr]).toEqual([73, expect.stringContaining(`expected a place to write, got ${error}`)]);
    expect(readdirSync(out)).toEqual([]);
  });
});

describe("limits of the system", () => {
  it.skipIf(!existsSync("/dev/full"))("R20: a full disk under stdout is exit 74, and said", () => {
    const { status, stderr } = shell('exec "$0" "$@" > /dev/full', ...run);
    expect([status, stderr]).toEqual([74, "qwq: stdout: expected a place to write, got ENOSPC.\n"]);
  });

  it("too few open files for 199 shards are exit 74 and say what to do", () => {
    const many = join(folder, "many");
    spawnSync("mkdir", [many]);
    writeFolder(many, { ...SMALL, layers: 17 }, { shards: 199 });
    const limited = (limit: number) => shell(`ulimit -n ${limit}; exec "$0" "$@"`, ...run, "-m", many);
    expect(limited(256).status).toBe(0);
    for (const limit of [176, 192, 208]) {
      // With fewer than some 150, Node cannot open the program's own modules, which it reads side by side.
      const { status, stderr } = limited(limit);
      expect([status, stderr]).toEqual([74, expect.stringContaining("raise the limit (ulimit -n)")]);
    }
  });

  it("with little memory for addresses, a large context is refused with exit 75 or fits: no crash", () => {
    for (const gibibytes of [3, 4, 6, 64]) {
      const { status, signal, stderr } = shell(`ulimit -v ${gibibytes * 2 ** 20}; exec "$0" "$@"`, ...run);
      if (!stderr.includes("qwq: ") && gibibytes < 64) continue; // Node itself did not start
      expect([signal, [0, 75].includes(status ?? -1)], stderr).toEqual([null, true]);
    }
  });

  it("writes nothing into the model's folder", () => {
    expect(readdirSync(model).sort()).toEqual(["config.json", ...[1, 2, 3].map((n) => `model-0000${n}-of-00003.safetensors`), "model.safetensors.index.json"]); // prettier-ignore
    expect(readFileSync(join(folder, "ids.json"), "utf8")).toBe("[5, 9, 11]");
  });
});
