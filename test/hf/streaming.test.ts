import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { goldenPath } from "../support/golden.ts";
import { PYTHON } from "../support/real.ts";

const script = join(import.meta.dirname, "streaming.py");

describe.skipIf(!existsSync(PYTHON))(
  "golden/streamed.py, the truth for checkpoints larger than memory (npm run setup)",
  () => {
    it("has the bits of the same model loaded whole, in Hugging Face; float64 within 1e-14", () => {
      const folders = ["sharded", "tied", "yarn"].map((name) => goldenPath(`model/${name}`));
      const counts = JSON.parse(execFileSync(PYTHON, [script, ...folders], { encoding: "utf8" })) as unknown;
      const all = { taps: 33, f32: 33, f64: 33 };
      expect(counts).toEqual([all, all, all]);
    });
  },
);
