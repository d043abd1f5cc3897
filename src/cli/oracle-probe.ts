/** `qwq oracle probe`: a running server, judged from outside. */
import { Command } from "commander";
import { UsageError } from "../errors.ts";
import { quote } from "../json/quote.ts";
import { openBundle } from "../oracle/bundle-read.ts";
import { verdictOf } from "../oracle/checks.ts";
import { printableChecks } from "../oracle/formats/index.ts";
import { logSoftmax } from "../oracle/probe/logprobs.ts";
import type { NextToken } from "../oracle/probe/options.ts";
import { probe as probeServer } from "../oracle/probe/probe.ts";
import { conversations, strings } from "../oracle/text/suite.ts";
import { decimal, seconds } from "./options.ts";
import { checkForms, output, type OutputOptions, verdictExit, withOutputOptions } from "./oracle-output.ts";
import { openText } from "../files/text-files.ts";
import { EMBEDDED } from "../files/embedded.ts";
import { openTokenizer, type TextOptions, withTextOptions } from "./text.ts";
import { VERSION } from "./version.ts";

const HELP = `
Token ids (/tokenize), prompts (/apply-template), the likeliest next tokens
(/completion with n_probs, /v1/completions with logprobs) after the prompt of
--bundle, those within it (prompt_logprobs of vLLM), the same answer twice,
thoughts apart from the answer. What a server does not have, or answers late or
in no known form, is skipped and never judged; where nothing could be judged the
exit code is 3. The key of --key-from is read from that environment variable.

Examples:
  qwq oracle probe http://127.0.0.1:8080 -m Qwen/QwQ-32B
  qwq oracle record -m MODEL --prompt "Hello" --taps logits -o hello.oracle
  qwq oracle probe http://127.0.0.1:8000 -m MODEL --bundle hello.oracle`;

interface Options extends TextOptions, OutputOptions {
  readonly bundle?: string;
  readonly serverModel?: string;
  readonly timeout: number;
  readonly tolerance: number;
  readonly keyFrom?: string;
}

export function probe(): Command {
  const command = new Command("probe")
    .description("a running server: tokenizer, template, probabilities, thoughts")
    .argument("<url>", "http://127.0.0.1:8080")
    .option("--bundle <bundle>", "a reference with logits: the last one is compared")
    .option("--server-model <name>", "the model that requests name (default: the server's first)")
    .option("--timeout <seconds>", "for each answer", seconds, 30)
    .option("--tolerance <nats>", "of log-probabilities among the likeliest ten", decimal, 0.25)
    .option("--key-from <variable>", "send the key in this environment variable")
    .addHelpText("after", HELP);
  return withOutputOptions(withTextOptions(command)).action(act);
}

async function act(url: string, options: Options): Promise<void> {
  checkForms(undefined, options.format, options.out);
  if (!/^https?:\/\/[^\s]+$/.test(url)) {
    throw new UsageError("E_ARG_URL", "oracle probe", {
      expected: "an address such as http://127.0.0.1:8080",
      actual: quote(url),
      hint: "Begin it with http:// or https://.",
    });
  }
  const { template, specialTokens } = openText(options.model ?? EMBEDDED);
  const checks = await probeServer(url, {
    timeout: options.timeout,
    tolerance: options.tolerance,
    key: options.keyFrom === undefined ? undefined : process.env[options.keyFrom],
    model: options.serverModel,
    tokenizer: openTokenizer(options),
    template,
    specialTokens,
    strings: strings("small"),
    conversations: conversations("small"),
    next: options.bundle === undefined ? undefined : nextOf(options.bundle),
  });
  output(printableChecks(checks, { version: VERSION, annotations: options.maxAnnotations }), options);
  process.exitCode = verdictExit(verdictOf(checks), options.failOn);
}

/** The last row of a bundle's logits, and those before it that it has. */
function nextOf(path: string): NextToken {
  const bundle = openBundle(path);
  try {
    const logits = bundle.read("logits");
    const { ids } = bundle.manifest.input;
    const rows = bundle.entry("logits")?.rows;
    if (logits === undefined || bundle.entry("logits")?.width !== undefined || rows?.at(-1) !== ids.length - 1) {
      throw new UsageError("E_ARG_BUNDLE", path, {
        expected: "a reference with the logits of its last token",
        actual: "none",
        hint: "qwq oracle record --taps logits",
      });
    }
    const width = logits.shape[1]!;
    const at = new Map(rows.map((row, i) => [row, i * width]));
    const after = (t: number) =>
      at.has(t) ? logSoftmax(logits.data.subarray(at.get(t)!, at.get(t)! + width)) : undefined;
    return { ids, logprobs: logSoftmax(logits.data.subarray(logits.data.length - width)), after };
  } finally {
    bundle.close();
  }
}
