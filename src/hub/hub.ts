/** What a hub is to the rest of this room: a list of a repository's files with their hashes, and an address for each. */
import { FormatError, IoError, LimitError, type QwqError } from "../errors.ts";
import { type Json, readJson } from "../json/json.ts";
import { quote } from "../json/quote.ts";
import { Fault, wrongAnswer } from "./fault.ts";
import { discard, type Reply, type Web } from "./web.ts";

/** A file as its hub lists it. */
export interface HubFile {
  /** Its name, with folders: "model.safetensors", "Q4_K_M/part-00001-of-00002.gguf". */
  readonly path: string;
  readonly bytes: number;
  readonly algorithm: "sha256" | "git-sha1";
  /** In hexadecimal; the name of its blob in the cache. */
  readonly hash: string;
}

/** A repository at one commit. */
export interface Listing {
  /** What the snapshot's folder is called. */
  readonly commit: string;
  readonly files: readonly HubFile[];
}

/** A service that models are published on. */
export interface Hub {
  /** The branch that is meant where none is named. */
  readonly branch: string;
  /** The files of `branch, tag or commit`. Throws Fault; FormatError, LimitError. */
  readonly list: (revision: string) => Promise<Listing>;
  /** The address of a file's bytes. */
  readonly address: (file: HubFile, listing: Listing, revision: string) => string;
}

/** What a hub is asked through, and what for. */
export interface Asking {
  readonly web: Web;
  /** Its address, without a slash at the end. */
  readonly endpoint: string;
  /** "Qwen/QwQ-32B". */
  readonly repository: string;
  /** Where a token would come from, for advice: "HF_TOKEN". */
  readonly tokenFrom: string;
  /** Whether one was sent. */
  readonly withToken: boolean;
}

/** A page of a list takes a few hundred bytes a file. */
const MOST_ANSWER = 2 ** 26;
const MOST_FILES = 100_000;
const MOST_PATH = 1024;

/** A JSON answer, and the reply it came in. Throws Fault; FormatError E_JSON_*, LimitError E_LIMIT_JSON. */
export async function askJson(asking: Asking, url: string): Promise<{ json: Json; reply: Reply }> {
  const reply = await asking.web.get(url, { accept: "application/json" });
  checkStatus(asking, reply);
  const type = reply.header("content-type") ?? "";
  if (/html/i.test(type)) throw webPage(reply);
  return { json: readJson(await asking.web.read(reply, MOST_ANSWER), url, { values: 4_000_000 }), reply };
}

/** A login page of a network, or a proxy's error, comes with the status of success. */
export function webPage(reply: Reply): Fault {
  discard(reply);
  const hint = "A proxy or a network's login page may answer in the hub's place.";
  return wrongAnswer(reply.url, "the hub's answer", "a web page", false, hint);
}

/** Throws Fault for any status but success. */
export function checkStatus(asking: Asking, reply: Reply, file?: HubFile): void {
  const { status } = reply;
  if (status >= 200 && status < 300) return;
  discard(reply);
  if (status === 429 || status === 408 || status >= 500) throw tryLater(reply);
  throw new Fault(refusal(asking, reply, file), false);
}

function tryLater({ status, url, header }: Reply): Fault {
  const hint = "The server is busy or out of order; run the same command again later.";
  const { error, again } = wrongAnswer(url, "an answer", `status ${status}`, true, hint);
  return new Fault(error, again, askedPause(header("retry-after"), Date.now()));
}

/** Milliseconds to wait, of "120" or of a date. */
export function askedPause(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const milliseconds = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}

/**
 * Why a hub says no. Hugging Face answers 401 for what is not there as for what is private, so that nobody can tell
 * which; X-Error-Code says more.
 *
 * source   huggingface_hub: utils/_http.py (hf_raise_for_status)
 */
function refusal(asking: Asking, { status, header, url }: Reply, file?: HubFile): QwqError {
  const { repository, endpoint, withToken, tokenFrom } = asking;
  const code = header("x-error-code");
  const from = withToken ? `the token that ${tokenFrom} holds` : "no token";
  if (code === "GatedRepo") {
    const hint = `Accept its conditions on ${endpoint}/${repository}, then set ${tokenFrom}.`;
    const expected = "a model that is open to all, or a token of one who may have it";
    return new IoError("E_HUB_GATED", repository, { expected, actual: from, hint });
  }
  if (status === 403 || (status === 401 && withToken && code !== "RepoNotFound")) {
    const hint = `The token may be wrong, expired or without this right; see ${tokenFrom}.`;
    const expected = "permission to read it";
    return new IoError("E_HUB_DENIED", repository, { expected, actual: `status ${status} with ${from}`, hint });
  }
  if (status === 401 || status === 404) {
    const what = code === "RevisionNotFound" ? "that revision of it" : (file?.path ?? "a model of that name");
    const hint = withToken ? "Check the name." : `Check the name; for a private model, set ${tokenFrom}.`;
    return new IoError("E_HUB_MISSING", repository, { expected: `${what} on ${endpoint}`, actual: "none", hint });
  }
  return wrongAnswer(url, "the file", `status ${status}`, false).error;
}

/**
 * A list whose names can be names of files, each once. No repository has names that lead out of it; a server that sends
 * one is not to be trusted with the rest.
 *
 * throws   FormatError E_PATH_ESCAPE, E_HUB_LIST; LimitError E_LIMIT_FILES above 100,000
 */
export function checkList(repository: string, files: readonly HubFile[]): readonly HubFile[] {
  checkCount(repository, files.length);
  const seen = new Set<string>();
  for (const { path } of files) {
    if (
      path === "" ||
      path.length > MOST_PATH ||
      path.includes("\0") ||
      /^\/|^[a-z]:|(^|[\\/])\.{0,2}([\\/]|$)/i.test(path)
    ) {
      const hint = "Do not trust this server.";
      throw new FormatError("E_PATH_ESCAPE", repository, {
        expected: "files inside the repository",
        actual: quote(path.slice(0, 100)),
        hint,
      });
    }
    if (seen.has(path)) {
      throw new FormatError("E_HUB_LIST", repository, { expected: "each file once", actual: `${quote(path)} twice` });
    }
    seen.add(path);
  }
  return files;
}

/** Throws LimitError E_LIMIT_FILES above 100,000. */
export function checkCount(repository: string, count: number): void {
  if (count <= MOST_FILES) return;
  throw new LimitError("E_LIMIT_FILES", repository, { expected: `at most ${MOST_FILES} files`, actual: `${count}` });
}
