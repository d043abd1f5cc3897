/** A benchmark's data: what comes with the package, a file, a folder that holds it, or an address. */
import { dirname, join } from "node:path";
import { FormatError, IoError, UsageError } from "../errors.ts";
import { readWhole } from "../files/input.ts";
import { linesOf } from "../files/journal.ts";
import { io } from "../files/io.ts";
import { shipped } from "../files/shipped.ts";
import { decodeUtf8 } from "../json/utf8.ts";
import type { Bench } from "./benches.ts";
import { bfclLines } from "./bfcl.ts";
import { csvLines, gpqaLines } from "./gpqa.ts";
import { gradable, questionFiles } from "./livebench.ts";
import type { Problem, Row } from "./problem.ts";

const MOST_BYTES = 2 ** 28;

/** Lines of data, and where they came from. */
export interface Data {
  readonly from: string;
  readonly lines: readonly string[];
  /** Questions that are not asked, since nothing here grades them: how many of each task. */
  readonly leftOut?: Readonly<Record<string, number>> | undefined;
}

/** Names under which a benchmark's data lies in a folder. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  livecodebench: ["livecodebench.jsonl", "livecodebench_v5.jsonl"],
  math500: ["math500.jsonl", "test.jsonl"],
  gpqa: ["gpqa_diamond.csv", "gpqa.csv", "gpqa_diamond.jsonl", "gpqa.jsonl"],
};

/**
 * Reads it; `data` is what --data says, and `bench.source` the file itself where it is one's own.
 *
 * throws   UsageError E_EVAL_DATA_MISSING where nobody said where it is; IoError of files and the network; FormatError
 */
export async function readData(bench: Bench, data: string | undefined, signal?: AbortSignal): Promise<Data> {
  const { from, lines } = await readLines(bench, data, signal);
  if (bench.name === "livebench") return { from, ...gradable(lines) };
  return { from, lines: bench.name === "gpqa" ? gpqaLines(lines, from) : lines };
}

async function readLines(bench: Bench, data: string | undefined, signal: AbortSignal | undefined): Promise<Data> {
  if (bench.name === "own") return { from: bench.source, lines: ofFile(bench.source) };
  if (data === undefined && bench.shipped) {
    const name = `${bench.name}.jsonl`;
    return { from: `golden/eval/${name}`, lines: ofFile(shipped("golden", "eval", name)) };
  }
  if (data === undefined) throw missing(bench);
  if (/^https?:\/\//.test(data)) return { from: data, lines: linesIn(await download(data, signal), data) };
  const lines = bench.name === "bfcl" && isFolder(data) ? bfclLines(data) : [];
  if (lines.length > 0) return { from: data, lines };
  if (bench.name === "livebench" && isFolder(data)) return { from: data, lines: questionFiles(data).flatMap(ofFile) };
  const path = isFolder(data) ? inFolder(bench, data) : data;
  return { from: path, lines: ofFile(path) };
}

/** The problems of lines, each with its own id. Throws FormatError E_EVAL_DATA. */
export function problemsOf(bench: Bench, lines: readonly string[], from: string): Problem[] {
  if (lines.length === 0)
    throw new FormatError("E_EVAL_DATA", from, {
      expected: "at least one problem",
      actual: "none",
      hint: "Is this the benchmark's own data?",
    });
  const beside = bench.name === "livecodebench" ? { folder: dirname(from) } : {}; // where files that it names lie
  const problems = lines.map((line, i) =>
    bench.problem({ ...rowOf(line, `${from}, line ${i + 1}`), ...beside }, i + 1, `${from}, line ${i + 1}`, line),
  );
  const ids = new Set<string>();
  for (const { id } of problems) {
    if (ids.has(id))
      throw new FormatError("E_EVAL_DATA", from, {
        expected: "each id once",
        actual: `${id} twice`,
        hint: "Correct the file.",
      });
    ids.add(id);
  }
  return problems;
}

function rowOf(line: string, where: string): Row {
  try {
    const row: unknown = JSON.parse(line);
    if (typeof row === "object" && row !== null && !Array.isArray(row)) return row as Row;
  } catch {
    // said below
  }
  throw new FormatError("E_EVAL_DATA", where, {
    expected: "a JSON object",
    actual: line.slice(0, 60),
    hint: "Is this the benchmark's own data?",
  });
}

function ofFile(path: string): string[] {
  return linesIn(readWhole(path, MOST_BYTES, "E_LIMIT_INPUT"), path);
}

function linesIn(bytes: Uint8Array, from: string): string[] {
  const text = decodeUtf8(bytes, from, "E_TEXT");
  return /\.csv(\?.*)?$/i.test(from) ? csvLines(text, from) : linesOf(text);
}

function isFolder(path: string): boolean {
  return io().statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function inFolder(bench: Bench, folder: string): string {
  const names = FILES[bench.name] ?? [`${bench.name}.jsonl`];
  const found = names.map((name) => join(folder, name)).find((path) => io().statSync(path, { throwIfNoEntry: false }));
  if (found !== undefined) return found;
  throw new IoError("E_IO_OPEN", folder, { path: folder, expected: `${names.join(" or ")} in it`, actual: "none" });
}

function missing(bench: Bench): UsageError {
  return new UsageError("E_EVAL_DATA_MISSING", bench.name, {
    expected: "--data FILE, FOLDER or URL, since its data does not come with qwq",
    actual: "none",
    hint: `It is to be had from ${bench.source}.`,
  });
}

async function download(url: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const { EnvHttpProxyAgent, fetch } = await import("undici");
  const dispatcher = new EnvHttpProxyAgent();
  try {
    const answer = await fetch(url, { dispatcher, ...(signal && { signal }) });
    if (!answer.ok) throw unreachable(url, `${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  } catch (cause) {
    if (cause instanceof IoError || signal?.aborted) throw cause;
    const { message, cause: inner } = cause as { message: string; cause?: { code?: string } };
    throw unreachable(url, inner?.code ?? message);
  } finally {
    await dispatcher.close();
  }
}

function unreachable(url: string, actual: string): IoError {
  return new IoError("E_NET_ANSWER", url, { expected: "the benchmark's data", actual, hint: "Check the address." });
}
