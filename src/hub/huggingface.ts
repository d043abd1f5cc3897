/**
 * Hugging Face's protocol, which its mirrors speak too.
 *
 *   /api/models/<id>/revision/<revision>         {"sha"}: the commit
 *   /api/models/<id>/tree/<sha>?recursive=true   [{"type", "path", "size", "oid", "lfs": {"oid", "size"}}], in pages: the
 *                                                header Link has the next one's address
 *   /<id>/resolve/<sha>/<path>                   the bytes, or a redirect to a CDN that has them
 *
 * A file in git is named by git's sha1 of it, a file in git-LFS (Xet's too) by its sha256.
 *
 * source   huggingface_hub: hf_api.py (repo_info, list_repo_tree), file_download.py (hf_hub_url); huggingface.js:
 *          list-files.ts
 */
import { FormatError } from "../errors.ts";
import { as, field, optional } from "../json/fields.ts";
import type { Json, JsonObject } from "../json/json.ts";
import { quote } from "../json/quote.ts";
import { wrongAnswer } from "./fault.ts";
import { askJson, type Asking, checkCount, checkList, type Hub, type HubFile, type Listing } from "./hub.ts";

const COMMIT = /^[0-9a-f]{40}$/;

export function huggingFace(asking: Asking): Hub {
  const { endpoint, repository } = asking;
  return {
    branch: "main",
    list: (revision) => list(asking, revision),
    address: ({ path }, { commit }) => `${endpoint}/${repository}/resolve/${commit}/${escapePath(path)}`,
  };
}

async function list(asking: Asking, revision: string): Promise<Listing> {
  const { endpoint, repository } = asking;
  const commit = COMMIT.test(revision) ? revision : await commitOf(asking, revision);
  const files: HubFile[] = [];
  let url: string | undefined = `${endpoint}/api/models/${repository}/tree/${commit}?recursive=true&expand=false`;
  while (url !== undefined) {
    const { json, reply } = await askJson(asking, url);
    for (const entry of as(json, "array", "", url)) files.push(...readEntry(entry, url));
    checkCount(repository, files.length);
    url = nextPage(reply.header("link"), reply.url);
  }
  return { commit, files: checkList(repository, files) };
}

async function commitOf(asking: Asking, revision: string): Promise<string> {
  const url = `${asking.endpoint}/api/models/${asking.repository}/revision/${encodeURIComponent(revision)}`;
  const { json } = await askJson(asking, url);
  const commit = field(as(json, "object", "", url), "sha", "string", url);
  if (COMMIT.test(commit)) return commit;
  throw new FormatError("E_HUB_LIST", url, { expected: '"sha" to be a commit', actual: quote(commit.slice(0, 64)) });
}

/** The file of an entry; folders are none. */
function readEntry(entry: Json, url: string): HubFile[] {
  const fields = as(entry, "object", "element", url);
  if (field(fields, "type", "string", url) !== "file") return [];
  const path = field(fields, "path", "string", url);
  const lfs = optional(fields, "lfs", "object", url);
  const bytes = size(lfs ?? fields, url);
  const hash = field(lfs ?? fields, "oid", "string", url);
  const algorithm = lfs === undefined ? "git-sha1" : "sha256";
  if (hash.length === (lfs === undefined ? 40 : 64) && /^[0-9a-f]+$/.test(hash))
    return [{ path, bytes, algorithm, hash }];
  throw new FormatError("E_HUB_LIST", url, {
    expected: `"oid" of ${quote(path)} to be a ${lfs === undefined ? "git hash" : "sha256"}`,
    actual: quote(hash.slice(0, 64)),
  });
}

/** A length. Throws FormatError E_JSON_FIELD, E_HUB_LIST if it is negative. */
function size(fields: JsonObject, url: string): number {
  const bytes = field(fields, "size", "integer", url);
  if (bytes >= 0) return bytes;
  throw new FormatError("E_HUB_LIST", url, { expected: "a file's length", actual: `${bytes}` });
}

/** The next page's address, of `<https://...>; rel="next"`. It must be the same server's, which may be sent the token. */
export function nextPage(link: string | undefined, from: string): string | undefined {
  const next = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(link ?? "")?.[1];
  if (next === undefined) return undefined;
  const url = URL.canParse(next, from) ? new URL(next, from) : undefined;
  if (url !== undefined && url.origin === new URL(from).origin && url.href !== from) return url.href;
  throw wrongAnswer(from, "a next page of the same server", next.slice(0, 200), false, "Do not trust this server.");
}

/** A path in an address, its slashes kept. */
export function escapePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
