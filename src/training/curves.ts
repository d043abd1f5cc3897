/** The log as pictures: one small chart a number, as SVG that any viewer shows. */
import type { Entry } from "./log.ts";
import { KINDS } from "./tasks/problem.ts";

const named = (prefix: string, names: readonly string[]) =>
  names.map((name) => [`${prefix}_${name.replace(" ", "_")}`, name] as const);

/** Verdicts other than right. */
const REFUSALS = ["wrong", "broken", "malformed", "several", "none", "empty", "unfinished", "cut off"];

/** Which numbers are drawn, how they are called, and what stands beside them in the same chart. */
const CHARTS: readonly { readonly title: string; readonly lines: readonly (readonly [key: string, name: string])[] }[] =
  [
    { title: "loss, nats a token", lines: [["loss", "loss"]] },
    { title: "reward, mean of the samples", lines: [["reward", "reward"]] },
    {
      title: "right on held-out problems",
      lines: [
        ["held_greedy", "greedy"],
        ["held_sampled", "temperature 1"],
      ],
    },
    { title: "right on held-out problems at temperature 1, by kind", lines: named("held_sampled", KINDS) },
    { title: "right in training, by kind", lines: named("right", KINDS) },
    { title: "refused, by the verifier's reason", lines: named("said", REFUSALS) },
    { title: "the reward model's word on replies that are", lines: named("opinion", ["right", "refused"]) },
    { title: "tokens of a reply", lines: [["length", "length"]] },
    { title: "undecided, nats a token", lines: [["entropy", "entropy"]] },
    { title: "learning rate", lines: [["rate", "rate"]] },
    { title: "length of the gradient", lines: [["norm", "norm"]] },
    { title: "pairs told apart", lines: [["accuracy", "accuracy"]] },
  ];

const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [320, 150, 52, 26, 10, 22];
const COLUMNS = 2;
const COLOURS = ["#2f5f94", "#d9772b", "#3f8f5a", "#b03a48", "#7a5ca8", "#8a7a2f", "#4aa3b5", "#777777"];

/** One line: its points, by the number of the step in the whole log. */
interface Line {
  /** Empty where the chart's title says it. */
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/**
 * Charts of a log, stages one after another, each of the numbers that it holds. Stages are told apart by a rule and their
 * name. The same log makes the same bytes.
 */
export function curves(log: readonly Entry[]): string {
  const drawn = CHARTS.flatMap(({ title, lines }) => {
    const made = lines.map(([key, name]): Line => ({ name: lines.length > 1 ? name : "", points: pointsOf(log, key) }));
    const seen = made.filter(({ points }) => points.length > 1);
    return seen.length > 0 ? [{ title, lines: seen }] : [];
  });
  const rows = Math.ceil(drawn.length / COLUMNS);
  const [width, height] = [COLUMNS * WIDTH, Math.max(1, rows) * HEIGHT];
  const charts = drawn.map(({ title, lines }, i) => {
    const at = `translate(${(i % COLUMNS) * WIDTH} ${Math.floor(i / COLUMNS) * HEIGHT})`;
    return `<g transform="${at}">${chart(title, lines, log)}</g>`;
  });
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  return `${head} font-family="sans-serif" font-size="10"><rect width="100%" height="100%" fill="white"/>${charts.join("\n")}</svg>\n`;
}

function pointsOf(log: readonly Entry[], key: string): (readonly [number, number])[] {
  return log.flatMap(({ values }, x) => {
    const y = values[key];
    return y === undefined || !Number.isFinite(y) ? [] : [[x, y] as const];
  });
}

function chart(title: string, lines: readonly Line[], log: readonly Entry[]): string {
  const ys = lines.flatMap(({ points }) => points.map(([, y]) => y));
  const [low, high] = [Math.min(0, ...ys), Math.max(...ys)];
  const right = WIDTH - RIGHT;
  const X = (x: number) => round(LEFT + ((right - LEFT) * x) / Math.max(1, log.length - 1));
  const Y = (y: number) => round(HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * (y - low)) / (high - low || 1));
  const axis = [low, (low + high) / 2, high].map((y) => {
    const text = `<text x="${LEFT - 4}" y="${Y(y) + 3}" text-anchor="end" fill="#555">${Number(y.toPrecision(3))}</text>`;
    return `<path d="M${LEFT} ${Y(y)}H${right}" stroke="#ddd"/>${text}`;
  });
  const stages = log.flatMap((entry, x) => {
    if (x > 0 && log[x - 1]!.stage === entry.stage) return [];
    const name = `<text x="${X(x) + 2}" y="${HEIGHT - 8}" fill="#555">${entry.stage}</text>`;
    return [`<path d="M${X(x)} ${TOP}V${HEIGHT - BOTTOM}" stroke="#bbb" stroke-dasharray="3 3"/>${name}`];
  });
  const paths = lines.map(({ points }, i) => {
    const d = points.map(([x, y]) => `${X(x)} ${Y(y)}`).join("L");
    return `<path d="M${d}" fill="none" stroke="${COLOURS[i]!}" stroke-width="1.2"/>`;
  });
  const names = lines.map(({ name }, i) => (name === "" ? "" : label(name, i))).join("");
  const heading = `<text x="${LEFT}" y="14" font-weight="bold" fill="#222">${title}</text>`;
  return `${heading}${axis.join("")}${stages.join("")}${paths.join("")}${names}`;
}

/** A line's name in its colour, at the right under the heading. */
function label(name: string, i: number): string {
  const x = WIDTH - RIGHT;
  return `<text x="${x}" y="${HEIGHT - BOTTOM - 6 - 12 * i}" text-anchor="end" fill="${COLOURS[i]!}">${name}</text>`;
}

const round = (x: number) => Math.round(x * 10) / 10;
