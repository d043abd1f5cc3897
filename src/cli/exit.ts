/** From an error to what a person reads and what a script tests. */
import { CommanderError } from "commander";
import { IoError, LimitError, QwqError, UsageError } from "../errors.ts";

/** Exit codes; scripts and CI rely on them. */
export const EXIT = {
  done: 0,
  divergence: 1,
  usage: 2,
  incomparable: 3,
  provenance: 4,
  notFinite: 5,
  selfCheck: 6,
  coverage: 7,
  data: 65,
  missing: 66,
  internal: 70,
  cannotCreate: 73,
  io: 74,
  limit: 75,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

/** Files that can be opened but are no model. */
const NO_MODEL = ["E_IO_LFS_POINTER", "E_IO_NOT_REGULAR"];

/** The exit code for whatever was thrown. */
export function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (!(error instanceof QwqError) || error.code === "E_INTERNAL") return EXIT.internal;
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof LimitError) return EXIT.limit;
  const { code } = error;
  if (code === "E_IO_OPEN") return isMissing(error) ? EXIT.missing : EXIT.io;
  if (code === "E_IDX_SHARD_MISSING" || code === "E_HUB_MISSING") return EXIT.missing;
  if (code.startsWith("E_PROV_")) return EXIT.provenance;
  if (code === "E_NOT_FINITE") return EXIT.notFinite;
  if (code === "E_SELF_CHECK") return EXIT.selfCheck;
  if (code.startsWith("E_CMP_")) return EXIT.incomparable;
  if (code.startsWith("E_OUT_")) return EXIT.cannotCreate;
  return error instanceof IoError && !NO_MODEL.includes(code) ? EXIT.io : EXIT.data;
}

function isMissing(error: QwqError): boolean {
  const cause = error.cause;
  return !(cause instanceof Error && "code" in cause) || cause.code === "ENOENT" || cause.code === "ENOTDIR";
}

/** What stands on stderr: the message, folded to at most six lines; a bug of ours says so. */
export function errorText(error: unknown, verbose: boolean): string {
  if (error instanceof CommanderError) return "";
  const known = error instanceof QwqError;
  const message = error instanceof Error ? error.message : String(error);
  const stack = verbose && error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : "";
  const text = known ? `qwq: ${message}` : `qwq: internal error: ${message}. This is a bug of qwq's; please report it.`;
  return text.split("\n").slice(0, 6).join("\n") + stack;
}
