/** The lower part of the page: the activations of a layer as a picture, and how far they are from the reference's. */
import type { Deviation, Look, QwQ } from "../../src/browser/index.ts";
import { gradient, Heat } from "./heat.ts";

/** What the page calls each activation, and what it is. */
const TAPS: Readonly<Record<string, string>> = {
  n1: "first norm",
  q: "queries",
  k: "keys",
  v: "values",
  qr: "queries, turned",
  kr: "keys, turned",
  a: "attention",
  o: "attention, projected",
  mid: "residual, middle",
  n2: "second norm",
  gate: "gate",
  up: "up",
  act: "gated",
  down: "down",
  out: "residual, out",
};

/** Rows of the picture: more would be thinner than a line. */
const MOST_TOKENS = 64;

type At = <E extends HTMLElement>(id: string) => E;

export class Inside {
  private readonly at: At;
  private readonly fail: (error: unknown) => void;
  private readonly heat: Heat;
  private readonly layer: HTMLSelectElement;
  private readonly tap: HTMLSelectElement;
  private readonly compare: HTMLButtonElement;
  private model: QwQ | undefined;
  private ids: number[] = [];
  private words: string[] = [];
  private looks: readonly Look[] = [];
  private deviations: readonly Deviation[] | undefined;

  constructor(at: At, fail: (error: unknown) => void) {
    this.at = at;
    this.fail = fail;
    this.layer = at("layer");
    this.tap = at("tap");
    this.compare = at("compare");
    this.tap.append(...Object.entries(TAPS).map(([name, text]) => new Option(`${name}: ${text}`, name)));
    this.tap.value = "out";
    this.tap.addEventListener("change", () => this.draw());
    this.layer.addEventListener("change", () => void this.again(this.deviations !== undefined));
    this.compare.addEventListener("click", () => void this.again(true));
    this.heat = new Heat(at("heat"), ({ row, column, value }) => {
      const word = JSON.stringify(this.words[row] ?? "");
      at("cell").textContent = `Token ${row} ${word}, channel ${column}: ${value.toPrecision(6)}`;
    });
    at("legend").querySelector("b")!.style.background = gradient();
  }

  /** Forgets what is shown. */
  clear(): void {
    this.model = undefined;
    this.compare.disabled = true;
    this.deviations = undefined;
    this.at("far").hidden = true;
    this.at("compared").textContent = "";
  }

  layers(count: number): void {
    const before = Math.min(Number(this.layer.value), count - 1);
    this.layer.replaceChildren(...Array.from({ length: count }, (_, l) => new Option(String(l), String(l))));
    this.layer.value = String(before);
  }

  /** Shows the activations of a text. `compare`: the reference's too, which takes a large model long. */
  async look(model: QwQ, ids: readonly number[], compare: boolean): Promise<void> {
    this.model = model;
    this.ids = ids.slice(0, MOST_TOKENS);
    this.words = await Promise.all(this.ids.map((id) => model.decode([id])));
    await this.again(compare);
  }

  private async again(compare: boolean): Promise<void> {
    const { model } = this;
    if (model === undefined) return;
    this.compare.disabled = true;
    this.at("compared").textContent = compare ? "The reference works ..." : "";
    try {
      const { looks, deviations } = await model.look(this.ids, Number(this.layer.value), compare);
      if (model !== this.model) return;
      this.looks = looks;
      this.deviations = deviations;
      this.draw();
    } catch (error) {
      if (model === this.model) this.fail(error);
    }
    this.compare.disabled = false;
  }

  private draw(): void {
    const shown = this.looks.find(({ tap }) => tap === this.tap.value);
    if (shown === undefined) return;
    const [rows = 0, columns = 0] = shown.shape;
    this.heat.show({ rows, columns, data: shown.data });
    const { scale } = this.heat;
    const what = `${this.tap.selectedOptions[0]!.textContent}, layer ${this.layer.value}`;
    this.at("heat").ariaLabel = `${what}: ${rows} tokens by ${columns} channels, largest value ${scale.toPrecision(3)}`;
    this.at("axes").textContent = `${rows} tokens down, ${columns} channels across`;
    this.at("low").textContent = (-scale).toPrecision(3);
    this.at("high").textContent = scale.toPrecision(3);
    this.table();
  }

  private table(): void {
    const { deviations } = this;
    this.at("far").hidden = deviations === undefined;
    if (deviations === undefined) return;
    const far = deviations.map(({ largest, scale }) => (scale === 0 ? 0 : largest / scale));
    const [worst, from] = [Math.max(...far), Math.log10(1e-9)];
    this.at("compared").textContent =
      worst === 0
        ? `The same bits as the reference, ${this.ids.length} tokens.`
        : `The farthest is ${worst.toExponential(1)} of its largest value, ${this.ids.length} tokens.`;
    const rows = deviations.map(({ tap }, i) => {
      const row = document.createElement("tr");
      const bar = Object.assign(document.createElement("span"), { className: "bar" });
      const length = far[i] === 0 ? 0 : 1 - Math.log10(Math.max(far[i]!, 1e-9)) / from;
      bar.style.width = `${(100 * length).toFixed(1)}%`;
      const name = Object.assign(document.createElement("th"), { scope: "row", textContent: tap });
      const cell = Object.assign(document.createElement("td"), {
        textContent: far[i] === 0 ? "0" : far[i]!.toExponential(1),
      });
      const picture = document.createElement("td");
      picture.append(bar);
      row.append(name, cell, picture);
      row.ariaCurrent = String(tap === this.tap.value);
      return row;
    });
    this.at("far")
      .querySelector("tbody")!
      .replaceChildren(...rows);
  }
}
