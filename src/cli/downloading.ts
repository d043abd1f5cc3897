/** A download as a command shows it: progress, the end, and Ctrl-C, after which the same command goes on. */
import { type Download, download, type DownloadOptions } from "../hub/download.ts";
import { downloadLayers, type LayersOptions } from "../hub/layers.ts";
import { Interrupted, onInterrupt } from "./signals.ts";
import { note, progress } from "./terminal.ts";
import { byteSize } from "./units.ts";

/** Throws as `download`, and Interrupted. */
export function downloading(repo: string, options: DownloadOptions, quiet: boolean): Promise<Download> {
  return shown(quiet, (more) => download(repo, { ...options, ...more }));
}

/** The folder of some layers of a model. Throws as `downloadLayers`, and Interrupted. */
export function fetchingLayers(repo: string, options: LayersOptions, quiet: boolean): Promise<string> {
  return shown(quiet, (more) => downloadLayers(repo, { ...options, ...more }));
}

async function shown<R>(
  quiet: boolean,
  fetch: (more: Pick<DownloadOptions, "signal" | "onBytes">) => Promise<R>,
): Promise<R> {
  const interrupt = onInterrupt();
  const bar = progress("downloading", "bytes", quiet);
  try {
    return await fetch({ signal: interrupt.signal, onBytes: bar.of });
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    bar.stop();
    if (!quiet) note("Interrupted. What has come stays; the same command goes on from there.");
    throw new Interrupted(interrupt.exitCode());
  } finally {
    bar.stop();
    interrupt.done();
  }
}

/** "14 files, 65.5 GB, of which 3.1 GB were here". */
export function amounts({ files }: Download): string {
  const sum = (of: Download["files"]) => of.reduce((total, { bytes }) => total + bytes, 0);
  const here = sum(files.filter(({ fromCache }) => fromCache));
  const count = files.length === 1 ? "1 file" : `${files.length} files`;
  return `${count}, ${byteSize(sum(files))}${here === 0 ? "" : `, of which ${byteSize(here)} were here`}`;
}
