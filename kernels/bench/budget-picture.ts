/** Draws docs/budget.svg: accuracy and tokens against the limit on thoughts. */
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/** What came of one limit. */
export interface Budget {
  /** Tokens of thoughts; undefined: no limit. */
  readonly limit?: number | undefined;
  readonly problems: number;
  readonly right: number;
  /** 95 % interval of the share that is right. */
  readonly low: number;
  readonly high: number;
  /** Replies whose thoughts were ended by the limit, and replies that never came to an answer. */
  readonly cut: number;
  readonly unfinished: number;
  /** Means: tokens of a reply, and of its thoughts. */
  readonly tokens: number;
  readonly thoughts: number;
}

/**
 * Wilson's interval of a share, 95 %.
 *
 *   (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n),   z = 1.96
 *
 * source  Wilson 1927, Journal of the American Statistical Association 22, 209
 */
export function wilson(right: number, all: number): [low: number, high: number] {
  const [z, p] = [1.96, right / all];
  const [middle, whole] = [p + (z * z) / (2 * all), 1 + (z * z) / all];
  const half = z * Math.sqrt((p * (1 - p)) / all + (z * z) / (4 * all * all));
  return [Math.max(0, (middle - half) / whole), Math.min(1, (middle + half) / whole)];
}

/** The curve, with its intervals; without a limit it stands as a line across. */
export async function budgetPicture(budgets: readonly Budget[]): Promise<string> {
  const limited = budgets.flatMap(({ limit, right, problems, ...rest }) =>
    limit === undefined ? [] : [{ limit, share: right / problems, ...rest }],
  );
  const free = budgets.filter(({ limit }) => limit === undefined);
  const across = free.map(({ right, problems }) => ({ share: right / problems, said: "without a limit" }));
  const x = {
    field: "limit",
    type: "quantitative",
    title: "limit on tokens of thoughts",
    axis: { grid: false },
  } as const;
  const y = { type: "quantitative" as const, title: "right answers", axis: { format: "%" }, scale: { domain: [0, 1] } };
  const spec: TopLevelSpec = {
    background: "white",
    config: { font: "sans-serif", legend: { orient: "bottom" } },
    width: 480,
    height: 240,
    layer: [
      {
        data: { values: limited },
        mark: { type: "rule", color: "#9db7d5", strokeWidth: 3 },
        encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" } },
      },
      {
        data: { values: limited },
        mark: { type: "line", point: true, color: "#2f5f94" },
        encoding: { x, y: { ...y, field: "share" } },
      },
      {
        data: { values: across },
        mark: { type: "rule", strokeDash: [4, 4] },
        encoding: { y: { ...y, field: "share" }, strokeDash: { field: "said", title: null } },
      },
    ],
  };
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  return `${await view.toSVG()}\n`;
}
