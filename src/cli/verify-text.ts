/** What `qwq verify` found, for people and for programs. */
import type { QwqError } from "../errors.ts";
import { quote } from "../json/quote.ts";
import { CACHE, type Difference } from "../integrity/compare.ts";
import type { Scanned } from "../integrity/report.ts";
import type { Verified } from "../integrity/verify.ts";
import { field, plural } from "./inspection-text.ts";
import { byteSize, grouped } from "./units.ts";

export interface Findings {
  readonly verified: Verified;
  readonly tensors: readonly Scanned[];
  readonly warnings: readonly string[];
  readonly damaged: readonly QwqError[];
  /** Where the manifest was written. */
  readonly written: string | undefined;
  readonly seconds: number;
}

const SHOWN = 10;

export function verifyText(findings: Findings): string {
  const { verified, warnings, damaged, written } = findings;
  const { differences } = verified;
  const lines = [
    verified.path,
    "",
    ...field("files", fileParts(findings)),
    ...differences.slice(0, SHOWN).flatMap((one) => field("different", differenceParts(one))),
    ...(differences.length > SHOWN ? field("", [`and ${differences.length - SHOWN} files more`]) : []),
    ...(verified.checkpoint === undefined ? [] : field("weights", weightParts(findings))),
    ...damaged.slice(0, SHOWN).flatMap(({ message }) => field("damaged", [message])),
    ...(damaged.length > SHOWN ? field("", [`and ${damaged.length - SHOWN} more`]) : []),
    ...notChecked(verified).flatMap((what, i) => field(i === 0 ? "unchecked" : "", what)),
    ...(written === undefined ? [] : field("written", [written])),
    ...(warnings.length === 0 ? [] : ["", ...warnings.map((warning) => `warning: ${warning}`)]),
  ];
  return `${lines.join("\n")}\n`;
}

function fileParts({ verified: { files, manifest, differences }, seconds }: Findings): string[] {
  const bytes = files.reduce((sum, { found }) => sum + found.bytes, 0);
  const count = `${files.length} ${plural("file", files.length)}`;
  const cached = files.filter(({ blob }) => blob !== undefined).length;
  const [others, misnamed] = [differences.filter(({ by }) => by !== CACHE).length, differences.length];
  return [
    count,
    byteSize(bytes),
    `${byteSize(Math.round(bytes / seconds))}/s`,
    ...(manifest === undefined ? [] : [`${others === 0 ? "all" : `${others} not`} as ${manifest.path} says`]),
    ...(cached === 0
      ? []
      : [`${misnamed - others === 0 ? cached : `${misnamed - others} not`} as the cache names them`]),
  ];
}

function differenceParts({ file, kind, expected, actual, by, tensors, again }: Difference): string[] {
  const names = tensors.slice(0, SHOWN).map(quote);
  const read = again === actual ? "read again from the disk and still so" : `from the disk itself ${again}`;
  return [
    `${file} (${kind}): ${expected} by ${by}`,
    `but ${actual}`,
    ...(names.length === 0 ? [] : [`tensors ${names[0]}`, ...names.slice(1)]),
    ...(tensors.length > SHOWN ? [`and ${tensors.length - SHOWN} more`] : []),
    ...(kind !== "sha256"
      ? []
      : [again === undefined ? "not read again: this system cannot pass by its memory" : read]),
  ];
}

function weightParts({ tensors, damaged }: Findings): string[] {
  const largest = tensors.reduce((most, { scan }) => Math.max(most, scan?.largest ?? 0), 0);
  const unknown = tensors.filter(({ scan }) => scan === undefined).length;
  return [
    `${grouped(tensors.length)} ${plural("tensor", tensors.length)}`,
    damaged.length === 0 ? "all finite" : `${damaged.length} of them damaged`,
    `the largest is ${largest.toPrecision(4)} in size`,
    ...(unknown === 0 ? [] : [`${unknown} in number formats that are not read here`]),
  ];
}

/** What a reader might think was checked, and was not: sentences in parts. */
export function notChecked({ files, manifest, others, checkpoint }: Verified): string[][] {
  const unknown = files.filter(({ name, blob }) => blob === undefined && manifest?.files.has(name) !== true);
  const which = unknown.length === files.length ? "" : ` in ${shown(unknown.map(({ name }) => name))}`;
  const why = ["since no manifest names their hashes (qwq verify --write makes one)", "nor does a cache"];
  return [
    ...(unknown.length === 0 ? [] : [[`that these are the publisher's bytes${which}`, ...why]]),
    ...(others.length === 0 ? [] : [[`${shown(others)}`, "which qwq does not read"]]),
    ...(checkpoint === undefined ? [["the weights", "since the model cannot be opened"]] : []),
  ];
}

function shown(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  return `${names.slice(0, SHOWN).join(", ")}${more}`;
}

/** One JSON object; numbers that JSON has not are left out. */
export function verifyJson({ verified, tensors, warnings, damaged, written, seconds }: Findings): object {
  const { differences, manifest, files } = verified;
  return {
    path: verified.path,
    format: verified.model.kind,
    verdict: differences.length > 0 ? "different" : damaged.length > 0 ? "damaged" : "ok",
    manifest: manifest?.path ?? null,
    written: written ?? null,
    files: files.map(({ name, blob, found: { bytes, sha256 } }) => ({
      name,
      bytes,
      sha256,
      checked: [...(manifest?.files.has(name) === true ? ["manifest"] : []), ...(blob === undefined ? [] : ["cache"])],
    })),
    tensors: tensors.map(({ info: { name, format, shape, path }, crc32, scan }) => ({
      name,
      path,
      dtype: format,
      shape,
      crc32,
      largest: scan?.largest ?? null,
      zeroRows: scan?.zeroRows ?? null,
    })),
    differences,
    damaged: damaged.map(({ code, message }) => ({ code, message })),
    warnings,
    unchecked: notChecked(verified).map((parts) => parts.join(", ")),
    bytes: files.reduce((sum, { found }) => sum + found.bytes, 0),
    seconds,
  };
}
