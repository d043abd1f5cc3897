/** Reports to be printed, made by hand: what stands in them is known to the last digit. */
import type { Report, TapResult } from "../../src/oracle/report.ts";
import { tapNames } from "../../src/oracle/taps.ts";

export function tapResult(tap: string, z: number, rows = 4): TapResult {
  const noise = 3.5e-3;
  const all = Array.from({ length: rows }, (_, row) => ({ row, r: noise * z, noise, z: row === rows - 1 ? z : z / 2 }));
  return {
    tap,
    r: noise * z,
    noise,
    z,
    row: rows - 1,
    rows: all,
    ulps: [40, 20, 10, 5, 0, 1],
    values: z > 3 ? [{ row: rows - 1, column: 5, expected: 0.125, actual: -1.5 }] : undefined,
  };
}

/** A report in which every tap is clean. */
export function passing(layers = 3, rows = 4): Report {
  const taps = tapNames(layers).map((name, i) => tapResult(name, 0.5 + (i % 7) / 10, rows));
  return {
    schema: "oracle-report/1",
    command: "compare",
    verdict: "pass",
    first: null,
    taps,
    diagnosis: [],
    policy: "bf16-hf-eager",
    engine: "an engine",
    layers,
    rows: Array.from({ length: rows }, (_, row) => row),
    coverage: { taps: taps.length, of: taps.length, fraction: 1, missing: [] },
    notes: [],
    warnAbove: 3,
    failAbove: 6,
  };
}

/** One in which `first` is at fault, and all taps after it are dirty by inheritance. */
export function failing(first = "1.kr", layers = 3, rows = 4): Report {
  const clean = passing(layers, rows);
  const at = clean.taps.findIndex(({ tap }) => tap === first);
  const taps = clean.taps.map((tap, i) => (i < at ? tap : tapResult(tap.tap, i === at ? 249 : 80, rows)));
  const { r, noise, z, row } = taps[at]!;
  return {
    ...clean,
    verdict: "fail",
    taps,
    first: { tap: first, r, noise, z, row, inputs: [{ tap: "1.k", z: 0.9 }], missing: [] },
    diagnosis: [
      { code: "rope-interleaved", z: 1.1, margin: 229 },
      { code: "rope-theta", variant: "theta 10000", z: 252, margin: 229 },
    ],
    none: false,
  };
}

export const notFinite = (): Report => ({
  ...passing(),
  verdict: "fail",
  notFinite: { tap: "1.k", row: 0, column: 7, value: "NaN" },
});

export const incomparable = (): Report => ({
  ...passing(),
  verdict: "incomparable",
  taps: [],
  incomparable: "the prompts differ: 8 ids and 9",
});

/** An engine that means harm. */
export const HOSTILE = `</script><img src=x onerror=alert(1)> & "quotes" ' | % ::error:: \u0007 \ud800 \n`;
