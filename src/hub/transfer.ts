/** One file's bytes, from a hub into the cache: whole and with the hash that the hub lists, or not at all. */
import { join } from "node:path";
import { FormatError } from "../errors.ts";
import { Fault, wrongAnswer } from "./fault.ts";
import { type Asking, checkStatus, type HubFile, webPage } from "./hub.ts";
import { type Left, Partial } from "./partial.ts";
import { persist, type World } from "./persist.ts";
import { discard, type Reply } from "./web.ts";

/** One file's transfer. */
export interface Transfer {
  readonly asking: Asking;
  readonly file: HubFile;
  readonly url: string;
  /** The cache's folder of blobs. */
  readonly blobs: string;
  readonly left: readonly Left[];
  readonly signal: AbortSignal;
  readonly world: World;
  /** Told how many bytes more there are; fewer, where a part has to be fetched again. */
  readonly onBytes: (more: number) => void;
}

/**
 * Fetches a blob, going on where an earlier attempt of any process stopped; returns its sha256.
 *
 * throws   FormatError E_HASH where the bytes are wrong twice; IoError E_NET_*, E_HUB_*, E_OUT_WRITE; what aborted the
 *          signal. What has come stays for the next attempt, unless it is wrong.
 */
export async function transfer(job: Transfer): Promise<string> {
  const { file, signal, world, blobs } = job;
  const partial = new Partial(blobs, file, job.left);
  const from = new Source(job, partial);
  try {
    from.report();
    for (let wrong = 0; ; wrong++) {
      await persist(
        () => from.fetchRest(),
        signal,
        world,
        () => partial.furthest,
      );
      const { hash, sha256 } = partial.found();
      if (hash === file.hash) {
        partial.finish(join(blobs, file.hash));
        return sha256;
      }
      from.restart();
      if (wrong > 0) throw wrongHash(job, hash);
    }
  } finally {
    partial.close();
  }
}

function wrongHash({ file, asking }: Transfer, hash: string): FormatError {
  return new FormatError("E_HASH", `${asking.repository}/${file.path}`, {
    expected: `${file.algorithm} ${file.hash}`,
    actual: `${hash}, twice`,
    hint: "What came was removed. The server or the way to it changes files; try another endpoint.",
  });
}

/** A server's answers, and the partial file that they fill. */
class Source {
  private readonly job: Transfer;
  private readonly partial: Partial;
  /** The strong ETag of an answer that was cut: only the rest of that very body is asked for. */
  private etag: string | undefined;
  private reported = 0;

  constructor(job: Transfer, partial: Partial) {
    this.job = job;
    this.partial = partial;
  }

  /** Tells how many bytes there are, by the difference to what was told. */
  report(): void {
    this.job.onBytes(this.partial.bytes - this.reported);
    this.reported = this.partial.bytes;
  }

  /** Begins anew. */
  restart(): void {
    this.partial.restart();
    this.etag = undefined;
    this.report();
  }

  /** One attempt at what is missing. Throws Fault. */
  async fetchRest(): Promise<void> {
    const { file, asking, url } = this.job;
    if (this.partial.bytes === file.bytes) return;
    const reply = await asking.web.get(url, this.range());
    this.check(reply);
    const etag = reply.header("etag");
    this.etag = etag !== undefined && /^"/.test(etag) ? etag : undefined;
    for await (const piece of asking.web.pieces(reply)) {
      if (this.partial.bytes + piece.length > file.bytes) throw this.wrong(reply, "more than that");
      this.partial.append(piece);
      this.report();
    }
    if (this.partial.bytes < file.bytes) throw this.wrong(reply, `${this.partial.bytes}`);
  }

  private range(): Record<string, string> {
    const { bytes } = this.partial;
    if (bytes === 0) return {};
    return { range: `bytes=${bytes}-`, ...(this.etag !== undefined && { "if-range": this.etag }) };
  }

  /** Throws Fault unless the body is what is missing, or all of it: then what there is is dropped. */
  private check(reply: Reply): void {
    const { asking, file } = this.job;
    if (reply.status === 416) {
      this.restart();
      throw this.wrong(reply, "no such part of it");
    }
    checkStatus(asking, reply, file);
    if (/html/i.test(reply.header("content-type") ?? "") && !/html?$/i.test(file.path)) throw webPage(reply);
    if (reply.status !== 206 && this.partial.bytes > 0) this.restart();
    const due = file.bytes - this.partial.bytes;
    const range = `bytes ${this.partial.bytes}-${file.bytes - 1}/${file.bytes}`;
    const [got, length] = [reply.header("content-range"), reply.header("content-length")];
    if (reply.status === 206 && got !== range) {
      this.restart();
      throw this.wrong(reply, got ?? "a part that is not named");
    }
    if (length !== undefined && Number(length) !== due) throw this.wrong(reply, `${length} where ${due} are missing`);
  }

  private wrong(reply: Reply, actual: string): Fault {
    discard(reply);
    const { file, asking } = this.job;
    return wrongAnswer(reply.url, `${file.bytes} bytes of ${asking.repository}/${file.path}`, actual, true);
  }
}
