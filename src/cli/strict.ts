/** `--strict`: what may be wrong counts as wrong. */
import { FormatError } from "../errors.ts";

/** Remarks that no mending of the files could take away. */
const REMARKS = /: W_ACTIVATIONS: /;

/** Throws FormatError E_STRICT for the first warning about the model at `path`. */
export function strictly(path: string, warnings: readonly string[]): void {
  const [first, ...others] = warnings.filter((warning) => !REMARKS.test(warning));
  if (first === undefined) return;
  throw new FormatError("E_STRICT", path, {
    path,
    expected: "a model without warnings, as --strict demands",
    actual:
      others.length === 0 ? first.replace(/\.$/, "") : `${others.length + 1}, the first: ${first.replace(/\.$/, "")}`,
    hint: "Mend what it says, or leave out --strict.",
  });
}
