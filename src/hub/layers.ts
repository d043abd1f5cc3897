/**
 * Some layers of a model from a hub, and no more: the headers of the shards they lie in, then those bytes of them. A layer
 * of QwQ-32B is 1 GB of 65.
 *
 * The bytes of a part have no hash that a hub would list: what is checked is their number, and that every answer names the
 * range that was asked for, of a file of the listed length.
 */
import { dirname, join } from "node:path";
import { FormatError } from "../errors.ts";
import { readConfig } from "../files/config.ts";
import { hubHome } from "../files/hub-cache.ts";
import { io } from "../files/io.ts";
import { cannotWrite, makeAtomically, quietly, writeAll, writeAtomically } from "../files/output.ts";
import { PART_FILE, PART_FORMAT, partNames } from "../files/part.ts";
import { readInside } from "../files/paths.ts";
import { headerLength, parseHeader } from "../files/safetensors.ts";
import { layOut } from "../files/safetensors-write.ts";
import { INDEX, parseIndex } from "../files/shards.ts";
import type { TensorInfo } from "../files/source.ts";
import { connected, download, type DownloadOptions, fetchSmall, type Session } from "./download.ts";
import { wrongAnswer } from "./fault.ts";
import { checkStatus, type HubFile, type Listing } from "./hub.ts";
import { persist, type World, WORLD } from "./persist.ts";
import { discard } from "./web.ts";

export interface LayersOptions extends DownloadOptions {
  /** Which layers, as they are numbered from 0. */
  readonly layers: (count: number) => ReadonlySet<number>;
  /** Told before anything large is fetched: bytes of the layers, and of the whole model. */
  readonly onPlan?: ((bytes: number, of: number, layers: ReadonlySet<number>) => void) | undefined;
}

const MOST_CONFIG = 2 ** 20;
const SINGLE = "model.safetensors";
/** The header of a shard is asked for in one go with its length, if it is no longer than that. */
const FIRST_BYTES = 2 ** 18;

/**
 * Fetches the layers into a folder of their own beside the cache, and returns it: a MODEL of which those layers can be
 * replayed. What is there already is not fetched again.
 *
 * throws   as `download`; what `layers` throws; FormatError E_ST_*, E_TENSOR_MISSING, and E_FORMAT_UNKNOWN for a
 *          model that is not in safetensors, or packed
 */
export async function downloadLayers(repo: string, options: LayersOptions, world: World = WORLD): Promise<string> {
  const text = await download(repo, { ...options, need: "text", onBytes: undefined }, world);
  const at = join(text.folder, "config.json");
  const { config, packing } = readConfig(readInside(text.folder, "config.json", MOST_CONFIG, "E_LIMIT_CONFIG"), at);
  if (packing !== undefined) {
    const hint = "Download all of it: qwq download.";
    throw new FormatError("E_FORMAT_UNKNOWN", repo, { expected: "plain weights", actual: packing.kind, hint });
  }
  const layers = options.layers(config.layers);
  const root = join(hubHome(options.env ?? process.env), "qwq-parts", text.repo.replace("/", "--"), text.commit);
  const folder = join(root, `layers-${[...layers].sort((a, b) => a - b).join("-")}`);
  if (io().statSync(join(folder, PART_FILE), { throwIfNoEntry: false }) !== undefined) return folder;
  const names = partNames(config, layers);
  return connected(repo, options, world, async (session) => {
    const listing = await persist(() => session.hub.list(session.revision), session.signal, world);
    const shards = await shardsOf(session, listing, names);
    const parts = await Promise.all([...shards].map((file) => wantedOf(session, listing, file, names)));
    const found = parts.flat();
    const missing = [...names].find((name) => !found.some(({ info }) => info.name === name));
    if (missing !== undefined) throw new FormatError("E_TENSOR_MISSING", repo, { expected: missing, actual: "none" });
    const whole = listing.files.filter(({ path }) => path.endsWith(".safetensors"));
    options.onPlan?.(sum(found.map(({ info }) => info.bytes)), sum(whole.map(({ bytes }) => bytes)), layers);
    const about = { format: PART_FORMAT, layers: [...layers], model: text.repo, commit: text.commit };
    return write(session, listing, found, { folder, from: text.folder, about });
  });
}

/** A tensor, and the file that it lies in. */
interface Wanted {
  readonly file: HubFile;
  readonly info: TensorInfo;
}

