import { expect, it } from "vitest";
import { mergeTree, tokenStrip } from "../../src/pictures/tokens.ts";

const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);

it("a strip shows every token with its id, in order", () => {
  const picture = tokenStrip(["How", " <are>"], [39, 368]);
  expect(texts(picture.svg)).toEqual(["How", "39", "·&lt;are&gt;", "368"]);
  expect(picture.alt).toBe('2 tokens: "How" is 39, " <are>" is 368');
});

it("a tree has one token less each row, and ends in the word's tokens", () => {
  const rows = [["l", "o", "w"], ["lo", "w"], ["low"]];
  const picture = mergeTree(rows);
  expect(texts(picture.svg)).toEqual(rows.flat());
  expect(picture.values["tokens"]).toEqual([3, 2, 1]);
  expect(picture.svg.match(/<line/g)).toHaveLength(3 + 2); // every token of a row is led to the next
});
