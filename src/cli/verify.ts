/** `qwq verify`: whether a model's files are what they should be, and its weights finite. */
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { manifestText } from "../files/manifest.ts";
import { writeAtomically } from "../files/output.ts";
import { damages, differenceError, manifestOf, scanned, suspicions } from "../integrity/report.ts";
import { verify as verifyModel, type Verified } from "../integrity/verify.ts";
import { errorText, EXIT, exitCode } from "./exit.ts";
import { integer } from "./options.ts";
import { onInterrupt } from "./signals.ts";
import { strictly } from "./strict.ts";
import { note, print, printJson, progress } from "./terminal.ts";
import { type Findings, verifyJson, verifyText } from "./verify-text.ts";
import { VERSION } from "./version.ts";

const HELP = `
Reads every byte once: sha256 of each file, crc32 of each tensor, NaN and
infinities in the weights, scales and zero points out of range. Hashes are
compared with the model's manifest, if there is one, and with the names that
Hugging Face's cache gives its files.

Ends with 1 where a file differs, 65 where the weights are damaged (with
--strict also where they are suspicious), 74 where a second reading of the disk
gives other bytes.

Examples:
  qwq verify Qwen/QwQ-32B
  qwq verify --write model          writes model/model.manifest.json
  qwq verify --manifest good.json model
  qwq verify --json model | jq '.differences[].file'`;

interface Options {
  readonly manifest?: string;
  readonly write?: boolean;
  readonly output?: string;
  readonly strict?: boolean;
  readonly threads?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

export function verify(): Command {
  return new Command("verify")
    .description("whether a model's files are what they should be, and its weights finite")
    .argument("<model>", "a Hugging Face folder, a .gguf file, or a hub id on disk")
    .option("--manifest <file>", "compare with this manifest (default: the model's own)")
    .option("--write", "write the model's manifest, in place of the one it may have")
    .option("-o, --output <file>", "write the manifest there")
    .option("--strict", "warnings are errors")
    .option("--threads <n>", "threads (default: one a core)", integer(1, 64))
    .option("--json", "one JSON object")
    .option("--quiet", "no progress on stderr")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP)
    .action(act);
}

async function act(model: string, options: Options): Promise<void> {
  const interrupt = onInterrupt();
  const bar = progress("verifying", "bytes", options.quiet === true);
  const began = performance.now();
  try {
    const verified = await verifyModel(model, {
      manifest: options.manifest,
      anew: options.write === true || options.output !== undefined,
      threads: options.threads ?? availableParallelism(),
      signal: interrupt.signal,
      onBytes: bar.of,
    }).finally(bar.stop);
    if (verified === undefined) {
      note("Interrupted before every file was read; nothing is known of the model.");
      process.exitCode = interrupt.exitCode();
      return;
    }
    report(verified, (performance.now() - began) / 1000, options);
  } finally {
    interrupt.done();
  }
}

/** Writes the manifest, says what was found, and ends as the worst of it demands. */
function report(verified: Verified, seconds: number, options: Options): void {
  const { checkpoint, files, failure, differences } = verified;
  const found = files.map((file) => file.found);
  const tensors = checkpoint === undefined ? [] : scanned(found, checkpoint.source.tensors);
  checkpoint?.close();
  const warnings = [...(checkpoint?.warnings ?? []), ...suspicions(tensors)];
  const damaged = [...(failure === undefined ? [] : [failure]), ...damages(tensors)];
  const sound = differences.length === 0 && damaged.length === 0;
  const wanted = options.write === true || options.output !== undefined;
  const written = sound && wanted ? write(verified, options) : undefined;
  const findings: Findings = { verified, tensors, warnings, damaged, written, seconds };
  if (options.json) printJson(verifyJson(findings));
  else print(verifyText(findings));
  if (differences.length > 0) {
    const errors = differences.map((difference) => differenceError(verified, difference));
    const worst = errors.find(({ code }) => code === "E_HASH_UNSTABLE") ?? errors[0]!;
    process.stderr.write(`${errorText(worst, options.verbose === true)}\n`);
    process.exitCode = worst.code === "E_HASH" ? EXIT.divergence : exitCode(worst);
    return;
  }
  if (damaged[0] !== undefined) throw damaged[0];
  if (options.strict) strictly(verified.path, warnings);
}

function write(verified: Verified, { output = verified.manifestPath }: Options): string {
  const producer = new Map([["qwq", VERSION], ["node", process.version]]); // prettier-ignore
  const text = manifestText(manifestOf(verified, producer));
  writeAtomically(output, (piece) => piece(Buffer.from(text)));
  return output;
}
