/** The files of the embedded model, beside the page: of golden/reasoner, what a model is loaded from. */
export const EMBEDDED = [
  "config.json",
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "model.safetensors",
] as const;
