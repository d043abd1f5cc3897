import fc from "fast-check";
import { expect, it } from "vitest";
import { Thoughts } from "../../src/generate/thoughts.ts";

const [BEGIN, END] = [100, 101];
const FORCED = [7, END, 8];

/** What comes of a model that would say `ids`. */
function said(ids: readonly number[], most: number, opened: boolean): number[] {
  const thoughts = new Thoughts({ most, opened, begin: BEGIN, end: END, forced: FORCED });
  const out: number[] = [];
  for (const id of ids) {
    for (let due = thoughts.next(); due !== undefined; due = thoughts.next()) {
      thoughts.push(due);
      out.push(due);
    }
    thoughts.push(id);
    out.push(id);
  }
  return out;
}

it.each([
  ["nothing, where they end in time", [1, 2, END, 3, 4], 3, true, [1, 2, END, 3, 4]],
  ["the end, after so many", [1, 2, 3, 4], 2, true, [1, 2, ...FORCED, 3, 4]],
  ["the end at once, for 0", [1, 2], 0, true, [...FORCED, 1, 2]],
  ["nothing, where there is no thought", [1, 2, 3], 0, false, [1, 2, 3]],
  ["the end, in a thought that the model began", [BEGIN, 1, 2], 1, false, [BEGIN, 1, ...FORCED, 2]],
  [
    "the end, where thoughts that it begins again are too many together",
    [1, END, 2, BEGIN, 3, 4],
    2,
    true,
    [1, END, 2, BEGIN, 3, ...FORCED, 4],
  ],
])("forces %s", (_, ids, most, opened, expected) => {
  expect(said(ids, most, opened)).toEqual(expected);
});

it("there are never more tokens of thoughts than the limit, and without it nothing would be added", () => {
  const id = fc.oneof(fc.constantFrom(BEGIN, END), fc.integer({ min: 0, max: 9 }));
  fc.assert(
    fc.property(fc.array(id), fc.nat(6), fc.boolean(), (ids, most, opened) => {
      const out = said(ids, most, opened);
      let [thinking, count] = [opened, 0];
      for (const [i, each] of out.entries()) {
        const forced = each === FORCED[0] && out[i + 1] === END && out[i + 2] === FORCED[2];
        if (each === END || forced) thinking = false;
        else if (each === BEGIN) thinking = true;
        else if (thinking) count++;
      }
      expect(count).toBeLessThanOrEqual(most);
      expect(said(ids, 1000, opened)).toEqual(ids);
    }),
  );
});
