/** Every target, and how many cases of each a run has unless told. */
import type { Target } from "./target.ts";
import { args, sampler } from "./targets/arguments.ts";
import { config, quantization } from "./targets/config.ts";
import { generation } from "./targets/generation.ts";
import { gguf } from "./targets/gguf.ts";
import { index } from "./targets/index.ts";
import { messages } from "./targets/messages.ts";
import { model } from "./targets/model.ts";
import { safetensors } from "./targets/safetensors.ts";
import { template } from "./targets/template.ts";
import { tokenizer } from "./targets/tokenizer.ts";

export const TARGETS: readonly Target[] = [
  ...[safetensors, index, config, quantization, generation, tokenizer, gguf, messages, args, sampler, template, model],
];
