/** What a file seems to be by its first bytes, to say more than "this is not a safetensors file". */

/* eslint-disable no-control-regex -- these are bytes */
/** By how they begin, in Latin-1. */
const KINDS: readonly (readonly [begins: RegExp, kind: string])[] = [
  [/^version https:\/\/git-lfs/, "a git-LFS pointer"],
  [/^\s*(?:<!doctype|<html|<\?xml)/i, "a web page"],
  [/^GGUF/, "a GGUF file"],
  [/^PK\x03\x04/, "a zip archive, as PyTorch's .bin and .pt files are"],
  [/^\x80[\x02-\x05]/, "a Python pickle"],
  [/^\x1f\x8b/, "a gzip archive"],
  [/^\x28\xb5\x2f\xfd/, "a zstd archive"],
  [/^\s*[{[]/, "JSON"],
];
/* eslint-enable no-control-regex */

/** The kind, where it is one that is often met in a model's place. 64 bytes are enough. */
export function looksLike(first: Uint8Array): string | undefined {
  const text = Buffer.from(first.subarray(0, 64)).toString("latin1");
  return KINDS.find(([begins]) => begins.test(text))?.[1];
}

/** Whether this is the text that git-LFS leaves in the place of a large file. */
export function isLfsPointer(first: Uint8Array): boolean {
  return looksLike(first) === "a git-LFS pointer";
}
