/** The pictures of the live page: an activation, the heads' weights, the tokens that would follow. */
import { gradient, Heat } from "../run/heat.ts";
import { softmax, type Weights } from "./weights.ts";

/** An activation: rows of tokens. */
export interface Activation {
  readonly tap: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Below this part of the largest value nothing is to be seen. */
const ACCENT = [214, 110, 20] as const;
const BEST = 5;

export class Shown {
  private readonly at: (id: string) => HTMLElement;
  private readonly heat: Heat;
  private words: readonly string[] = [];

  constructor(at: (id: string) => HTMLElement) {
    this.at = at;
    this.heat = new Heat(at("live-heat") as HTMLCanvasElement, ({ row, column, value }) => {
      at("live-cell").textContent =
        `token ${row} ${JSON.stringify(this.words[row] ?? "")}, channel ${column}: ${value.toPrecision(5)}`;
    });
    at("live-heat").closest("figure")!.querySelector<HTMLElement>(".legend b")!.style.background = gradient();
  }

  /** Draws again after the page's colours changed. */
  again(): void {
    this.heat.draw();
  }

  /** An activation as a picture, with what it is in words. */
  activation({ tap, shape, data }: Activation, words: readonly string[], layer: string): void {
    const [rows = 0, columns = 0] = shape;
    this.words = words;
    this.at("live-heat").closest("figure")!.hidden = false;
    this.heat.show({ rows, columns, data });
    const { scale } = this.heat;
    const what = `${tap}${layer}: ${rows} tokens down, ${columns} channels across`;
    this.at("live-what").textContent = what;
    this.at("live-heat").ariaLabel = `${what}; the largest value is ${scale.toPrecision(3)}. Arrow keys read values.`;
    this.at("live-low").textContent = (-scale).toPrecision(3);
    this.at("live-high").textContent = scale.toPrecision(3);
  }

  /** A small picture for each head, darker where it looks harder. */
  heads(all: readonly Weights[], words: readonly string[]): void {
    this.at("live-heads").replaceChildren(...all.map((weights) => headPicture(weights, words)));
  }

  /** What would follow the last token, the best few. */
  next(logits: Activation | undefined, word: (id: number) => string): void {
    const place = this.at("live-next");
    if (logits === undefined) return place.replaceChildren();
    const V = logits.shape[1]!;
    const shares = softmax(logits.data.subarray(logits.data.length - V));
    const best = shares.map((share, id) => ({ share, id })).sort((a, b) => b.share - a.share);
    const rows = best.slice(0, BEST).map(({ share, id }) => {
      const row = document.createElement("li");
      const bar = Object.assign(document.createElement("b"), { className: "bar" });
      bar.style.width = `${(100 * share).toFixed(1)}%`;
      const text = document.createElement("span");
      text.textContent = `${JSON.stringify(word(id))} ${(100 * share).toFixed(1)} %`;
      row.append(text, bar);
      return row;
    });
    const list = document.createElement("ol");
    list.append(...rows);
    place.replaceChildren(Object.assign(document.createElement("h3"), { textContent: "What would follow" }), list);
  }
}

/** Shared by all: a square a pair of tokens. */
function headPicture({ head, tokens, data }: Weights, words: readonly string[]): HTMLElement {
  const figure = document.createElement("figure");
  const canvas = Object.assign(document.createElement("canvas"), { width: tokens, height: tokens });
  const image = new ImageData(tokens, tokens);
  data.forEach((share, i) => image.data.set([...ACCENT, Math.round(255 * Math.sqrt(share))], 4 * i));
  canvas.getContext("2d")!.putImageData(image, 0, 0);
  const last = data.subarray((tokens - 1) * tokens);
  const hardest = last.indexOf(Math.max(...last));
  canvas.role = "img";
  canvas.ariaLabel = `Head ${head}: the last token looks hardest at token ${hardest} ${JSON.stringify(words[hardest] ?? "")}, ${(100 * last[hardest]!).toFixed(0)} %`;
  canvas.title = canvas.ariaLabel;
  figure.append(canvas, Object.assign(document.createElement("figcaption"), { textContent: `head ${head}` }));
  return figure;
}
