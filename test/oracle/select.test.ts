import { describe, expect, it } from "vitest";
import { chosenRows, type Selection, selectTaps } from "../../src/oracle/select.ts";
import { tapNames } from "../../src/oracle/taps.ts";
import { codeOf } from "../support/codes.ts";

describe("selectTaps", () => {
  it("gives every tap of the tiers full and sketch, and the residual stream of resid", () => {
    expect(selectTaps({ tier: "full" }, 3)).toEqual(tapNames(3));
    expect(selectTaps({ tier: "sketch" }, 3)).toEqual(tapNames(3));
    expect(selectTaps({ tier: "resid" }, 2)).toEqual(["embed", "0.out", "1.out", "norm", "logits"]);
  });

  it.each<[Omit<Selection, "tier">, string]>([
    [{ taps: "kr, qr", layers: "0,2" }, "0.qr 0.kr 2.qr 2.kr"],
    [{ taps: "q", layers: "0-1,3" }, "0.q 1.q 3.q"],
    [{ taps: "logits,1.out" }, "1.out logits"],
    [{ taps: "embed", layers: "2" }, "embed"],
  ])("reads %o in the order of computation", (lists, names) => {
    expect(selectTaps({ tier: "full", ...lists }, 4).join(" ")).toBe(names);
  });

  it("keeps the taps around the layers where layers alone are chosen", () => {
    expect(selectTaps({ tier: "resid", layers: "1" }, 3)).toEqual(["embed", "1.out", "norm", "logits"]);
  });

  it.each<[string, Selection]>([
    ["E_ARG_LAYERS", { tier: "full", layers: "4" }],
    ["E_ARG_LAYERS", { tier: "full", layers: "2-1" }],
    ["E_ARG_LAYERS", { tier: "full", layers: "" }],
    ["E_ARG_LAYERS", { tier: "full", layers: "-1" }],
    ["E_ARG_TAPS", { tier: "full", taps: "Q" }],
    ["E_ARG_TAPS", { tier: "full", taps: "4.q" }],
    ["E_ARG_TAPS", { tier: "full", taps: "constructor" }],
    ["E_ARG_TAPS", { tier: "resid", taps: "qr" }],
    ["E_ARG_TAPS", { tier: "full", taps: "0.q", layers: "1" }],
  ])("refuses with %s %o", (code, selection) => {
    expect(codeOf(() => selectTaps(selection, 4))).toBe(code);
  });
});

it("rows are all, the last, all but the first, or a list of positions", () => {
  expect([...chosenRows("all", 3)]).toEqual([0, 1, 2]);
  expect([...chosenRows("last", 3)]).toEqual([2]);
  expect([...chosenRows("skip-first", 3)]).toEqual([1, 2]);
  expect([...chosenRows("0,2-3", 4)]).toEqual([0, 2, 3]);
  expect(() => chosenRows("3", 3)).toThrow(
    '--rows: expected all, last, skip-first, or positions from 0 to 2, such as 0,4-7, got "3".',
  );
});
