import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { errorText, EXIT, exitCode } from "../../src/cli/exit.ts";
import { FormatError, IoError, LimitError, QwqError, ShapeError, UsageError } from "../../src/errors.ts";

const cause = (code: string) => Object.assign(new Error(code), { code });

describe("exitCode", () => {
  it.each<[keyof typeof EXIT, unknown]>([
    ["done", new CommanderError(0, "commander.helpDisplayed", "")],
    ["usage", new CommanderError(1, "commander.unknownOption", "")],
    ["usage", new UsageError("E_ARG_CONTEXT", "x")],
    ["usage", new UsageError("E_PATH_INVALID", "x")],
    ["data", new FormatError("E_ST_TRUNCATED", "x")],
    ["data", new ShapeError("E_SHAPE", "x")],
    ["data", new IoError("E_IO_LFS_POINTER", "x")],
    ["data", new IoError("E_IO_NOT_REGULAR", "x")],
    ["missing", new IoError("E_IO_OPEN", "x")],
    ["missing", new IoError("E_IO_OPEN", "x", { cause: cause("ENOENT") })],
    ["missing", new FormatError("E_IDX_SHARD_MISSING", "x")],
    ["missing", new IoError("E_HUB_MISSING", "x")],
    ["io", new IoError("E_HUB_GATED", "x")],
    ["io", new IoError("E_NET_UNREACHABLE", "x")],
    ["data", new FormatError("E_HASH", "x")],
    ["limit", new LimitError("E_LIMIT_DISK", "x")],
    ["incomparable", new FormatError("E_CMP_TOKENIZER", "x")],
    ["io", new IoError("E_IO_OPEN", "x", { cause: cause("EACCES") })],
    ["io", new IoError("E_IO_CHANGED", "x")],
    ["io", new IoError("E_IO_EOF", "x")],
    ["cannotCreate", new IoError("E_OUT_EXISTS", "x")],
    ["cannotCreate", new IoError("E_OUT_WRITE", "x")],
    ["limit", new LimitError("E_MEM_ALLOC", "x")],
    ["limit", new LimitError("E_TPL_LIMIT", "x")],
    ["internal", new QwqError("E_INTERNAL", "x")],
    ["internal", new TypeError("x is undefined")],
    ["internal", "thrown text"],
  ])("is that of %s for %o", (name, error) => {
    expect(exitCode(error)).toBe(EXIT[name]);
  });
});

describe("errorText", () => {
  it("is the sentence alone, and the stack with --verbose", () => {
    const error = new UsageError("E_ARG_X", "--x", { expected: "1", actual: "2", hint: "Give 1." });
    expect(errorText(error, false)).toBe("qwq: --x: expected 1, got 2. Give 1.");
    expect(errorText(error, true)).toMatch(/^qwq: --x: [^\n]+\nUsageError: [^\n]+\n {4}at /);
  });

  it("has at most six lines", () => {
    expect(errorText(new FormatError("E_X", "a\n".repeat(9)), false).split("\n")).toHaveLength(6);
  });

  it("asks for a report of what is a bug of ours, and leaves to commander what it has printed", () => {
    expect(errorText(new TypeError("x is undefined"), false)).toBe(
      "qwq: internal error: x is undefined. This is a bug of qwq's; please report it.",
    );
    expect(errorText(new CommanderError(1, "x", "error"), true)).toBe("");
  });
});
