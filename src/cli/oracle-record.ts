/** `qwq oracle record`: the activations of a run as a bundle. */
import { Command, Option } from "commander";
import { UsageError } from "../errors.ts";
import type { Checkpoint } from "../files/checkpoint.ts";
import { checkNew } from "../files/output.ts";
import { noTokenizer } from "../library/qwq.ts";
import { type BundleHead, writeBundle } from "../oracle/bundle.ts";
import { identify } from "../oracle/identity.ts";
import { record as recordBundle } from "../oracle/record.ts";
import { type Tier, TIERS } from "../oracle/select.ts";
import { SKETCH } from "../oracle/sketch.ts";
import { Tokenizer } from "../text/tokenizer.ts";
import { about, inputName, readIds } from "./input.ts";
import { openModel } from "./load.ts";
import { integer, type ModelOptions, withModelOptions } from "./options.ts";
import { note, progress } from "./terminal.ts";
import { VERSION } from "./version.ts";

const HELP = `
Tiers: full, every activation; resid, embed, each layer's out, norm and logits;
sketch, every activation, of each row 64 sums with random signs.

--prompt is taken as it is, without the chat template; contents of special
tokens such as <|im_start|> become those tokens. The same command gives the same
bytes, and --chunk does not change them.

Examples:
  qwq oracle record --prompt "Hello" -o hello.oracle
  qwq oracle record -m Qwen/QwQ-32B --ids ids.json --tier resid -o r.oracle
  qwq oracle record --prompt "Hello" --layers 0,2 --taps qr,kr -o rope.oracle
  qwq template chat.json | qwq tokenize - |
    qwq oracle record --ids - -o chat.oracle`;

interface Options extends ModelOptions {
  readonly ids?: string;
  readonly prompt?: string;
  readonly output: string;
  readonly tier: Tier;
  readonly layers?: string;
  readonly taps?: string;
  readonly chunk?: number;
}

export function record(): Command {
  const command = new Command("record")
    .description("the activations of a run, as a bundle: a new folder")
    .option("--ids <file>", 'a JSON array of token ids; "-" is stdin')
    .option("--prompt <text>", "text in place of ids")
    .requiredOption("-o, --output <folder>", "the bundle to write; nothing of that name may be there yet")
    .addOption(new Option("--tier <tier>", "how much is kept").choices([...TIERS]).default("full"))
    .option("--layers <list>", "only these layers: 0,31,63 or 0-3")
    .option("--taps <list>", "only these taps: qr,kr of each layer, 0.qr, logits")
    .option("--chunk <n>", "feed the prompt n tokens at a time", integer(1))
    .addHelpText("after", HELP);
  return withModelOptions(command).action((options: Options) => act(options));
}

async function act(options: Options): Promise<void> {
  if ((options.ids === undefined) === (options.prompt === undefined)) {
    throw new UsageError("E_ARG_INPUT", "oracle record", {
      expected: "--ids FILE or --prompt TEXT",
      actual: options.ids === undefined ? "neither" : "both",
      hint: "See qwq oracle record --help.",
    });
  }
  checkNew(options.output);
  // A bundle is what others are judged by: it is the reference's, unless another is asked for.
  const backend = options.backend === "auto" ? "reference" : options.backend;
  const { checkpoint, ops } = await openModel({ ...options, backend });
  const bar = progress("recording", "token-layers", options.quiet === true);
  try {
    const ids = options.ids === undefined ? encode(checkpoint, options.prompt!) : await readIds(options.ids);
    const taps = await about(
      inputName(options.ids ?? "oracle record"),
      () => recordBundle(ops, checkpoint, ids, { ...options, onProgress: bar.of }),
      ["E_ARG_TOKEN_ID"],
    );
    const head: BundleHead = {
      role: "reference",
      model: identify(checkpoint),
      producer: { name: "qwq-ts", version: VERSION, backend: ops.name },
      policy: "f32",
      input: { ids: Array.from(ids), text: options.prompt },
      sketch: options.tier === "sketch" ? SKETCH : undefined,
    };
    const manifest = writeBundle(options.output, head, taps);
    if (options.verbose) note(`${options.output}: ${manifest.taps.length} taps of ${ids.length} tokens.`);
  } finally {
    bar.stop();
    checkpoint.close();
    ops.close?.();
  }
}

function encode({ vocabulary, path }: Checkpoint, text: string): Uint32Array {
  if (vocabulary === undefined) throw noTokenizer(path);
  return new Tokenizer(vocabulary, path).encode(text);
}
