/**
 * Models from Hugging Face or ModelScope into Hugging Face's cache, where every program that uses it finds them.
 *
 * Each file is fetched over plain HTTP, several at once, resumed after a cut and checked by its hash; @huggingface/hub
 * does not resume, check or try again (2.17: downloadFileToCacheDir), huggingface_hub checks the length alone.
 */
import { createHash } from "node:crypto";
import { setMaxListeners } from "node:events";
import { join } from "node:path";
import { UsageError } from "../errors.ts";
import {
  type CacheEnvironment,
  cacheFolder,
  type HubId,
  type Need,
  parseHubId,
  repositoryFolder,
} from "../files/hub-cache.ts";
import { readWhole } from "../files/input.ts";
import { readInside } from "../files/paths.ts";
import { quote } from "../json/quote.ts";
import { Digest } from "./digest.ts";
import { wrongAnswer } from "./fault.ts";
import { type Asking, checkStatus, type Hub, type HubFile, type Listing } from "./hub.ts";
import { hasBlob, makePlaces, type Places, placesOf, snapshotPath, writeReference, writeSnapshot } from "./layout.ts";
import { type Left, leftBehind } from "./partial.ts";
import { persist, type World, WORLD } from "./persist.ts";
import { fetchAll } from "./queue.ts";
import { matching, needed } from "./select.ts";
import { HUBS, type Protocol, serviceOf } from "./service.ts";
import { checkSpace } from "./space.ts";
import { Web } from "./web.ts";

/** How a model is downloaded. */
export interface DownloadOptions {
  /** Branch, tag or commit; also what stands after "@". The hub's own default ("main", "master") unless told. */
  readonly revision?: string | undefined;
  /** The hub's address; HF_ENDPOINT, else https://huggingface.co unless told. */
  readonly endpoint?: string | undefined;
  /** What the hub speaks; told by its address unless told. */
  readonly protocol?: Protocol | undefined;
  /** Sent to the hub alone; HF_TOKEN, what `hf auth login` saved, or MODELSCOPE_API_TOKEN unless told. */
  readonly token?: string | undefined;
  /** Files by name, with * and ?, in place of those that the model needs. */
  readonly files?: readonly string[] | undefined;
  /** What is needed: all of it ("model") unless told; "text" leaves the weights out, "config" the tokenizer too. */
  readonly need?: Need | undefined;
  /** Files at once; 4 unless told. */
  readonly jobs?: number | undefined;
  /** Lists what would be fetched, and fetches nothing. */
  readonly dryRun?: boolean | undefined;
  /** Milliseconds of silence after which a server is asked again; 60,000 unless told. */
  readonly stall?: number | undefined;
  /** Ends it; what has come stays, and the next download goes on from there. */
  readonly signal?: AbortSignal | undefined;
  /** Told how many bytes are there, those that were there before too, and of how many. */
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
  /** Variables that say where the cache, the hub and the token are; those of the process unless told. */
  readonly env?: CacheEnvironment | undefined;
}

/** What was downloaded, or would be. */
export interface Download {
  /** "Qwen/QwQ-32B". */
  readonly repo: string;
  /** The branch, tag or commit that was asked for. */
  readonly revision: string;
  /** The commit that it is; ModelScope names none, and its lists are named by their hash. */
  readonly commit: string;
  /** The snapshot's folder: a MODEL. */
  readonly folder: string;
  readonly files: readonly DownloadedFile[];
}

/** One of its files. */
export interface DownloadedFile {
  readonly path: string;
  readonly bytes: number;
  /** `null` of a small file that has not been fetched yet: the hub tells git's hash of it. */
  readonly sha256: string | null;
  /** Whether it was there before. */
  readonly fromCache: boolean;
}

/** What the steps of a download share. */
export interface Session {
  readonly options: DownloadOptions;
  readonly asking: Asking;
  readonly hub: Hub;
  readonly revision: string;
  readonly places: Places;
  /** Ends when the caller says so, or when a part has failed. */
  readonly signal: AbortSignal;
  readonly stop: (reason: unknown) => void;
  readonly world: World;
}

const MOST_INDEX = 2 ** 24;
/** What lies in git itself is small. */
const MOST_SMALL = 2 ** 28;
const STALL_MS = 60_000;

/**
 * Downloads a model, "Qwen/QwQ-32B" or "Qwen/QwQ-32B@revision", into Hugging Face's cache. What is there already is not
 * fetched again. A new snapshot appears when all of it is there.
 *
 * throws   UsageError E_ARG_REPO, E_ARG_FILE, E_ARG_ENDPOINT, E_ARG_TOKEN, E_ARG_PROXY; IoError E_HUB_MISSING (no such
 *          model, revision or file), E_HUB_GATED, E_HUB_DENIED, E_NET_UNREACHABLE, E_NET_TIMEOUT, E_NET_CUT,
 *          E_NET_ANSWER, E_NET_REDIRECT, E_OUT_WRITE; FormatError E_HASH, E_HUB_LIST, E_PATH_ESCAPE, E_FORMAT_UNSAFE,
 *          E_FORMAT_UNKNOWN; LimitError E_LIMIT_DISK, E_LIMIT_FILES; what aborted the signal
 */
export async function download(repo: string, options: DownloadOptions = {}, world: World = WORLD): Promise<Download> {
  return connected(repo, options, world, run);
}

