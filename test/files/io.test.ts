import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readWhole } from "../../src/files/input.ts";
import { io, replaceIo, SYSTEM } from "../../src/files/io.ts";
import { failure, temporaryFolder } from "../support/folder.ts";
import { systemError, withIo } from "../support/io.ts";

const root = join(import.meta.dirname, "../..");
const HERE = import.meta.filename;

/** Files of src that name node:fs beside io.ts, and why no test needs to put faulty calls in its place there. */
const OTHERS: Readonly<Record<string, string>> = {
  "src/browser/bundle.ts": "it names the module that it replaces in a bundle",
  "src/browser/build.ts": "it names the module that it replaces in a bundle",
  "src/files/open-source.ts": "asks which filesystem a file is on; a failure means that it is not mapped",
  "src/cli/oracle-bundle.ts": "a folder for what an engine writes, made before it runs; a failure ends the command",
  "src/cli/oracle-output.ts":
    "adds to the summary of a CI step, a file that is not its own; a failure is told as any other",
  "src/verify/server/child.ts":
    "asks the system how long a program waited for a processor; a failure counts as no wait",
  "src/verify/server/guest-javascript.ts":
    "runs in the sandbox, beside the program that is judged; a failure is its verdict",
  "src/verify/server/jail.ts":
    "asks the system what it offers; a failure means that a protection is missing, and is told as that",
  "src/verify/server/protections.ts": "an empty folder, made before the server runs; a failure ends it",
  "src/cli/notebook-run.ts": "writes what is built from a source beside it, and is built again from there",
  "src/learn/check.ts": "a link to the learner's own files; a failure ends the command",
  "src/learn/start.ts": "copies starter files into a new folder; a failure ends the command",
  "src/lesson/golden.ts": "reads recorded values for a notebook, whose cell a failure ends",
  "src/lesson/bundles.ts": "a notebook's own bundles; a failure ends its cell",
  "src/notebook/run.ts": "reads a notebook's source; a failure is told as that of the notebook",
  "src/cli/supervise.ts": "reads what the system says of this process; a failure means that no terminal is its own",
};

describe("io", () => {
  it("is the only place in src that names node:fs, but for files with a reason", () => {
    const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join("src", name));
    const naming = files.filter((file) => /"(?:node:)?fs(?:\/promises)?"/.test(readFileSync(join(root, file), "utf8")));
    expect(
      naming.filter((file) => !(file in OTHERS)),
      "let it call io() of src/files/io.ts, so that faults can be tested; or say in this file why not",
    ).toEqual(["src/files/io.ts"]);
    expect(Object.keys(OTHERS).filter((file) => !naming.includes(file))).toEqual([]);
  });

  it("is the system's own calls unless a test replaces them, and again afterwards", () => {
    expect(io()).toBe(SYSTEM);
    const other = { ...SYSTEM };
    const restore = replaceIo(other);
    expect(io()).toBe(other);
    restore();
    expect(io()).toBe(SYSTEM);
  });

  it("a replaced call is what every reader below it meets", () => {
    const openSync = () => {
      throw systemError("EMFILE");
    };
    const error = withIo({ openSync }, () => failure(() => readWhole(HERE, 1 << 20, "E_LIMIT_CONFIG")));
    expect([error.code, error.actual]).toEqual(["E_IO_OPEN", "EMFILE"]);
    expect(readWhole(HERE, 1 << 20, "E_LIMIT_CONFIG")).toEqual(new Uint8Array(readFileSync(HERE)));
  });
});

it("makes folders and those above them; where one cannot be made, it ends", () => {
  const folder = temporaryFolder();
  const deep = join(folder, "a", "b", "c");
  io().mkdirSync(deep, { recursive: true });
  io().mkdirSync(deep, { recursive: true });
  expect(readdirSync(join(folder, "a", "b"))).toEqual(["c"]);
  writeFileSync(join(deep, "file"), "");
  const codeOf = (path: string) => {
    try {
      io().mkdirSync(path, { recursive: true });
      return "made";
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
  };
  expect(codeOf(join(deep, "file"))).toBe("EEXIST");
  expect(codeOf(join(deep, "file", "x"))).toMatch(/ENOTDIR|ENOENT/);
  // Node's own recursive mkdir runs for ever there.
  if (process.platform === "linux") expect(codeOf("/proc/none/x")).toBe("ENOENT");
});
