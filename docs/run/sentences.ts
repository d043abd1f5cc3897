/** What went wrong, for a reader of the page: what happened, and what to do. */
import { QwqError } from "../../src/browser/index.ts";

/** By the error's code; others say it themselves. */
const SENTENCES: Readonly<Record<string, string>> = {
  E_GPU_LOST:
    "The GPU was lost in the middle of its work: another program crashed it, or it was taken away. Load the model again, or choose wasm.",
  E_LIMIT_MEMORY: "The model does not fit into this device's memory. Choose wasm, or a smaller model.",
  E_LIMIT_GPU: "This model, or a part of it, is larger than what this GPU takes. Choose wasm, or a smaller model.",
  E_IO_OPEN: "A file could not be read. Choose it again; if it is on another server, that must let this page read it.",
};

/** One sentence, or two, and then the details. What an error of the library advises is meant for its command. */
export function sentence(error: unknown): string {
  if (!(error instanceof QwqError)) return `That failed: ${error instanceof Error ? error.message : String(error)}.`;
  const { code, where, expected, actual, message } = error;
  const details = `${where}: expected ${expected}, got ${actual}`;
  if (code === "E_ARG_BACKEND") return `This browser cannot run that here (${details}). Choose auto or wasm.`;
  const known = SENTENCES[code];
  return known === undefined ? `That did not work: ${message}` : `${known} (${details}.)`;
}

/** Said when what was dropped has nothing of a model. */
export const NO_MODEL =
  "There is no model in what you chose. Drop one .gguf file, or the folder with config.json, the tokenizer's files and the weights as .safetensors.";
