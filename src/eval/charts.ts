/** Pictures of a report, as SVG. The same report makes the same bytes. */
import type { Report } from "./report.ts";
import type { Estimate } from "./statistics.ts";

const [WIDTH, LEFT, RIGHT] = [640, 44, 12];
const RIGHT_COLOUR = "#2f5f94";
const WRONG_COLOUR = "#d9772b";

/** The headline with its interval on a line from 0 to 100 %, and beside it what others say of it. */
export function intervals(rows: readonly { readonly name: string; readonly estimate: Estimate }[]): string {
  const [left, height] = [150, 24 * rows.length + 26];
  const X = (share: number) => round(left + (WIDTH - left - RIGHT) * share);
  const axis = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `${line(X(share), 6, X(share), height - 18, "#ddd")}${text(X(share), height - 5, `${100 * share} %`, share === 1 ? "end" : "middle")}`,
  );
  const drawn = rows.map(({ name, estimate: { value, low, high } }, i) => {
    const y = 20 + 24 * i;
    const whisker = low === high ? "" : line(X(low), y, X(high), y, RIGHT_COLOUR, 3);
    if (Number.isNaN(value)) return text(left - 8, y + 4, name, "end");
    return `${text(left - 8, y + 4, name, "end")}${whisker}<circle cx="${X(value)}" cy="${y}" r="5" fill="${RIGHT_COLOUR}"/>`;
  });
  return svg(height, "the score and its interval", axis.join("") + drawn.join(""));
}

/** One bar a problem, sorted: how many of its replies are right. */
export function byProblem({ problems }: Report): string {
  const asked = problems.flatMap(({ id, score }) => (score === undefined ? [] : [{ id, score }]));
  const sorted = asked.sort((a, b) => b.score - a.score);
  const [height, bottom] = [180, 160];
  const width = (WIDTH - LEFT - RIGHT) / Math.max(1, sorted.length);
  const Y = (share: number) => round(bottom - (bottom - 10) * share);
  const bars = sorted.map(({ id, score }, i) => {
    const x = round(LEFT + i * width);
    const bar = `<rect x="${x}" y="${Y(score)}" width="${round(Math.max(width - 1, 0.5))}" height="${round(bottom - Y(score) + 1)}" fill="${RIGHT_COLOUR}"`;
    return `${bar}><title>${escape(id)}: ${percent(score)}</title></rect>`;
  });
  const under = text((LEFT + WIDTH - RIGHT) / 2, height - 4, "problems, the easiest first", "middle");
  return svg(height, "right replies of each problem", shares(Y) + bars.join("") + under);
}

const BINS = 24;

/** How many replies thought for how long, right ones and wrong ones. */
export function thinking({ lengths }: Report): string {
  const all = [...lengths.right, ...lengths.wrong];
  const most = Math.max(1, ...all);
  const bin = (length: number) => Math.min(BINS - 1, Math.floor((BINS * length) / most));
  const counts = (some: readonly number[]) =>
    some.reduce((sums, length) => ((sums[bin(length)]! += 1), sums), new Array<number>(BINS).fill(0));
  const [right, wrong] = [counts(lengths.right), counts(lengths.wrong)];
  const top = Math.max(1, ...right.map((count, i) => count + wrong[i]!));
  const [height, bottom] = [180, 150];
  const Y = (count: number) => round(bottom - ((bottom - 20) * count) / top);
  const width = (WIDTH - LEFT - RIGHT) / BINS;
  const bars = right.map((count, i) => {
    const x = round(LEFT + i * width);
    const above = count + wrong[i]!;
    const box = (from: number, to: number, colour: string) =>
      `<rect x="${x}" y="${Y(to)}" width="${round(width - 1)}" height="${round(Y(from) - Y(to))}" fill="${colour}"/>`;
    return box(0, count, RIGHT_COLOUR) + box(count, above, WRONG_COLOUR);
  });
  const axis = [0, 0.5, 1].map((share) =>
    text(LEFT + (WIDTH - LEFT - RIGHT) * share, bottom + 14, Math.round(share * most).toLocaleString("en"), "middle"),
  );
  const counted = [0, top].map((count) => text(LEFT - 4, Y(count) + 4, `${count}`, "end"));
  const names = `${text(WIDTH - RIGHT, 12, "wrong", "end", WRONG_COLOUR)}${text(WIDTH - 60, 12, "right", "end", RIGHT_COLOUR)}`;
  const under = text((LEFT + WIDTH - RIGHT) / 2, height - 2, "tokens of thoughts", "middle");
  return svg(
    height,
    "lengths of thoughts",
    line(LEFT, bottom, WIDTH - RIGHT, bottom, "#bbb") + [...bars, ...axis, ...counted].join("") + names + under,
  );
}

/** pass@k over k, with maj@n beside it. */
export function passes({ headline, metrics }: Report): string {
  const points = [{ k: 1, value: headline.estimate.value }].concat(
    metrics.flatMap(({ name, estimate }) => {
      const k = /^pass@(\d+)$/.exec(name)?.[1];
      return k === undefined ? [] : [{ k: Number(k), value: estimate.value }];
    }),
  );
  const [height, bottom] = [180, 150];
  const last = Math.log2(Math.max(2, points.at(-1)!.k));
  const X = (k: number) => round(LEFT + ((WIDTH - LEFT - RIGHT - 20) * Math.log2(k)) / last);
  const Y = (share: number) => round(bottom - (bottom - 10) * share);
  const path = points.map(({ k, value }) => `${X(k)} ${Y(value)}`).join("L");
  const dots = points.map(
    ({ k, value }) =>
      `<circle cx="${X(k)}" cy="${Y(value)}" r="4" fill="${RIGHT_COLOUR}"><title>pass@${k}: ${percent(value)}</title></circle>${text(X(k), bottom + 14, `${k}`, "middle")}`,
  );
  const under = text((LEFT + WIDTH - RIGHT) / 2, height - 2, "k of pass@k", "middle");
  return svg(
    height,
    "pass@k",
    `${shares(Y)}<path d="M${path}" fill="none" stroke="${RIGHT_COLOUR}"/>${dots.join("")}${under}`,
  );
}

function shares(Y: (share: number) => number): string {
  return [0, 0.5, 1]
    .map(
      (share) =>
        line(LEFT, Y(share), WIDTH - RIGHT, Y(share), "#ddd") + text(LEFT - 4, Y(share) + 4, `${100 * share} %`, "end"),
    )
    .join("");
}

function svg(height: number, title: string, inside: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(title)}" font-family="sans-serif" font-size="11">${inside}</svg>`;
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string, width = 1): string {
  return `<path d="M${round(x1)} ${round(y1)}L${round(x2)} ${round(y2)}" stroke="${colour}" stroke-width="${width}"/>`;
}

function text(x: number, y: number, said: string, anchor: "start" | "middle" | "end", colour = "#555"): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${colour}">${escape(said)}</text>`;
}

export function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "none";
}

/** Text as HTML and SVG hold it. */
export function escape(said: string): string {
  return said.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)!};`);
}

const round = (x: number) => Math.round(x * 10) / 10;