/** The files that hold any of the tensors. */
async function shardsOf(session: Session, listing: Listing, names: ReadonlySet<string>): Promise<Set<HubFile>> {
  const file = (path: string) => listing.files.find((one) => one.path === path);
  const index = file(INDEX);
  const single = file(SINGLE);
  if (index === undefined && single !== undefined) return new Set([single]);
  if (index === undefined) {
    throw new FormatError("E_FORMAT_UNKNOWN", session.asking.repository, {
      expected: "safetensors files",
      actual: "none",
      hint: "Download the file that you need: qwq download --file.",
    });
  }
  const { weightMap } = parseIndex(await fetchSmall(session, listing, index), INDEX);
  const paths = new Set([...weightMap].filter(([name]) => names.has(name)).map(([, path]) => path));
  return new Set([...paths].flatMap((path) => file(path) ?? []));
}

/** The tensors of a file that are wanted, by its header alone. */
async function wantedOf(
  session: Session,
  listing: Listing,
  file: HubFile,
  names: ReadonlySet<string>,
): Promise<Wanted[]> {
  const first = await bytesOf(session, listing, file, 0, Math.min(file.bytes, FIRST_BYTES));
  const length = headerLength(first, file.bytes, file.path);
  const rest = first.length - 8 >= length ? undefined : await bytesOf(session, listing, file, 8, length);
  const { tensors } = parseHeader(rest ?? first.subarray(8, 8 + length), file.bytes, file.path);
  return tensors.filter(({ name }) => names.has(name)).map((info) => ({ file, info }));
}

async function bytesOf(
  session: Session,
  listing: Listing,
  file: HubFile,
  from: number,
  length: number,
): Promise<Uint8Array> {
  const into = new Uint8Array(length);
  await range(session, listing, file, from, length, (at, piece) => into.set(piece, at));
  return into;
}

/** Bytes [from, from + length) of a file, as they come; after a cut from where it was. */
async function range(
  session: Session,
  listing: Listing,
  file: HubFile,
  from: number,
  length: number,
  use: (at: number, piece: Uint8Array) => void,
): Promise<void> {
  const { asking, hub, revision, signal, world } = session;
  let done = 0;
  const attempt = async () => {
    const [first, last] = [from + done, from + length - 1];
    const reply = await asking.web.get(hub.address(file, listing, revision), { range: `bytes=${first}-${last}` });
    checkStatus(asking, reply, file);
    const got = reply.header("content-range") ?? `status ${reply.status}, and all of it`;
    const expected = `bytes ${first}-${last}/${file.bytes}`;
    const whole = first === 0 && length === file.bytes && reply.status === 200;
    if (got !== expected && !whole) {
      discard(reply);
      throw wrongAnswer(reply.url, `${expected} of ${file.path}`, got, false, "This server has no parts of files.");
    }
    for await (const piece of asking.web.pieces(reply)) {
      if (done + piece.length > length) throw wrongAnswer(reply.url, `${length} bytes`, "more", true);
      use(done, piece);
      done += piece.length;
    }
    if (done < length) throw wrongAnswer(reply.url, `${length} bytes`, `${done}`, true);
  };
  await persist(attempt, signal, world, () => done);
}

interface Target {
  readonly folder: string;
  readonly from: string;
  readonly about: object;
}

/** The folder, whole or not at all: the small files of the model, and one file of weights that are never held whole. */
async function write(session: Session, listing: Listing, found: readonly Wanted[], target: Target): Promise<string> {
  const { folder, from, about } = target;
  try {
    io().mkdirSync(dirname(folder), { recursive: true });
  } catch (cause) {
    throw cannotWrite(folder, cause);
  }
  await makeAtomically(folder, async (temporary) => {
    io().mkdirSync(temporary);
    for (const name of io().readdirSync(from)) io().copyFileSync(join(from, name), join(temporary, name));
    await writeWeights(session, listing, found, join(temporary, SINGLE));
    const text = new TextEncoder().encode(`${JSON.stringify(about)}\n`);
    writeAtomically(join(temporary, PART_FILE), (put) => put(text));
    return true;
  });
  return folder;
}

async function writeWeights(session: Session, listing: Listing, found: readonly Wanted[], path: string): Promise<void> {
  const laid = new Map(
    found.map(({ info, file }) => {
      const { name, format, shape, bytes } = info;
      return [name, { dtype: format, shape, bytes: { length: bytes }, info, file }];
    }),
  );
  const { head, sorted } = layOut(path, laid, new Map());
  const total = sum(found.map(({ info }) => info.bytes));
  const fd = io().openSync(path, "wx", 0o666);
  try {
    writeAll(path, fd, head);
    let done = 0;
    for (const [, { info, file }] of sorted) {
      await range(session, listing, file, info.offset, info.bytes, (_, piece) => {
        writeAll(path, fd, piece);
        session.options.onBytes?.((done += piece.length), total);
      });
    }
    io().fsyncSync(fd);
  } finally {
    quietly(() => io().closeSync(fd));
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
