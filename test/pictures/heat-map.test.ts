import { expect, it } from "vitest";
import { attentionMap, heatMap } from "../../src/pictures/heat-map.ts";
import { PALETTE, tone } from "../../src/pictures/palette.ts";

const fills = (svg: string) => [...svg.matchAll(/<rect[^>]*fill="([^"]+)"[^>]*stroke/g)].map(([, fill]) => fill);
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);

it("a cell's colour is its value's share of the scale, red below zero", () => {
  const { svg } = heatMap([[0, 2], [4, -4]], "four cells", { axis: "C" }); // prettier-ignore
  expect(fills(svg)).toEqual(["#ffffff", tone("C", 0.5), PALETTE.C, "#b42318"]);
});

it("values and names are written where asked", () => {
  const options = { axis: "C", decimals: 1, rows: [" a"], columns: ["b", "c"] } as const;
  expect(texts(heatMap([[0.25, 1]], "two", options).svg)).toEqual(["0.3", "1.0", "·a", "b", "c"]);
});

it("attention weights must add up to one and not look ahead; the future is blank", () => {
  const picture = attentionMap([[1, 0], [0.25, 0.75]], ["a", "b"], "two tokens"); // prettier-ignore
  expect(fills(picture.svg)).toEqual([PALETTE.S, "#f6f8fa", tone("S", 0.25), tone("S", 0.75)]);
  expect(picture.values["1 b"]).toEqual([0.25, 0.75]);
  const off = [[1, 0], [0.25, 0.5]]; // prettier-ignore
  expect(() => attentionMap(off, ["a", "b"], "")).toThrow("row 1 of the weights adds up to 0.75, not to 1");
  const ahead = [[0.5, 0.5], [0.25, 0.75]]; // prettier-ignore
  expect(() => attentionMap(ahead, ["a", "b"], "")).toThrow("token 0 looks ahead");
});
