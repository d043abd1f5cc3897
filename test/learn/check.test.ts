/** A step of the course is done by the reference's own function, and says in words what is wrong with another. */
import { describe, expect, it } from "vitest";
import { checkStep } from "../../src/learn/check.ts";
import { stepOf } from "../../src/learn/run.ts";
import type { Written } from "../../src/learn/steps.ts";
import { findingText } from "../../src/learn/words.ts";
import * as page from "../../src/model.ts";
import { attention } from "../../src/reference/attention.ts";
import { frequencies } from "../../src/reference/frequencies.ts";
import { reference } from "../../src/reference/index.ts";
import { rope } from "../../src/reference/rope.ts";
import { swiglu } from "../../src/reference/swiglu.ts";
import type { Rope } from "../../src/config.ts";
import { host, type Host, zeros } from "../../src/tensor.ts";

const said = async (name: string, written: Written) =>
  findingText(stepOf(name), await checkStep(stepOf(name), written));
/** One line, so that where it was broken does not matter. */
const flat = (text: string) => text.replace(/\s+/g, " ");

/** RoPE as Llama's own files have it: neighbours are pairs. */
function interleaved(x: Host<"T HD">, pos: number, R: Rope): Host<"T HD"> {
  const y = zeros<"T HD">(...x.shape);
  const { f } = frequencies(R);
  const [T = 0, width = 0] = x.shape;
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < width; i += 2) {
      const a = (pos + t) * f[(i % R.D) / 2]!;
      const [p, q] = [x.data[t * width + i]!, x.data[t * width + i + 1]!];
      y.data[t * width + i] = p * Math.cos(a) - q * Math.sin(a);
      y.data[t * width + i + 1] = p * Math.sin(a) + q * Math.cos(a);
    }
  }
  return y;
}

/** Query heads take key heads in turn. */
function tiled(q: Host<"T HD">, k: Host<"S KD">, v: Host<"S KD">, D: number): Host<"T HD"> {
  const [T = 0, HD = 0] = q.shape;
  const K = k.shape[1]! / D;
  const [H, per] = [HD / D, HD / D / K];
  // Head h of this one is head h' of the reference, where h' reads the key head that h takes in turn.
  const place = (h: number) => (h % K) * per + Math.floor(h / K);
  const moved = zeros<"T HD">(T, HD);
  const back = zeros<"T HD">(T, HD);
  for (let t = 0; t < T; t++) {
    for (let h = 0; h < H; h++) {
      moved.data.set(q.data.subarray(t * HD + h * D, t * HD + (h + 1) * D), t * HD + place(h) * D);
    }
  }
  const a = attention(moved, k, v, D);
  for (let t = 0; t < T; t++) {
    for (let h = 0; h < H; h++) {
      back.data.set(a.data.subarray(t * HD + place(h) * D, t * HD + (place(h) + 1) * D), t * HD + h * D);
    }
  }
  return back;
}

describe("the solutions are src itself (all of them: test/cli/learn.test.ts)", () => {
  it.each(["linear", "cache", "model"])("%s", async (name) => {
    const written: Written = name === "model" ? page : { ...reference };
    expect(await checkStep(stepOf(name), written)).toEqual({ kind: "done" });
  });
});

