/** Draws docs/sparsity.svg: how the squares of activations are spread, and what leaving out the smallest costs. */
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/** What the smallest activations were taken by, and what came of it. */
export interface Skipped {
  readonly by: "activation" | "gate" | "chance" | "layer";
  readonly share: number;
  readonly perplexity: number;
  /** Of worked solutions: the share that is right to the last token. */
  readonly right?: number;
}

/** One model. */
export interface Sparsity {
  readonly what: string;
  readonly layers: readonly { readonly below: number[]; readonly energy: number[]; readonly zeros: number }[];
  readonly feedForward: number;
  /** Of text, that were looked at and scored. */
  readonly tokens: number;
  readonly touched: readonly {
    readonly prompt: string;
    readonly parameters: number;
    readonly feedForward: number;
    readonly bytes: number;
  }[];
  readonly skipped: readonly Skipped[];
}

/** All that sparsity.ts writes. */
export interface SparsityResult {
  readonly below: readonly number[];
  readonly largest: readonly number[];
  readonly models: Readonly<Record<string, Sparsity>>;
}

const SIZE = { width: 300, height: 200 } as const;
/** Above this the model says nothing worth a finer scale. */
const MOST = 1000;

const SAID: Readonly<Record<Skipped["by"], string>> = {
  activation: "the smallest, known only afterwards",
  gate: "those with the smallest gate",
  layer: "the same for every token",
  chance: "any, by chance",
};

/** Two pictures side by side, as SVG. */
export async function sparsityPicture({ largest, models }: SparsityResult): Promise<string> {
  const energy = Object.values(models).flatMap(({ what, layers }) =>
    layers.flatMap(({ energy }, layer) => largest.map((share, i) => ({ what, layer, share, part: energy[i]! }))),
  );
  const all = Object.values(models)[0]!.skipped;
  const whole = all.find(({ share }) => share === 0)!.perplexity;
  const cost = (Object.keys(SAID) as Skipped["by"][]).flatMap((by) =>
    [{ by, share: 0, perplexity: whole }, ...all.filter((each) => each.by === by && each.share > 0)].map((each) => ({
      by: SAID[by],
      share: each.share,
      perplexity: Math.min(MOST, each.perplexity),
    })),
  );
  const percent = { format: "%", grid: false } as const;
  const spec: TopLevelSpec = {
    background: "white",
    config: { font: "sans-serif", legend: { orient: "bottom", columns: 2, labelLimit: 260 } },
    resolve: { scale: { color: "independent" } },
    hconcat: [
      {
        ...SIZE,
        title: "Squares in the largest activations, each layer a line",
        data: { values: energy },
        mark: { type: "line", opacity: 0.5 },
        encoding: {
          x: { field: "share", type: "quantitative", title: "share of the activations", axis: percent },
          y: { field: "part", type: "quantitative", title: "share of the squares", axis: percent },
          color: { field: "what", type: "nominal", title: null, sort: null },
          detail: [{ field: "layer" }],
        },
      },
      {
        ...SIZE,
        title: "Perplexity when activations are left out",
        data: { values: cost },
        mark: { type: "line", point: true },
        encoding: {
          x: { field: "share", type: "quantitative", title: "share left out of each token", axis: percent },
          y: { field: "perplexity", type: "quantitative", title: "perplexity", scale: { type: "log" } },
          color: { field: "by", type: "nominal", title: null, sort: Object.values(SAID) },
        },
      },
    ],
  };
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  return `${await view.toSVG()}\n`;
}
