/**
 * A hub on this computer: Hugging Face's protocol and ModelScope's over real HTTP, with a second server as its CDN, and
 * every way in which servers and networks go wrong, told by `act`.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What to do with a request for a file's bytes, where it is not to be answered as it should be. */
export interface Act {
  /** So many bytes of the body are sent, then the connection is cut; or, with `stall`, nothing more comes. */
  readonly after?: number;
  readonly stall?: boolean;
  /** These bytes in place of the file's. */
  readonly bytes?: Uint8Array;
  /** What Content-Length says; -1: there is none, and the body comes in chunks. */
  readonly length?: number;
  /** All of the file, whatever part was asked for. */
  readonly whole?: boolean;
  readonly redirect?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that came. */
export interface Asked {
  /** "hub" or "cdn". */
  readonly at: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

export interface HubOptions {
  /** The repository's files by their paths. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** For every request, with how many came for that address before. */
  readonly act?: (url: string, before: number, asked: Asked) => Act | undefined;
  /** Entries of the file list in place of the true ones. */
  readonly list?: readonly object[];
  readonly page?: number;
  /** Below this length a file lies in git itself. */
  readonly lfsFrom?: number;
}

export const COMMIT = "976055f8c83f394f35dbd3ab09a285a984907bd0";

export class HubServer {
  readonly asked: Asked[] = [];
  url = "";
  cdn = "";
  options: HubOptions;
  private readonly servers: Server[] = [];

  private constructor(options: HubOptions) {
    this.options = options;
  }

  /** Both servers, until the test ends. */
  static async start(options: HubOptions): Promise<HubServer> {
    const hub = new HubServer(options);
    hub.url = await hub.listen("hub");
    hub.cdn = await hub.listen("cdn");
    onTestFinished(() => hub.close());
    return hub;
  }

  /** How many requests there were for this address, or for any that contains it. */
  count(part: string): number {
    return this.asked.filter(({ url }) => url.includes(part)).length;
  }

  close(): void {
    for (const server of this.servers) {
      server.closeAllConnections();
      server.close();
    }
  }

  private async listen(at: string): Promise<string> {
    const server = createServer((request, response) => this.answer(at, request, response));
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  private answer(at: string, request: IncomingMessage, response: ServerResponse): void {
    const url = decodeURIComponent(request.url!);
    const asked = { at, url, headers: request.headers };
    const before = this.asked.filter((one) => one.at === at && one.url === url).length;
    this.asked.push(asked);
    const act = this.options.act?.(url, before, asked) ?? {};
    const path = new URL(request.url!, this.url).pathname;
    if (act.redirect !== undefined) return end(response, 302, { location: act.redirect });
    if (act.status !== undefined) return end(response, act.status, act.headers ?? {}, Buffer.from(act.bytes ?? []));
    if (at === "cdn") return this.file(request, response, url.slice(1), act, true);
    if (path.startsWith("/api/v1/models/")) return this.modelScope(request, response, act);
    if (/^\/api\/models\/[^/]+\/[^/]+\/revision\//.test(path)) return json(response, { id: "org/name", sha: COMMIT });
    if (path.includes("/tree/")) return this.tree(request, response);
    return this.file(request, response, url.replace(/^\/[^/]+\/[^/]+\/resolve\/[^/]+\//, ""), act, false);
  }

  private tree(request: IncomingMessage, response: ServerResponse): void {
    const all = this.options.list ?? this.entries();
    const url = new URL(request.url!, this.url);
    const [from, page] = [Number(url.searchParams.get("cursor") ?? 0), this.options.page ?? 1000];
    url.searchParams.set("cursor", `${from + page}`);
    json(response, all.slice(from, from + page), from + page < all.length ? { link: `<${url.href}>; rel="next"` } : {});
  }

  private entries(): object[] {
    return Object.entries(this.options.files).map(([path, bytes]) => ({
      type: "file",
      path,
      size: bytes.length,
      oid: this.isLfs(bytes) ? sha1("pointer") : gitHash(bytes),
      ...(this.isLfs(bytes) && { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 134 } }),
    }));
  }

  private isLfs(bytes: Uint8Array): boolean {
    return bytes.length >= (this.options.lfsFrom ?? 1000);
  }

  private modelScope(request: IncomingMessage, response: ServerResponse, act: Act): void {
    const url = new URL(request.url!, this.url);
    if (!url.pathname.endsWith("/files"))
      return this.file(request, response, url.searchParams.get("FilePath")!, act, true);
    const Files = Object.entries(this.options.files).map(([Path, bytes]) => ({
      Type: "blob",
      Path,
      Name: Path.split("/").at(-1),
      Size: bytes.length,
      Sha256: sha256(bytes),
    }));
    json(response, { Code: 200, Success: true, Data: { Files: [{ Type: "tree", Path: "folder" }, ...Files] } });
  }

  /** A file's bytes; of a large one the hub itself only says where they are, as Hugging Face does. */
  private file(request: IncomingMessage, response: ServerResponse, path: string, act: Act, direct: boolean): void {
    const file = this.options.files[path];
    if (file === undefined) return end(response, 404, { "x-error-code": "EntryNotFound" });
    const hash = this.isLfs(file) ? sha256(file) : gitHash(file);
    const known = { etag: `"${hash}"`, "x-repo-commit": COMMIT };
    if (!direct && this.isLfs(file)) {
      const linked = { "x-linked-etag": `"${hash}"`, "x-linked-size": `${file.length}` };
      return end(response, 302, { ...known, ...linked, location: `${this.cdn}/${encodeURIComponent(path)}` });
    }
    this.bytes(request, response, act.bytes ?? file, act, known);
  }

  private bytes(request: IncomingMessage, response: ServerResponse, all: Uint8Array, act: Act, known: object): void {
    const [, asked, until] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const wanted = act.whole === true || asked === undefined ? 0 : Number(asked);
    const etag = (known as { etag: string }).etag;
    const stale = request.headers["if-range"] !== undefined && request.headers["if-range"] !== etag;
    const from = stale ? 0 : wanted;
    const to = until && act.whole !== true && !stale ? Math.min(Number(until) + 1, all.length) : all.length;
    const body = all.subarray(from, to);
    const partly = from > 0 || to < all.length;
    if (partly) response.statusCode = 206;
    if (partly) response.setHeader("content-range", `bytes ${from}-${to - 1}/${all.length}`);
    for (const [name, value] of Object.entries({ ...known, ...act.headers })) response.setHeader(name, value as string);
    if (act.length !== -1) response.setHeader("content-length", act.length ?? body.length);
    else response.flushHeaders(); // else Node would count
    if (request.method === "HEAD") return void response.end();
    if (act.after === undefined && act.stall !== true) return void response.end(body);
    response.flushHeaders();
    if (act.stall === true) return void response.write(body.subarray(0, act.after ?? 0));
    response.write(body.subarray(0, act.after), () => response.destroy());
  }
}

function end(response: ServerResponse, status: number, headers: object, body?: Uint8Array): void {
  response.writeHead(status, headers as Record<string, string>);
  response.end(body);
}

function json(response: ServerResponse, value: unknown, headers: object = {}): void {
  end(response, 200, { "content-type": "application/json", ...headers }, Buffer.from(JSON.stringify(value)));
}

const sha1 = (bytes: Uint8Array | string) => createHash("sha1").update(bytes).digest("hex");
export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
export const gitHash = (bytes: Uint8Array) => sha1(Buffer.concat([Buffer.from(`blob ${bytes.length}\0`), bytes]));
