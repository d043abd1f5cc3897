/** `qwq oracle show`, `verify`, `kl` and `bisect`: what is in bundles, and what is between them. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { FormatError, IoError, UsageError } from "../errors.ts";
import { openCheckpoint } from "../files/checkpoint.ts";
import { audit } from "../oracle/audit.ts";
import { budgetText } from "../oracle/budget.ts";
import { firstBad } from "../oracle/bisect.ts";
import { type Bundle, openBundle } from "../oracle/bundle-read.ts";
import { compareBundles, layersOf } from "../oracle/compare.ts";
import { parts } from "../oracle/graph.ts";
import { policyOf } from "../oracle/numbers/policies.ts";
import type { TapResult } from "../oracle/report.ts";
import { klOf, type KlReport } from "../oracle/kl.ts";
import { how, plural, worstOf } from "../oracle/formats/words.ts";
import { EXIT } from "./exit.ts";
import { judgingOf, type JudgingOptions, withJudgingOptions } from "./oracle-judging.ts";
import { checkInterrupt } from "./signals.ts";
import { note, print, printJson } from "./terminal.ts";

interface Options extends JudgingOptions {
  readonly model?: string;
  readonly json?: boolean;
  readonly cmd: string;
  readonly quiet?: boolean;
}

export function show(): Command {
  return new Command("show")
    .description("what a bundle holds")
    .argument("<bundle>", "a folder of qwq oracle record, or of an engine")
    .addOption(new Option("--json", "the manifest as one JSON object").conflicts("budget"))
    .option("--budget <policy>", "its noise under that policy as a budget for compare --budget, to be edited")
    .option("--local", "of a budget: noise from clean inputs, for replay --budget")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", SHOW)
    .action((path: string, options: ShowOptions) =>
      withBundle(path, (bundle) => {
        if (options.local === true && options.budget === undefined) throw aboutBudgets();
        if (options.budget !== undefined) print(budgetOf(bundle, options.budget, options.local === true));
        else if (options.json) printJson(bundle.manifest);
        else print(shown(bundle));
      }),
    );
}

const SHOW = `
Examples:
  qwq oracle show hello.oracle
  qwq oracle show hello.oracle --budget f32 > budget.json`;

interface ShowOptions {
  readonly json?: boolean;
  readonly budget?: string;
  readonly local?: boolean;
}

function aboutBudgets(): UsageError {
  const hint = "See qwq oracle show --help.";
  return new UsageError("E_ARG_INPUT", "--local", { expected: "--budget POLICY with it", actual: "none", hint });
}

/** The noise that a bundle was measured to have, as a budget. */
function budgetOf({ noise, path }: Bundle, name: string, local: boolean): string {
  const policy = policyOf(name);
  const measured = noise?.get(policy.name);
  if (measured !== undefined) return budgetText(measured, local ? "local" : "cumulative", path);
  throw new FormatError("E_CMP_NOISE", path, {
    path,
    expected: `the noise of ${policy.name}`,
    actual: noise === undefined ? "no noise.json" : `only that of ${[...noise.keys()].join(", ")}`,
    hint: "Record it with --noise all.",
  });
}

function shown({ manifest, noise }: Bundle): string {
  const { role, engine, model, policy, input, taps } = manifest;
  const lines = taps.map(({ name, shape, dtype, rows, stats, width }) => {
    const size = stats === undefined ? "" : `  largest ${stats.absmax.toPrecision(4)}`;
    const kind = width === undefined ? "" : `  sketch of ${width}`;
    return `  ${name.padEnd(8)} ${dtype} [${shape.join(" ")}]  positions ${rows[0] ?? "none"} to ${rows.at(-1) ?? "none"}${size}${kind}`;
  });
  const head = [
    `${role}${engine === undefined ? "" : ` of ${engine}`}, ${policy}, ${input.ids.length} tokens, ${taps.length} taps`,
    `model ${model.id ?? "not named"}${model.revision === undefined ? "" : ` at ${model.revision}`}`,
    `noise ${noise === undefined ? "not measured" : [...noise.keys()].join(", ")}`,
  ];
  return `${[...head, ...lines].join("\n")}\n`;
}

const VERIFY = `
Checks the hash of every tap. With a model, computes every tap again by a second
path, the reference's own; where the two differ beyond rounding it ends with 6,
and with 4 where the model is another.

Example:
  qwq oracle verify hello.oracle -m model`;

export function verify(): Command {
  return new Command("verify")
    .description("whether a bundle is as it was written, and right")
    .argument("<bundle>", "a bundle of qwq oracle record")
    .option("-m, --model <model>", "the model that was recorded")
    .option("--json", "one JSON object")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", VERIFY)
    .action((path: string, { model, json }: Options) =>
      withBundle(path, async (bundle) => {
        const checkpoint = model === undefined ? undefined : openCheckpoint(model, { onWindow: checkInterrupt });
        try {
          const found = await audit(bundle, checkpoint);
          if (json) printJson(found);
          else
            print(
              `${found.hashed} hashes agree; ${found.replayed} taps computed again${found.replayed === 0 ? "" : `, at most ${found.z.toFixed(2)} noises apart`}\n`,
            );
        } finally {
          checkpoint?.close();
        }
      }),
    );
}

const KL = `
Divergence of the two distributions over the next token, in nats, both ways; how
many of the ten likeliest tokens they share; and whether the likeliest is the
same. Where the reference's first two are nearer than the noise, that is a tie.
Perplexity is that of the prompt's own tokens. Exit code 5 for logits that are
not finite.

Example:
  qwq oracle kl hello.oracle mine.oracle`;

