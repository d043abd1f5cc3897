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
    { title: "held out, at temperature 1, by kind", lines: named("held_sampled", KINDS) },
    { title: "right in training, by kind", lines: named("right", KINDS) },
    { title: "refused, by the verifier's reason", lines: named("said", REFUSALS) },
    { title: "the reward model's word on replies that are", lines: named("opinion", ["right", "refused"]) },
    { title: "tokens of a reply", lines: [["length", "length"]] },
    { title: "undecided, nats a token", lines: [["entropy", "entropy"]] },
    { title: "learning rate", lines: [["rate", "rate"]] },
    { title: "length of the gradient", lines: [["norm", "norm"]] },
    { title: "pairs told apart", lines: [["accuracy", "accuracy"]] },
  ];

const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [320, 150, 52, 30, 10, 22];
const COLUMNS = 2;
const COLOURS = ["#2f5f94", "#d9772b", "#3f8f5a", "#b03a48", "#7a5ca8", "#8a7a2f", "#4aa3b5", "#777777"];

/** A number, by the number of the step in the whole log. */
type Point = readonly [x: number, y: number];

/** What is drawn of one number, in one colour. */
interface Line {
  /** Empty where the chart's title says it. */
  readonly name: string;
  readonly colour: string;
  readonly points: readonly Point[];
}

/**
 * Charts of a log, stages one after another, each of the numbers that it holds. Stages are told apart by a rule and their
 * name. The same log makes the same bytes.
 */
export function curves(log: readonly Entry[]): string {
  const drawn = CHARTS.flatMap(({ title, lines }) => {
    const made = lines.map(([key, name], i): Line => {
      return { name: lines.length > 1 ? name : "", colour: COLOURS[i]!, points: pointsOf(log, key) };
    });
    const seen = made.filter(({ points }) => points.length > 0);
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

function pointsOf(log: readonly Entry[], key: string): Point[] {
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
  const place = ([x, y]: Point) => `${X(x)} ${Y(y)}`;
  const paths = lines.map(({ points, colour }) => {
    const parts = byStage(points, log);
    const d = parts.map((part) => `M${part.map(place).join("L")}`).join("");
    // A stage that was measured once has no line.
    const dots = parts.flatMap(([first, ...more]) => {
      return more.length > 0 ? [] : [`<circle cx="${X(first![0])}" cy="${Y(first![1])}" r="2" fill="${colour}"/>`];
    });
    return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="1.2"/>${dots.join("")}`;
  });
  const names = legend(lines.filter(({ name }) => name !== ""));
  const heading = `<text x="${LEFT}" y="15" font-weight="bold" fill="#222">${title}</text>`;
  return `${heading}${axis.join("")}${stages.join("")}${paths.join("")}${names}`;
}

/** A line's points stage by stage: what lies between two stages was not measured. */
function byStage(points: readonly Point[], log: readonly Entry[]): Point[][] {
  const parts: Point[][] = [];
  points.forEach((point, n) => {
    const before = points[n - 1];
    if (before === undefined || log[before[0]]!.stage !== log[point[0]]!.stage) parts.push([]);
    parts.at(-1)!.push(point);
  });
  return parts;
}

/** The lines' names in their colours, under the heading. */
function legend(lines: readonly Line[]): string {
  if (lines.length === 0) return "";
  const names = lines.map(({ name, colour }) => `<tspan fill="${colour}">${name}</tspan>`).join(" ");
  return `<text x="${LEFT}" y="${TOP - 3}" font-size="8">${names}</text>`;
}

const round = (x: number) => Math.round(x * 10) / 10;
