/** `qwq oracle compare`, `replay` and `diagnose`: what another engine computed, judged. */
import { Command, InvalidArgumentError, Option } from "commander";
import { QwqError, UsageError } from "../errors.ts";
import { type Checkpoint, openCheckpoint } from "../files/checkpoint.ts";
import { EMBEDDED } from "../files/embedded.ts";
import { type Bundle, openBundle } from "../oracle/bundle-read.ts";
import { firstNotFinite } from "../oracle/candidate.ts";
import { compareBundles, type CompareOptions } from "../oracle/compare.ts";
import { diagnose as diagnoseBundle } from "../oracle/diagnose.ts";
import { printableReport } from "../oracle/formats/index.ts";
import { identify } from "../oracle/identity.ts";
import { measureNoise } from "../oracle/noise.ts";
import { checkHash, checkModel } from "../oracle/provenance.ts";
import { replay as replayBundle } from "../oracle/replay.ts";
import { WEIGHTS, type WeightsOption } from "../oracle/numbers/quantised.ts";
import { checkWeights } from "../oracle/own-weights.ts";
import { planOf } from "../oracle/replay-plan.ts";
import { incomparableReport, notFiniteReport, type Report } from "../oracle/report.ts";
import { EXIT } from "./exit.ts";
import { checkForms, output, type OutputOptions, verdictExit, withOutputOptions } from "./oracle-output.ts";
import { integer } from "./options.ts";
import { type Judging, judgingOf, type JudgingOptions, withJudgingOptions } from "./oracle-judging.ts";
import { checkInterrupt } from "./signals.ts";
import { note, progress } from "./terminal.ts";
import { byteSize } from "./units.ts";
import { VERSION } from "./version.ts";

