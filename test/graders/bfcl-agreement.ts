/** Our verdicts on calls beside bfcl-eval's, on the replies of golden/graders/bfcl-verdicts. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { decodeCalls } from "../../src/verify/bfcl/decode.ts";
import { gradeCalls } from "../../src/verify/bfcl/grader.ts";
import { readBfclTask } from "../../src/verify/bfcl/task.ts";
import { repr } from "../../src/verify/python/unparse.ts";
import { goldenPath } from "../support/golden.ts";

export interface Tally {
  tasks: number;
  verdicts: number;
  /** Those of bfcl-eval that say the calls are right. */
  right: number;
  same: number;
  /** Where bfcl-eval's checker ends with an error of Python's; counted as not right. */
  raised: number;
}

export interface Agreement {
  readonly categories: ReadonlyMap<string, Tally>;
  readonly differences: readonly {
    readonly id: string;
    readonly official: string;
    readonly reply: string;
    readonly reason: string;
  }[];
  readonly syntax: {
    readonly texts: number;
    readonly differences: readonly (readonly [string, string | null, string | null])[];
  };
}

const STYLES = { t: "tools", p: "python" } as const;

/** Compares every verdict, and what Python's syntax is decoded to. */
export function bfclAgreement(): Agreement {
  const text = gunzipSync(readFileSync(goldenPath("graders/bfcl-verdicts.jsonl.gz"))).toString("utf8");
  const categories = new Map<string, Tally>();
  const differences: Agreement["differences"][number][] = [];
  const syntax: { texts: number; differences: (readonly [string, string | null, string | null])[] } = {
    texts: 0,
    differences: [],
  };
  for (const line of text.split("\n").filter(Boolean)) {
    const row = JSON.parse(line) as { replies?: ["t" | "p", string, string][]; syntax: string; decoded: string | null };
    if (row.replies === undefined) {
      const decoded = decodeCalls(row.syntax, "python");
      const ours = "failed" in decoded ? null : repr(decoded);
      syntax.texts++;
      if (ours !== row.decoded) syntax.differences.push([row.syntax, row.decoded, ours]);
      continue;
    }
    const task = readBfclTask(line);
    const tally = categories.get(task.category) ?? { tasks: 0, verdicts: 0, right: 0, same: 0, raised: 0 };
    categories.set(task.category, tally);
    tally.tasks++;
    for (const [style, official, reply] of row.replies) {
      const { right, reason } = gradeCalls(task, reply, STYLES[style], false);
      tally.verdicts++;
      if (official === "1") tally.right++;
      if (official === "!") tally.raised++;
      if (right === (official === "1")) tally.same++;
      else differences.push({ id: task.id, official, reply, reason });
    }
  }
  return { categories, differences, syntax };
}
