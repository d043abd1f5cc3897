import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import {
  checkNew,
  makeAtomically,
  makeFolder,
  writeAtomically,
  writeFolderAtomically,
} from "../../src/files/output.ts";
import { failure, temporaryFolder } from "../support/folder.ts";
import { systemError, withIo } from "../support/io.ts";

const text = (words: string) => new TextEncoder().encode(words);

describe("writeAtomically", () => {
  it("writes the pieces in order and leaves nothing beside the file", () => {
    const folder = temporaryFolder();
    const path = join(folder, "out");
    writeAtomically(path, (write) => ["one ", "", "two"].forEach((piece) => write(text(piece))));
    writeAtomically(path, (write) => write(text("three")));
    expect(fs.readFileSync(path, "utf8")).toBe("three");
    expect(fs.readdirSync(folder)).toEqual(["out"]);
  });

  it("goes on after a short write", () => {
    const path = join(temporaryFolder(), "out");
    const short = { writeSync: (fd: number, bytes: Uint8Array, at: number) => fs.writeSync(fd, bytes, at, 1) };
    withIo(short, () => writeAtomically(path, (write) => write(text("letters"))));
    expect(fs.readFileSync(path, "utf8")).toBe("letters");
  });

  it("follows a link and keeps it", () => {
    const folder = temporaryFolder();
    fs.writeFileSync(join(folder, "real"), "old");
    fs.symlinkSync("real", join(folder, "link"));
    writeAtomically(join(folder, "link"), (write) => write(text("new")));
    expect(fs.readFileSync(join(folder, "real"), "utf8")).toBe("new");
    expect(fs.readlinkSync(join(folder, "link"))).toBe("real");
  });

  const calls = ["openSync", "writeSync", "fsyncSync", "closeSync", "renameSync"] as const;
  const faults = calls.flatMap((call) => ["ENOSPC", "EIO", "EROFS"].map((code) => [call, code] as const));
  it.each(faults)("R20: leaves the old file and no other where %s fails with %s", (call, code) => {
    const folder = temporaryFolder();
    const path = join(folder, "out");
    fs.writeFileSync(path, "old");
    const io = {
      [call]: (...given: unknown[]) => {
        if (call === "closeSync") fs.closeSync(given[0] as number); // the descriptor goes even where close fails
        throw systemError(code);
      },
    };
    const error = failure(() => withIo(io, () => writeAtomically(path, (write) => write(text("new")))));
    expect(error.code).toBe("E_OUT_WRITE");
    expect(error.cause).toMatchObject({ code });
    expect(fs.readFileSync(path, "utf8")).toBe("old");
    expect(fs.readdirSync(folder)).toEqual(["out"]);
  });

  it("leaves the old file, and throws what the writer's caller threw", () => {
    const folder = temporaryFolder();
    const path = join(folder, "out");
    fs.writeFileSync(path, "old");
    const ours = new UsageError("E_ARG_X", "x");
    for (const error of [ours, new Error("a bug")]) {
      const fill = (write: (bytes: Uint8Array) => void) => {
        write(text("new"));
        throw error;
      };
      expect(() => writeAtomically(path, fill)).toThrow(error);
      expect(fs.readFileSync(path, "utf8")).toBe("old");
      expect(fs.readdirSync(folder)).toEqual(["out"]);
    }
  });

  it("says what to do about a folder that is missing, and does not replace folders or devices", () => {
    const folder = temporaryFolder();
    const path = join(folder, "none", "out");
    expect(failure(() => writeAtomically(path, () => undefined)).message).toBe(
      `${path}: expected a place to write, got ENOENT. Its folder does not exist; make it first.`,
    );
    expect(failure(() => writeAtomically(folder, () => undefined)).actual).toBe("a folder");
    expect(failure(() => writeAtomically("/dev/null", () => undefined)).actual).toBe("a device, pipe or socket");
    expect(fs.statSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  it("removes what killed processes left an hour ago, and nothing else", () => {
    const folder = temporaryFolder();
    const names = {
      dead: ".out.4194305.0123abcd.tmp", // Linux gives no process a number above 4194304
      alive: `.out.${process.pid}.0123abcd.tmp`,
      young: ".out.4194305.0123abce.tmp",
      another: ".out2.4194305.0123abcd.tmp",
      users: ".out.notes.tmp",
    };
    for (const name of Object.values(names)) fs.writeFileSync(join(folder, name), "");
    for (const name of [names.dead, names.alive, names.another, names.users]) fs.utimesSync(join(folder, name), 1, 1);
    writeAtomically(join(folder, "out"), () => undefined);
    const kept = [names.alive, names.young, names.another, names.users, "out"];
    expect(fs.readdirSync(folder).sort()).toEqual(kept.sort());
  });
});

it("makeFolder makes those above it too, and says what is in its place", () => {
  const folder = temporaryFolder();
  makeFolder(join(folder, "a", "b"));
  makeFolder(join(folder, "a"));
  fs.writeFileSync(join(folder, "file"), "");
  const error = failure(() => makeFolder(join(folder, "file")));
  expect([error.code, error.actual]).toEqual(["E_OUT_WRITE", "a file"]);
});

it("makeAtomically puts away what is half made where the process exits, and then listens no longer", async () => {
  const folder = temporaryFolder();
  const before = process.listeners("exit");
  const made = await makeAtomically(join(folder, "out"), async (temporary) => {
    fs.writeFileSync(temporary, "half");
    const [exit] = process.listeners("exit").filter((listener) => !before.includes(listener));
    exit!.call(process, 130);
    return Promise.resolve(false);
  });
  expect([made, fs.readdirSync(folder)]).toEqual([false, []]);
  expect(process.listeners("exit")).toEqual(before);
});

describe("writeFolderAtomically", () => {
  it("writes a folder whole, and leaves nothing beside it", () => {
    const folder = temporaryFolder();
    const path = join(folder, "out");
    writeFolderAtomically(path, (inside) => fs.writeFileSync(join(inside, "a"), "text"));
    expect(fs.readdirSync(folder)).toEqual(["out"]);
    expect(fs.readFileSync(join(path, "a"), "utf8")).toBe("text");
  });

  it("leaves nothing where the filling or the rename fails", () => {
    const folder = temporaryFolder();
    const path = join(folder, "out");
    const fill = (inside: string) => fs.writeFileSync(join(inside, "a"), "text");
    const mine = new UsageError("E_ARG_X", "x");
    const failing = (inside: string) => {
      fill(inside);
      throw mine;
    };
    expect(failure(() => writeFolderAtomically(path, failing))).toBe(mine);
    const io = {
      renameSync: () => {
        throw systemError("ENOSPC");
      },
    };
    expect(failure(() => withIo(io, () => writeFolderAtomically(path, fill))).code).toBe("E_OUT_WRITE");
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it("refuses a name that is taken, be it by a link that leads nowhere", () => {
    const folder = temporaryFolder();
    fs.symlinkSync("nowhere", join(folder, "link"));
    for (const path of [folder, join(folder, "link")]) {
      expect(failure(() => writeFolderAtomically(path, () => expect.fail("filled"))).code).toBe("E_OUT_EXISTS");
      expect(failure(() => checkNew(path)).code).toBe("E_OUT_EXISTS");
    }
  });

  it("refuses a name in a folder that does not exist", () => {
    const path = join(temporaryFolder(), "none/out");
    expect(failure(() => checkNew(path)).message).toBe(
      `${path}: expected a place to write, got ENOENT. Its folder does not exist; make it first.`,
    );
  });

  it("R21: removes the folder that a killed process left an hour ago", () => {
    const folder = temporaryFolder();
    const stale = join(folder, ".out.999999999.00000000.tmp"); // no system gives such a process number
    fs.mkdirSync(stale);
    fs.writeFileSync(join(stale, "a"), "half");
    fs.utimesSync(stale, 0, 0);
    writeFolderAtomically(join(folder, "out"), () => undefined);
    expect(fs.readdirSync(folder)).toEqual(["out"]);
  });
});
