/** `qwq oracle invariants`: what must hold of any engine, without a reference. */
import { Command, Option } from "commander";
import { UsageError } from "../errors.ts";
import { quote } from "../json/quote.ts";
import { EMBEDDED } from "../files/embedded.ts";
import { openBundle } from "../oracle/bundle-read.ts";
import type { Check, Checks } from "../oracle/checks.ts";
import { verdictOf } from "../oracle/checks.ts";
import { printableChecks } from "../oracle/formats/index.ts";
import { engineChecks, TOLERANCES } from "../oracle/invariants/engine.ts";
import { serverChecks } from "../oracle/invariants/server.ts";
import { tapChecks } from "../oracle/invariants/taps.ts";
import { Client } from "../oracle/probe/client.ts";
import { Candidate } from "../oracle/text/candidate.ts";
import { readIds } from "./input.ts";
import { decimal, seconds } from "./options.ts";
import { checkForms, output, type OutputOptions, verdictExit, withOutputOptions } from "./oracle-output.ts";
import { PROTOCOL } from "./oracle-text.ts";
import { opened } from "./plan.ts";
import { VERSION } from "./version.ts";

const HELP = `
Of a BUNDLE (with -m for the sizes, no weights are read): residual sums, the
gate, lengths of RoPE's pairs, nothing turned at position 0, the same angle from
each position to the next, attention weights that sum to 1.

Of a command or a server: the same answer to the same request; no logit that
sees a later token; one token at a time, chunks, a cached prefix, batches of 2
and 7, padding on the left, and other positions change nothing beyond rounding.
A server is asked for its likeliest tokens and is not asked about positions.

A case of a command is {"ids": [[...], ...], "rows": [...], "chunk": n,
"cached": n, "pad": n, "offset": n}: settings that are absent are off. The
answer is {"logits": [[[...], ...], ...]}: of each sequence, of each wanted row,
one number an id. What an engine has not, it refuses.
${PROTOCOL}

Examples:
  qwq oracle invariants mine.oracle -m Qwen/QwQ-32B
  qwq oracle invariants --cand './engine --logits' --dtype bf16
  qwq oracle invariants --server http://127.0.0.1:8080`;

interface Options extends OutputOptions {
  readonly cand?: string;
  readonly cmd?: string;
  readonly server?: string;
  readonly serverModel?: string;
  readonly model?: string;
  readonly ids?: string;
  readonly dtype: string;
  readonly tolerance?: number;
  readonly timeout: number;
}

/** Small ids: every vocabulary has them. */
const IDS = [7, 21, 3, 40, 12, 33, 9, 27, 18, 5, 36, 14];
const PROMPTS: readonly [string, ...string[]] = [
  "The tide comes in twice a day because the moon",
  "A list of prime numbers:",
  "Once upon a time",
  "def main():",
];
const NATS = 0.25;

export function invariants(): Command {
  const command = new Command("invariants")
    .description("what must hold of any engine, without a reference: causality, chunks, batches, caches, RoPE")
    .argument("[bundle]", "an engine's taps")
    .option("--cand <command>", "the engine, as a command that answers lines of JSON")
    .addOption(new Option("--cmd <command>", "the same as --cand"))
    .option("--server <url>", "a server, as llama-server's or OpenAI's")
    .option("--server-model <name>", "the model that requests name")
    .option("-m, --model <model>", "of a bundle: the model, whose config is read (default: the embedded model)")
    .option("--ids <file>", "of a command: the prompt (default: 12 small ids)")
    .addOption(new Option("--dtype <type>", "in which it computes").choices(Object.keys(TOLERANCES)).default("f32"))
    .option("--tolerance <r>", "of logits, relative; of a server, in nats (default: by --dtype; 0.25)", decimal)
    .option("--timeout <seconds>", "for each answer", seconds, 30)
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP);
  return withOutputOptions(command).action(act);
}

async function act(bundle: string | undefined, options: Options): Promise<void> {
  checkForms(undefined, options.format, options.out);
  const cand = options.cand ?? options.cmd;
  const given = [bundle, cand, options.server].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new UsageError("E_ARG_INPUT", "oracle invariants", {
      expected: "a BUNDLE, --cand CMD or --server URL",
      actual: given.length === 0 ? "none of them" : "several",
      hint: "See qwq oracle invariants --help.",
    });
  }
  const found =
    bundle !== undefined
      ? ofBundle(bundle, options)
      : cand !== undefined
        ? await ofCommand(cand, options)
        : await ofServer(options.server!, options);
  const checks: Checks = {
    schema: "oracle-checks/1",
    command: "invariants",
    subject: given[0]!,
    checks: found,
    notes: found.length === 0 ? ["The bundle has no two taps that belong together."] : [],
  };
  output(printableChecks(checks, { version: VERSION, annotations: options.maxAnnotations }), options);
  process.exitCode = verdictExit(verdictOf(checks), options.failOn);
}

function ofBundle(path: string, { model }: Options): Check[] {
  const bundle = openBundle(path);
  try {
    return tapChecks(bundle, opened(model ?? EMBEDDED).config);
  } finally {
    bundle.close();
  }
}

async function ofCommand(command: string, { ids, dtype, tolerance, timeout }: Options): Promise<Check[]> {
  const prompt = ids === undefined ? IDS : Array.from(await readIds(ids));
  if (prompt.length < 8) {
    throw new UsageError("E_ARG_EMPTY", "--ids", {
      expected: "at least 8 ids",
      actual: `${prompt.length}`,
      hint: "Give a longer prompt.",
    });
  }
  const candidate = new Candidate(command, { timeout });
  try {
    const options = { ids: prompt, tolerance: tolerance ?? TOLERANCES[dtype]! };
    return await engineChecks((line) => candidate.ask(line), options);
  } finally {
    candidate.close();
  }
}

async function ofServer(url: string, { tolerance, timeout, serverModel }: Options): Promise<Check[]> {
  if (!/^https?:\/\/[^\s]+$/.test(url)) {
    const expected = "an address such as http://127.0.0.1:8080";
    throw new UsageError("E_ARG_URL", "oracle invariants", {
      expected,
      actual: quote(url),
      hint: "Begin it with http:// or https://.",
    });
  }
  return serverChecks(new Client(url, timeout), { prompts: PROMPTS, tolerance: tolerance ?? NATS, model: serverModel });
}
