/** Tests one step of the course: by hand, then in the whole model, judged by the oracle. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoint } from "../files/checkpoint.ts";
import { shipped } from "../files/shipped.ts";
import { openBundle } from "../oracle/bundle-read.ts";
import { writeBundle } from "../oracle/bundle.ts";
import { firstNotFinite } from "../oracle/candidate.ts";
import { diagnose } from "../oracle/diagnose.ts";
import type { NotFinite, Report } from "../oracle/report.ts";
import { isHost, type AnyTensor } from "../tensor.ts";
import { functionOf, Wrong } from "./ops.ts";
import type { Step, Written } from "./steps.ts";
import { tapsWith } from "./taps.ts";

/** What a step's test found. */
export type Finding =
  | { readonly kind: "done" }
  | { readonly kind: "unwritten" }
  /** No number is wrong yet: the file does not do what it must. */
  | { readonly kind: "wrong"; readonly says: string }
  | {
      readonly kind: "hand";
      readonly says: string;
      readonly at: number;
      readonly expected: number;
      readonly actual: number;
    }
  | { readonly kind: "broken"; readonly place: NotFinite }
  | { readonly kind: "diverges"; readonly report: Report };

/** What a starter file throws. */
export const UNWRITTEN = /is not written yet/;

/** Twelve tokens of the tiny model, none of which is special: a seed's own. */
const IDS = Uint32Array.of(17, 3, 142, 58, 91, 3, 120, 77, 8, 33, 64, 101);

/** Float32 keeps seven digits; a case is written down with seven. */
const DIGITS = 1e-6;

/** Runs the cases of a step, then the model. Nothing that a learner wrote makes it throw. */
export async function checkStep(step: Step, written: Written): Promise<Finding> {
  try {
    return byHand(step, written) ?? (await inTheModel(step, written));
  } catch (error) {
    const { message, name } = error instanceof Error ? error : { message: String(error), name: "" };
    if (UNWRITTEN.test(message)) return { kind: "unwritten" };
    return { kind: "wrong", says: error instanceof Wrong ? message : `it throws: ${name}: ${message}` };
  }
}

function byHand({ cases, exports: name }: Step, written: Written): Finding | undefined {
  for (const { says, run, expected } of cases) {
    const made = ran(says, () => run(functionOf(written, name))) as AnyTensor;
    const data = typeof made === "object" && made !== null && isHost(made) ? made.data : undefined;
    if (data?.length !== expected.length) {
      const got = data === undefined ? "no tensor, as zeros makes one" : `${data.length} values`;
      throw new Wrong(`${says}: expected ${expected.length} values, got ${got}`);
    }
    const at = expected.findIndex((value, i) => !(Math.abs(data[i]! - value) <= DIGITS * Math.max(1, Math.abs(value))));
    if (at >= 0) return { kind: "hand", says, at, expected: expected[at]!, actual: data[at]! };
  }
  return undefined;
}

/** A case, whose error says which one it was. */
function ran(says: string, run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof Wrong || UNWRITTEN.test(error.message)) throw error;
    throw new Wrong(`${says}: it throws: ${error.name}: ${error.message}`);
  }
}

async function inTheModel(step: Step, written: Written): Promise<Finding> {
  const model = openCheckpoint(shipped("golden", "model", "tiny"));
  const folder = mkdtempSync(join(tmpdir(), "qwq-learn-"));
  try {
    const taps = await tapsWith(step, written, model, IDS);
    const path = join(folder, "yours.oracle");
    const head = {
      role: "candidate",
      engine: "yours",
      model: {},
      producer: {},
      policy: "f32",
      input: { ids: [...IDS] },
    } as const;
    writeBundle(path, head, taps);
    const bundle = openBundle(path);
    try {
      const place = firstNotFinite(bundle);
      if (place !== undefined) return { kind: "broken", place };
      const report = diagnose(bundle, model);
      return report.verdict === "fail" ? { kind: "diverges", report } : { kind: "done" };
    } finally {
      bundle.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
    model.close();
  }
}
