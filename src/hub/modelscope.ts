/**
 * ModelScope's protocol.
 *
 *   /api/v1/models/<id>/repo/files?Revision=<revision>&Recursive=true
 *        {"Code": 200, "Data": {"Files": [{"Type": "blob", "Path", "Size", "Sha256"}]}}
 *   /api/v1/models/<id>/repo?Revision=<revision>&FilePath=<path>
 *        the bytes, or a redirect to a CDN
 *
 * It names no commit, so a snapshot is named by the sha1 of its list, 40 digits as a commit's name has: the same files,
 * the same name.
 *
 * source   modelscope: hub/api.py (get_model_files, get_cookies), hub/file_download.py (get_file_download_url)
 */
import { createHash } from "node:crypto";
import { FormatError, IoError } from "../errors.ts";
import { as, field, optional } from "../json/fields.ts";
import type { Json } from "../json/json.ts";
import { quote } from "../json/quote.ts";
import { Fault } from "./fault.ts";
import { askJson, type Asking, checkList, type Hub, type HubFile, type Listing } from "./hub.ts";

export function modelScope(asking: Asking): Hub {
  const base = `${asking.endpoint}/api/v1/models/${asking.repository}/repo`;
  return {
    branch: "master",
    list: (revision) => list(asking, `${base}/files?${new URLSearchParams({ Revision: revision, Recursive: "true" })}`),
    address: ({ path }, _, revision) => `${base}?${new URLSearchParams({ Revision: revision, FilePath: path })}`,
  };
}

async function list(asking: Asking, url: string): Promise<Listing> {
  const { json } = await askJson(asking, url);
  const answer = as(json, "object", "", url);
  if (field(answer, "Code", "integer", url) !== 200) {
    const actual = quote((optional(answer, "Message", "string", url) ?? "no message").slice(0, 200));
    const hint = `Check the name; for a private model, set ${asking.tokenFrom}.`;
    const details = { expected: `a model of that name on ${asking.endpoint}`, actual, hint };
    throw new Fault(new IoError("E_HUB_MISSING", asking.repository, details), false);
  }
  const entries = field(field(answer, "Data", "object", url), "Files", "array", url);
  const files = checkList(
    asking.repository,
    entries.flatMap((entry) => readEntry(entry, url)),
  );
  return { commit: nameOf(files), files };
}

/** The file of an entry; folders ("tree") are none. */
function readEntry(entry: Json, url: string): HubFile[] {
  const fields = as(entry, "object", "element", url);
  if (field(fields, "Type", "string", url) === "tree") return [];
  const path = field(fields, "Path", "string", url);
  const bytes = field(fields, "Size", "integer", url);
  const hash = field(fields, "Sha256", "string", url).toLowerCase();
  if (bytes >= 0 && /^[0-9a-f]{64}$/.test(hash)) return [{ path, bytes, algorithm: "sha256", hash }];
  throw new FormatError("E_HUB_LIST", url, {
    expected: `a length and a sha256 of ${quote(path)}`,
    actual: `${bytes} and ${quote(hash.slice(0, 64))}`,
  });
}

function nameOf(files: readonly HubFile[]): string {
  const lines = files.map(({ path, bytes, hash }) => `${hash} ${bytes} ${path}\n`).sort();
  return createHash("sha1").update(lines.join("")).digest("hex");
}
