import { it } from "vitest";
import type { Rope } from "../../../src/config.ts";
import { rope } from "../../../src/training/backward/rope.ts";
import { cases } from "../../support/backward.ts";

const PLAIN: Rope = { D: 8, theta: 1e6, yarn: undefined };
const YARN = { factor: 4, original: 32_768, attention: 0.1 * Math.log(4) + 1, fast: 32, slow: 1, truncate: true };
const HOW: Readonly<Record<string, [pos: number, R: Rope]>> = {
  first: [0, PLAIN],
  late: [40_000, PLAIN],
  yarn: [7, { ...PLAIN, yarn: YARN }],
};

it.each(cases("rope"))("rope, %s: torch's gradient of x", (name, { tensor, check }) => {
  check({ dx: rope(tensor<"T HD">("dy"), ...HOW[name]!) });
});
