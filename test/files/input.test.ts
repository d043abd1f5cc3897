import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { IoError, LimitError, UsageError } from "../../src/errors.ts";
import { allocate, errorCode, InputFile, readWhole } from "../../src/files/input.ts";
import type { ReadIo } from "../../src/files/io.ts";
import { failure, temporaryFolder } from "../support/folder.ts";
import { systemError } from "../support/io.ts";

const DATA = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) & 255);

function sample(bytes: Uint8Array | string = DATA): string {
  const path = join(temporaryFolder(), "data");
  fs.writeFileSync(path, bytes);
  return path;
}

/** Reads go through `read`, which gets the real one. */
function faulty(read: (real: ReadIo["readSync"], ...call: Parameters<ReadIo["readSync"]>) => number): ReadIo {
  return {
    openSync: fs.openSync,
    fstatSync: fs.fstatSync,
    closeSync: fs.closeSync,
    readSync: (...call) => read(fs.readSync, ...call),
  };
}

describe("InputFile", () => {
  it("reads exactly the bytes asked for", () => {
    const file = new InputFile(sample());
    expect(file.bytes).toBe(1000);
    expect(file.read(0, 1000)).toEqual(DATA);
    expect(file.read(999, 1)).toEqual(DATA.subarray(999));
    expect(file.read(1000, 0)).toEqual(new Uint8Array(0));
    file.close();
    file.close();
    expect(failure(() => file.read(0, 1)).code).toBe("E_IO_CLOSED");
  });

  it.each<[string, (folder: string) => string, string]>([
    ["F1: a missing file", (folder) => join(folder, "none"), "E_IO_OPEN"],
    ["F1: a file below a file", () => join(sample(), "x"), "E_IO_OPEN"],
    ["F2: a folder", (folder) => folder, "E_IO_NOT_REGULAR"],
    ["F3: a pipe, without waiting", (folder) => (execFileSync("mkfifo", [join(folder, "p")]), join(folder, "p")), "E_IO_NOT_REGULAR"], // prettier-ignore
    ["F4: a device", () => "/dev/zero", "E_IO_NOT_REGULAR"],
    ["F7: a link to itself", (folder) => (fs.symlinkSync("l", join(folder, "l")), join(folder, "l")), "E_IO_OPEN"],
    ["F11: a git-LFS pointer", () => sample("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "E_IO_LFS_POINTER"], // prettier-ignore
    ["F16: NUL in the path", () => "a\0b", "E_PATH_INVALID"],
    ["F16: half a surrogate pair in the path", () => "a\ud800", "E_PATH_INVALID"],
    ["an empty path", () => "", "E_PATH_INVALID"],
  ])("refuses %s", (_, path, code) => {
    expect(failure(() => new InputFile(path(temporaryFolder()))).code).toBe(code);
  });

  it("F1: keeps the system's error and says what to do", () => {
    const error = failure(() => new InputFile("/nowhere/model.gguf"));
    expect(error.message).toBe(
      "/nowhere/model.gguf: expected a file that can be opened, got ENOENT. There is no such file; check the path.",
    );
    expect(error.cause).toMatchObject({ code: "ENOENT" });
    expect(error).toBeInstanceOf(IoError);
  });

  it("F10: warns of a file with holes, and of no other", () => {
    const path = sample();
    fs.truncateSync(path, 1 << 22);
    const [warning] = new InputFile(path).warnings;
    expect(warning).toBe(`${path}: W_SPARSE: parts of the file were never written and read as zeros.`);
    expect(new InputFile(sample()).warnings).toEqual([]);
    expect(new InputFile(sample(new Uint8Array(1 << 21).fill(1))).warnings).toEqual([]);
  });

  it("F15: refuses a length that is no safe integer", () => {
    const fstatSync: ReadIo["fstatSync"] = (fd, options) =>
      Object.assign(fs.fstatSync(fd, options), { size: 2n ** 53n });
    const io = { ...faulty((real, ...call) => real(...call)), fstatSync };
    const path = sample();
    expect(failure(() => new InputFile(path, path, io)).code).toBe("E_LIMIT_FILE_SIZE");
  });

  it("F17: knows two names of one file", () => {
    const path = sample();
    fs.linkSync(path, `${path}2`);
    expect(new InputFile(path).identity).toBe(new InputFile(`${path}2`).identity);
    expect(new InputFile(path).identity).not.toBe(new InputFile(sample()).identity);
  });

  it("R20: names errors that Node has no name for", () => {
    const { EDQUOT } = constants.errno;
    expect(errorCode(systemError(`Unknown system error -${EDQUOT}`))).toBe("EDQUOT");
    expect(errorCode(systemError("Unknown system error -99999"))).toBe("Unknown system error -99999");
    expect(errorCode(systemError("ENOSPC"))).toBe("ENOSPC");
    expect(errorCode(new Error("x"))).toBe(undefined);
  });

  it("F8: warns of a file that has another name, save in Hugging Face's cache", () => {
    const path = sample();
    fs.linkSync(path, `${path}2`);
    expect(new InputFile(path).warnings).toEqual([
      `${path}: W_HARD_LINK: the file has 2 names; who writes to another of them changes it.`,
    ]);
    const blobs = join(dirname(path), "blobs");
    fs.mkdirSync(blobs);
    fs.linkSync(path, join(blobs, "0123"));
    expect(new InputFile("model.safetensors", join(blobs, "0123")).warnings).toEqual([]);
  });

  it("R9: puts short reads together, and names the place where a file ends early", () => {
    const path = sample();
    const oneByte = faulty((real, fd, into, at, _, from) => real(fd, into, at, 1, from));
    expect(new InputFile(path, path, oneByte).read(0, 1000)).toEqual(DATA);
    const error = failure(() => new InputFile(path).read(990, 20));
    expect(error.code).toBe("E_IO_EOF");
    expect(error.message).toBe(
      `${path}: expected 20 bytes, got 10, where the file ends (at byte 990). ` +
        "The file is shorter than it was or should be; get it again.",
    );
  });

  it.each(["EINTR", "EAGAIN"])("R10: tries again after %s three times, and then gives up", (code) => {
    const path = sample();
    const failing = (times: number) => {
      let left = times;
      return faulty((real, ...call) => {
        if (left-- > 0) throw systemError(code);
        left = times;
        return real(...call);
      });
    };
    expect(new InputFile(path, path, failing(3)).read(0, 1000)).toEqual(DATA);
    expect(failure(() => new InputFile(path, path, failing(4))).code).toBe("E_IO_READ");
  });

  it("a file that grew while it was read whole is not taken for its beginning", () => {
    const path = sample();
    const growing = faulty((real, ...call) => {
      const count = real(...call);
      fs.appendFileSync(path, "x");
      return count;
    });
    expect(failure(() => new InputFile(path, path, growing).whole(2000, "E_LIMIT_CONFIG")).code).toBe("E_IO_CHANGED");
  });

  it("R8: EIO at the n-th read, for every n until all succeed, is an error that leaves no file open", () => {
    const path = sample();
    const open = new Set<number>();
    for (let n = 1; ; n++) {
      let calls = 0;
      const io: ReadIo = {
        ...faulty((real, fd, into, at, length, from) => {
          if (++calls === n) throw systemError("EIO");
          return real(fd, into, at, Math.min(300, length), from);
        }),
        openSync: (name, flags) => {
          const fd = fs.openSync(name, flags);
          open.add(fd);
          return fd;
        },
        closeSync: (fd) => {
          open.delete(fd);
          fs.closeSync(fd);
        },
      };
      const read = () => {
        const file = new InputFile(path, path, io);
        try {
          return file.read(0, 1000);
        } finally {
          file.close();
        }
      };
      if (n === 6) {
        expect(read()).toEqual(DATA); // 1 read when it is opened and 4 of the data
        break;
      }
      const error = failure(read);
      expect([error.code, error.offset]).toEqual(["E_IO_READ", n === 1 ? 0 : (n - 2) * 300]);
      expect(open.size).toBe(0);
    }
  });

  it.each([-1, 0.5, NaN, 2 ** 53])("R11: refuses the offset %d", (offset) => {
    const file = new InputFile(sample());
    const error = failure(() => file.read(offset, 1));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.code).toBe("E_ARG_OFFSET");
  });

  it.each<[string, (path: string) => void]>([
    ["R1: truncated", (path) => fs.truncateSync(path, 500)],
    ["grown", (path) => fs.appendFileSync(path, "x")],
    ["R3: written over", (path) => fs.writeFileSync(path, DATA)],
    ["R4: written over, and its time put back", (path) => {
      const { atime, mtime } = fs.statSync(path);
      fs.writeFileSync(path, DATA);
      fs.utimesSync(path, atime, mtime);
    }], // prettier-ignore
  ])("sees a file that was %s", (_, change) => {
    const path = sample();
    fs.utimesSync(path, 1, 1);
    const file = new InputFile(path);
    file.checkUnchanged();
    change(path);
    expect(failure(() => file.checkUnchanged()).code).toBe("E_IO_CHANGED");
  });

  it("sees a file that was deleted and written over, at once or later", () => {
    const path = sample();
    fs.utimesSync(path, 1, 1);
    const file = new InputFile(path);
    fs.linkSync(path, `${path}2`);
    file.checkUnchanged();
    const other = fs.openSync(path, "r+");
    fs.rmSync(path);
    fs.writeSync(other, "x");
    expect(failure(() => file.checkUnchanged()).code).toBe("E_IO_CHANGED"); // by its time, though a link is gone
    fs.closeSync(other);
    fs.utimesSync(`${path}2`, 1, 1);
    file.checkUnchanged();
    fs.utimesSync(`${path}2`, 1, 1);
    expect(failure(() => file.checkUnchanged()).code).toBe("E_IO_CHANGED"); // its links are as they were by now
  });

  it("R7: reads on from a file that was deleted or replaced under its name", () => {
    const path = sample();
    const file = new InputFile(path);
    fs.writeFileSync(`${path}2`, "other");
    fs.renameSync(`${path}2`, path);
    file.checkUnchanged();
    file.checkUnchanged();
    expect(file.read(0, 1000)).toEqual(DATA);
  });
});

describe("readWhole", () => {
  it("reads up to its limit and refuses one byte more, with the caller's code", () => {
    const path = sample("<html>");
    expect(Buffer.from(readWhole(path, 6, "E_LIMIT_CONFIG")).toString()).toBe("<html>");
    const error = failure(() => readWhole(path, 5, "E_LIMIT_CONFIG"));
    expect(error).toBeInstanceOf(LimitError);
    expect(error.code).toBe("E_LIMIT_CONFIG");
    expect(error.message).toBe(`${path}: expected at most 5 bytes, got 6. It looks like a web page.`);
  });

  it("refuses what is no file without reading it", () => {
    expect(failure(() => readWhole("/dev/zero", 10, "E_LIMIT_CONFIG")).code).toBe("E_IO_NOT_REGULAR");
  });
});

it("R18: allocate turns the engine's refusal into E_MEM_ALLOC with the bytes asked for", () => {
  const error = failure(() => allocate(2 ** 53 - 1, "weights"));
  expect(error.code).toBe("E_MEM_ALLOC");
  expect(error.message).toBe(
    "weights: expected 9007199254740991 bytes of memory, got less. Close other programs, or use a smaller model.",
  );
});
