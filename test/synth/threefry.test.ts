import { expect, it } from "vitest";
import { threefry } from "../../src/synth/threefry.ts";
import { goldenJson } from "../support/golden.ts";

interface Words {
  readonly words: readonly { readonly key: [number, number]; readonly counter: number; readonly words: number[] }[];
}

const hex = (x: number) => x.toString(16).padStart(8, "0");

it("gives the known answer of Random123 for the key and the counter of zeros", () => {
  const words = new Uint32Array(2);
  threefry({ low: 0, high: 0 }, 0, words);
  expect(Array.from(words, hex)).toEqual(["6b200159", "99ba4efe"]);
});

it.each(goldenJson<Words>("synth/values.json").words)("gives Python's words for key $key, counter $counter", (one) => {
  const words = new Uint32Array(2);
  threefry({ low: one.key[0], high: one.key[1] }, one.counter, words);
  expect(Array.from(words)).toEqual(one.words);
});

it("counts on: the pairs of a long stretch are those of each counter alone, past 2^32 too", () => {
  const key = { low: 1, high: 2 };
  const [all, one] = [new Uint32Array(8), new Uint32Array(2)];
  threefry(key, 2 ** 32 - 2, all);
  for (let i = 0; i < 4; i++) {
    threefry(key, 2 ** 32 - 2 + i, one);
    expect(all.subarray(2 * i, 2 * i + 2)).toEqual(one);
  }
});
