/** generation_config.json. */
import { readGeneration } from "../../../src/files/generation.ts";
import { jsonTarget } from "../target.ts";

const DOCUMENTS = [
  {
    bos_token_id: 3,
    pad_token_id: 3,
    eos_token_id: [5, 3],
    do_sample: true,
    repetition_penalty: 1,
    temperature: 0.6,
    top_k: 40,
    top_p: 0.95,
    min_p: 0,
    max_new_tokens: 100,
    transformers_version: "4.45.1",
  },
  { eos_token_id: 5, bos_token_id: null, pad_token_id: -1 },
];

const EXTRA = ["7", "8", "-1", "[5,5]", "[8]", "[-1]", "2147483648", "2147483649", "1.5", "101", "1e-9", "[3,4]"];

const fields = new Map([["eos_token_id", 2]]);

export const generation = jsonTarget(
  "generation",
  DOCUMENTS.map((document) => JSON.stringify(document)),
  EXTRA,
  (source) => void readGeneration({ source, path: "generation_config.json" }, { fields, path: "config.json" }, 8),
);
