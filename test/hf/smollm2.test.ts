import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { QwQ } from "../../src/library/qwq.ts";
import { recordTaps } from "../../src/oracle/taps.ts";
import { reference } from "../../src/reference/index.ts";
import { host } from "../../src/tensor.ts";
import { firstDivergence, type Judged, worst } from "../support/divergence.ts";
import { golden, goldenJson } from "../support/golden.ts";
import { SMOLLM2 } from "../support/real.ts";
import { floor } from "../support/within.ts";

interface Taps {
  readonly ids: number[];
  readonly rows: number[];
  readonly floors: Record<string, number>;
}

interface Greedy {
  readonly question: string;
  readonly prompt: string;
  readonly ids: number[];
  readonly greedy: number[];
  readonly margins: number[];
}

describe.skipIf(!existsSync(SMOLLM2))(
  "SmolLM2-135M-Instruct, Q4_1, against Hugging Face float32 (npm run setup)",
  async () => {
    const qwq = await QwQ.load(SMOLLM2, { memory: 2 ** 30 });

    // A floor for each row: the first token's activations are hundreds of times larger than the others', and so is its noise.
    it("each recorded activation is within 4 x its row's floor of float64", async () => {
      const [f32, f64, { ids, rows }] = [
        golden("smollm2/taps.f32"),
        golden("smollm2/taps.f64"),
        goldenJson<Taps>("smollm2/taps.json"),
      ];
      const taps = await recordTaps(reference, qwq.weights, qwq.checkpoint.config, Uint32Array.from(ids), {
        want: (name) => f64.has(name),
      });
      const judged: Judged[] = [];
      let nearer = 0;
      for (const { name, dims, data } of taps) {
        const width = data.shape[1]!;
        const [theirs, truth] = [f32.values(name), f64.values(name)];
        rows.forEach((row, r) => {
          const ours = data.data.subarray(row * width, (row + 1) * width);
          const part = (values: Float32Array | Float64Array) => values.subarray(r * width, (r + 1) * width);
          const noise = worst(part(theirs), part(truth));
          if (worst(ours, part(truth)) <= noise) nearer++;
          judged.push({ tap: { name, dims, data: host([1, width], ours) }, golden: part(truth), bound: floor(noise) });
        });
      }
      expect(judged.length).toBe(2 * (3 * 15 + 2));
      expect(firstDivergence(judged)).toBeUndefined();
      console.log(`nearer to float64 than Hugging Face's float32, or as near: ${nearer} of ${judged.length}`);
    });

    it("the last row's logits are within 4 x the floor of Hugging Face's", async () => {
      const { ids, floors } = goldenJson<Taps>("smollm2/taps.json");
      const logits = await reference.download(qwq.forward(ids));
      const last = logits.data.subarray(-qwq.checkpoint.config.vocabulary);
      expect(worst(last, golden("smollm2/taps.f32").values("logits"))).toBeLessThanOrEqual(4 * floors["logits"]!);
    });

    it("a chat prompt has Hugging Face's bytes and ids, and 64 greedy tokens are Hugging Face's", async () => {
      const { question, prompt, ids, greedy, margins } = goldenJson<Greedy>("smollm2/greedy.json");
      expect(await qwq.render([{ role: "user", content: question }])).toBe(prompt);
      expect([...qwq.tokenizer.encode(prompt)]).toEqual(ids);
      const answer = await qwq.answer(question, { greedy: true, maxTokens: greedy.length });
      expect(answer.ids).toEqual(greedy);
      expect(Math.min(...margins)).toBeGreaterThan(0.05); // no near tie among them: each token was decided clearly
    });
  },
);
