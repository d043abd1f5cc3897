import { CommanderError } from "commander";
import { expect, it } from "vitest";
import { errorText, EXIT, exitCode } from "../../src/cli/exit.ts";
import { FormatError, IoError, LimitError, QwqError, UsageError } from "../../src/errors.ts";

const system = (code: string) => Object.assign(new Error(code), { code });

it.each([
  [new UsageError("E_ARG_SEED", "seed"), EXIT.usage],
  [new CommanderError(1, "commander.unknownOption", "no"), EXIT.usage],
  [new CommanderError(0, "commander.help", "help"), EXIT.done],
  [new FormatError("E_ST_HOLE", "x"), EXIT.data],
  [new IoError("E_IO_OPEN", "x", { cause: system("ENOENT") }), EXIT.missing],
  [new IoError("E_IO_OPEN", "x", { cause: system("EACCES") }), EXIT.io],
  [new IoError("E_IO_READ", "x"), EXIT.io],
  [new IoError("E_OUT_WRITE", "x"), EXIT.cannotCreate],
  [new LimitError("E_LIMIT_CONTEXT", "x"), EXIT.limit],
  [new QwqError("E_INTERNAL", "x"), EXIT.internal],
  [new TypeError("undefined is not a function"), EXIT.internal],
])("%s exits %i", (error, code) => {
  expect(exitCode(error)).toBe(code);
});

it("an error is at most six lines, with no stack unless asked for", () => {
  const long = new FormatError("E_TENSOR_MISSING", "model", { expected: "a\nb\nc\nd\ne\nf\ng\nh", actual: "less" });
  expect(errorText(long, false).split("\n")).toHaveLength(6);
  expect(errorText(new TypeError("odd"), false)).toMatch(/^qwq: internal error: odd\. /);
  expect(errorText(new TypeError("odd"), false)).not.toContain("    at ");
  expect(errorText(new TypeError("odd"), true)).toContain("    at ");
});
