/**
 * llama.cpp's log of llama-eval-callback: of every node of the graph its sum, and of each axis the first and last three
 * values, with four decimals. Too little for a bundle; enough to see where a large error begins.
 *
 *   common_debug_cb_eval:  Qcur-0 = (f32)  ROPE(Qcur-0 (view){8, 10, 4, 1}, ...) = {8, 10, 4, 1}
 *     [ [ [ 0.1234, 0.2345, 0.3456, ..., 0.4567, 0.5678, 0.6789 ], ... ] ]
 *     sum = 1.234567
 *
 * A node agrees where its values do within 5 % of their own size, besides the last printed digit, and its sum within
 * 0.3 |x|: what a relative error of 5 % without a pattern does to a sum, six times.
 *
 * source   llama.cpp: common/debug.cpp, common_debug_print_tensor
 */
import { FormatError } from "../../errors.ts";
import { foreignTap } from "../../files/foreign-names.ts";
import type { Host } from "../../tensor.ts";
import type { Bundle } from "../bundle-read.ts";
import type { Check, Checks } from "../checks.ts";

export interface LogNode {
  readonly name: string;
  readonly op: string;
  /** Innermost first. */
  readonly ne: readonly number[];
  /** Those that were printed, in the order of printing. */
  readonly values: readonly number[];
  readonly sum: number;
}

const HEADER = /:\s+(\S.*?) = \(\w+\)\s+(\w+)\(.*\) = \{(\d+), (\d+), (\d+), (\d+)\}\s*$/;
const SUM = /^\s*sum = (\S+)\s*$/;
const TOLERANCE = 0.05;
const SUM_TOLERANCE = 6 * TOLERANCE;
const PRINTED = 5e-5;

/** The nodes of a log, in its order. Lines of other kinds are passed over. */
export function parseLog(text: string): LogNode[] {
  const nodes: LogNode[] = [];
  let head: Pick<LogNode, "name" | "op" | "ne"> | undefined;
  let values: number[] = [];
  for (const line of text.split("\n")) {
    const match = HEADER.exec(line);
    if (match !== null) {
      const [, name, op, ...ne] = match;
      head = { name: name!, op: op!, ne: ne.map(Number) };
      values = [];
      continue;
    }
    const sum = SUM.exec(line)?.[1];
    if (head === undefined) continue;
    if (sum !== undefined) {
      nodes.push({ ...head, values, sum: Number(sum) });
      head = undefined;
    } else values.push(...(line.match(/-?(?:\d+\.\d+|nan|inf)/g) ?? []).map(number));
  }
  return nodes;
}

function number(text: string): number {
  return /nan|inf/.test(text) ? NaN : Number(text);
}

/**
 * Holds every node that has a tap in the reference against it, in the order of the log; after the first that does not
 * agree the others are not judged.
 *
 * throws   FormatError E_IMPORT_NONE where no node of the log is a tap of the bundle
 */
export function checkLog(text: string, path: string, bundle: Bundle): Checks {
  const nodes = parseLog(text);
  const checks: Check[] = [];
  let bad: string | undefined;
  for (const node of withProducts(nodes)) {
    const check = checkNode(node, node.tap, bundle, bad);
    if (check === undefined) continue;
    if (check.outcome === "fail") bad ??= node.tap;
    checks.push(check);
  }
  if (checks.length > 0) {
    const notes = ["Sums and 3 + 3 values of four decimals: an error below 5 % is not seen."];
    return { schema: "oracle-checks/1", command: "import", subject: path, checks, notes };
  }
  throw new FormatError("E_IMPORT_NONE", path, {
    path,
    expected: "a log of llama-eval-callback with nodes that are taps of the reference",
    actual: `${nodes.length} nodes`,
    hint: "Record the reference with all taps, and log with --verbose.",
  });
}

type Named = LogNode & { readonly tap: string };

/** Nodes with their taps; q, k and v are the products themselves where no bias is added to them. */
function withProducts(nodes: readonly LogNode[]): Named[] {
  const tapOf = (node: LogNode, op = node.op) => foreignTap(node.name, op)?.taps[0];
  const have = new Set(nodes.map((node) => tapOf(node)));
  return nodes.flatMap((node): Named[] => {
    const product = node.op === "MUL_MAT" ? tapOf(node, "ADD") : undefined;
    const tap = tapOf(node) ?? (product !== undefined && !have.has(product) ? product : undefined);
    return tap === undefined ? [] : [{ ...node, tap }];
  });
}

function checkNode(node: LogNode, tap: string, bundle: Bundle, bad: string | undefined): Check | undefined {
  const reference = bundle.read(tap);
  const where = `${node.name} (${node.op}), which is ${tap}`;
  if (reference === undefined || bundle.entry(tap)?.width !== undefined) return undefined;
  if (bad !== undefined) return { code: "import-sum", outcome: "skip", where, next: `Downstream of ${bad}.` };
  const places = placesOf(node, reference);
  if (places === undefined) {
    const next = `The node is {${node.ne.join(", ")}}, the tap [${reference.shape.join(" ")}].`;
    return { code: "import-sum", outcome: "skip", where, next };
  }
  const { data, rows } = places;
  const off = errorOf(node.values, data);
  const size = Math.sqrt(rows.reduce((sum, x) => sum + x * x, 0));
  const sum = rows.reduce((total, x) => total + x, 0);
  const ok = off <= TOLERANCE && Math.abs(node.sum - sum) <= SUM_TOLERANCE * size + 1e-4;
  if (ok) return { code: "import-sum", outcome: "pass", where };
  return {
    code: "import-sum",
    outcome: "fail",
    where,
    expected: `sum ${sum.toFixed(4)}, values ${shown(data)}`,
    actual: `sum ${node.sum.toFixed(4)}, values ${shown(node.values)}`,
    next: "Dump this node whole (raw+json) and compare it.",
  };
}

function shown(values: ArrayLike<number>): string {
  return Array.from({ length: Math.min(3, values.length) }, (_, i) => values[i]!.toFixed(4)).join(" ");
}

/** |difference| / |reference| over the printed values, less what the fourth decimal hides. */
function errorOf(printed: readonly number[], reference: readonly number[]): number {
  let [difference, size] = [0, 0];
  printed.forEach((x, i) => {
    const d = Math.max(0, Math.abs(x - reference[i]!) - PRINTED);
    difference += d * d;
    size += reference[i]! ** 2;
  });
  if (Number.isNaN(difference)) return Infinity;
  return Math.sqrt(difference) / Math.max(Math.sqrt(size), PRINTED);
}

/** The reference's values at the printed places, and all values of the node's rows, which are the last. */
function placesOf(
  { ne, values }: LogNode,
  { shape, data }: Host<string>,
): { data: number[]; rows: Float32Array } | undefined {
  const [a = 1, b = 1, c = 1] = ne;
  const [count = 0, width = 0] = shape;
  const flat = a === width && c === 1;
  const length = flat ? b : c;
  if ((!flat && a * b !== width) || length > count) return undefined;
  const rows = data.subarray((count - length) * width);
  const places = seen(c).flatMap((z) =>
    seen(b).flatMap((y) => seen(a).map((x) => rows[(flat ? y : z) * width + (flat ? x : y * a + x)]!)),
  );
  return places.length === values.length ? { data: places, rows } : undefined;
}

/** The first and the last three of an axis, as they are printed. */
function seen(n: number): number[] {
  const all = Array.from({ length: n }, (_, i) => i);
  return n > 6 ? [...all.slice(0, 3), ...all.slice(n - 3)] : all;
}
