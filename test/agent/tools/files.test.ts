import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { files } from "../../../src/agent/tools/files.ts";
import { Enclosure } from "../../../src/files/enclosure.ts";
import { replaceIo, SYSTEM } from "../../../src/files/io.ts";
import { temporaryFolder } from "../../support/folder.ts";

let [folder, secret] = ["", ""];
const signal = new AbortController().signal;

beforeEach(() => {
  const base = temporaryFolder();
  folder = join(base, "room");
  secret = join(base, "secret.txt");
  mkdirSync(join(folder, "sub"), { recursive: true });
  mkdirSync(join(base, "roommate"));
  writeFileSync(secret, "SECRET");
  writeFileSync(join(base, "roommate/x.txt"), "SECRET");
  writeFileSync(join(folder, "a.txt"), "hello");
  writeFileSync(join(folder, "sub/b.txt"), "x".repeat(9000));
  symlinkSync(secret, join(folder, "link.txt"));
  symlinkSync(base, join(folder, "up"));
  symlinkSync("a.txt", join(folder, "own.txt"));
  symlinkSync("loop", join(folder, "loop"));
});

const use = async (name: string, given: Record<string, unknown>) => {
  const tool = files(folder, { writing: true }).find((one) => one.name === name)!;
  return tool.run(given, signal);
};

describe("files", () => {
  it("are listed, read in windows, and written", async () => {
    expect(await use("list_files", {})).toBe("a.txt\nlink.txt\nloop\nown.txt\nsub/\nup");
    expect(await use("read_file", { path: "a.txt" })).toBe("hello");
    expect(await use("read_file", { path: "own.txt" })).toBe("hello");
    expect(await use("read_file", { path: "sub/b.txt" })).toBe(
      `${"x".repeat(8000)}\n[1000 more characters; go on from 8000]`,
    );
    expect(await use("read_file", { path: "sub/b.txt", from: 8000 })).toBe("x".repeat(1000));
    expect(await use("write_file", { path: "new/deep/c.txt", content: "ü" })).toBe("new/deep/c.txt is written.");
    expect(readFileSync(join(folder, "new/deep/c.txt"), "utf8")).toBe("ü");
  });

  it("are written only where that is allowed", () => {
    expect(files(folder).map(({ name }) => name)).toEqual(["list_files", "read_file"]);
  });

  const outside = [
    "../secret.txt",
    "sub/../../secret.txt",
    "link.txt",
    "up/secret.txt",
    "/etc/passwd",
    "../roommate/x.txt",
    "a.txt/../../secret.txt",
    "..",
    "sub/../..",
    "loop",
    "a\0b",
    "gone.txt",
  ];

  it.each(outside)("%j is not read", async (path) => {
    await expect(async () => use("read_file", { path })).rejects.toMatchObject({ name: "ToolError" });
  });

  it.each(["..", "up", "/", "../roommate", "sub/../../roommate"])("%j is not listed", async (path) => {
    await expect(async () => use("list_files", { path })).rejects.toMatchObject({ name: "ToolError" });
  });

  it.each(["../new.txt", "link.txt", "up/new.txt", "/tmp/new.txt", "up/secret.txt", "sub", "own.txt"])(
    "%j is not written",
    async (path) => {
      await expect(async () => use("write_file", { path, content: "x" })).rejects.toMatchObject({ name: "ToolError" });
      expect(readFileSync(secret, "utf8")).toBe("SECRET");
    },
  );

  it("exchanged for a link between the look and the opening are not read", () => {
    const inside = new Enclosure(folder);
    const swap = (path: string) => {
      if (path === join(inside.root, "sub/b.txt")) {
        renameSync(join(folder, "sub"), join(folder, "was"));
        symlinkSync(join(folder, "../roommate"), join(folder, "sub"));
        writeFileSync(join(folder, "../roommate/b.txt"), "SECRET");
      }
    };
    const back = replaceIo({
      ...SYSTEM,
      openSync(path, flags, mode) {
        swap(path);
        return SYSTEM.openSync(path, flags, mode);
      },
    });
    try {
      expect(() => inside.read("sub/b.txt")).toThrow(
        "sub/b.txt: expected a file that can be opened, got E_PATH_OUTSIDE.",
      );
    } finally {
      back();
    }
  });

  it("are those of a folder that is there", () => {
    rmSync(join(folder, "a.txt"));
    expect(() => files(join(folder, "a.txt"))).toThrow(/E_IO_OPEN|ENOENT/);
    expect(() => files(secret)).toThrow("expected a folder, got something else");
  });
});
