import { expect, it } from "vitest";
import { dimsOf, LAYER_TAPS, tapNames } from "../../src/oracle/taps.ts";
import { reference } from "../../src/reference/index.ts";
import { model } from "../support/models.ts";

const { taps, config, ids } = model("tiny");

it("taps come in the order of the page, with the shapes that their axes say", async () => {
  const sizes: Record<string, number> = {
    T: ids.length,
    C: config.channels,
    HD: config.heads * config.headSize,
    KD: config.keyHeads * config.headSize,
    F: config.feedForward,
    V: config.vocabulary,
  };
  const all = await taps(reference);
  expect(all.map(({ name }) => name)).toEqual(tapNames(config.layers));
  for (const { dims, data } of all) expect(data.shape).toEqual(dims.split(" ").map((axis) => sizes[axis]));
});

it("only what is wanted is kept", async () => {
  expect((await taps(reference, { want: (name) => name === "1.qr" })).map(({ name }) => name)).toEqual(["1.qr"]);
});

it("progress counts layers and tokens up to all of them", async () => {
  const done: number[] = [];
  await taps(reference, { chunk: 4, onLayer: (n) => done.push(n) });
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(done.at(-1)).toBe(ids.length * config.layers);
});

it("a name tells its axes", () => {
  expect(Object.keys(LAYER_TAPS)).toHaveLength(15);
  expect(["0.qr", "63.up", "embed", "logits"].map(dimsOf)).toEqual(["T HD", "T F", "T C", "T V"]);
});
