/** What is said of a model that lacks what a question needs. */
import { FormatError } from "../errors.ts";

/** What is said of a model without a tokenizer. */
export function noTokenizer(path: string): FormatError {
  return new FormatError("E_TOK_VOCAB", path, {
    path,
    expected: "tokenizer.json, or vocab.json with merges.txt",
    actual: "neither",
    hint: "Put the model's tokenizer beside its weights.",
  });
}

/** What is said of a model without a chat template. */
export function noTemplate(path: string): FormatError {
  return new FormatError("E_TPL_UNKNOWN", path, {
    path,
    expected: "a chat template",
    actual: "none",
    hint: "Give the prompt as it is with --raw, or put chat_template.jinja beside the weights.",
  });
}
