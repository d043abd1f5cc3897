/** Recordings of our own backends with keys and values in fewer bits: engines for the oracle to judge. */
import { expect, it } from "vitest";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { record, recordingOps } from "../../src/oracle/record.ts";
import { replay } from "../../src/oracle/replay.ts";
import { reference } from "../../src/reference/index.ts";
import { bundleOf } from "../support/engine.ts";
import { model } from "../support/models.ts";

const { checkpoint, ids } = model("tiny");

it.each(["bf16", "int8"] as const)(
  "record keeps keys and values in %s where it is told to, by the oracle's own operations and by the reference, in pieces too",
  async (kv) => {
    for (const [ops, chunk] of [
      [recordingOps(), undefined],
      [recordingOps(), 3],
      [reference, 4],
    ] as const) {
      const taps = await record(ops, checkpoint, ids, { tier: "full", kv, chunk });
      const bundle = openBundle(
        bundleOf("tiny", new Map(taps.map(({ name, data }) => [name, data])), { kv_dtype: kv }),
      );
      expect(replay(bundle, checkpoint, { kvDtype: "f32", layers: "0" })).toMatchObject({
        verdict: "fail",
        first: { tap: "0.a" },
      });
      expect(replay(bundle, checkpoint)).toMatchObject({ verdict: "pass", policy: `f32+kv-${kv}` });
      bundle.close();
    }
  },
);
