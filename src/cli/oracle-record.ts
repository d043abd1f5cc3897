/** `qwq oracle record`: the activations of a run as a bundle. */
import { Command, Option } from "commander";
import { UsageError } from "../errors.ts";
import type { Checkpoint } from "../files/checkpoint.ts";
import { checkNew } from "../files/output.ts";
import { noTokenizer } from "../library/missing.ts";
import { type BundleHead, type BundleTap, writeBundle } from "../oracle/bundle.ts";
import { identify } from "../oracle/identity.ts";
import type { Noise } from "../oracle/noise-file.ts";
import { measureNoise } from "../oracle/noise.ts";
import { policyOf } from "../oracle/numbers/policies.ts";
import { noiseOf as policiesOf, noiseRuns } from "../oracle/plan.ts";
import { record as recordBundle, recordingOps } from "../oracle/record.ts";
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
sketch, every activation, of each row 48 sums with random signs.

Beside the taps stands noise.json: how far rounding alone takes a correct engine
from each row, under each way to round (--noise all), or the three usual ones.
Left to itself (auto), a small model gets all, a large one usual or none.

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
  readonly noise: NoiseChoice;
}

const NOISE = ["auto", "all", "usual", "none"] as const;
type NoiseChoice = (typeof NOISE)[number];

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
    .addOption(new Option("--noise <which>", "what noise is measured with it").choices([...NOISE]).default("auto"))
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
  const { checkpoint, ops: named } = await openModel({ ...options, backend });
  const ops = backend === "reference" ? recordingOps() : named;
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
      kv_dtype: options.kv === "f32" ? undefined : options.kv,
      input: { ids: Array.from(ids), text: options.prompt },
      sketch: options.tier === "sketch" ? SKETCH : undefined,
    };
    const noise = noiseOf(checkpoint, ids, taps, options);
    const manifest = writeBundle(options.output, head, taps, noise);
    if (options.verbose) note(`${options.output}: ${manifest.taps.length} taps of ${ids.length} tokens.`);
  } finally {
    bar.stop();
    checkpoint.close();
    ops.close?.();
  }
}

/** A run costs so many products of a weight and a token: up to this many, everything is measured; up to that, a part. */
const CHEAP = 5e7;
const BEARABLE = 5e9;

/** How far correct engines may be from these taps; of a large model only if that is asked for. */
function noiseOf(
  checkpoint: Checkpoint,
  ids: Uint32Array,
  taps: readonly BundleTap[],
  options: Options,
): Noise | undefined {
  const { policies, local } = measured(options.noise, products(checkpoint) * ids.length);
  if (policies.length === 0) {
    if (options.noise === "auto" && options.quiet !== true) {
      const runs = noiseRuns(policiesOf("usual").policies);
      note(`No noise was measured, which takes ${runs} runs: --noise usual does.`);
    }
    return undefined;
  }
  const names = new Set(taps.map(({ name }) => name));
  const bar = progress("measuring noise", "layers", options.quiet === true);
  try {
    const want = (name: string) => names.has(name);
    return measureNoise(checkpoint, ids, { policies: policies.map(policyOf), want, local, onProgress: bar.of });
  } finally {
    bar.stop();
  }
}

/** Policies, and whether noise from clean inputs is measured beside that of whole runs. */
function measured(
  choice: NoiseChoice,
  cost: number,
): { readonly policies: readonly string[]; readonly local: boolean } {
  if (choice === "none" || (choice === "auto" && cost > BEARABLE)) return { policies: [], local: false };
  return policiesOf(choice === "usual" || (choice === "auto" && cost > CHEAP) ? "usual" : "all");
}

/** Weights of the matrices that every token is multiplied by. */
function products({ source }: Checkpoint): number {
  return [...source.tensors.values()].reduce(
    (sum, { shape }) => (shape.length < 2 ? sum : sum + shape[0]! * shape[1]!),
    0,
  );
}

function encode({ vocabulary, path }: Checkpoint, text: string): Uint32Array {
  if (vocabulary === undefined) throw noTokenizer(path);
  return new Tokenizer(vocabulary, path).encode(text);
}
