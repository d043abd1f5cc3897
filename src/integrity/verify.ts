/**
 * Is a model what it should be? Everything that can be known without running it: its files' hashes against a manifest or
 * the names that Hugging Face's cache gives them, its tensors' checksums, and that its weights are finite.
 */
import { join } from "node:path";
import { QwqError } from "../errors.ts";
import { type CacheEnvironment, locate, type Located } from "../files/locate.ts";
import { type Checkpoint, openCheckpoint } from "../files/checkpoint.ts";
import { io } from "../files/io.ts";
import { folderOf, type Manifest, manifestPath, readManifest } from "../files/manifest.ts";
import { compare, type Difference } from "./compare.ts";
import type { FileFound } from "./pass.ts";
import { rereadSha256 } from "./reread.ts";
import { survey, type SurveyOptions } from "./survey.ts";
import { filesOf, type ModelFile, namedFiles, otherFiles } from "./tasks.ts";

export interface VerifyOptions extends SurveyOptions {
  /** The manifest to compare with; the model's own, if it has one, unless told. */
  readonly manifest?: string | undefined;
  /** Whether a manifest is to be written, so that the model's own does not count. */
  readonly anew?: boolean | undefined;
  readonly env?: CacheEnvironment | undefined;
  /** Reads a file again, past the system's memory; see reread.ts. */
  readonly reread?: ((path: string) => string | undefined) | undefined;
}

/** A file, and what its bytes were. */
export interface VerifiedFile extends ModelFile {
  readonly found: FileFound;
}

export interface Verified {
  /** The folder, or the GGUF file. */
  readonly path: string;
  readonly model: Located;
  /** Undefined where it cannot be opened, which `failure` tells; then only hashes were compared. */
  readonly checkpoint: Checkpoint | undefined;
  readonly failure: QwqError | undefined;
  readonly files: readonly VerifiedFile[];
  /** Names in the folder that are no files of the model. */
  readonly others: readonly string[];
  /** Where the model's own manifest is, or would be. */
  readonly manifestPath: string;
  /** The manifest that was compared with, and where it lay. */
  readonly manifest: (Manifest & { readonly path: string }) | undefined;
  readonly differences: readonly Difference[];
}

/**
 * Reads every byte of the model once; undefined if it was interrupted. The caller closes the checkpoint.
 *
 * throws   as `openCheckpoint`, where there is no manifest that could tell more; as `readManifest` and `survey`
 */
export async function verify(name: string, options: VerifyOptions): Promise<Verified | undefined> {
  const model = locate(name, options.env);
  const { checkpoint, failure } = tryOpen(name, options);
  try {
    const at = manifestPath(model, checkpoint?.files[0] ?? model.path);
    const manifest = manifestOf(at, options);
    if (failure !== undefined && manifest === undefined) throw failure;
    const files = checkpoint === undefined ? namedFiles(folderOf(model), manifest!.files.keys()) : filesOf(checkpoint);
    const bytes = files.map((file) => file.bytes);
    const found = await survey(files, bytes, options);
    if (found === undefined) {
      checkpoint?.close();
      return undefined;
    }
    const verified = files.map((file, i) => ({ ...file, found: found[i]! }));
    const differences = compare(verified, manifest, checkpoint?.source.tensors);
    return {
      path: model.path,
      model,
      checkpoint,
      failure,
      files: verified,
      others: model.kind === "gguf" ? [] : otherFiles(model.path, files),
      manifestPath: at,
      manifest,
      differences: differences.map((difference) => again(difference, folderOf(model), options.reread ?? rereadSha256)),
    };
  } catch (error) {
    checkpoint?.close();
    throw error;
  }
}

function tryOpen(name: string, { env }: VerifyOptions) {
  try {
    return { checkpoint: openCheckpoint(name, { manifest: false, ...(env === undefined ? {} : { env }) }) };
  } catch (error) {
    if (error instanceof QwqError) return { failure: error };
    throw error;
  }
}

function manifestOf(own: string, { manifest, anew }: VerifyOptions): Verified["manifest"] {
  if (manifest !== undefined) return { ...readManifest(manifest), path: manifest };
  if (anew === true || io().statSync(own, { throwIfNoEntry: false }) === undefined) return undefined;
  return { ...readManifest(own), path: own };
}

/** The difference, with what a second reading of the disk itself came to. */
function again(difference: Difference, folder: string, reread: (path: string) => string | undefined): Difference {
  if (difference.kind !== "sha256") return difference;
  return { ...difference, again: reread(join(folder, difference.file)) };
}
