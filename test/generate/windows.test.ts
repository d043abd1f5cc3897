import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Feed } from "../../src/generate/feed.ts";
import { predictions, windowsOf } from "../../src/generate/windows.ts";
import { forward } from "../../src/model.ts";
import { reference } from "../../src/reference/index.ts";
import { model } from "../support/models.ts";

const { config, weights } = model("tiny");
const sizes = { vocabulary: 10, context: 50 };

describe("windowsOf", () => {
  it("scores every token once that some window holds in second place or later, in order", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200 }), fc.integer({ min: 2, max: 50 }), fc.nat(), (length, window, n) => {
        const stride = 1 + (n % window);
        const { windows } = windowsOf({ ids: new Uint8Array(length), window, stride }, sizes);
        const scored = windows.flatMap(({ from, end }) => Array.from({ length: end - from }, (_, i) => from + i));
        const expected = Array.from({ length }, (_, i) => i).filter((i) => (stride < window ? i > 0 : i % window > 0));
        expect(scored).toEqual(expected);
        expect(windows.every(({ begin, from, end }) => begin < from && end - begin <= window)).toBe(true);
        expect(windows.map(({ begin }) => begin)).toEqual(windows.map((_, i) => i * stride));
      }),
    );
  });

  it("has windows of 1,024 tokens and half of that from one to the next unless told, or as many as the context", () => {
    const ids = new Uint8Array(2000);
    expect(windowsOf({ ids }, { vocabulary: 10, context: 4096 }).windows.map(({ begin }) => begin)).toEqual([
      0, 512, 1024,
    ]);
    expect(windowsOf({ ids: ids.subarray(0, 60) }, sizes).windows.map(({ begin }) => begin)).toEqual([0, 25]);
  });
});

describe("predictions", () => {
  const ids = Uint32Array.from({ length: 40 }, (_, i) => (i * 37) % 500);
  const f: Feed = { ops: reference, weights, caches: reference.cache(config, 40) };

  it("gives each scored token the logits of the one before it, to the bit, however often its window is asked for", async () => {
    const caches = reference.cache(config, 40);
    const { data } = await reference.download(forward(reference, weights, ids.subarray(5, 38), caches));
    const V = config.vocabulary;
    for (const from of [6, 20, 37, 6]) {
      let at = from;
      for await (const { id, logits } of predictions(f, ids, { begin: 5, end: 38, from })) {
        expect(id).toBe(ids[at]);
        expect(logits).toEqual(data.subarray((at - 6) * V, (at - 5) * V));
        at++;
      }
      expect(at).toBe(38);
    }
  });

  it("tells after each chunk how far it is", async () => {
    const told: number[] = [];
    const seen = predictions({ ...f, chunk: 10 }, ids, { begin: 5, end: 38, from: 30 }, (at) => told.push(at));
    while (!(await seen.next()).done);
    expect(told).toEqual([14, 23, 32, 38]); // 33 tokens in four parts, as even as can be
  });

  it("ends early where the signal comes", async () => {
    const stop = new AbortController();
    const seen = predictions({ ...f, signal: stop.signal }, ids, { begin: 0, end: 40, from: 1 });
    await seen.next();
    stop.abort();
    let more = 0;
    while (!(await seen.next()).done) more++;
    expect(more).toBe(13); // 40 tokens are three parts of at most 14
  });
});
