/** model.safetensors.index.json. */
import { parseIndex } from "../../../src/files/shards.ts";
import { jsonTarget } from "../target.ts";

const name = (number: number, of: number) => `model-0000${number}-of-0000${of}.safetensors`;

const DOCUMENTS = [
  { metadata: { total_size: 96 }, weight_map: { a: name(1, 2), b: name(2, 2), c: name(1, 2) } },
  { weight_map: { "lm_head.weight": "model.safetensors" } },
  { metadata: {}, weight_map: { a: name(1, 3), b: name(2, 3), c: name(3, 3), d: name(3, 3) } },
];

const EXTRA = [
  ...[
    '"../a.safetensors"',
    '"/etc/passwd"',
    '"a/b.safetensors"',
    '"..\\\\x.safetensors"',
    '"C:\\\\x"',
    '"x:ads"',
    '"."',
  ],
  ...[
    '"http://x/a.safetensors"',
    '"a.bin"',
    '"model-00002-of-00002.safetensors"',
    '"model-00003-of-00002.safetensors"',
  ],
  ...['"model-00000-of-00002.safetensors"', '"other.safetensors"', `"${"x".repeat(300)}.safetensors"`, "12.5"],
];

export const index = jsonTarget(
  "index",
  DOCUMENTS.map((document) => JSON.stringify(document)),
  EXTRA,
  (bytes) => void parseIndex(bytes, "model.safetensors.index.json"),
);
