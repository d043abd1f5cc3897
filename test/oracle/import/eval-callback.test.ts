import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { verdictOf } from "../../../src/oracle/checks.ts";
import { writeBundle } from "../../../src/oracle/bundle.ts";
import { openBundle } from "../../../src/oracle/bundle-read.ts";
import { checkLog, parseLog } from "../../../src/oracle/import/eval-callback.ts";
import { record } from "../../../src/oracle/record.ts";
import { reference } from "../../../src/reference/index.ts";
import { failure } from "../../support/folder.ts";
import { model } from "../../support/models.ts";

const tiny = model("tiny");
const ids = Uint32Array.from(tiny.recorded.ids.slice(0, 8));
const taps = await record(reference, tiny.checkpoint, ids, { tier: "full" });
const folder = mkdtempSync(join(tmpdir(), "qwq-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "r.oracle");
writeBundle(path, { role: "reference", model: {}, producer: {}, policy: "f32", input: { ids: Array.from(ids) } }, taps);
const bundle = openBundle(path);

/** A node as llama.cpp prints it: three and three of every axis. */
function printed(
  name: string,
  op: string,
  ne: readonly number[],
  value: (x: number, y: number, z: number) => number,
): string {
  const [a = 1, b = 1, c = 1] = ne;
  const seen = (n: number) => [...Array(n).keys()].filter((i) => n <= 6 || i < 3 || i >= n - 3);
  const row = (y: number, z: number) =>
    `     [${seen(a)
      .map((x, i) => `${i === 3 && a > 6 ? "..., " : ""}${value(x, y, z).toFixed(4).padStart(12)}`)
      .join(", ")}],`;
  let sum = 0;
  for (let z = 0; z < c; z++) for (let y = 0; y < b; y++) for (let x = 0; x < a; x++) sum += value(x, y, z);
  const rows = seen(c).flatMap((z) => ["    [", ...seen(b).map((y) => row(y, z)), "    ],"]);
  return [
    `common_debug_cb_eval: ${name.padStart(24)} = (f32) ${op.padStart(10)}(a{${ne.join(", ")}}, b{1, 1, 1, 1}}) = {${[a, b, c, 1].join(", ")}}`,
    ...rows,
    `    sum = ${sum.toFixed(6)}`,
  ].join("\n");
}

const of = (tap: string) => {
  const { data } = taps.find(({ name }) => name === tap)!;
  return {
    value: (t: number, i: number) => data.data[t * data.shape[1]! + i]!,
    T: data.shape[0]!,
    width: data.shape[1]!,
  };
};

/** A log of a whole layer, in which one node may be multiplied. */
function log(wrong?: string, by = 1.2): string {
  const node = (name: string, op: string, tap: string, rows?: number) => {
    const { value, T, width } = of(tap);
    const from = T - (rows ?? T);
    return printed(name, op, [width, T - from], (x, y) => value(from + y, x) * (name === wrong ? by : 1));
  };
  const rope = of("0.qr");
  return [
    "main: some other line",
    node("inp_embd", "GET_ROWS", "embed"),
    node("attn_norm-0", "MUL", "0.n1"),
    node("Qcur-0", "MUL_MAT", "0.k"), // the product before its bias is no tap
    node("Qcur-0", "ADD", "0.q"),
    printed("Qcur-0", "ROPE", [8, 10, 8], (x, y, z) => rope.value(z, y * 8 + x) * (wrong === "rope" ? by : 1)),
    node("kqv_out-0", "CONT", "0.a"),
    node("l_out-2", "ADD", "2.out", 1),
    node("result_output", "MUL_MAT", "logits", 1),
  ].join("\n");
}

describe("eval-callback", () => {
  it("reads nodes with their printed values and sums", () => {
    const [first] = parseLog(printed("Qcur-0", "ROPE", [2, 1, 2], (x, _, z) => x - z));
    expect(first).toEqual({ name: "Qcur-0", op: "ROPE", ne: [2, 1, 2, 1], values: [0, 1, -1, 0], sum: 0 });
  });

  it("agrees with the reference itself, rows of the last token among it", () => {
    const { checks } = checkLog(log(), "log", bundle);
    expect(checks.map(({ outcome }) => outcome)).toEqual(new Array(7).fill("pass"));
  });

  it.each([
    ["Qcur-0", "Qcur-0 (ADD), which is 0.q"],
    ["rope", "Qcur-0 (ROPE), which is 0.qr"],
    ["kqv_out-0", "kqv_out-0 (CONT), which is 0.a"],
    ["result_output", "result_output (MUL_MAT), which is logits"],
  ])("names the first node that does not: %s", (wrong, where) => {
    const checks = checkLog(log(wrong), "log", bundle);
    expect(verdictOf(checks)).toBe("fail");
    const failed = checks.checks.filter(({ outcome }) => outcome === "fail");
    expect(failed.map((check) => check.where)).toEqual([where]);
    expect(
      checks.checks.filter(({ outcome }) => outcome === "skip").every(({ next }) => next!.startsWith("Downstream")),
    ).toBe(true);
  });

  it("sees NaN, and does not see 2 %", () => {
    expect(verdictOf(checkLog(log("Qcur-0", NaN).replaceAll("NaN", "nan"), "log", bundle))).toBe("fail");
    expect(verdictOf(checkLog(log("Qcur-0", 1.02), "log", bundle))).toBe("pass");
  });

  it("refuses a log without nodes, and does not judge a node of another size", () => {
    expect(failure(() => checkLog("nothing", "log", bundle)).code).toBe("E_IMPORT_NONE");
    const { checks } = checkLog(
      printed("attn_norm-0", "MUL", [81, 8], () => 1),
      "log",
      bundle,
    );
    expect(checks.map(({ outcome }) => outcome)).toEqual(["skip"]);
  });
});