/** Opens a session with the hub of a model, and closes it. Throws as `download`. */
export async function connected<R>(
  repo: string,
  options: DownloadOptions,
  world: World,
  use: (session: Session, id: HubId) => Promise<R>,
): Promise<R> {
  const id = readId(repo, options.revision);
  const env = options.env ?? process.env;
  const service = serviceOf(options, env);
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  setMaxListeners(0, signal); // each request listens
  const { endpoint, credential, tokenFrom } = service;
  const stall = options.stall ?? STALL_MS;
  const web = await Web.open({ endpoint: new URL(endpoint), credential, stall, signal, env });
  const repository = `${id.owner}/${id.name}`;
  const asking = { web, endpoint, repository, tokenFrom, withToken: credential !== undefined };
  const hub = HUBS[service.protocol](asking);
  const places = placesOf(cacheFolder(env), repositoryFolder(id, cacheFolder(env)));
  try {
    const revision = id.revision ?? hub.branch;
    const stop = (reason: unknown) => ending.abort(reason);
    return await use({ options, asking, hub, revision, places, signal, stop, world }, id);
  } finally {
    await web.close();
  }
}

async function run(session: Session, id: HubId): Promise<Download> {
  const { options, hub, places, signal, world, revision, asking } = session;
  const listing = await persist(() => hub.list(revision), signal, world);
  const files = await choose(session, listing);
  const cached = new Set(files.filter((file) => hasBlob(places, file)));
  const done = { repo: asking.repository, revision, commit: listing.commit };
  if (options.dryRun === true) {
    const described = files.map((file) => describe(file, cached, new Map()));
    return { ...done, folder: snapshotPath(places, listing.commit), files: described };
  }
  const left = leftBehind(places.blobs);
  const due = files.filter((file) => !cached.has(file));
  makePlaces(places);
  checkSpace(asking.repository, places.blobs, due, left);
  const hashes = await fetchDue(session, listing, files, due, left);
  const folder = writeSnapshot(places, listing.commit, files);
  writeReference(places, revision, listing.commit);
  if (id.revision === undefined) writeReference(places, "main", listing.commit);
  return { ...done, folder, files: files.map((file) => describe(file, cached, hashes, folder)) };
}

/** Fetches what is missing, each blob once; returns the sha256 of each by the hub's hash. */
async function fetchDue(
  session: Session,
  listing: Listing,
  files: readonly HubFile[],
  due: readonly HubFile[],
  left: ReadonlyMap<string, readonly Left[]>,
): Promise<ReadonlyMap<string, string>> {
  const { options, hub, revision } = session;
  const unique = [...new Map(due.map((file) => [file.hash, file])).values()];
  const sum = (of: readonly HubFile[]) => of.reduce((total, { bytes }) => total + bytes, 0);
  const total = sum(files);
  let done = total - sum(unique);
  const onBytes = (more: number) => options.onBytes?.((done += more), total);
  onBytes(0);
  return fetchAll(unique, options.jobs ?? 4, session.stop, (file) => ({
    asking: session.asking,
    file,
    url: hub.address(file, listing, revision),
    blobs: session.places.blobs,
    left: left.get(file.hash) ?? [],
    signal: session.signal,
    world: session.world,
    onBytes,
  }));
}

/** The files that are wanted. */
async function choose(session: Session, listing: Listing): Promise<readonly HubFile[]> {
  const { options, asking } = session;
  if (options.files !== undefined) return matching(asking.repository, listing.files, options.files);
  const readIndex = (index: HubFile) => fetchSmall(session, listing, index);
  return needed(asking.repository, listing.files, options.need ?? "model", readIndex);
}

/** The bytes of a file of at most 16 MiB, in memory: out of the cache, or from the hub. */
export async function fetchSmall(session: Session, listing: Listing, file: HubFile): Promise<Uint8Array> {
  const { asking, hub, revision, places, signal, world } = session;
  if (hasBlob(places, file)) return readInside(places.blobs, file.hash, MOST_INDEX, "E_LIMIT_INDEX");
  return persist(
    async () => {
      const reply = await asking.web.get(hub.address(file, listing, revision));
      checkStatus(asking, reply, file);
      const bytes = await asking.web.read(reply, MOST_INDEX);
      const digest = new Digest(file);
      digest.update(bytes);
      if (digest.found().hash === file.hash) return bytes;
      throw wrongAnswer(reply.url, `${file.path} with the hash ${file.hash}`, digest.found().hash, true);
    },
    signal,
    world,
  );
}

function describe(
  file: HubFile,
  cached: ReadonlySet<HubFile>,
  hashes: ReadonlyMap<string, string>,
  folder?: string,
): DownloadedFile {
  const { path, bytes, hash, algorithm } = file;
  const known = algorithm === "sha256" ? hash : hashes.get(hash);
  const sha256 = known ?? (folder === undefined ? null : sha256Of(folder, file));
  return { path, bytes, sha256, fromCache: cached.has(file) };
}

/** Of a small file in the cache. */
function sha256Of(folder: string, { path }: HubFile): string {
  return createHash("sha256")
    .update(readWhole(join(folder, path), MOST_SMALL, "E_LIMIT_FILE_SIZE"))
    .digest("hex");
}

/** Throws UsageError E_ARG_REPO. */
function readId(repo: string, revision: string | undefined): HubId {
  const id = parseHubId(revision === undefined ? repo : `${repo}@${revision}`);
  if (id !== undefined && !/--|\.\.|\.git$/.test(`${id.owner}/${id.name}`) && !/\.\./.test(id.revision ?? ""))
    return id;
  throw new UsageError("E_ARG_REPO", "download", {
    expected: "the name of a model, such as Qwen/QwQ-32B or Qwen/QwQ-32B@main",
    actual: quote(revision === undefined ? repo : `${repo}@${revision}`),
    hint: "Write it as the hub's page does: owner/name.",
  });
}
