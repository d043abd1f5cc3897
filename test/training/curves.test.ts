import { expect, it } from "vitest";
import { curves } from "../../src/training/curves.ts";

const step = (stage: string, k: number, values: Record<string, number>) => ({ stage, step: k, of: 3, values });
const log = [
  step("cold", 1, { loss: 6, rate: 0.001 }),
  step("cold", 2, { loss: 3, rate: 0.002, held_greedy: 0.25, held_sampled: 0.1 }),
  step("one", 1, { loss: 0, rate: 0.001, reward: 0.5 }),
  step("one", 2, { loss: 0, rate: 0.001, reward: 0.75, held_greedy: 0.5, held_sampled: 0.4 }),
];

it("draws each number that the log holds, and none that it does not", () => {
  const svg = curves(log);
  for (const title of [
    "loss, nats a token",
    "reward, mean of the samples",
    "right on held-out problems",
    "learning rate",
  ]) {
    expect(svg).toContain(title);
  }
  for (const title of ["tokens of a reply", "pairs told apart"]) expect(svg).not.toContain(title);
});

it("a line goes where its numbers are: up where they rise, from left to right", () => {
  const svg = curves(log);
  const chart = svg.slice(svg.indexOf("reward, mean"), svg.indexOf("right on held-out"));
  const [, x1, y1, x2, y2] = /d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"/.exec(chart)!.map(Number);
  expect(x2!).toBeGreaterThan(x1!);
  expect(y2!).toBeLessThan(y1!); // SVG counts downwards
});

it("tells the stages apart, and is the same each time", () => {
  const svg = curves(log);
  expect(svg).toContain(">cold</text>");
  expect(svg).toContain(">one</text>");
  expect(curves(log)).toBe(svg);
});

it("of an empty log, or of numbers that are none, is still a picture", () => {
  expect(curves([])).toMatch(/^<svg [^]*<\/svg>\n$/);
  expect(curves([...log, step("one", 3, { loss: NaN })])).not.toContain("NaN");
});

it("of several kinds and reasons draws those that there are", () => {
  const values = { right_arithmetic: 0.5, right_program: 0.25, said_cut_off: 0.125 };
  const svg = curves([step("one", 1, values), step("one", 2, values)]);
  for (const name of ["arithmetic", "program", "cut off"]) expect(svg).toContain(`>${name}</tspan>`);
  expect(svg).not.toContain(">story</tspan>");
});

it("no line leads from one stage to the next", () => {
  const svg = curves([step("one", 1, { reward: 0.5 }), step("one", 2, { reward: 1 }), step("two", 1, { reward: 0.5 })]);
  expect(svg).toMatch(/d="M[\d. ]+L[\d. ]+M[\d. ]+" fill="none" stroke="#2f5f94"/);
});

it("what a stage has measured once is a dot", () => {
  const svg = curves(log);
  const chart = svg.slice(svg.indexOf("right on held-out"), svg.indexOf("learning rate"));
  expect(chart.match(/<circle [^>]*r="2"/g)).toHaveLength(4); // two lines, two stages
  expect(svg.slice(svg.indexOf("reward, mean"), svg.indexOf("right on held-out"))).not.toContain("<circle");
});