describe("what is wrong is said", () => {
  it("before the model is run, by hand", async () => {
    expect(flat(await said("rope", { rope: interleaved }))).toContain(
      "not yet by hand: x = (1, 0, 0, 0), D = 4, theta 10000, place 1: value 1 should be 0, yours is 0.84147",
    );
  });

  it("of heads that are taken in turn, which one case by hand cannot show: the tap, the row, the bug", async () => {
    const text = flat(await said("attention", { attention: tiled }));
    expect(text).toContain("the first divergence is 0.a, what attention found of layer 0.");
    expect(text).toContain("What it is made of (0.qr, 0.kr, 0.v) is right.");
    expect(text).toMatch(/12 of 12 positions are wrong; position \d+, channel \d+: expected -?\d.*, yours -?\d/);
    expect(text).toContain("it agrees with a known bug, gqa-tile. next qwq oracle explain gqa-tile");
  });

  it("of a page that forgets the residual", async () => {
    const block = (...inputs: Parameters<typeof page.block>) => {
      const acts = page.block(...inputs);
      return { ...acts, out: acts.down };
    };
    const forward = (...[ops, w, ids, caches, observe]: Parameters<typeof page.forward>) => {
      let x = ops.embed(w.E, ids);
      for (const [l, W] of w.layers()) {
        const acts = block(ops, W, x, caches[l]!, w.rope, w.eps);
        observe?.(l, acts);
        x = acts.out;
      }
      return ops.linear(ops.rmsNorm(x, w.g, w.eps), w.U);
    };
    const text = flat(await said("model", { ...page, block, forward }));
    expect(text).toContain("the first divergence is 0.out, the residual stream after the layer of layer 0.");
    expect(text).toContain("residual-mlp");
  });

  it("of a function that writes into its inputs", async () => {
    const inPlace = (x: Host<"T C">, y: Host<"T C">) => {
      x.data.forEach((_, i) => (x.data[i]! += y.data[i]!));
      return x;
    };
    expect(flat(await said("add", { add: inPlace }))).toContain(
      "add must leave its inputs as they are, since others read them later; it changed the first one.",
    );
  });

  it("of what is right for small numbers and early places alone", async () => {
    const silu = (g: Host<"T F">, u: Host<"T F">) =>
      host(
        g.shape,
        g.data.map((a, i) => ((a * Math.exp(a)) / (1 + Math.exp(a))) * u.data[i]!),
      );
    expect(flat(await said("swiglu", { swiglu: silu }))).toContain("value 0 should be 2000, yours is NaN");
    const exact = (x: Host<"T HD">, pos: number, R: Rope) => {
      const { f } = frequencies(R);
      const turned = (i: number) => {
        const [t, d] = [Math.floor(i / x.shape[1]!), i % R.D];
        const [a, half] = [(pos + t) * f[d % (R.D / 2)]!, R.D / 2];
        return x.data[i]! * Math.cos(a) + (d < half ? -x.data[i + half]! : x.data[i - half]!) * Math.sin(a);
      };
      return host(
        x.shape,
        x.data.map((_, i) => turned(i)),
      );
    };
    expect(flat(await said("rope", { rope: exact }))).toContain("place 40959: the angle is rounded to float32");
  });

  it("of a page that takes every call for the first, and of one that shows no layer", async () => {
    const forward = (...[ops, w, ids, caches, observe]: Parameters<typeof page.forward>) =>
      page.forward({ ...ops, rope: (x, _, R) => ops.rope(x, 0, R) }, w, ids, caches, observe);
    const text = flat(await said("model", { ...page, forward }));
    expect(text).toContain("the first divergence is 0.qr");
    expect(text).toContain(
      "The first 5 are right. The others come in later calls, when the cache holds tokens already",
    );
    const mute = (...[ops, w, ids, caches]: Parameters<typeof page.forward>) => page.forward(ops, w, ids, caches);
    expect(flat(await said("model", { ...page, forward: mute }))).toContain(
      "forward must call observe with the layers 0, 1, 2 and what block returned of each; it showed none.",
    );
  });

  it("of one cache that all layers share, and of the case that throws", async () => {
    const shared = (...inputs: Parameters<typeof reference.cache>) => {
      const [one] = reference.cache(...inputs);
      return Array.from({ length: inputs[0].layers }, () => one);
    };
    expect(flat(await said("cache", { cache: shared }))).toContain("a cache of its own for each layer");
    const always = (x: Host<"T I">, W: Host<"O I">, b: Host<"O">) => {
      const y = reference.linear(x, W) as Host<"T O">;
      return host(
        y.shape,
        y.data.map((value, i) => value + b.data[i % b.data.length]!),
      );
    };
    expect(flat(await said("linear", { linear: always }))).toContain("no b: it throws: TypeError: ");
  });

  it("of values that are not numbers, of shapes, of nothing returned, of nothing exported, of what is thrown", async () => {
    const nan = (g: Host<"T F">, u: Host<"T F">) => {
      const h = swiglu(g, u);
      if (g.shape[1]! > 2) h.data[5] = NaN;
      return h;
    };
    expect(flat(await said("swiglu", { swiglu: nan }))).toContain("has NaN at position 0, channel 5.");
    expect(await said("add", { add: () => undefined })).toContain("got no tensor");
    const wide = (x: Host<"T C">) => (x.data.length === 2 ? host(x.shape, Float32Array.of(1.5, 0)) : zeros(1, 1));
    expect(flat(await said("add", { add: wide }))).toMatch(
      /add must return a tensor \[\d+ \d+\]; it returned one of \[1 1\]/,
    );
    expect(flat(await said("rope", { turn: rope }))).toContain(
      "the file must export a function rope; it exports turn.",
    );
    const thrown = () => {
      throw new TypeError("x is not iterable");
    };
    expect(flat(await said("embed", { embed: thrown }))).toContain("it throws: TypeError: x is not iterable.");
    const starter = () => {
      throw new Error("embed is not written yet");
    };
    expect(await said("embed", { embed: starter })).toContain("embed  not begun");
  });
});
