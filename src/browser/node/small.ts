/** What is left of Node, as far as loading and answering ask for it. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** node:crypto, where only sha256 in hexadecimal is asked for. */
export function createHash() {
  const hash = sha256.create();
  const it = {
    update(data: string | Uint8Array) {
      hash.update(typeof data === "string" ? utf8ToBytes(data) : data);
      return it;
    },
    digest: () => bytesToHex(hash.digest()),
  };
  return it;
}

/** node:buffer. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** node:util, for values of a GGUF file's metadata: plain ones, and lists of them. */
export function isDeepStrictEqual(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return Object.is(a, b);
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

/** node:util. Only mapping files asks. */
export const getSystemErrorName = String;

/** node:module. There are no modules beside the script. */
export function createRequire() {
  return (name: string) => {
    throw new Error(`no ${name} in a browser`);
  };
}

/** node:url. */
export const fileURLToPath = ({ pathname }: URL): string => pathname;
