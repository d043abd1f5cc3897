/** Arguments of the command line, as a JSON array of strings, and what the library makes of them. */
import { Command, CommanderError } from "commander";
import { withModelOptions, withSamplingOptions } from "../../../src/cli/options.ts";
import { idsFromJson } from "../../../src/cli/input.ts";
import { checkSampling, QWQ_DEFAULTS } from "../../../src/generate/sampling.ts";
import { samplerCase } from "../../../src/oracle/sampler.ts";
import { readJson } from "../../../src/json/json.ts";
import { jsonTarget, type Target } from "../target.ts";

const command = withSamplingOptions(withModelOptions(new Command("run")))
  .argument("[prompt...]")
  .exitOverride()
  .configureOutput({ writeErr: () => undefined, writeOut: () => undefined });

const DOCUMENTS = [
  ["-m", "Qwen/QwQ-32B", "--seed", "1", "--max-tokens", "20", "--temperature", "0.6", "Hello"],
  ["--top-k", "40", "--top-p", "0.95", "--min-p", "0.1", "--repetition-penalty", "1.1", "--context", "4096"],
  ["--memory", "3GiB", "--kv", "int8", "--io", "pread", "--threads", "2", "--greedy", "--on-loop", "stop", "--", "-x"],
];

const VALUES = [
  "",
  "-",
  "--",
  "-1",
  "0",
  "1",
  "1.5",
  "1e400",
  "NaN",
  "Infinity",
  "0x10",
  "1_000",
  " 1",
  "１",
  "18446744073709551616",
];
const MORE = [
  "2.5gib",
  "3TB",
  "int4",
  "mmap",
  "--seed",
  "--seed=",
  "--no-greedy",
  "--help",
  "--top-p=0",
  "-m",
  "--constructor",
  "\u202e",
];

export const args: Target = {
  ...jsonTarget(
    "arguments",
    DOCUMENTS.map((document) => JSON.stringify(document)),
    [...VALUES, ...MORE].map((text) => JSON.stringify(text)),
    (bytes) => {
      const words = readJson(bytes, "arguments.json");
      const given = (Array.isArray(words) ? words : [words]).filter((word) => typeof word === "string");
      const options = command.parse(given, { from: "user" }).opts<Partial<typeof QWQ_DEFAULTS>>();
      checkSampling({ ...QWQ_DEFAULTS, ...options });
    },
  ),
  code: (error) => (error instanceof CommanderError ? error.code : undefined),
};

const CASES = [
  {
    logits: [1, null, 2.5, -3],
    previous: [0, 2],
    repetition_penalty: 1.1,
    temperature: 0.6,
    top_k: 2,
    top_p: 0.9,
    min_p: 0.05,
  },
  { logits: [0], top_k: 1 },
  [1, 2, 3],
];

const EXTRA = ["1e39", "-1e39", "1e-46", "3.4e38", "4294967295", "4294967296", "[null]", "0.1", "5", "[1e400]", "2"];

/** A case for the sampler, or token ids. */
export const sampler = jsonTarget(
  "sampler",
  CASES.map((document) => JSON.stringify(document)),
  EXTRA,
  (bytes) => {
    const json = readJson(bytes, "cases.jsonl");
    if (Array.isArray(json)) idsFromJson(json, "ids.json");
    else samplerCase(json, "cases.jsonl");
  },
);
