/** How the oracle's commands print what they found: `--format`, `--out`, and the exit code of a verdict. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "../errors.ts";
import { cannotWrite, makeFolder, writeAtomically } from "../files/output.ts";
import { FILE_NAMES, type Format, FORMATS, type Printable } from "../oracle/formats/index.ts";
import { summary } from "../oracle/formats/github.ts";
import { EXIT } from "./exit.ts";
import { integer } from "./options.ts";
import { print } from "./terminal.ts";

export interface OutputOptions {
  readonly format: readonly Format[];
  readonly out?: string;
  readonly maxAnnotations: number;
  readonly failOn: "warn" | "fail";
}

export function withOutputOptions(command: Command): Command {
  return command
    .option("--format <list>", `forms of the report, of ${FORMATS.join(", ")}`, formats, ["text"])
    .option("--out <folder>", "write each form to a file there; text and github are printed too")
    .option("--max-annotations <n>", "annotations for github at most", integer(1, 1000), 10)
    .addOption(new Option("--fail-on <verdict>", "exit with 1 from this on").choices(["warn", "fail"]).default("fail"));
}

function formats(list: string): Format[] {
  return list.split(",").map((name) => {
    const format = FORMATS.find((known) => known === name.trim());
    if (format !== undefined) return format;
    throw new InvalidArgumentError(`Expected forms of ${FORMATS.join(", ")}, got "${name}".`);
  });
}

/** Forms that are read where they are printed, and may stand one after the other. */
const PRINTED: readonly Format[] = ["text", "github"];

/**
 * Prints or writes the report in every form that was asked for.
 *
 * throws   UsageError E_ARG_FORMAT for several forms on one output, or one that this report does not have; IoError
 *          E_OUT_WRITE
 */
export function output({ print: forms }: Printable, { format, out }: OutputOptions): void {
  checkForms(forms, format, out);
  const texts = format.map((name) => [name, forms[name]!()] as const);
  if (out !== undefined) writeAll(out, texts);
  for (const [name, text] of texts) if (out === undefined || PRINTED.includes(name)) print(text);
  const file = process.env["GITHUB_STEP_SUMMARY"];
  if (file !== undefined && file !== "" && format.includes("github")) summarise(file, forms.md!());
}

/** Refuses what cannot be printed, before the work is done: the same rules as `output`. */
export function checkForms(
  forms: Printable["print"] | undefined,
  format: readonly Format[],
  out: string | undefined,
): void {
  const none = format.find((name) => forms !== undefined && forms[name] === undefined);
  const mixed = out === undefined && format.length > 1 && format.some((name) => !PRINTED.includes(name));
  if (none === undefined && !mixed) return;
  throw new UsageError("E_ARG_FORMAT", "--format", {
    expected: mixed ? "one form on standard output" : `one of ${Object.keys(forms!).join(", ")}`,
    actual: format.join(","),
    hint: mixed ? "Give --out FOLDER for several." : "This command has no other.",
  });
}

function writeAll(folder: string, texts: readonly (readonly [Format, string])[]): void {
  makeFolder(folder);
  for (const [name, text] of texts) {
    writeAtomically(join(folder, FILE_NAMES[name]), (write) => write(Buffer.from(text)));
  }
}

function summarise(file: string, markdown: string): void {
  try {
    appendFileSync(file, `${summary(markdown)}\n`);
  } catch (cause) {
    throw cannotWrite(file, cause);
  }
}

/** The exit code of a verdict. */
export function verdictExit(verdict: "pass" | "warn" | "fail" | "incomparable", failOn: "warn" | "fail"): number {
  if (verdict === "incomparable") return EXIT.incomparable;
  return verdict === "fail" || (verdict === "warn" && failOn === "warn") ? EXIT.divergence : EXIT.done;
}
