/**
 * Node's fs over the files that the page gave: each a Blob under the path where it was mounted. Only reading; workers read
 * blobs without waiting for a promise, so the same readers work as under Node.
 */
const files = new Map<string, Blob>();
const open = new Map<number, string>();
let next = 3;

declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

/** Puts a file where `openSync` finds it. */
export function mount(path: string, blob: Blob): void {
  files.set(path, blob);
}

export const constants = { O_RDONLY: 0, O_RDWR: 2, W_OK: 2 };

export function openSync(path: string): number {
  blobAt(path);
  open.set(next, path);
  return next++;
}

export function closeSync(fd: number): void {
  open.delete(fd);
}

export function fstatSync(fd: number): object {
  return statOf(open.get(fd)!, true);
}

export function readSync(fd: number, into: Uint8Array, at: number, length: number, position: number): number {
  const part = blobAt(open.get(fd)!).slice(position, position + length);
  try {
    into.set(new Uint8Array(new FileReaderSync().readAsArrayBuffer(part)), at);
  } catch {
    throw failed("EIO", open.get(fd)!); // the file was changed or deleted after it was chosen
  }
  return part.size;
}

export function statSync(path: string, { throwIfNoEntry = true } = {}): object | undefined {
  const there = files.has(path) || isFolder(path);
  if (!there && !throwIfNoEntry) return undefined;
  return statOf(path, false);
}

export const lstatSync = statSync;

export function realpathSync(path: string): string {
  return path;
}

export function readdirSync(folder: string): string[] {
  const inside = `${folder.replace(/\/$/, "")}/`;
  return [...files.keys()].filter((path) => path.startsWith(inside)).map((path) => path.slice(inside.length));
}

const refuse = (): never => {
  throw failed("EROFS", "the files of a page");
};
export {
  refuse as accessSync,
  refuse as copyFileSync,
  refuse as fsyncSync,
  refuse as ftruncateSync,
  refuse as mkdirSync,
  refuse as renameSync,
  refuse as rmSync,
  refuse as statfsSync,
  refuse as symlinkSync,
  refuse as unlinkSync,
  refuse as writeSync,
};

function isFolder(path: string): boolean {
  return readdirSync(path).length > 0;
}

/** What a reader asks of a file; as bigint where it was opened. */
function statOf(path: string, big: boolean): object {
  const size = files.get(path)?.size ?? 0;
  const number = [...files.keys()].indexOf(path) + 1;
  const as = (value: number) => (big ? BigInt(value) : value);
  return {
    isFile: () => files.has(path),
    isDirectory: () => !files.has(path) && isFolder(path),
    isSymbolicLink: () => false,
    size: as(size),
    dev: as(1),
    ino: as(number),
    nlink: as(1),
    blocks: as(Math.ceil(size / 512)),
    mtimeNs: 0n,
    ctimeNs: 0n,
    mtimeMs: as(0),
    ctimeMs: as(0),
  };
}

function blobAt(path: string): Blob {
  const blob = files.get(path);
  if (blob === undefined) throw failed("ENOENT", path);
  return blob;
}

function failed(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