interface Options extends OutputOptions, JudgingOptions {
  readonly model?: string;
  readonly layers?: string;
  readonly layer?: number;
  readonly weights?: WeightsOption;
  readonly rows?: string;
  readonly strict?: boolean;
  readonly minCoverage: number;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

const MODEL = "a Hugging Face folder, a .gguf file, or a hub id on disk (default: the embedded model)";

const COMPARE = `
Exit codes: 0 pass or warn, 1 fail, 3 incomparable, 4 another model or prompt,
5 a value that is not finite, 7 coverage below --min-coverage.

--atol and --rtol are bounds of your own: no noise is asked for, a tap fails
where a value is beyond them, and nothing warns. The first divergence is, as
with noise, the first tap that fails while its inputs do not.

Examples:
  qwq oracle compare hello.oracle mine.oracle
  qwq oracle compare hello.oracle mine.oracle --atol 1e-5 --rtol 1e-3
  qwq oracle show hello.oracle --budget f32 > budget.json
  qwq oracle compare hello.oracle mine.oracle --budget budget.json
  qwq oracle compare --format json --strict hello.oracle mine.oracle`;

const REPLAY = `
Each tap is computed again from the engine's own inputs, so an error that came
in from before is not blamed. What is missing is computed from what is there.
Of a model that is not on disk only the layers of --layers are fetched. Of an
engine with quantised weights, -m ITS.gguf --weights same judges what it
computes with them; -m ORIGINAL --weights original grants what its manifest's
"weights_dtype" does to each result; without --weights -m is taken as it is.

Examples:
  qwq oracle replay mine.oracle -m model
  qwq oracle replay mine.oracle -m engine-q8_0.gguf --dtype q8 --weights same
  qwq oracle replay mine.oracle -m Qwen/QwQ-32B --layers 40`;

const DIAGNOSE = `
Runs known bugs on the engine's own inputs at its first dirty tap, and ranks
them by how well they agree with it. "none" is true where no bug of the list
fits.

Examples:
  qwq oracle diagnose mine.oracle -m model
  qwq oracle diagnose mine.oracle -m Qwen/QwQ-32B --layer 40`;

export function compare(): Command {
  const command = new Command("compare")
    .description("an engine's activations beside the reference's: where it leaves them")
    .argument("<reference>", "a bundle of qwq oracle record")
    .argument("<candidate>", "a bundle of an engine")
    .option("--strict", "a tap or row that the candidate lacks makes the two incomparable")
    .option("-m, --model <model>", "where noise is measured if the reference has none of this policy");
  return common(command, COMPARE).action((reference: string, candidate: string, options: Options) =>
    judged(
      "compare",
      candidate,
      options,
      (bundle, judging) => {
        const ours = openBundle(reference);
        try {
          checkNamed(bundle, options);
          return compareBundles(ours, bundle, { ...options, ...judging, noise: noiseFor(ours, options) });
        } finally {
          ours.close();
        }
      },
      { reference },
    ),
  );
}

export function replay(): Command {
  const command = new Command("replay")
    .description("an engine's activations computed again from its own inputs: which operation errs")
    .argument("<candidate>", "a bundle of an engine")
    .option("-m, --model <model>", MODEL)
    .option("--layers <list>", "only these layers, and only their weights are read: 0,31,63 or 0-3");
  return common(command, REPLAY).action((candidate: string, options: Options) =>
    judged("replay", candidate, options, (bundle, judging) =>
      onModel(bundle, options, options.layers, (checkpoint, onProgress) =>
        replayBundle(bundle, checkpoint, { ...options, ...judging, onProgress }),
      ),
    ),
  );
}

export function diagnose(): Command {
  const command = new Command("diagnose")
    .description("which known bug an engine has")
    .argument("<candidate>", "a bundle of an engine")
    .option("-m, --model <model>", MODEL)
    .option("--layer <n>", "look at this layer alone", integer(0));
  return common(command, DIAGNOSE).action((candidate: string, options: Options) => {
    const only = options.layer === undefined ? undefined : `${options.layer}`;
    return judged("diagnose", candidate, options, (bundle, judging) =>
      onModel(bundle, options, only, (checkpoint, onProgress) =>
        diagnoseBundle(bundle, checkpoint, { ...options, ...judging, onProgress }),
      ),
    );
  });
}

function common(command: Command, help: string): Command {
  return withJudgingOptions(withOutputOptions(command))
    .addOption(
      new Option("--weights <whose>", "-m holds the engine's own weights, or the original ones").choices([...WEIGHTS]),
    )
    .option("--rows <which>", "positions that are judged: all, last, skip-first, or 0,4-7 (default: all)")
    .option("--min-coverage <part>", "exit with 7 where less of what could be compared was: 0.9 or 90%", part, 0)
    .option("--quiet", "no remarks on stderr")
    .option("--verbose", "say more on stderr, and show where an error arose")
    .addHelpText("after", help);
}

/** Reads a part of 1, or a percentage. */
function part(text: string): number {
  const value = text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (text.trim() !== "" && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError(`Expected a part from 0 to 1 or a percentage, got "${text}".`);
}

type Judgement = Report["command"];

/** Opens the candidate, prints the report, and ends as it demands. */
async function judged(
  command: Judgement,
  path: string,
  options: Options,
  make: (bundle: Bundle, judging: Judging) => Report,
  paths: { readonly reference?: string } = {},
): Promise<void> {
  checkForms(undefined, options.format, options.out);
  const judging = await judgingOf(options);
  const bundle = openBundle(path);
  const say = (report: Report) =>
    output(
      printableReport(report, {
        ...paths,
        candidate: path,
        model: options.model,
        version: VERSION,
        annotations: options.maxAnnotations,
      }),
      options,
    );
  try {
    const report = checkedFinite(command, bundle) ?? make(bundle, judging);
    say(report);
    end(report, options);
  } catch (error) {
    if (!(error instanceof QwqError) || !/^E_(CMP|PROV)_/.test(error.code)) throw error;
    say(incomparableReport(command, error.message, bundle.manifest));
    throw error;
  } finally {
    bundle.close();
  }
}

function checkedFinite(command: Judgement, bundle: Bundle): Report | undefined {
  const broken = firstNotFinite(bundle);
  return broken === undefined ? undefined : notFiniteReport(command, broken, bundle.manifest);
}

/** The exit code of a report, and what stands on stderr where that needs a word. */
function end(report: Report, { failOn, minCoverage }: Options): void {
  process.exitCode = verdictExit(report.verdict, failOn);
  if (report.notFinite !== undefined) {
    const { tap, row, column, value } = report.notFinite;
    process.stderr.write(
      `qwq: ${tap}: expected finite values, got ${value} at position ${row}, column ${column}. The engine overflows there, or before.\n`,
    );
    process.exitCode = EXIT.notFinite;
  } else if (process.exitCode === EXIT.done && report.coverage.fraction < minCoverage) {
    const { fraction } = report.coverage;
    process.stderr.write(
      `qwq: coverage: expected at least ${minCoverage}, got ${fraction.toFixed(3)}. Record more taps or rows.\n`,
    );
    process.exitCode = EXIT.coverage;
  }
}

/** Bytes of weights from which on a plan is shown unasked. */
const LARGE = 2 ** 29;

/** Opens the model, says what will be read of it, and closes it. */
function onModel(
  bundle: Bundle,
  options: Options,
  layers: string | undefined,
  make: (checkpoint: Checkpoint, onProgress: (done: number, total: number) => void) => Report,
): Report {
  if (options.weights === "same" && options.model === undefined) throw whoseWeights();
  const checkpoint = openCheckpoint(options.model ?? EMBEDDED, { onWindow: checkInterrupt });
  const bar = progress("replaying", "taps", options.quiet === true);
  try {
    const notes = checkModel(bundle, identify(checkpoint), checkpoint.config.vocabulary);
    const plan = planOf(bundle, checkpoint, layers);
    if ((plan.bytes >= LARGE && options.quiet !== true) || options.verbose === true) {
      note(
        `Reads ${byteSize(plan.bytes)} of weights, a window at a time: ${plan.layers.length} of ${checkpoint.config.layers} layers.`,
      );
    }
    const report = make(checkpoint, bar.of);
    return { ...report, notes: [...notes, ...report.notes] };
  } finally {
    bar.stop();
    checkpoint.close();
  }
}

/** Of a comparison, whether the model that was named, if any, is the one that --weights speaks of. */
function checkNamed({ manifest }: Bundle, { model, weights }: Options): void {
  if (model === undefined || weights === undefined) return;
  const checkpoint = openCheckpoint(model, { onWindow: checkInterrupt });
  try {
    checkWeights(weights, manifest, checkpoint);
  } finally {
    checkpoint.close();
  }
}

function whoseWeights(): UsageError {
  const hint = "Give with -m the file that the engine ran.";
  const expected = "-m MODEL with the engine's own weights";
  return new UsageError("E_ARG_WEIGHTS", "--weights same", { expected, actual: "none", hint });
}

/** Where the reference has no noise of a policy: measured on the model that was named, or on the embedded one if that is it. */
function noiseFor(reference: Bundle, options: Options): CompareOptions["noise"] {
  return (policy, want) => {
    const checkpoint = openCheckpoint(options.model ?? EMBEDDED, { onWindow: checkInterrupt });
    try {
      const ours = identify(checkpoint);
      const theirs = reference.manifest.model;
      if (
        options.model === undefined &&
        (theirs.config_sha256 === undefined || theirs.config_sha256 !== ours.config_sha256)
      )
        return new Map();
      checkHash("config_sha256", theirs.config_sha256, ours.config_sha256, checkpoint.path);
      return measureNoise(checkpoint, Uint32Array.from(reference.manifest.input.ids), {
        policies: [policy],
        want,
        local: false,
      });
    } finally {
      checkpoint.close();
    }
  };
}
