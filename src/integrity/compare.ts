/** What a model's files are, beside what a manifest or Hugging Face's cache says they should be. */
import type { Manifest } from "../files/manifest.ts";
import type { TensorInfo } from "../files/source.ts";
import type { ModelFile } from "./tasks.ts";
import type { FileFound } from "./pass.ts";

/** A file that is not what it should be. */
export interface Difference {
  readonly file: string;
  /** The manifest's path, or the cache. */
  readonly by: string;
  readonly kind: "missing" | "unlisted" | "size" | "sha256" | "git-sha1" | "tensors";
  readonly expected: string;
  readonly actual: string;
  /** Tensors of the file whose bytes, number format or shape are others, in the order of the file. */
  readonly tensors: readonly string[];
  /** Its sha256 in a second reading, from the disk itself; undefined where there was none. */
  readonly again?: string | undefined;
}

/** How a difference with the name of a file in the cache is told. */
export const CACHE = "the cache's name for it";

interface Read extends ModelFile {
  readonly found: FileFound;
}

/**
 * Every difference, in the order of the files; those that are missing last. `tensors` are what the files' headers say,
 * undefined where the model could not be opened.
 */
export function compare(
  files: readonly Read[],
  manifest: (Manifest & { readonly path: string }) | undefined,
  tensors: ReadonlyMap<string, TensorInfo> | undefined,
): Difference[] {
  const found = files.flatMap((file) => [
    ...withBlob(file),
    ...(manifest === undefined ? [] : withManifest(file, manifest, tensors)),
  ]);
  const there = new Set(files.map(({ name }) => name));
  const missing = [...(manifest?.files.keys() ?? [])].filter((name) => !there.has(name));
  const difference = (file: string): Difference => ({
    file,
    by: manifest!.path,
    kind: "missing",
    expected: "the file",
    actual: "none",
    tensors: [],
  });
  return [...found, ...missing.map(difference)];
}

function withBlob({ name, blob, found }: Read): Difference[] {
  if (blob === undefined) return [];
  const actual = blob.length === 64 ? found.sha256 : found.gitSha1;
  if (actual === undefined || actual === blob) return [];
  const kind = blob.length === 64 ? "sha256" : "git-sha1";
  return [{ file: name, by: CACHE, kind, expected: blob, actual, tensors: [] }];
}

function withManifest(
  { name, found }: Read,
  manifest: Manifest & { readonly path: string },
  tensors: ReadonlyMap<string, TensorInfo> | undefined,
): Difference[] {
  const entry = manifest.files.get(name);
  const by = manifest.path;
  if (entry === undefined) {
    return [{ file: name, by, kind: "unlisted", expected: "a file that it names", actual: "another", tensors: [] }];
  }
  const others = tensors === undefined ? [] : otherTensors(name, found, manifest, tensors);
  if (entry.bytes !== found.bytes) {
    const [expected, actual] = [`${entry.bytes} bytes`, `${found.bytes}`];
    return [{ file: name, by, kind: "size", expected, actual, tensors: others }];
  }
  if (entry.sha256 !== found.sha256) {
    return [{ file: name, by, kind: "sha256", expected: entry.sha256, actual: found.sha256, tensors: others }];
  }
  if (others.length === 0) return [];
  return [{ file: name, by, kind: "tensors", expected: "its tensors", actual: "others", tensors: others }];
}

function otherTensors(
  file: string,
  found: FileFound,
  manifest: Manifest,
  tensors: ReadonlyMap<string, TensorInfo>,
): string[] {
  const own = new Set(found.tensors.map(({ name }) => name));
  const other = found.tensors.filter(({ name, crc32 }) => {
    const entry = manifest.tensors.get(name);
    const { format, shape } = tensors.get(name)!;
    const same = entry?.dtype === format && entry.shape.join() === shape.join() && entry.crc32 === crc32;
    return !same || entry.file !== file;
  });
  const gone = [...manifest.tensors].filter(([name, entry]) => entry.file === file && !own.has(name));
  return [...other.map(({ name }) => name), ...gone.map(([name]) => name)];
}
