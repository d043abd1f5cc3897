import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { EQUATIONS } from "../../docs/live/equations.ts";
import { livePage, pointedAt } from "../../docs/live/html.ts";
import { linesOf } from "../../docs/live/lines.ts";
import { attentionWeights } from "../../docs/live/weights.ts";
import { isFile, root } from "../../docs/site/places.ts";
import { LAYER_TAPS } from "../../src/oracle/taps.ts";
import { attention } from "../../src/reference/attention.ts";
import { host } from "../../src/tensor.ts";

const lines = linesOf(readFileSync(join(root, "src/model.ts"), "utf8"));

it("every line of the page that computes has an equation, and every equation a line", () => {
  const names = lines.flatMap(({ name }) => name ?? []);
  expect([...names].sort()).toEqual([...Object.keys(EQUATIONS)].sort());
  const silent = lines.filter(({ name, comment }) => name === undefined && / = /.test(comment));
  expect(silent).toEqual([]);
});

it("the names are the taps', with the cache's keys and the three that have no layer", () => {
  const names = new Set(Object.keys(EQUATIONS));
  for (const tap of [...Object.keys(LAYER_TAPS), "embed", "norm", "logits"]) expect(names.delete(tap), tap).toBe(true);
  expect([...names]).toEqual(["keys"]);
});

it("the text is that of the file, letter by letter", () => {
  const text = lines.map(({ code, comment }) => code + comment).join("\n");
  expect(`${text}\n`).toBe(readFileSync(join(root, "src/model.ts"), "utf8"));
});

it("every file that the page points at is there", () => {
  expect(pointedAt().filter((file) => !isFile(file))).toEqual([]);
});

it("every control of the page has a name", () => {
  const page = livePage((file) => `/${file}`);
  for (const [button] of page.matchAll(/<button[^>]*>/g)) expect(button).toMatch(/aria-label="Line \d+: [^"]+"/);
  expect(page).not.toMatch(/\{\{/);
});

it("the weights that are drawn sum to one and give attention's own average", () => {
  const [T, D] = [5, 4];
  const wave = (length: number, phase: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * 0.7 + phase));
  const [q, k, v] = [wave(T * 4 * D, 0), wave(T * 2 * D, 1), wave(T * 2 * D, 2)];
  const a = attention(host([T, 4 * D], q), host([T, 2 * D], k), host([T, 2 * D], v), D);
  for (const { head, data } of attentionWeights(q, k, T, D)) {
    for (let t = 0; t < T; t++) {
      const row = data.subarray(t * T, (t + 1) * T);
      expect(row.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
      expect([...row.subarray(t + 1)].every((share) => share === 0)).toBe(true);
      const first = row.reduce((sum, share, s) => sum + share * v[s * 2 * D + Math.floor(head / 2) * D]!, 0);
      expect(first).toBeCloseTo(a.data[t * 4 * D + head * D]!, 6); // weights are stored as float32
    }
  }
});
