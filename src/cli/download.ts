/** `qwq download`: a model from Hugging Face or ModelScope. */
import { Command, Option } from "commander";
import type { Download } from "../hub/download.ts";
import type { Protocol } from "../hub/service.ts";
import { amounts, downloading } from "./downloading.ts";
import { integer } from "./options.ts";
import { note, print, printJson } from "./terminal.ts";
import { byteSize, grouped } from "./units.ts";

const HELP = `
Fetches what running the model takes (config, tokenizer, template, safetensors)
into Hugging Face's cache, checks every file's hash, and prints the folder. What
is there is not fetched again; after a cut or Ctrl-C the same command goes on.

HF_TOKEN or MODELSCOPE_API_TOKEN for private and gated models, HF_ENDPOINT for a
mirror, HF_HUB_CACHE for another folder, HTTPS_PROXY and NO_PROXY for proxies.

Examples:
  qwq download Qwen/QwQ-32B
  qwq download Qwen/QwQ-32B --dry-run
  qwq download Qwen/QwQ-32B-GGUF --file "*q4_k_m*.gguf"
  qwq download Qwen/QwQ-32B --endpoint https://www.modelscope.cn`;

interface Options {
  readonly endpoint?: string;
  readonly protocol?: Protocol;
  readonly file?: string[];
  readonly jobs: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function download(): Command {
  return new Command("download")
    .description("Downloads a model from Hugging Face or ModelScope: resumable, hashes checked.")
    .argument("<repo>", "its name, Qwen/QwQ-32B, perhaps with a branch, tag or commit: @main")
    .option("--endpoint <url>", "the hub (default: HF_ENDPOINT, else https://huggingface.co)")
    .addOption(
      new Option("--protocol <name>", "what the hub speaks (default: told by its address)").choices([
        "huggingface",
        "modelscope",
      ]),
    )
    .option(
      "--file <pattern>",
      "in place of what the model needs; may be repeated",
      (one: string, all: string[] = []) => [...all, one],
    )
    .option("--jobs <n>", "files at once", integer(1, 64), 4)
    .option("--dry-run", "list files and bytes, and fetch nothing")
    .option("--json", "one JSON object")
    .option("--quiet", "no progress on stderr")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP)
    .action(act);
}

async function act(repo: string, options: Options): Promise<void> {
  const { endpoint, protocol, file: files, jobs, dryRun, json, quiet } = options;
  const began = performance.now();
  const made = await downloading(repo, { endpoint, protocol, files, jobs, dryRun }, quiet === true);
  if (json) return printJson(made);
  if (dryRun) return print(listing(made));
  const fetched = made.files.reduce((sum, { bytes, fromCache }) => sum + (fromCache ? 0 : bytes), 0);
  const seconds = (performance.now() - began) / 1000;
  const rate = fetched === 0 ? "" : `; ${seconds.toFixed(1)} s, ${byteSize(Math.round(fetched / seconds))}/s`;
  if (!quiet) note(`${amounts(made)}${rate}`);
  print(`${made.folder}\n`);
}

/** Bytes and names, one a line, and their sum. */
function listing(made: Download): string {
  const sum = grouped(made.files.reduce((total, { bytes }) => total + bytes, 0));
  const line = (bytes: string, text: string) => `${bytes.padStart(sum.length)}  ${text}\n`;
  const lines = made.files.map(({ path, bytes, fromCache }) =>
    line(grouped(bytes), fromCache ? `${path} (here)` : path),
  );
  return lines.join("") + line(sum, `${amounts(made)}, at ${made.commit}`);
}
