/**
 * Whether two bundles are of one model and one prompt.
 */
import { FormatError } from "../errors.ts";
import type { Bundle } from "./bundle-read.ts";
import type { ModelIdentity } from "./bundle.ts";

const HASHED = [
  "config_sha256",
  "tokenizer_sha256",
  "template_sha256",
] as const satisfies readonly (keyof ModelIdentity)[];

/**
 * Throws FormatError E_PROV_IDS or E_PROV_MODEL where ids or hashes differ; returns a note of what could not be checked.
 */
export function checkProvenance(reference: Bundle, candidate: Bundle): string[] {
  const [ours, theirs] = [reference.manifest, candidate.manifest];
  const at = ours.input.ids.findIndex((id, t) => id !== theirs.input.ids[t]);
  if (at >= 0 || ours.input.ids.length !== theirs.input.ids.length) {
    const place = at >= 0 ? at : ours.input.ids.length;
    const id = (ids: readonly number[]) => (place < ids.length ? `${ids[place]!}` : "no token");
    throw new FormatError("E_PROV_IDS", candidate.path, {
      path: candidate.path,
      expected: `the reference's ids: ${id(ours.input.ids)} at position ${place}`,
      actual: id(theirs.input.ids),
      hint: "Run both on the same ids.",
    });
  }
  for (const key of HASHED) checkHash(key, ours.model[key], theirs.model[key], candidate.path);
  const absent = HASHED.filter((key) => ours.model[key] === undefined || theirs.model[key] === undefined);
  return unchecked(absent, "a bundle has no hash");
}

/**
 * Whether a candidate is of this model. Throws FormatError E_PROV_MODEL where hashes differ, E_PROV_IDS where an id is no
 * token of it; returns a note of what could not be checked.
 */
export function checkModel(candidate: Bundle, model: ModelIdentity, vocabulary: number): string[] {
  const theirs = candidate.manifest.model;
  for (const key of HASHED) checkHash(key, model[key], theirs[key], candidate.path);
  const { ids } = candidate.manifest.input;
  const at = ids.findIndex((id) => id >= vocabulary);
  if (at >= 0) {
    throw new FormatError("E_PROV_IDS", candidate.path, {
      path: candidate.path,
      expected: `ids below ${vocabulary}`,
      actual: `${ids[at]!} at position ${at}`,
      hint: "Give the model that was run.",
    });
  }
  return unchecked(
    HASHED.filter((key) => model[key] === undefined || theirs[key] === undefined),
    "the bundle or the model has no hash",
  );
}

function unchecked(absent: readonly string[], why: string): string[] {
  if (absent.length === 0) return [];
  return [`Not checked, since ${why} of it: ${absent.map((key) => key.replace("_sha256", "")).join(", ")}.`];
}

/** Throws FormatError E_PROV_MODEL where both hashes are known and differ. */
export function checkHash(key: string, expected: string | undefined, actual: string | undefined, path: string): void {
  if (expected === undefined || actual === undefined || expected === actual) return;
  const hint = "Compare runs of one model.";
  throw new FormatError("E_PROV_MODEL", path, { path, expected: `${key} ${expected}`, actual, hint });
}
