/**
 * The hashes of a file while it comes: sha256, by which git-LFS names it, and for small files git's own.
 *
 *   git-sha1 = sha1("blob <bytes>\0" + contents)
 *
 * source   git: object-file.c (hash_object_file); huggingface_hub: utils/sha.py (git_hash)
 */
import { createHash } from "node:crypto";
import type { HubFile } from "./hub.ts";

export class Digest {
  private readonly file: Pick<HubFile, "algorithm" | "bytes">;
  private sha256 = createHash("sha256");
  private git = createHash("sha1");

  /** Of nothing, so far; the file's length stands in git's hash, so it must be known. */
  constructor(file: Pick<HubFile, "algorithm" | "bytes">) {
    this.file = file;
    this.restart();
  }

  restart(): void {
    this.sha256 = createHash("sha256");
    this.git = createHash("sha1").update(`blob ${this.file.bytes}\0`);
  }

  update(bytes: Uint8Array): void {
    this.sha256.update(bytes);
    if (this.file.algorithm === "git-sha1") this.git.update(bytes);
  }

  /** The hash that the hub knows the file by, and its sha256; of all bytes so far, of which more may come. */
  found(): { readonly hash: string; readonly sha256: string } {
    const sha256 = this.sha256.copy().digest("hex");
    return { hash: this.file.algorithm === "sha256" ? sha256 : this.git.copy().digest("hex"), sha256 };
  }
}