export function kl(): Command {
  return new Command("kl")
    .description("how far the logits of two bundles are apart, as distributions")
    .argument("<reference>", "a bundle of qwq oracle record")
    .argument("<candidate>", "a bundle of an engine")
    .option("--json", "one JSON object")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", KL)
    .action((reference: string, candidate: string, { json }: Options) =>
      withBundle(reference, (ours) =>
        withBundle(candidate, (theirs) => {
          const report = klOf(ours, theirs);
          if (json) printJson(report);
          else print(klText(report));
        }),
      ),
    );
}

function klText({ rows, mean, largest, flips, ties, perplexity }: KlReport): string {
  const nats = (x: number) => x.toExponential(2);
  const ppl = (x: number) => x.toPrecision(5);
  return [
    `KL reference to candidate  mean ${nats(mean.forward)} nats, largest ${nats(largest.forward)} at position ${largest.row}`,
    `KL candidate to reference  mean ${nats(mean.backward)} nats`,
    `ten likeliest in common    ${(100 * mean.jaccard).toFixed(1)} %`,
    `likeliest token            another at ${flips} of ${rows.length} positions, and ${ties} ties`,
    ...(perplexity === null
      ? []
      : [
          `perplexity                 ${ppl(perplexity.reference)}, of the candidate ${ppl(perplexity.candidate)}, over ${plural(perplexity.tokens, "token")}`,
        ]),
    "",
  ].join("\n");
}

const BISECT = `
Runs the engine's command with {layer} and {out} filled in. It must write a
bundle with the tap {layer}.out to the folder {out}. Six runs find one of 64. If
it writes the layer's other taps too, the first wrong one is named.

Example:
  qwq oracle bisect r.oracle --cmd './engine --dump-layer {layer} --out {out}'`;

export function bisect(): Command {
  return withJudgingOptions(new Command("bisect"))
    .description("the first layer whose output is wrong, by running an engine a few times")
    .argument("<reference>", "a bundle of qwq oracle record, with out of every layer")
    .requiredOption("--cmd <command>", "how the engine is run, by a shell")
    .option("--json", "one JSON object")
    .option("--quiet", "no remarks on stderr")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", BISECT)
    .action((path: string, options: Options) => withBundle(path, (reference) => bisected(reference, options)));
}

async function bisected(reference: Bundle, options: Options): Promise<void> {
  const { cmd, json, quiet } = options;
  const judging = await judgingOf(options);
  if (cmd.trim() === "") {
    const hint = "See qwq oracle bisect --help.";
    throw new UsageError("E_ARG_EMPTY", "--cmd", { expected: "a command", actual: "none", hint });
  }
  const folder = mkdtempSync(join(tmpdir(), "qwq-bisect-"));
  let runs = 0;
  const inside = new Map<number, string | null>();
  try {
    const layer = await firstBad(layersOf(reference), async (at) => {
      const out = join(folder, `${at}.oracle`);
      await shell(cmd.replaceAll("{layer}", `${at}`).replaceAll("{out}", out));
      runs++;
      checkWritten(out, cmd);
      return withBundle(out, (candidate) => {
        const { verdict, taps, first } = compareBundles(reference, candidate, judging);
        const bad = verdict === "fail" && first !== null && layerOf(first.tap) <= at; // later ones are asked for later
        inside.set(at, first?.tap ?? null);
        if (quiet !== true) note(`layer ${at}: ${bad ? "wrong" : "right"}, ${furthest(taps, at)}`);
        return bad;
      });
    });
    const tap = layer === undefined ? null : inside.get(layer)!;
    if (json) printJson({ layer: layer ?? null, tap, runs });
    else if (layer === undefined) print(`no layer is wrong (${plural(runs, "run")})\n`);
    else print(`layer ${layer} is the first that is wrong, in it ${tap} (${plural(runs, "run")})\n`);
    process.exitCode = layer === undefined ? EXIT.done : EXIT.divergence;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What it prints goes to stderr: stdout is ours. */
async function shell(command: string): Promise<void> {
  const child = spawn(command, { shell: true, stdio: ["ignore", process.stderr, process.stderr] });
  const code = await new Promise<number | string>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => resolve(status ?? signal ?? "no status"));
  });
  if (code === 0) return;
  const hint = "Try the command by hand.";
  throw new IoError("E_ENGINE", "--cmd", {
    expected: "the engine to end with 0",
    actual: `${code} from ${command}`,
    hint,
  });
}

/** The layer of a tap; embed's lies before the first, those of norm and logits after the last. */
function layerOf(tap: string): number {
  return parts(tap).layer ?? (tap === "embed" ? -1 : Infinity);
}

/** How far off the worst tap is, up to a layer. */
function furthest(taps: readonly TapResult[], layer: number): string {
  const worst = worstOf(taps.filter(({ tap }) => layerOf(tap) <= layer));
  return worst === undefined ? "nothing was compared" : how(worst);
}

function checkWritten(path: string, command: string): void {
  if (existsSync(join(path, "manifest.json"))) return;
  const actual = `none from ${command}`;
  const hint = "Its command is given the folder as {out}; qwq oracle import makes one of other files.";
  throw new IoError("E_ENGINE", "--cmd", { expected: "a bundle in the folder {out}", actual, hint });
}

async function withBundle<R>(path: string, use: (bundle: Bundle) => R | Promise<R>): Promise<R> {
  const bundle = openBundle(path);
  try {
    return await use(bundle);
  } finally {
    bundle.close();
  }
}
